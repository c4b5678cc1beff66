"""The fingerprints of wordings, by which a new wording finds those that it is compared with.

They are hashes, so those of one wording lie far apart in `_wording_fingerprints`, and each that is
added there changes a page of its own, which has to be written. New ones therefore wait in
`_new_fingerprints`, which grows at its end. When many are waiting, and at the end of a run, all
move at once, in order, so that a page is written once for many of them. A row is always in exactly
one of the two tables.

Those that wait are found through a copy in memory, in a database of that connection alone. It is
part of each transaction, so a rollback undoes both, and it is made again when another process has
written to the file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

MAX_WAITING = 500_000
"""Fingerprints that may wait during a run, those of about 45,000 quotations; the copy in memory
then takes 15 MB."""


def attach(conn: sqlite3.Connection) -> None:
    """Give a connection that will write the database in memory. Not within a transaction."""
    conn.execute("ATTACH ':memory:' AS waiting")
    for statement in _CREATE_COPY:
        conn.execute(statement)


def load(conn: sqlite3.Connection) -> None:
    """Bring the copy in memory up to date, at the beginning of a transaction."""
    (version,) = conn.execute("PRAGMA main.data_version").fetchone()
    loaded = "SELECT 1 FROM waiting.loaded WHERE data_version = ?"
    if conn.execute(loaded, (version,)).fetchone() is None:
        for statement in _LOAD:
            conn.execute(statement)
        conn.execute("INSERT INTO waiting.loaded VALUES (?)", (version,))


def add(conn: sqlite3.Connection, wording_id: int, fingerprints: Collection[int]) -> None:
    """Add the fingerprints of a new wording."""
    rows = [(wording_id, each) for each in sorted(fingerprints)]
    conn.executemany("INSERT INTO _new_fingerprints VALUES (?, ?)", rows)
    conn.executemany("INSERT INTO waiting.fingerprints VALUES (?2, ?1)", rows)


def remove(conn: sqlite3.Connection, wording_id: int, fingerprint: int) -> None:
    """Delete a fingerprint of a wording."""
    row = (fingerprint, wording_id)
    waits = conn.execute(_DELETE.format("waiting.fingerprints"), row).rowcount
    conn.execute(_DELETE.format("_new_fingerprints" if waits else "_wording_fingerprints"), row)


def wordings_with(conn: sqlite3.Connection, fingerprint: int, limit: int) -> list[int]:
    """The ids of at most `limit` wordings that have a fingerprint."""
    return [wording_id for (wording_id,) in conn.execute(_WORDINGS_WITH, (fingerprint, limit))]


def put_in_place(conn: sqlite3.Connection, *, above: int = 0) -> None:
    """Move those that wait to `_wording_fingerprints`, if there are more than `above`."""
    load(conn)
    (number,) = conn.execute("SELECT count(*) FROM waiting.fingerprints").fetchone()
    if number > above:
        for statement in _PUT_IN_PLACE:
            conn.execute(statement)


def select(conn: sqlite3.Connection, columns: str, joined: str = "") -> str:
    """A query for the fingerprints of a file, also one that is being written, or was when its
    writer was killed. `joined` follows the name of the table, which has `fingerprint` and
    `wording_id`."""
    found = conn.execute("SELECT name FROM sqlite_master WHERE name = '_new_fingerprints'")
    tables = ["_wording_fingerprints", *(name for (name,) in found)]
    return " UNION ALL ".join(f"SELECT {columns} FROM {table} {joined}" for table in tables)


_CREATE_COPY = (
    """
CREATE TABLE waiting.fingerprints (
    fingerprint INTEGER, wording_id INTEGER, PRIMARY KEY (fingerprint, wording_id)
) WITHOUT ROWID""",
    # What `PRAGMA data_version` was; it changes when another connection writes.
    "CREATE TABLE waiting.loaded (data_version INTEGER)",
)

# The table is made by the first writer that needs it.
_LOAD = (
    """
CREATE TABLE IF NOT EXISTS main._new_fingerprints (
    -- Rows of _wording_fingerprints that are on their way there.
    wording_id INTEGER NOT NULL,
    fingerprint INTEGER NOT NULL,
    PRIMARY KEY (wording_id, fingerprint)
) STRICT, WITHOUT ROWID""",
    "DELETE FROM waiting.loaded",
    "DELETE FROM waiting.fingerprints",
    """
INSERT INTO waiting.fingerprints
SELECT fingerprint, wording_id FROM _new_fingerprints ORDER BY fingerprint, wording_id""",
)

_DELETE = "DELETE FROM {} WHERE fingerprint = ? AND wording_id = ?"

_WORDINGS_WITH = """
SELECT wording_id FROM _wording_fingerprints WHERE fingerprint = ?1
UNION ALL SELECT wording_id FROM waiting.fingerprints WHERE fingerprint = ?1 LIMIT ?2"""

# The pages that the first statement frees are used by the second. With FAIL, SQLite does not keep
# the old state of every page for the case that it has to undo this statement alone.
_PUT_IN_PLACE = (
    "DELETE FROM _new_fingerprints",
    """
INSERT OR FAIL INTO _wording_fingerprints
SELECT fingerprint, wording_id FROM waiting.fingerprints ORDER BY fingerprint, wording_id""",
    "DELETE FROM waiting.fingerprints",
)
