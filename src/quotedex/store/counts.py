"""The counts that the file keeps about speakers, aliases and statements.

An article's quotations come and go together, so its share is taken off before they are deleted
and added after they are inserted; the cost depends on the article, never on how often a speaker
is quoted elsewhere. What cannot be added up (first and last dates, whether speakers agree) is
read from the ends of an index in `settle`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from quotedex.store.keys import name_form


@dataclass(slots=True)
class Touched:
    """The ids whose counts a transaction has changed and that `settle` has yet to see."""

    speakers: set[int] = field(default_factory=set)
    statements: set[int] = field(default_factory=set)


def register(conn: sqlite3.Connection) -> None:
    """Make `name_form(mention, name, kind)` known to the connection's SQL."""
    conn.create_function("name_form", 3, name_form, deterministic=True)


def tally(conn: sqlite3.Connection, article_id: int, sign: Literal[1, -1], to: Touched) -> None:
    """Add (1) or take off (-1) the stored quotations of one article."""
    values = {"article": article_id, "sign": sign}
    for statement in _TALLIES:
        conn.execute(statement, values)
    for speaker_id, statement_id in conn.execute(_IDS, values):
        to.statements.add(statement_id)
        if speaker_id is not None:
            to.speakers.add(speaker_id)


def settle(conn: sqlite3.Connection, touched: Touched) -> None:
    """Set dates and agreement, and delete what no quotation refers to any more.

    Statements go first: they may name a speaker that is about to go.
    """
    for ids, statements in ((touched.statements, _STATEMENTS), (touched.speakers, _SPEAKERS)):
        listed = _json(ids)
        for statement in statements:
            conn.execute(statement, (listed,))


def _json(ids: Iterable[int]) -> str:
    """In order, so that the file does not depend on the order of a set."""
    return json.dumps(sorted(ids))


_IDS = "SELECT DISTINCT speaker_id, statement_id FROM quotes WHERE article_id = :article"

_TALLIES = (
    """
UPDATE speakers SET quotes = speakers.quotes + :sign * here.quotes,
    articles = speakers.articles + :sign
FROM (
    SELECT speaker_id, count(*) AS quotes FROM quotes
    WHERE article_id = :article AND speaker_id IS NOT NULL GROUP BY speaker_id
) AS here
WHERE speakers.id = here.speaker_id""",
    """
UPDATE statements SET quotes = statements.quotes + :sign * here.quotes,
    articles = statements.articles + :sign
FROM (
    SELECT statement_id, count(*) AS quotes FROM quotes
    WHERE article_id = :article GROUP BY statement_id
) AS here
WHERE statements.id = here.statement_id""",
    """
INSERT INTO aliases (speaker_id, name, articles)
SELECT speaker_id, form, :sign FROM (
    SELECT DISTINCT speaker_id, name_form(mention, name, speakers.kind) AS form
    FROM quotes JOIN speakers ON speakers.id = speaker_id
    WHERE article_id = :article
)
WHERE form IS NOT NULL
ORDER BY speaker_id, form
ON CONFLICT (speaker_id, name) DO UPDATE SET articles = aliases.articles + excluded.articles""",
)

_STATEMENTS = (
    """
DELETE FROM statements WHERE quotes = 0 AND id IN (SELECT value FROM json_each(?))""",
    """
UPDATE statements SET
    first_published = (SELECT min(published) FROM quotes WHERE statement_id = statements.id),
    last_published = (SELECT max(published) FROM quotes WHERE statement_id = statements.id),
    text = coalesce(
        (SELECT quotes.text FROM quotes
         WHERE statement_id = statements.id AND published IS NOT NULL
         ORDER BY published, quotes.text LIMIT 1),
        (SELECT min(quotes.text) FROM quotes WHERE statement_id = statements.id)),
    speaker_id = iif(
        (SELECT min(speaker_id) FROM quotes WHERE statement_id = statements.id)
        = (SELECT max(speaker_id) FROM quotes WHERE statement_id = statements.id),
        (SELECT min(speaker_id) FROM quotes WHERE statement_id = statements.id),
        NULL)
WHERE id IN (SELECT value FROM json_each(?))""",
)

_SPEAKERS = (
    """
DELETE FROM aliases WHERE articles = 0
    AND speaker_id IN (SELECT value FROM json_each(?))""",
    """
DELETE FROM speakers WHERE quotes = 0 AND id IN (SELECT value FROM json_each(?))""",
    """
UPDATE speakers SET
    first_quoted = (SELECT min(published) FROM quotes WHERE speaker_id = speakers.id),
    last_quoted = (SELECT max(published) FROM quotes WHERE speaker_id = speakers.id)
WHERE id IN (SELECT value FROM json_each(?))""",
)
