"""The counts and dates kept with speakers, aliases and statements.

The quotations of an article are subtracted before they are deleted or changed, and added
afterwards, so the cost depends on the articles of a transaction and not on how often a speaker is
quoted elsewhere. What cannot be added up (first and last dates, whether the copies of a statement
agree on a speaker) is read from the ends of an index.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from quotedex.store.statements import SAID_BY, assign_common
from quotedex.store.topics import DELETE_IF_FEW_QUOTES, MARK_STALE
from quotedex.store.values import id_list, name_form
from quotedex.text.keys import slug


@dataclass(slots=True)
class Dirty:
    """The ids whose counts a transaction has changed, for `refresh_and_delete`."""

    speakers: set[int] = field(default_factory=set)
    statements: set[int] = field(default_factory=set)
    wordings: set[int] = field(default_factory=set)


def register_functions(conn: sqlite3.Connection) -> None:
    """Make `name_form(mention, name, kind)` and `slug(name)` available in the connection's SQL."""
    conn.create_function("name_form", 3, null_unless_text(name_form), deterministic=True)
    conn.create_function("slug", 1, null_unless_text(slug), deterministic=True)


def null_unless_text(function: Callable[..., str | None]) -> Callable[..., str | None]:
    """The function for SQL: NULL if an argument is no text, as in a column of a damaged file."""

    def checked(*values: object) -> str | None:
        return function(*values) if all(isinstance(value, str) for value in values) else None

    return checked


def add_counts(
    conn: sqlite3.Connection, articles: Iterable[int], sign: Literal[1, -1], dirty: Dirty
) -> None:
    """Add (1) or subtract (-1) the stored quotations of some articles."""
    values = {"articles": id_list(articles), "sign": sign}
    for statement in _ADD_COUNTS:
        conn.execute(statement, values)
    for speaker_id, statement_id, wording_id in conn.execute(_IDS, values):
        dirty.statements.add(statement_id)
        dirty.wordings.add(wording_id)
        if speaker_id is not None:
            dirty.speakers.add(speaker_id)


def propagate_links(
    conn: sqlite3.Connection,
    article_speakers: Iterable[int],
    wordings: Iterable[int],
    dirty: Dirty,
) -> None:
    """Copy changed links to stored quotations.

    They get the speaker of their article speaker and the statement of their wording; common words
    get that of their speaker.
    """
    moved = list(article_speakers)
    _change(conn, _FIND_OTHER_SPEAKERS, _SET_SPEAKERS, moved, dirty)
    assign_common(conn, _QUOTES_OF, id_list(moved))
    _change(conn, _FIND_OTHER_COMMON, _SET_COMMON, moved, dirty)
    _change(conn, _FIND_OTHER_STATEMENTS, _SET_STATEMENTS, wordings, dirty)


def inherit_speakers(conn: sqlite3.Connection, dirty: Dirty) -> None:
    """Set the speaker of statements whose copies agree on one, or nearly all do, and give it to
    the copies that name nobody."""
    conn.execute(_SET_AGREED_SPEAKER, (id_list(dirty.statements),))
    _change(conn, _FIND_INHERITING, _SET_INHERITED_SPEAKERS, dirty.statements, dirty)


def refresh_and_delete(conn: sqlite3.Connection, dirty: Dirty) -> None:
    """Set dates and texts, and delete speakers and statements without quotations.

    Statements go first: they may refer to a speaker that is about to be deleted.
    """
    for ids, statements in (
        (dirty.statements, _REFRESH_STATEMENTS),
        (dirty.speakers, _REFRESH_SPEAKERS),
    ):
        listed = id_list(ids)
        for statement in statements:
            conn.execute(statement, (listed,))


def _change(
    conn: sqlite3.Connection, find: str, update: str, ids: Iterable[int], dirty: Dirty
) -> None:
    """Update the quotations that `find` selects for `ids`.

    In one statement, because triggers write the search index after each statement.
    """
    conn.execute("CREATE TEMP TABLE IF NOT EXISTS changed (id INTEGER PRIMARY KEY, article_id)")
    conn.execute(find, (id_list(ids),))
    articles = [row for (row,) in conn.execute("SELECT DISTINCT article_id FROM changed")]
    if articles:
        add_counts(conn, articles, -1, dirty)
        conn.execute(update)
        add_counts(conn, articles, 1, dirty)
        conn.execute("DELETE FROM changed")


