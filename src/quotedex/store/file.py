"""Recognize a quotedex file without changing it, and open it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from quotedex._version import __version__
from quotedex.errors import DatabaseError
from quotedex.store import schema

WAIT_SECONDS = 5.0
"""How long to wait for another process to end its transaction."""

_MAGIC = b"SQLite format 3\0"

_UNRELEASED = """
SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'articles'
    AND NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = '_wording_parts')"""
"""Development versions had another schema, with user_version 1 to 5, and lacked this table."""


def file_version(path: str | Path) -> int:
    """The schema version of a quotedex file, 0 for an empty one. Does not write to the file.

    Raises DatabaseError for any file that this version of quotedex must not touch.
    """
    path = Path(path)
    with friendly_errors(path):
        with path.open("rb") as file:
            start = file.read(len(_MAGIC))
        if not start:
            return 0
        if start != _MAGIC:
            raise DatabaseError(f"{path} is not a SQLite database")
        with closing(connect(path, _inspection_mode(path))) as conn:
            (application_id,) = conn.execute("PRAGMA application_id").fetchone()
            (version,) = conn.execute("PRAGMA user_version").fetchone()
            (tables,) = conn.execute("SELECT count(*) FROM sqlite_master").fetchone()
            (unreleased,) = conn.execute(_UNRELEASED).fetchone()
    if application_id != schema.APPLICATION_ID and (tables or application_id):
        raise DatabaseError(f"{path} is a SQLite database, but not a quotedex database")
    if unreleased:
        raise DatabaseError(
            f"{path} was written by a development version of quotedex:"
            " index its articles into a new file"
        )
    if version > schema.SCHEMA_VERSION:
        raise DatabaseError(
            f"{path} has schema version {version} from a newer version of quotedex;"
            f" this one ({__version__}) knows versions up to {schema.SCHEMA_VERSION}"
        )
    return int(version)


def open_index(path: str | Path) -> sqlite3.Connection:
    """A read-only connection to a file that `quotedex index` wrote, with rows by column name.

    Raises DatabaseError if there is no such file, if it is empty, or if an earlier version of
    quotedex wrote it.
    """
    path = Path(path)
    if not path.exists():
        raise DatabaseError(f"{path} does not exist: create it with `quotedex index {path} FOLDER`")
    version = file_version(path)
    if version == 0:
        raise DatabaseError(f"{path} is empty: fill it with `quotedex index {path} FOLDER`")
    if version < schema.SCHEMA_VERSION:
        raise DatabaseError(
            f"{path} was written by an earlier version of quotedex:"
            f" `quotedex index {path} FOLDER` brings it up to date"
        )
    with friendly_errors(path):
        connection = connect(path, reading_mode(path))
    connection.row_factory = sqlite3.Row
    return connection


def reading_mode(path: Path) -> str:
    """Parameters that open a file for reading, with all that its log holds.

    Where SQLite would have to create a log and may not, the file is opened as one that does not
    change. Raises DatabaseError if it has a log then, or if another program keeps it locked.
    """
    with friendly_errors(path), closing(connect(path, "mode=ro")) as connection:
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError as error:
            if _needs_log(error) and not _has_log(path):
                return "immutable=1"
            raise
    return "mode=ro"


def _needs_log(error: Exception) -> bool:
    """Whether SQLite may not create a log or its index beside the file."""
    codes = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in codes


def _has_log(path: Path) -> bool:
    log = path.with_name(f"{path.name}-wal")
    return log.exists() and log.stat().st_size > 0


def connect(path: Path, parameters: str) -> sqlite3.Connection:
    """A connection with the parameters of a SQLite URI, "mode=ro"; it starts no transactions."""
    uri = f"{path.resolve().as_uri()}?{parameters}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=WAIT_SECONDS)


@contextmanager
def friendly_errors(path: Path) -> Iterator[None]:
    """Turn errors of SQLite and the system about a file into a DatabaseError for the user."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise  # an error in our own code, not a state of the file
    # SQLite quotes a damaged schema in its message, which then is no text.
    except (sqlite3.DatabaseError, OSError, UnicodeDecodeError) as error:
        if isinstance(error, UnicodeDecodeError):
            reason = "it is damaged (what should be text is not)"
        elif "locked" in str(error):
            reason = f"{_describe_writer(path)} is writing to it"
        elif _needs_log(error) and path.exists() and _has_log(path):
            reason = (
                f"its last changes are in {path.name}-wal, which can only be read in a folder"
                " that you may write to"
            )
        elif isinstance(error, OSError):
            reason = error.strerror or str(error)
        else:
            reason = str(error)
        raise DatabaseError(f"{path} cannot be used: {reason}") from error


def _describe_writer(path: Path) -> str:
    """The process that locks the file, if the system says so: "process 4242 (quotedex index)"."""
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


def _inspection_mode(path: Path) -> str:
    """Parameters that open a file without leaving anything beside it.

    Without a journal the file is opened as unchanging, because a database in WAL mode would get
    its log files otherwise. A rollback journal has to be played back first, by whoever opens the
    file next.
    """
    if path.with_name(f"{path.name}-wal").exists():
        return "mode=ro"
    if path.with_name(f"{path.name}-journal").exists():
        return "mode=rw"
    return "immutable=1"
