"""The stored topics of speakers, and the samples of statements that they are made from.

A sample depends only on what the speaker has said. It consists of the wordings with the lowest
keys, which is as good as a random choice: a new statement of a speaker with many is seldom part
of the sample, so topics seldom have to be made again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice

from quotedex.text.keyterms import Topic

MIN_QUOTES = 5
"""Speakers with fewer quotations have no topics: reading all of them takes a minute."""

_MAX_STATEMENTS = 200
_MAX_CHARACTERS = 6_000


@dataclass(frozen=True, slots=True)
class Sample:
    """Statements of a speaker, newest first.

    `stored_digest` belongs to the sample that the stored topics were made from, None if there are
    none yet.
    """

    speaker_id: int
    statements: tuple[str, ...]
    stored_digest: str | None

    @property
    def digest(self) -> str:
        return sha256("\0".join(self.statements).encode()).hexdigest()


def stale_speakers(conn: sqlite3.Connection) -> list[int]:
    """The ids of speakers whose quotations have changed since their topics were made."""
    rows = conn.execute("SELECT speaker_id FROM _topic_samples WHERE stale ORDER BY speaker_id")
    return [speaker_id for (speaker_id,) in rows]


def read_samples(conn: sqlite3.Connection, speakers: Iterable[int]) -> Iterator[Sample]:
    """The statements that the topics of these speakers are made from."""
    for speaker_id in speakers:
        sql = "SELECT digest FROM _topic_samples WHERE speaker_id = ?"
        (stored_digest,) = conn.execute(sql, (speaker_id,)).fetchone()
        statements = _sample(conn.execute(_QUOTES, (speaker_id,)))
        yield Sample(speaker_id, statements, stored_digest)


def save(conn: sqlite3.Connection, sample: Sample, topics: Sequence[Topic]) -> None:
    """Replace a speaker's topics by those made from a sample."""
    conn.execute("DELETE FROM topics WHERE speaker_id = ?", (sample.speaker_id,))
    conn.executemany(
        "INSERT INTO topics (speaker_id, term, score) VALUES (?, ?, ?)",
        [(sample.speaker_id, topic.term, topic.score) for topic in topics],
    )
    conn.execute(
        "UPDATE _topic_samples SET digest = ?, stale = 0 WHERE speaker_id = ?",
        (sample.digest, sample.speaker_id),
    )


def mark_up_to_date(conn: sqlite3.Connection, speaker_id: int) -> None:
    """For a speaker whose changed quotations are not in the sample."""
    conn.execute("UPDATE _topic_samples SET stale = 0 WHERE speaker_id = ?", (speaker_id,))


def _sample(quotes: Iterable[tuple[int, str, str | None]]) -> tuple[str, ...]:
    """The first text of each statement, as many as fit, newest statement first."""
    statements: dict[int, tuple[str, str]] = {}
    for statement_id, text, published in quotes:
        first, newest = statements.get(statement_id, (text, ""))
        statements[statement_id] = first, max(newest, published or "")
    chosen = sorted(_that_fit(statements.values()), key=lambda pair: pair[1], reverse=True)
    return tuple(text for text, _ in chosen)


def _that_fit(statements: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """The first statements, except long ones for which no room is left."""
    left = _MAX_CHARACTERS
    for statement in islice(statements, _MAX_STATEMENTS):
        if len(statement[0]) <= left:
            left -= len(statement[0])
            yield statement


_QUOTES = """
SELECT quotes.statement_id, text, published
FROM quotes
JOIN _quote_links AS links ON links.quote_id = quotes.id
JOIN _wordings AS wordings ON wordings.id = links.wording_id
WHERE speaker_id = ? ORDER BY wordings.key, text"""

DELETE_IF_FEW_QUOTES = f"""
DELETE FROM {{table}} WHERE speaker_id IN (
    SELECT id FROM speakers
    WHERE quote_count < {MIN_QUOTES} AND id IN (SELECT value FROM json_each(?)))"""

MARK_STALE = f"""
INSERT INTO _topic_samples (speaker_id, stale)
SELECT id, 1 FROM speakers
WHERE quote_count >= {MIN_QUOTES} AND kind <> 'anonymous'
    AND id IN (SELECT value FROM json_each(?))
ORDER BY id
ON CONFLICT (speaker_id) DO UPDATE SET stale = 1"""