_HERE = "article_id IN (SELECT value FROM json_each(:articles))"

_IDS = f"""
SELECT DISTINCT speaker_id, statement_id, wording_id
FROM quotes JOIN _quote_links ON quote_id = quotes.id WHERE {_HERE}"""

# A form of a name is the fullest name in an article, or a mention in it; each counts once per
# article.
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

_ADD_COUNTS = (
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
INSERT INTO aliases (speaker_id, name, article_count, slug)
SELECT speaker_id, form, :sign * count(*), slug(form)
FROM ({FORMS.format(here=f"quotes.{_HERE}")})
GROUP BY speaker_id, form ORDER BY speaker_id, form
ON CONFLICT (speaker_id, name)
    DO UPDATE SET article_count = aliases.article_count + excluded.article_count""",
)

_FIND_OTHER_SPEAKERS = """
INSERT INTO changed
SELECT quotes.id, quotes.article_id
FROM _article_speakers AS local
JOIN _quote_links AS links ON links.article_speaker_id = local.id
JOIN quotes ON quotes.id = links.quote_id
WHERE local.id IN (SELECT value FROM json_each(?))
    AND quotes.speaker_id IS NOT local.speaker_id"""

# Not UPDATE FROM: SQLite would read all quotations and look each up in the few that changed.
_SET_SPEAKERS = """
UPDATE quotes SET speaker_id = (
    SELECT local.speaker_id
    FROM _quote_links AS links JOIN _article_speakers AS local ON local.id = article_speaker_id
    WHERE links.quote_id = quotes.id)
WHERE id IN (SELECT id FROM changed)"""

_FIND_OTHER_STATEMENTS = """
INSERT INTO changed
SELECT quotes.id, quotes.article_id
FROM _wordings AS wordings
JOIN _quote_links AS links ON links.wording_id = wordings.id
JOIN quotes ON quotes.id = links.quote_id
WHERE wordings.id IN (SELECT value FROM json_each(?))
    AND quotes.statement_id <> wordings.statement_id"""

_SET_STATEMENTS = """
UPDATE quotes SET statement_id = (
    SELECT wordings.statement_id
    FROM _quote_links AS links JOIN _wordings AS wordings ON wordings.id = wording_id
    WHERE links.quote_id = quotes.id)
WHERE id IN (SELECT id FROM changed)"""

_QUOTES_OF = """
SELECT links.wording_id, quotes.speaker_id, quotes.article_id
FROM _quote_links AS links JOIN quotes ON quotes.id = links.quote_id
WHERE links.article_speaker_id IN (SELECT value FROM json_each(?))"""

_COMMON = f"""
SELECT common.statement_id
FROM _quote_links AS links JOIN _common_statements AS common
    ON common.wording_id = links.wording_id
    AND common.said_by = {SAID_BY.format(quote="quotes")}
WHERE links.quote_id = quotes.id"""

_FIND_OTHER_COMMON = f"""
INSERT INTO changed
SELECT quotes.id, quotes.article_id
FROM _quote_links JOIN quotes ON quotes.id = quote_id
WHERE article_speaker_id IN (SELECT value FROM json_each(?))
    AND quotes.statement_id <> ({_COMMON})"""

_SET_COMMON = f"""
UPDATE quotes SET statement_id = ({_COMMON}) WHERE id IN (SELECT id FROM changed)"""

# One article in five may be wrong. Fewer than four that agree do not outweigh one.
MOST_NAMED = """
SELECT speaker_id FROM (
    SELECT speaker_id, count(DISTINCT article_id) AS article_count,
        sum(count(DISTINCT article_id)) OVER () AS total
    FROM ({named}) GROUP BY speaker_id)
WHERE article_count >= 4 AND article_count * 5 >= total * 4"""
"""The speaker whom nearly all of some articles name; `named` selects `speaker_id`, `article_id`."""

_NAMED = """
SELECT speaker_id, article_id FROM quotes
WHERE statement_id = statements.id AND speaker_from = 'article'"""

# Where all agree, two steps through an index tell so, however many copies there are.
_SET_AGREED_SPEAKER = f"""
UPDATE statements SET speaker_id = (
    SELECT iif(low = high, low, ({MOST_NAMED.format(named=_NAMED)})) FROM (SELECT
        (SELECT speaker_id FROM quotes
         WHERE statement_id = statements.id AND speaker_from = 'article'
         ORDER BY speaker_id LIMIT 1) AS low,
        (SELECT speaker_id FROM quotes
         WHERE statement_id = statements.id AND speaker_from = 'article'
         ORDER BY speaker_id DESC LIMIT 1) AS high))
WHERE id IN (SELECT value FROM json_each(?))"""

# The speaker that copies without one of their own inherit. It is NULL for common words, which do
# not identify a speaker, and for an anonymous source, which is another one in every article.
INHERITED = """
SELECT quotes.id, quotes.article_id, quotes.statement_id, quotes.speaker_id, quotes.speaker_from,
    iif(wordings.statement_id IS NOT NULL AND speakers.kind <> 'anonymous',
        statements.speaker_id, NULL) AS speaker
FROM quotes
JOIN _quote_links AS links ON links.quote_id = quotes.id
JOIN _wordings AS wordings ON wordings.id = links.wording_id
JOIN statements ON statements.id = quotes.statement_id
LEFT JOIN speakers ON speakers.id = statements.speaker_id
WHERE quotes.speaker_from IS NOT 'article'"""

_FIND_INHERITING = f"""
INSERT INTO changed
SELECT id, article_id FROM ({INHERITED} AND quotes.statement_id IN (SELECT value FROM json_each(?)))
WHERE speaker_id IS NOT speaker"""

_SET_INHERITED_SPEAKERS = f"""
UPDATE quotes SET speaker_id = inherited.speaker,
    speaker_from = iif(inherited.speaker IS NULL, NULL, 'statement'),
    speaker_why = iif(inherited.speaker IS NULL, NULL, 'named in other copies of these words')
FROM ({INHERITED} AND quotes.id IN (SELECT id FROM changed)) AS inherited
WHERE quotes.id = inherited.id"""

# The quotation printed first. Its words are those of the statement, and the key is made from them.
FIRST_PRINTED = """
FROM quotes
JOIN _quote_links AS links ON links.quote_id = quotes.id
JOIN _wordings AS wordings ON wordings.id = links.wording_id
WHERE quotes.statement_id = statements.id AND quotes.published IS (
    SELECT min(published) FROM quotes WHERE quotes.statement_id = statements.id)
ORDER BY quotes.text, quotes.key LIMIT 1"""

# Common words have no key of their own.
STATEMENT_KEY = f"""
SELECT iif(wordings.statement_id IS NULL, quotes.key, wordings.key) {FIRST_PRINTED}"""

# Rows may exchange their unique keys, so the old keys go first.
_REFRESH_STATEMENTS = (
    """
DELETE FROM statements WHERE quote_count = 0 AND id IN (SELECT value FROM json_each(?))""",
    """
DELETE FROM _common_statements WHERE statement_id IN (SELECT value FROM json_each(?))
    AND NOT EXISTS (SELECT 1 FROM statements WHERE id = statement_id)""",
    f"""
UPDATE statements SET key = 'changed ' || id WHERE id IN (SELECT value FROM json_each(?))
    AND key <> ({STATEMENT_KEY})""",
    f"""
UPDATE statements SET key = ({STATEMENT_KEY})
WHERE id IN (SELECT value FROM json_each(?)) AND key = 'changed ' || id""",
    f"""
UPDATE statements SET
    first_published = (SELECT min(published) FROM quotes WHERE statement_id = statements.id),
    last_published = (SELECT max(published) FROM quotes WHERE statement_id = statements.id),
    text = (SELECT quotes.text {FIRST_PRINTED})
WHERE id IN (SELECT value FROM json_each(?))""",
)

_REFRESH_SPEAKERS = (
    """
DELETE FROM aliases WHERE article_count = 0
    AND speaker_id IN (SELECT value FROM json_each(?))""",
    DELETE_IF_FEW_QUOTES.format(table="topics"),
    DELETE_IF_FEW_QUOTES.format(table="_topic_samples"),
    """
DELETE FROM speakers WHERE quote_count = 0 AND id IN (SELECT value FROM json_each(?))""",
    """
UPDATE speakers SET
    first_quoted = (SELECT min(published) FROM quotes WHERE speaker_id = speakers.id),
    last_quoted = (SELECT max(published) FROM quotes WHERE speaker_id = speakers.id)
WHERE id IN (SELECT value FROM json_each(?))""",
    MARK_STALE,
)
