"""Telling a quotedex file from any other without touching it, and opening it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from quotedex._version import __version__
from quotedex.errors import DatabaseError
from quotedex.store import schema
from quotedex.store.schema import SCHEMA_VERSION

WAIT_SECONDS = 5.0
"""For another process to end its transaction."""

_MAGIC = b"SQLite format 3\0"

_UNRELEASED = "SELECT count(*) FROM pragma_table_info('articles') WHERE name = 'publication'"
"""Development versions had another schema, with user_version 1 to 5; `outlet` was called so."""


def file_version(path: str | Path) -> int:
    """The schema version of a quotedex file, 0 for an empty one; does not write to it.

    Raises `DatabaseError` for anything that this version of quotedex must not touch.
    """
    path = Path(path)
    with said_plainly(path):
        with path.open("rb") as file:
            start = file.read(len(_MAGIC))
        if not start:
            return 0
        if start != _MAGIC:
            raise DatabaseError(f"{path} is not a SQLite database")
        with closing(connect(path, _glance(path))) as conn:
            (application_id,) = conn.execute("PRAGMA application_id").fetchone()
            (version,) = conn.execute("PRAGMA user_version").fetchone()
            (tables,) = conn.execute("SELECT count(*) FROM sqlite_master").fetchone()
            (unreleased,) = conn.execute(_UNRELEASED).fetchone()
    if application_id != schema.APPLICATION_ID and (tables or application_id):
        raise DatabaseError(f"{path} is a SQLite database, but not one that quotedex made")
    if unreleased:
        raise DatabaseError(
            f"{path} was written by a development version of quotedex:"
            " index its articles into a new file"
        )
    if version > schema.SCHEMA_VERSION:
        raise DatabaseError(
            f"{path} has schema version {version}, made by a newer quotedex;"
            f" this one ({__version__}) knows versions up to {schema.SCHEMA_VERSION}"
        )
    return int(version)


def connect(path: Path, how: str) -> sqlite3.Connection:
    """A connection by the parameters of a SQLite URI, "mode=ro"; starts no transaction itself."""
    uri = f"{path.resolve().as_uri()}?{how}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=WAIT_SECONDS)


@contextmanager
def said_plainly(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system say about the file into the sentence the user reads."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise  # a promise of our own code broken, not a state of the file
    except (sqlite3.DatabaseError, OSError) as error:
        if "locked" in str(error):
            reason = f"{_writer(path)} is writing to it"
        elif isinstance(error, OSError):
            reason = error.strerror or str(error)
        else:
            reason = str(error)
        raise DatabaseError(f"{path} cannot be used: {reason}") from error


def _writer(path: Path) -> str:
    """Who holds the file, as far as the system tells: "process 4242 (quotedex index ...)"."""
    inodes = {str(file.stat().st_ino) for file in _with_logs(path) if file.exists()}
    with suppress(OSError):
        for line in Path("/proc/locks").read_text().splitlines():
            _, _, _, mode, pid, place, *_ = line.replace("->", "").split()
            if mode == "WRITE" and place.rpartition(":")[2] in inodes and int(pid) > 0:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace")
                return f"process {pid} ({words.replace(chr(0), ' ').strip()})"
    return "another process"


def _with_logs(path: Path) -> list[Path]:
    return [path, *(path.with_name(f"{path.name}-{log}") for log in ("wal", "shm"))]


def _glance(path: Path) -> str:
    """How to open somebody's file and leave nothing beside it.

    A file at rest is read as one that nobody changes, or a foreign one in WAL mode would get
    its log files. A journal beside it has to be played back first, by whoever comes: by us.
    """
    if path.with_name(f"{path.name}-wal").exists():
        return "mode=ro"
    if path.with_name(f"{path.name}-journal").exists():
        return "mode=rw"
    return "immutable=1"


def open_index(path: str | Path) -> sqlite3.Connection:
    """A read-only connection to the file that `quotedex index` wrote; rows by column name.

    Raises DatabaseError where there is no such file, or nothing in it, or what an earlier version
    of quotedex has written.
    """
    path = Path(path)
    if not path.exists():
        raise DatabaseError(f"{path} does not exist: make it with `quotedex index {path} FOLDER`")
    version = file_version(path)
    if version == 0:
        raise DatabaseError(f"{path} is empty: fill it with `quotedex index {path} FOLDER`")
    if version < SCHEMA_VERSION:
        raise DatabaseError(
            f"{path} was written by an earlier quotedex:"
            f" `quotedex index {path} FOLDER` brings it up to date"
        )
    with said_plainly(path):
        connection = connect(path, "mode=ro")
    connection.row_factory = sqlite3.Row
    return connection
