"""Check that every key is the one that an index of the same articles would have anywhere."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby

from quotedex.link import is_unnamed_key
from quotedex.store.counts import STATEMENT_KEY
from quotedex.store.identity import distinct_paths, quote_keys
from quotedex.store.speaker_keys import KeyAndLabel, name_slug, namesake_keys, unnamed_key
from quotedex.text.keys import article_url, key_of


def wrong_article_keys(conn: sqlite3.Connection) -> Iterator[str]:
    """Keys that are not made from identities, and identities that are not the article's own."""
    of_path: dict[str, dict[str, str]] = defaultdict(dict)
    for row_id, key, identity, by, location, path, url, sha256 in conn.execute(_ARTICLES):
        if key != key_of(identity):
            yield f"article {row_id} has a key that is not that of its identity"
        expected = {"url": article_url(url), "text": f"sha256:{sha256}", "id": identity}
        if by == "path":
            of_path[path][location] = identity
        elif identity != expected[by]:
            yield f"article {row_id} is not identified by its {by}"
    for path, stored in of_path.items():
        if distinct_paths(path, stored) != stored:
            yield f"the articles of the path {path} have other identities"


def wrong_quote_keys(conn: sqlite3.Connection) -> Iterator[str]:
    """Keys that are not made from the article's identity, the words and their number."""
    for identity, rows in groupby(conn.execute(_QUOTES), key=lambda row: str(row[0])):
        of_article = list(rows)
        expected = quote_keys(identity, [text for *_, text in of_article])
        for (_, row_id, stored, _), key in zip(of_article, expected, strict=True):
            if stored != key:
                yield f"quotation {row_id} has a key that is not that of its words"


def wrong_statement_keys(conn: sqlite3.Connection) -> Iterator[str]:
    """Keys that are not made from the words as first printed."""
    for (row_id,) in conn.execute(_STATEMENTS):
        yield f"statement {row_id} has a key that is not that of its words"


def wrong_speaker_keys(conn: sqlite3.Connection) -> Iterator[str]:
    """Keys and labels that are not made from the name and what tells it from others."""
    stored = {row_id: KeyAndLabel(*row) for row_id, *row in conn.execute(_SPEAKERS)}
    expected: dict[int, KeyAndLabel] = {}
    named: dict[str, list[int]] = defaultdict(list)
    for row_id, name, blocking_key in conn.execute(_BLOCKING_KEYS):
        if blocking_key is None:
            continue  # another check reports it
        if is_unnamed_key(blocking_key):
            expected[row_id] = unnamed_key(conn, row_id)
        else:
            named[name_slug(name)].append(row_id)
    for alike in named.values():
        expected |= namesake_keys(conn, alike)
    for row_id, row in expected.items():
        if stored[row_id].key != row.key:
            yield f"speaker {row_id} has the key {stored[row_id].key} instead of {row.key}"
        elif stored[row_id].label != row.label:
            yield f"speaker {row_id} has the label {stored[row_id].label!r}, not {row.label!r}"
    for speaker, name in conn.execute(_OTHER_SLUGS):
        yield f'alias "{name}" of speaker {speaker} has a wrong slug'


def wrong_former_keys(conn: sqlite3.Connection) -> Iterator[str]:
    """Former keys that are in use, or that lead to a key that nobody has ever had."""
    for page, key in conn.execute(_IN_USE):
        yield f"{key} of {page} is a former key, but in use"
    for page, key, leads_to in conn.execute(_DEAD_ENDS):
        yield f"the former key {key} of {page} leads to {leads_to}, which is unknown"


_ARTICLES = """
SELECT id, key, identity, identified_by, location, path, url, sha256 FROM articles"""

_QUOTES = """
SELECT identity, quotes.id, quotes.key, quotes.text
FROM articles JOIN quotes ON quotes.article_id = articles.id
ORDER BY articles.id, start_char, end_char DESC, quotes.id"""

_STATEMENTS = f"""
SELECT id FROM statements WHERE key IS NOT ({STATEMENT_KEY})
    AND EXISTS (SELECT 1 FROM quotes WHERE statement_id = statements.id)"""

_SPEAKERS = """
SELECT id, key, label FROM speakers
WHERE EXISTS (SELECT 1 FROM quotes WHERE speaker_id = speakers.id)"""

_BLOCKING_KEYS = """
SELECT id, name,
    (SELECT blocking_key FROM _article_speakers WHERE speaker_id = speakers.id LIMIT 1)
FROM speakers WHERE EXISTS (SELECT 1 FROM quotes WHERE speaker_id = speakers.id)
ORDER BY id"""

_OTHER_SLUGS = "SELECT speaker_id, name FROM aliases WHERE slug IS NOT slug(name)"

_LIVE = " UNION ALL ".join(
    f"SELECT '{page}' AS page, key FROM {page}"
    for page in ("articles", "quotes", "speakers", "statements")
)

_IN_USE = f"SELECT page, key FROM former_keys INTERSECT SELECT page, key FROM ({_LIVE})"

_DEAD_ENDS = f"""
SELECT page, key, leads_to FROM former_keys AS former
WHERE leads_to IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM ({_LIVE}) AS live WHERE live.page = former.page AND live.key = leads_to
) AND NOT EXISTS (
    SELECT 1 FROM former_keys AS other WHERE other.page = former.page AND other.key = leads_to)"""
