"""What a speaker is called, of all that articles call it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from quotedex.link import LISTED
from quotedex.store.authorities import Authorities


def describe(conn: sqlite3.Connection, speakers: Iterable[int], listed: Authorities) -> None:
    """Set key, name, kind, description and wikidata by the sightings that the speakers have now.

    The fullest name counts, the longest description, and before these what the user's list says.
    Each is read from the end of an index, however many sightings there are.
    """
    numbers = [(number,) for number in sorted(speakers)]
    # Rows may exchange their keys, so they let go first.
    conn.executemany(_LET_GO, numbers)
    for (number,) in numbers:
        found = conn.execute(_FOUND, {"speaker": number}).fetchone()
        if found is None:
            continue
        key, name, kind, description, block = found
        line = listed.lines.get(block.removeprefix(LISTED))
        if line is not None:
            name, description = line.name, line.description or description
        row = (key, name, kind, description, line and line.wikidata)
        conn.execute(_SET, (*row, number, *row))


# A person before an organization before a group: a list may join what articles take for several.
_FOUND = """
SELECT
    (SELECT min(digest) FROM sightings WHERE speaker_id = :speaker),
    (SELECT name FROM sightings WHERE speaker_id = :speaker AND kind = highest
     ORDER BY length(name) - length(replace(name, ' ', '')) DESC, name DESC LIMIT 1),
    highest,
    (SELECT description FROM sightings
     WHERE speaker_id = :speaker AND description IS NOT NULL
     ORDER BY length(description) DESC, description LIMIT 1),
    (SELECT block FROM sightings WHERE speaker_id = :speaker LIMIT 1)
FROM (SELECT max(kind) AS highest FROM sightings WHERE speaker_id = :speaker)
WHERE highest IS NOT NULL"""

_LET_GO = """
UPDATE speakers SET key = 'changed ' || id
WHERE id = ? AND key IS NOT (SELECT min(digest) FROM sightings WHERE speaker_id = speakers.id)"""

_SET = """
UPDATE speakers SET key = ?, name = ?, kind = ?, description = ?, wikidata = ?
WHERE id = ? AND (key, name, kind, description, wikidata) IS NOT (?, ?, ?, ?, ?)"""
