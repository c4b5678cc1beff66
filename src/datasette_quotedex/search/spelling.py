"""Suggests other spellings for a search that finds nothing, from the words in the index.

The index holds stems: "goverment" is close to "govern", and a text with that stem has the word.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, product

from rapidfuzz import process
from rapidfuzz.distance import OSA

from datasette_quotedex.search.facet_counts import total_query
from datasette_quotedex.search.filters import FilterValues
from datasette_quotedex.search.letters import replace_letters
from datasette_quotedex.search.stems import stem
from datasette_quotedex.search.syntax import QueryWord, SearchQuery, parse, required_words

MAX_SUGGESTIONS = 3

_MAX_TRIES = 12
"""Combinations of similar words that are tried if several words are unknown."""

_MAX_SIMILAR_STEMS = 8
_MAX_STEMS = 5_000
"""Stems that a word is compared with; a large file has more, but not with one first letter."""

_TEXTS_PER_STEM = 5
"""Texts that are read to find the word behind a stem."""

_MAX_OUTLETS = 10_000


def suggestions(
    connection: sqlite3.Connection, query: SearchQuery, filters: FilterValues
) -> Iterator[str]:
    """Searches that find something, with similar words in place of those that occur nowhere.

    `goverment rent` -> "government rent". The connection may be read-only, but must allow temporary
    tables.
    """
    _create_vocabulary(connection)
    unknown = [word for word in required_words(query) if not _occurs(connection, word)]
    choices = [list(_similar_words(connection, word)) for word in unknown]
    if not unknown or not all(choices):
        return
    found = (
        candidate
        for choice in islice(product(*choices), _MAX_TRIES)
        if _finds_any(
            connection, query, candidate := _replace(query.given, unknown, choice), filters
        )
    )
    yield from islice(dict.fromkeys(found), MAX_SUGGESTIONS)


def _create_vocabulary(connection: sqlite3.Connection) -> None:
    connection.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.quotedex_instance"
        " USING fts5vocab(main, quote_search, instance)"
    )


def _occurs(connection: sqlite3.Connection, word: QueryWord) -> bool:
    if word.field == "outlet":
        sql = "SELECT 1 FROM articles WHERE instr(lower(outlet), lower(?)) LIMIT 1"
        return connection.execute(sql, [word.text]).fetchone() is not None
    column = "speaker : " if word.field else ""
    sql = "SELECT 1 FROM quote_search WHERE quote_search MATCH ? LIMIT 1"
    words = replace_letters(word.text)
    return connection.execute(sql, [f'{column}"{words}"']).fetchone() is not None


def _similar_words(connection: sqlite3.Connection, word: QueryWord) -> Iterator[str]:
    """Words in the texts that are similar to this one, the most similar first."""
    wanted = _normalized(word.text)
    max_distance = _max_distance(wanted)
    distances: dict[str, int] = {}
    for text in _texts(connection, word, _similar_stems(connection, wanted, max_distance)):
        for candidate in re.findall(r"\w+", text):
            distance = OSA.distance(_normalized(candidate), wanted, score_cutoff=max_distance)
            if distance <= max_distance:
                distances.setdefault(candidate.lower(), distance)
    yield from sorted(distances, key=lambda candidate: distances[candidate])[:MAX_SUGGESTIONS]


def _similar_stems(connection: sqlite3.Connection, wanted: str, max_distance: int) -> list[str]:
    """The stems most similar to that of a word. Those with the same first letters are tried first,
    since these are rarely misspelled."""
    own = stem(wanted)
    for prefix in (wanted[:2], wanted[:1], ""):
        terms = list(islice(_stems_with_prefix(connection, prefix), _MAX_STEMS))
        similar = process.extract(
            own, terms, scorer=OSA.distance, score_cutoff=max_distance, limit=_MAX_SIMILAR_STEMS
        )
        if similar:
            return [found[0] for found in similar]
    return []


def _stems_with_prefix(connection: sqlite3.Connection, prefix: str) -> Iterator[str]:
    """The stems, with one look-up each: a single query would read every occurrence of each."""
    sql = "SELECT term FROM temp.quotedex_instance WHERE term >= ? LIMIT 1"
    row = connection.execute(sql, [prefix]).fetchone()
    while row and row[0].startswith(prefix):
        yield row[0]
        row = connection.execute(sql, [row[0] + "\0"]).fetchone()


def _texts(connection: sqlite3.Connection, word: QueryWord, stems: list[str]) -> Iterator[str]:
    """Texts in which similar words may occur: some with each stem, or the names of outlets."""
    if word.field == "outlet":
        sql = f"SELECT DISTINCT outlet FROM articles LIMIT {_MAX_OUTLETS}"
        yield from (text for (text,) in connection.execute(sql) if text)
        return
    sql = f"""
        SELECT CASE col WHEN 'text' THEN d.text WHEN 'speaker' THEN d.speaker ELSE d.title END
        FROM (
            SELECT doc, col FROM temp.quotedex_instance
            WHERE term = ? {"AND col = 'speaker'" if word.field else ""} LIMIT {_TEXTS_PER_STEM}
        ) CROSS JOIN quote_details AS d ON d.id = doc"""
    for term in stems:
        yield from (text for (text,) in connection.execute(sql, [term]) if text)


def _finds_any(
    connection: sqlite3.Connection, given: SearchQuery, candidate: str, filters: FilterValues
) -> bool:
    """Whether other words find anything in the days of the given search, which date fields may
    have narrowed."""
    query = parse(candidate)
    if query.problem:
        return False
    query = replace(query, after=given.after, before=given.before)
    (number,) = connection.execute(*total_query(query, filters, at_most=1)).fetchone()
    return bool(number)


def _replace(given: str, unknown: list[QueryWord], choice: tuple[str, ...]) -> str:
    """`given` with other words. Starts at the end, so that earlier offsets stay valid."""
    for word, other in sorted(zip(unknown, choice, strict=True), key=lambda pair: -pair[0].start):
        given = given[: word.start] + other + given[word.end :]
    return given


def _normalized(word: str) -> str:
    """In lower case, without accents and with plain letters, as in the index."""
    letters = unicodedata.normalize("NFKD", replace_letters(word).lower())
    return "".join(c for c in letters if not unicodedata.combining(c)) or word


def _max_distance(word: str) -> int:
    """Typing errors that a word may have: one in "rnet", two in "sanctuarry", none in "ten"."""
    return 0 if len(word) < 4 else 1 if len(word) < 7 else 2
