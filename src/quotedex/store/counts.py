"""The counts that the file keeps about speakers, aliases and statements.

An article's quotations are taken off before they are deleted or changed and added afterwards; the
cost depends on the articles, never on how often a speaker is quoted elsewhere. What cannot be added
up (first and last dates, whether speakers agree) is read from the ends of an index.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from quotedex.store.storable import name_form
from quotedex.store.topics import FORGET, MARK_STALE

# Fewer words than these are said by many: "We will see." tells nobody who says it.
LEAST_WORDS = 5


@dataclass(slots=True)
class Touched:
    """The ids whose counts a transaction has changed and that `settle` has yet to see."""

    speakers: set[int] = field(default_factory=set)
    statements: set[int] = field(default_factory=set)
    wordings: set[int] = field(default_factory=set)


def register(conn: sqlite3.Connection) -> None:
    """Make `name_form(mention, name, kind)` known to the connection's SQL."""
    conn.create_function("name_form", 3, name_form, deterministic=True)


def tally(
    conn: sqlite3.Connection, articles: Iterable[int], sign: Literal[1, -1], to: Touched
) -> None:
    """Add (1) or take off (-1) the stored quotations of some articles."""
    values = {"articles": _json(articles), "sign": sign}
    for statement in _TALLIES:
        conn.execute(statement, values)
    for speaker_id, statement_id, wording_id in conn.execute(_IDS, values):
        to.statements.add(statement_id)
        to.wordings.add(wording_id)
        if speaker_id is not None:
            to.speakers.add(speaker_id)


def follow(
    conn: sqlite3.Connection, sightings: Iterable[int], wordings: Iterable[int], touched: Touched
) -> None:
    """Give stored quotations the speakers and statements that their own are now."""
    _change(conn, _CHANGED_SPEAKERS, _FOLLOW_SPEAKERS, sightings, touched)
    _change(conn, _CHANGED_STATEMENTS, _FOLLOW_STATEMENTS, wordings, touched)


def agree(conn: sqlite3.Connection, touched: Touched) -> None:
    """Give statements the speaker that their copies agree on, and it to copies that name none."""
    conn.execute(_AGREED, (_json(touched.statements),))
    _change(conn, _CHANGED_COPIES, _INHERIT, touched.statements, touched)


def settle(conn: sqlite3.Connection, touched: Touched) -> None:
    """Set dates and texts, and delete what no quotation refers to any more.

    Statements go first: they may name a speaker that is about to go.
    """
    for ids, statements in ((touched.statements, _STATEMENTS), (touched.speakers, _SPEAKERS)):
        listed = _json(ids)
        for statement in statements:
            conn.execute(statement, (listed,))


def _change(
    conn: sqlite3.Connection, find: str, update: str, ids: Iterable[int], touched: Touched
) -> None:
    """Update the quotations that `find` lists for `ids`, in one statement: triggers write the
    search index out after each."""
    conn.execute("CREATE TEMP TABLE IF NOT EXISTS changed (id INTEGER PRIMARY KEY, article_id)")
    conn.execute(find, (_json(ids),))
    articles = [row for (row,) in conn.execute("SELECT DISTINCT article_id FROM changed")]
    if articles:
        tally(conn, articles, -1, touched)
        conn.execute(update)
        tally(conn, articles, 1, touched)
        conn.execute("DELETE FROM changed")


def _json(ids: Iterable[int]) -> str:
    """In order, so that the file does not depend on the order of a set."""
    return json.dumps(sorted(ids))


_HERE = "article_id IN (SELECT value FROM json_each(:articles))"

_IDS = f"""
SELECT DISTINCT speaker_id, statement_id, wording_id
FROM quotes JOIN _quote_links ON quote_id = quotes.id WHERE {_HERE}"""

# A form of a name is the fullest one of an article or a mention like it; both count once there.
FORMS = """
SELECT quotes.article_id, quotes.speaker_id, local.name AS form
FROM quotes JOIN _quote_links AS links ON links.quote_id = quotes.id
JOIN _article_speakers AS local ON local.id = links.article_speaker_id
WHERE local.kind <> 'anonymous' AND {here}
UNION
SELECT quotes.article_id, quotes.speaker_id,
    name_form(quotes.mention, local.name, local.kind) AS form
FROM quotes JOIN _quote_links AS links ON links.quote_id = quotes.id
JOIN _article_speakers AS local ON local.id = links.article_speaker_id
WHERE form IS NOT NULL AND {here}"""

_TALLIES = (
    f"""
UPDATE speakers SET quote_count = speakers.quote_count + :sign * here.quotes,
    article_count = speakers.article_count + :sign * here.articles
FROM (
    SELECT speaker_id, count(*) AS quotes, count(DISTINCT article_id) AS articles FROM quotes
    WHERE {_HERE} AND speaker_id IS NOT NULL GROUP BY speaker_id
) AS here
WHERE speakers.id = here.speaker_id""",
    f"""
UPDATE statements SET quote_count = statements.quote_count + :sign * here.quotes,
    article_count = statements.article_count + :sign * here.articles
FROM (
    SELECT statement_id, count(*) AS quotes, count(DISTINCT article_id) AS articles FROM quotes
    WHERE {_HERE} GROUP BY statement_id
) AS here
WHERE statements.id = here.statement_id""",
    f"""
INSERT INTO aliases (speaker_id, name, article_count)
SELECT speaker_id, form, :sign * count(*) FROM ({FORMS.format(here=f"quotes.{_HERE}")})
GROUP BY speaker_id, form ORDER BY speaker_id, form
ON CONFLICT (speaker_id, name)
    DO UPDATE SET article_count = aliases.article_count + excluded.article_count""",
)

