"""Check that the file is linked as if all its articles had been linked at once."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations, groupby, islice

from quotedex.link import (
    ArticleSpeaker,
    bearer,
    blocking_key,
    choice_evidence,
    comparable_wording,
    fingerprints,
    is_distinctive,
    is_full_name,
    is_person_key,
    link_evidence,
    link_speakers,
    max_postings,
    name_classes,
    normalized_name,
    statements_of,
)
from quotedex.store import fingerprints as stored_fingerprints
from quotedex.store.article_speakers import read_article_speakers, stored_claims
from quotedex.store.excerpts import excerpt_words
from quotedex.store.people_list import load
from quotedex.store.statements import SAID_BY, pairs
from quotedex.text.wording import word_count


def dangling_ids(conn: sqlite3.Connection) -> Iterator[str]:
    """Ids in internal tables that lead to no row. No foreign key does this, see `schema.sql`."""
    for table, column, target in _INTERNAL_IDS:
        missing = (
            f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"
            f" AND {column} NOT IN (SELECT id FROM {target})"
        )
        for (row_id,) in conn.execute(missing):
            yield f"{table} refers to {row_id}, which is missing in {target}"
    for (quote,) in conn.execute(_UNLINKED):
        yield f"_quote_links has no row for quotation {quote}"


def wrong_article_speakers(conn: sqlite3.Connection) -> Iterator[str]:
    """Article speakers without a quotation, or whose derived columns are out of date."""
    listed = load(conn).keys
    stored = {
        row_id: tuple(row)
        for row_id, *row in conn.execute(
            "SELECT id, normalized_name, blocking_key, claims FROM _article_speakers"
        )
    }
    for row_id, each in read_article_speakers(conn, "TRUE"):
        key = blocking_key(each, listed)
        if stored[row_id] != (normalized_name(each.name), key, stored_claims(each)):
            yield f"article speaker {row_id} has a wrong name, blocking key or claims"
    for (row_id,) in conn.execute(_UNQUOTED):
        yield f"article speaker {row_id} has no quotation"


def wrong_speakers(conn: sqlite3.Connection) -> Iterator[str]:
    """Speakers that are not a group of article speakers by the rules of linking.

    Not checked if the articles have been shortened: the rules need their whole text.
    """
    if excerpt_words(conn) is not None:
        return
    listed = load(conn).keys
    speakers = dict(conn.execute("SELECT id, speaker_id FROM _article_speakers"))
    keys: dict[int, set[str]] = defaultdict(set)
    for key, members in _blocks(conn):
        row_ids = {each: row_id for row_id, each in members.items()}
        expected = {
            frozenset(row_ids[each] for each in group) for group in link_speakers(row_ids, listed)
        }
        found: dict[int, set[int]] = defaultdict(set)
        for row_id in members:
            found[speakers[row_id]].add(row_id)
            keys[speakers[row_id]].add(key)
        for group in {frozenset(group) for group in found.values()} - expected:
            yield f"speaker {speakers[min(group)]} is not linked by the rules"
    for speaker, of_speaker in keys.items():
        if len(of_speaker) > 1:
            yield f"speaker {speaker} has article speakers with different blocking keys"


def wrong_evidence(conn: sqlite3.Connection) -> Iterator[str]:
    """Missing or superfluous rows: one for each name class with the evidence, and one for each
    row without a class. There are none if the articles have been shortened."""
    count = Counter[str]()
    for key, members in () if excerpt_words(conn) is not None else _blocks(conn):
        if is_person_key(key):
            yield from _wrong_evidence_of_block(conn, key, members, count)
    for table in ("_link_evidence", "_choice_evidence"):
        (stored,) = conn.execute(f"SELECT count(*) FROM {table}").fetchone()
        if stored != count[table]:
            yield f"{table} has {stored} rows instead of {count[table]}"


def wrong_wordings(conn: sqlite3.Connection) -> Iterator[str]:
    """Quotations with the wording of another, and wordings with wrong fingerprints."""
    for quote, text, wording in conn.execute(_QUOTED_WORDINGS):
        if comparable_wording(text) != wording:
            yield f"quotation {quote} has the wording of another"
    rows = stored_fingerprints.select(conn, "fingerprint, wording_id")
    has_row = f"SELECT 1 FROM ({rows}) WHERE fingerprint = ? AND wording_id = ?"
    total = 0
    for wording_id, wording, counted in conn.execute(_WORDINGS):
        expected = fingerprints(wording) if is_distinctive(wording) else frozenset[int]()
        total += len(expected)
        stored = sum(
            bool(conn.execute(has_row, (each, wording_id)).fetchone()) for each in expected
        )
        if stored != len(expected) or counted != word_count(wording):
            yield f"wording {wording_id} has wrong fingerprints or a wrong count"
    (stored,) = conn.execute(f"SELECT count(*) FROM ({rows})").fetchone()
    if stored != total:
        yield f"there are {stored} fingerprints instead of {total}"


def wrong_statements(conn: sqlite3.Connection) -> Iterator[str]:
    """Wordings that the rules make one statement and the file does not, or the other way round."""
    for query in (_OTHER_STATEMENT, _OTHER_COMMON):
        for (quote,) in conn.execute(query):
            yield f"quotation {quote} is not of its wording's statement"
    for wording_id, wording, statement in conn.execute(_STATEMENTS_OF_WORDINGS):
        if is_distinctive(wording) != (statement is not None):
            yield f"wording {wording_id} has a statement and common words, or neither"
    yield from _wrong_parts(conn)
    statements = dict(conn.execute(_BY_STATEMENT))
    wholes: dict[int, list[int]] = {wording_id: [] for wording_id in statements}
    for part, whole in conn.execute("SELECT part_id, whole_id FROM _wording_parts"):
        if part in wholes and whole in wholes:
            wholes[part].append(whole)
    seen: set[int] = set()
    for group in statements_of(wholes):
        of_group = {statements[wording_id] for wording_id in group}
        if len(of_group) > 1:
            yield f"wordings {', '.join(map(str, group[:3]))} should be one statement"
        elif not seen.isdisjoint(of_group):
            yield f"statement {min(of_group)} has wordings that nothing connects"
        seen |= of_group


def _wrong_parts(conn: sqlite3.Connection) -> Iterator[str]:
    """Wordings that are a part of others, by what is stored or by the rules alone."""
    compared: set[tuple[int, int]] = set()
    expected: set[tuple[int, int]] = set()
    by_fingerprint = stored_fingerprints.select(conn, *_WITH_WORDINGS) + " ORDER BY 1, 2"
    for fingerprint, rows in groupby(conn.execute(by_fingerprint), key=lambda row: row[0]):
        postings = [row[1:] for row in islice(rows, max_postings(fingerprint) + 1)]
        if len(postings) <= max_postings(fingerprint):
            for left, right in combinations(postings, 2):
                if (left[0], right[0]) not in compared:
                    compared.add((left[0], right[0]))
                    expected.update(pairs(left, right))
    stored = set(conn.execute("SELECT part_id, whole_id FROM _wording_parts"))
    for part, whole in sorted(stored ^ expected):
        yield f"wording {part} is a part of {whole} in the file or by the rules, but not in both"


def _blocks(conn: sqlite3.Connection) -> Iterator[tuple[str, dict[int, ArticleSpeaker]]]:
    for (key,) in conn.execute(_BLOCKING_KEYS).fetchall():
        yield key, dict(read_article_speakers(conn, "s.blocking_key = ?", key))


def _wrong_evidence_of_block(
    conn: sqlite3.Connection, key: str, members: dict[int, ArticleSpeaker], count: Counter[str]
) -> Iterator[str]:
    bearers = {row_id: bearer(each) for row_id, each in members.items()}
    classes = name_classes({each for each in bearers.values() if is_full_name(each.name)})
    labels = dict(conn.execute(_LABELS, (key,)))
    # The label of a class depends on which of its names came first.
    pairs = {(classes.get(bearers[row_id]), labels[row_id]) for row_id in members}
    if any(len({pair[side] for pair in pairs}) < len(pairs) for side in (0, 1)):
        yield f"the names of {key!r} have wrong classes"
    expected = {
        (evidence, labels[row_id] or row_id)
        for row_id, each in members.items()
        for evidence in (link_evidence if labels[row_id] else choice_evidence)(each)
    }
    for evidence, owner in expected:
        choosing = isinstance(owner, int)
        table = "_choice_evidence" if choosing else "_link_evidence"
        count[table] += 1
        rows = conn.execute(_COUNT_OF_CHOICES if choosing else _COUNT, (evidence, owner))
        if rows.fetchone() != (1,):
            yield f"{table} lacks a row for {key!r}, or has it twice"


_INTERNAL_IDS = (
    ("_article_speakers", "article_id", "articles"),
    ("_article_speakers", "speaker_id", "speakers"),
    ("_wordings", "statement_id", "statements"),
    ("_wording_parts", "part_id", "_wordings"),
    ("_wording_parts", "whole_id", "_wordings"),
    ("_common_statements", "statement_id", "statements"),
    ("_quote_links", "quote_id", "quotes"),
    ("_guesses", "article_id", "articles"),
    ("_topic_samples", "speaker_id", "speakers"),
)

_UNLINKED = "SELECT id FROM quotes WHERE id NOT IN (SELECT quote_id FROM _quote_links)"

_UNQUOTED = """
SELECT id FROM _article_speakers AS local
WHERE NOT EXISTS (SELECT 1 FROM _quote_links WHERE article_speaker_id = local.id)"""

_BLOCKING_KEYS = "SELECT DISTINCT blocking_key FROM _article_speakers ORDER BY blocking_key"

_LABELS = "SELECT id, name_class FROM _article_speakers WHERE blocking_key = ?"

_COUNT = """
SELECT count(*)
FROM _link_evidence JOIN _article_speakers AS local ON local.id = article_speaker_id
WHERE evidence = ? AND name_class = ?"""

_COUNT_OF_CHOICES = """
SELECT count(*) FROM _choice_evidence WHERE evidence = ? AND article_speaker_id = ?"""

_QUOTED_WORDINGS = """
SELECT quotes.id, quotes.text, normalized_text
FROM quotes
LEFT JOIN _quote_links AS links ON links.quote_id = quotes.id
LEFT JOIN _wordings AS wordings ON wordings.id = links.wording_id"""

_WORDINGS = "SELECT id, normalized_text, word_count FROM _wordings"

_OTHER_STATEMENT = """
SELECT quotes.id FROM quotes
JOIN _quote_links AS links ON links.quote_id = quotes.id
JOIN _wordings AS wordings ON wordings.id = links.wording_id
WHERE quotes.statement_id <> wordings.statement_id"""

_WITH_WORDINGS = (
    "fingerprint, wording_id, normalized_text",
    "JOIN _wordings AS wordings ON wordings.id = wording_id",
)

_STATEMENTS_OF_WORDINGS = "SELECT id, normalized_text, statement_id FROM _wordings"

_BY_STATEMENT = """
SELECT id, statement_id FROM _wordings WHERE statement_id IS NOT NULL ORDER BY id"""

_OTHER_COMMON = f"""
SELECT quotes.id FROM quotes
JOIN _quote_links AS links ON links.quote_id = quotes.id
JOIN _wordings AS wordings ON wordings.id = links.wording_id AND wordings.statement_id IS NULL
LEFT JOIN _common_statements AS common ON common.wording_id = wordings.id
    AND common.said_by = {SAID_BY.format(quote="quotes")}
WHERE quotes.statement_id IS NOT common.statement_id"""
