"""Prefix searches in an index of stems."""

from __future__ import annotations

import sqlite3

import pytest

from datasette_quotedex.search.syntax import parse

FOUND = [
    ("immigra", ["immigrants", "immigration", "immigrate"]),
    ("authorit", ["authority", "authorities", "authoritative"]),
    ("happine", ["happiness"]),
    ("universi", ["university", "universities"]),
    ("play", ["play", "plays", "played", "player", "playground"]),
    ("cit", ["city", "cities", "cite", "citizen"]),
    ("citi", ["cities", "citizen"]),
    ("freez", ["freeze", "freezing", "freezer"]),
    ("governme", ["government", "governments", "governmental"]),
    ("conservat", ["conservative", "conservation", "conservatism"]),
    ("econom", ["economy", "economic", "economist", "economics"]),
    ("hous", ["house", "housing", "household"]),
    ("organiz", ["organize", "organizing", "organization", "organizer"]),
    ("ta", ["tax", "taxes", "tables", "taken"]),
    ("Élect", ["élection", "elected", "electoral"]),
]

NOT_FOUND = [
    ("evening", ["event", "eventually"]),
    ("oka", ["ok"]),
    ("freed", ["freeze", "free"]),
    ("hundred", ["hundertwasser"]),
    ("playe", ["playground"]),
]


@pytest.mark.parametrize(("beginning", "words"), FOUND)
def test_prefix_finds_words(beginning: str, words: list[str]) -> None:
    assert _found(beginning, words) == words


@pytest.mark.parametrize(("beginning", "words"), NOT_FOUND)
def test_prefix_does_not_find_other_words(beginning: str, words: list[str]) -> None:
    assert _found(beginning, words) == []


@pytest.mark.xfail(strict=True, reason="the index holds one stem, “univers”, for both words")
def test_words_with_the_same_stem_are_distinguished() -> None:
    assert _found("universi", ["universe"]) == []


def _found(beginning: str, words: list[str]) -> list[str]:
    connection = sqlite3.connect(":memory:")
    connection.execute(
        "CREATE VIRTUAL TABLE quote_search USING fts5(text, speaker, title,"
        " tokenize = 'porter unicode61 remove_diacritics 2', prefix = '2 3')"
    )
    connection.executemany("INSERT INTO quote_search (text) VALUES (?)", [(w,) for w in words])
    sql = "SELECT text FROM quote_search WHERE quote_search MATCH ? ORDER BY rowid"
    return [row[0] for row in connection.execute(sql, [parse(f"{beginning}*").match])]
