"""The documents that a run has met, by which it knows the articles that are gone.

They are in a temporary file of the connection, since there may be millions.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection

from quotedex.locations import at_or_below, canonical
from quotedex.store.values import storable


def attach(conn: sqlite3.Connection) -> None:
    """Give a connection the temporary file, as the database `seen`."""
    conn.execute("ATTACH '' AS seen")
    conn.execute(_CREATE)


def mark(
    conn: sqlite3.Connection, location: str, sha256: str | None = None, path: str | None = None
) -> None:
    """Remember a document; without a hash, one that could not be read."""
    conn.execute("INSERT OR REPLACE INTO seen.documents VALUES (?, ?, ?)", (location, sha256, path))


def missing(conn: sqlite3.Connection, roots: Collection[str]) -> list[str]:
    """Locations at or below `roots` of articles and failures that were not met, except those below
    one that could not be read."""
    conn.execute("CREATE INDEX IF NOT EXISTS seen.by_sha256 ON documents (sha256)")
    not_seen = (place for (place,) in conn.execute(_NOT_SEEN))
    found = list(at_or_below(not_seen, [storable(canonical(root)) for root in roots]))
    unread = [place for (place,) in conn.execute(_UNREAD)]
    return sorted(set(found) - set(at_or_below(found, unread)))


def with_text(conn: sqlite3.Connection, sha256: str) -> tuple[str, str | None] | None:
    """Location and path of a document with this text, the first of several."""
    sql = "SELECT location, path FROM seen.documents WHERE sha256 = ? ORDER BY location LIMIT 1"
    row = conn.execute(sql, (sha256,)).fetchone()
    return row and (row[0], row[1])


_CREATE = "CREATE TABLE seen.documents (location TEXT PRIMARY KEY, sha256 TEXT, path TEXT)"

_NOT_SEEN = """
SELECT location FROM (SELECT location FROM articles UNION SELECT location FROM failures)
WHERE location NOT IN (SELECT location FROM seen.documents)"""

_UNREAD = "SELECT location FROM seen.documents WHERE sha256 IS NULL"
