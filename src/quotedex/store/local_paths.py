"""Take the paths of this machine out of a copy that is going to be published."""

from __future__ import annotations

import sqlite3
from collections import defaultdict

from quotedex.locations import is_local
from quotedex.store.identity import distinct_paths


def hide_local_paths(conn: sqlite3.Connection) -> None:
    """Replace the locations of articles and failures, within the caller's transaction.

    An article gets its path below the folder that was indexed, or if others have that too, its
    identity; its key and addresses stay the same. A failure gets its name.
    """
    conn.create_function("is_local", 1, _is_local, deterministic=True)
    for article_id, path, identity in conn.execute(_LOCAL_ARTICLES).fetchall():
        taken = conn.execute(_TAKEN, (path, article_id)).fetchone()
        values = identity if taken else path, article_id
        conn.execute("UPDATE articles SET location = ? WHERE id = ?", values)
    by_name: dict[str, list[str]] = defaultdict(list)
    for (place,) in conn.execute(_LOCAL_FAILURES):
        by_name[place.rpartition("/")[2]].append(place)
    for name, places in by_name.items():
        names = distinct_paths(name, places)
        rows = [(names[place], place) for place in places]
        conn.executemany("UPDATE failures SET location = ? WHERE location = ?", rows)


def _is_local(location: str | None) -> bool:
    """Whether a row has a path of this machine; in a damaged file it may have no location."""
    return location is not None and is_local(location)


_LOCAL_ARTICLES = """
SELECT id, path, identity FROM articles WHERE is_local(location) AND path IS NOT NULL ORDER BY id"""

_TAKEN = "SELECT 1 FROM articles WHERE (location = ?1 OR path = ?1) AND id <> ?2"

_LOCAL_FAILURES = "SELECT location FROM failures WHERE is_local(location) ORDER BY location"
