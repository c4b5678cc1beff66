"""Near spellings of a search that found nothing, by the words that the index holds.

The index holds stems: "goverment" is near "govern", and a text with that stem tells the word.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import islice, product

from rapidfuzz import process
from rapidfuzz.distance import OSA

from datasette_quotedex.search import total
from datasette_quotedex.search.stems import stem
from datasette_quotedex.search.syntax import Query, Word, parse, words

MOST = 3
"""Suggestions; more are a list to read, not a help."""

_TRIES = 12
"""Combinations of near words that are looked up, where several words are unknown."""

_NEAREST = 8
_STEMS = 5_000
"""Stems that are compared with a word; a large file has more, but not of one beginning."""

_TEXTS = 5
"""Texts that are read to find the word behind a stem."""

_OUTLETS = 10_000


def suggestions(
    connection: sqlite3.Connection, query: Query, narrowed: Mapping[str, str | int]
) -> Iterator[str]:
    """Searches that find something, with words near those that nothing has.

    `goverment rent` -> "government rent". Needs a connection on which temporary tables can be made,
    which a read-only one is.
    """
    _prepare(connection)
    unknown = [word for word in words(query) if not _known(connection, word)]
    choices = [list(_near(connection, word)) for word in unknown]
    if not unknown or not all(choices):
        return
    found = (
        candidate
        for choice in islice(product(*choices), _TRIES)
        if _finds(connection, candidate := _replaced(query.given, unknown, choice), narrowed)
    )
    yield from islice(dict.fromkeys(found), MOST)


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute(
        "CREATE VIRTUAL TABLE IF NOT EXISTS temp.quotedex_instance"
        " USING fts5vocab(main, quote_search, instance)"
    )


def _known(connection: sqlite3.Connection, word: Word) -> bool:
    if word.field == "outlet":
        sql = "SELECT 1 FROM articles WHERE instr(lower(publication), lower(?)) LIMIT 1"
        return connection.execute(sql, [word.text]).fetchone() is not None
    column = "speaker : " if word.field else ""
    sql = "SELECT 1 FROM quote_search WHERE quote_search MATCH ? LIMIT 1"
    return connection.execute(sql, [f'{column}"{word.text}"']).fetchone() is not None


def _near(connection: sqlite3.Connection, word: Word) -> Iterator[str]:
    """Words of the texts near this one, the nearest first, each once."""
    wanted = _plain(word.text)
    far = _far(wanted)
    seen: dict[str, int] = {}
    for text in _texts(connection, word, _stems(connection, wanted, far)):
        for candidate in re.findall(r"\w+", text):
            distance = OSA.distance(_plain(candidate), wanted, score_cutoff=far)
            if distance <= far:
                seen.setdefault(candidate.lower(), distance)
    yield from sorted(seen, key=lambda candidate: seen[candidate])[:MOST]


def _stems(connection: sqlite3.Connection, wanted: str, far: int) -> list[str]:
    """The stems nearest to that of a word; few misspell its first letters, so these come first."""
    own = stem(wanted)
    for beginning in (wanted[:2], wanted[:1], ""):
        terms = list(islice(_terms(connection, beginning), _STEMS))
        near = process.extract(own, terms, scorer=OSA.distance, score_cutoff=far, limit=_NEAREST)
        if near:
            return [found[0] for found in near]
    return []


def _terms(connection: sqlite3.Connection, beginning: str) -> Iterator[str]:
    """The stems that begin so, one look each: a list of them would read all places of each."""
    sql = "SELECT term FROM temp.quotedex_instance WHERE term >= ? LIMIT 1"
    row = connection.execute(sql, [beginning]).fetchone()
    while row and row[0].startswith(beginning):
        yield row[0]
        row = connection.execute(sql, [row[0] + "\0"]).fetchone()


def _texts(connection: sqlite3.Connection, word: Word, stems: list[str]) -> Iterator[str]:
    """Where words near this one can stand: some texts with each stem, or the outlets."""
    if word.field == "outlet":
        sql = f"SELECT DISTINCT publication FROM articles LIMIT {_OUTLETS}"
        yield from (text for (text,) in connection.execute(sql) if text)
        return
    sql = f"""
        SELECT CASE col WHEN 'text' THEN d.text WHEN 'speaker' THEN d.speaker ELSE d.title END
        FROM (
            SELECT doc, col FROM temp.quotedex_instance
            WHERE term = ? {"AND col = 'speaker'" if word.field else ""} LIMIT {_TEXTS}
        ) CROSS JOIN quote_details AS d ON d.id = doc"""
    for term in stems:
        yield from (text for (text,) in connection.execute(sql, [term]) if text)


def _finds(
    connection: sqlite3.Connection, candidate: str, narrowed: Mapping[str, str | int]
) -> bool:
    query = parse(candidate)
    if query.problem:
        return False
    (number,) = connection.execute(*total(query, narrowed, most=1)).fetchone()
    return bool(number)


def _replaced(given: str, unknown: list[Word], choice: tuple[str, ...]) -> str:
    """From the end, so that what stands before keeps its place."""
    for word, other in sorted(zip(unknown, choice, strict=True), key=lambda pair: -pair[0].start):
        given = given[: word.start] + other + given[word.end :]
    return given


def _plain(word: str) -> str:
    """As the index has words: in lower case, without accents."""
    letters = unicodedata.normalize("NFKD", word.lower())
    return "".join(c for c in letters if not unicodedata.combining(c)) or word


def _far(word: str) -> int:
    """Slips that a word may have: "rnet" one, "sanctuarry" two; in three letters any is another."""
    return 0 if len(word) < 4 else 1 if len(word) < 7 else 2