_CHANGED_SPEAKERS = """
INSERT INTO changed
SELECT quotes.id, quotes.article_id
FROM _article_speakers AS local
JOIN _quote_links AS links ON links.article_speaker_id = local.id
JOIN quotes ON quotes.id = links.quote_id
WHERE local.id IN (SELECT value FROM json_each(?))
    AND quotes.speaker_id IS NOT local.speaker_id"""

_FOLLOW_SPEAKERS = """
UPDATE quotes SET speaker_id = local.speaker_id
FROM changed
JOIN _quote_links AS links ON links.quote_id = changed.id
JOIN _article_speakers AS local ON local.id = links.article_speaker_id
WHERE quotes.id = changed.id"""

_CHANGED_STATEMENTS = """
INSERT INTO changed
SELECT quotes.id, quotes.article_id
FROM _wordings AS wordings
JOIN _quote_links AS links ON links.wording_id = wordings.id
JOIN quotes ON quotes.id = links.quote_id
WHERE wordings.id IN (SELECT value FROM json_each(?))
    AND quotes.statement_id <> wordings.statement_id"""

_FOLLOW_STATEMENTS = """
UPDATE quotes SET statement_id = wordings.statement_id
FROM changed
JOIN _quote_links AS links ON links.quote_id = changed.id
JOIN _wordings AS wordings ON wordings.id = links.wording_id
WHERE quotes.id = changed.id"""

_AGREED = """
UPDATE statements SET speaker_id = (
    SELECT iif(low = high, low, NULL) FROM (SELECT
        (SELECT speaker_id FROM quotes
         WHERE statement_id = statements.id AND speaker_from = 'article'
         ORDER BY speaker_id LIMIT 1) AS low,
        (SELECT speaker_id FROM quotes
         WHERE statement_id = statements.id AND speaker_from = 'article'
         ORDER BY speaker_id DESC LIMIT 1) AS high))
WHERE id IN (SELECT value FROM json_each(?))"""

# The speaker that copies without one of their own take, and NULL for those of a few words or of a
# nameless source, who is another one in every article.
INHERITED = f"""
SELECT quotes.id, quotes.article_id, quotes.statement_id, quotes.speaker_id, quotes.speaker_from,
    iif(wordings.word_count >= {LEAST_WORDS} AND speakers.kind <> 'anonymous',
        statements.speaker_id, NULL) AS speaker
FROM quotes
JOIN _quote_links AS links ON links.quote_id = quotes.id
JOIN _wordings AS wordings ON wordings.id = links.wording_id
JOIN statements ON statements.id = quotes.statement_id
LEFT JOIN speakers ON speakers.id = statements.speaker_id
WHERE quotes.speaker_from IS NOT 'article'"""

_CHANGED_COPIES = f"""
INSERT INTO changed
SELECT id, article_id FROM ({INHERITED} AND quotes.statement_id IN (SELECT value FROM json_each(?)))
WHERE speaker_id IS NOT speaker"""

_INHERIT = f"""
UPDATE quotes SET speaker_id = told.speaker,
    speaker_from = iif(told.speaker IS NULL, NULL, 'statement'),
    speaker_why = iif(told.speaker IS NULL, NULL, 'named in other copies of these words')
FROM ({INHERITED} AND quotes.id IN (SELECT id FROM changed)) AS told WHERE quotes.id = told.id"""

# A key is that of the first wording by digest. Rows may exchange theirs, so they let go first.
_STATEMENTS = (
    """
DELETE FROM statements WHERE quote_count = 0 AND id IN (SELECT value FROM json_each(?))""",
    """
UPDATE statements SET key = 'changed ' || id WHERE id IN (SELECT value FROM json_each(?))
    AND key <> (SELECT min(digest) FROM _wordings WHERE statement_id = statements.id)""",
    """
UPDATE statements SET key = (SELECT min(digest) FROM _wordings WHERE statement_id = statements.id)
WHERE id IN (SELECT value FROM json_each(?)) AND key = 'changed ' || id""",
    """
UPDATE statements SET
    first_published = (SELECT min(published) FROM quotes WHERE statement_id = statements.id),
    last_published = (SELECT max(published) FROM quotes WHERE statement_id = statements.id),
    text = coalesce(
        (SELECT quotes.text FROM quotes
         WHERE statement_id = statements.id AND published IS NOT NULL
         ORDER BY published, quotes.text LIMIT 1),
        (SELECT min(quotes.text) FROM quotes WHERE statement_id = statements.id))
WHERE id IN (SELECT value FROM json_each(?))""",
)

_SPEAKERS = (
    """
DELETE FROM aliases WHERE article_count = 0
    AND speaker_id IN (SELECT value FROM json_each(?))""",
    FORGET.format(table="topics"),
    FORGET.format(table="_topic_samples"),
    """
DELETE FROM speakers WHERE quote_count = 0 AND id IN (SELECT value FROM json_each(?))""",
    """
UPDATE speakers SET
    first_quoted = (SELECT min(published) FROM quotes WHERE speaker_id = speakers.id),
    last_quoted = (SELECT max(published) FROM quotes WHERE speaker_id = speakers.id)
WHERE id IN (SELECT value FROM json_each(?))""",
    MARK_STALE,
)
