"""The topics of speakers: whose are due, of which statements they are made, and keeping them.

They are made of a sample that depends on what a speaker has said and on nothing else. For one who
is often quoted it seldom changes: the wordings whose digests are the first by alphabet are as good
as drawn by lot, and most new ones are not among them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice

from quotedex.text.keyterms import Topic

LEAST_QUOTES = 5
"""Speakers with fewer quotations have no topics: all that they said is read in a minute."""

_MOST_STATEMENTS = 200
_MOST_CHARACTERS = 6_000


@dataclass(frozen=True, slots=True)
class Sample:
    """Of what a speaker has said, the newest first. `kept` is the digest of the sample of which
    the file's topics are made, None where there are none yet."""

    speaker_id: int
    statements: tuple[str, ...]
    kept: str | None

    @property
    def digest(self) -> str:
        return sha256("\0".join(self.statements).encode()).hexdigest()


def speakers_due(conn: sqlite3.Connection) -> list[int]:
    """The ids of speakers whose quotations have changed since their topics were made."""
    rows = conn.execute("SELECT speaker_id FROM _topic_samples WHERE stale ORDER BY speaker_id")
    return [speaker_id for (speaker_id,) in rows]


def samples(conn: sqlite3.Connection, speakers: Iterable[int]) -> Iterator[Sample]:
    """What topics of these speakers are made of."""
    for speaker_id in speakers:
        sql = "SELECT digest FROM _topic_samples WHERE speaker_id = ?"
        (kept,) = conn.execute(sql, (speaker_id,)).fetchone()
        yield Sample(speaker_id, _drawn(conn.execute(_SAID, (speaker_id,))), kept)


def keep(conn: sqlite3.Connection, sample: Sample, found: Sequence[Topic]) -> None:
    """Store the topics made of a sample in the place of those before."""
    conn.execute("DELETE FROM topics WHERE speaker_id = ?", (sample.speaker_id,))
    conn.executemany(
        "INSERT INTO topics (speaker_id, term, score) VALUES (?, ?, ?)",
        [(sample.speaker_id, topic.term, topic.score) for topic in found],
    )
    conn.execute(
        "UPDATE _topic_samples SET digest = ?, stale = 0 WHERE speaker_id = ?",
        (sample.digest, sample.speaker_id),
    )


def keep_as_they_are(conn: sqlite3.Connection, speaker_id: int) -> None:
    """What has changed is not in the sample."""
    conn.execute("UPDATE _topic_samples SET stale = 0 WHERE speaker_id = ?", (speaker_id,))


def _drawn(said: Iterable[tuple[int, str, str | None]]) -> tuple[str, ...]:
    """Each statement once, by the first of its texts; those that fit, the newest first."""
    statements: dict[int, tuple[str, str]] = {}
    for statement_id, text, published in said:
        first, newest = statements.get(statement_id, (text, ""))
        statements[statement_id] = first, max(newest, published or "")
    drawn = sorted(_that_fit(statements.values()), key=lambda pair: pair[1], reverse=True)
    return tuple(text for text, _ in drawn)


def _that_fit(statements: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The first of them, without the long ones that there is no more room for."""
    left = _MOST_CHARACTERS
    for statement in islice(statements, _MOST_STATEMENTS):
        if len(statement[0]) <= left:
            left -= len(statement[0])
            yield statement


_SAID = """
SELECT quotes.statement_id, text, published
FROM quotes
JOIN _quote_links AS links ON links.quote_id = quotes.id
JOIN _wordings AS wordings ON wordings.id = links.wording_id
WHERE speaker_id = ? ORDER BY digest, text"""

FORGET = f"""
DELETE FROM {{table}} WHERE speaker_id IN (
    SELECT id FROM speakers
    WHERE quote_count < {LEAST_QUOTES} AND id IN (SELECT value FROM json_each(?)))"""

MARK_STALE = f"""
INSERT INTO _topic_samples (speaker_id, stale)
SELECT id, 1 FROM speakers
WHERE quote_count >= {LEAST_QUOTES} AND kind <> 'anonymous'
    AND id IN (SELECT value FROM json_each(?))
ORDER BY id
ON CONFLICT (speaker_id) DO UPDATE SET stale = 1"""
