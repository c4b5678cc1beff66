"""The search language: the cases in cases/syntax.json, and that nothing typed breaks it."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from datasette_quotedex import search
from datasette_quotedex.search.syntax import (
    EXAMPLES,
    MAX_CHARS,
    SearchQuery,
    may_take_long,
    parse,
    required_words,
)
from tests.helpers import load_cases
from tests.helpers.site_fixture import build

CASES = load_cases("syntax")
TUPLES = ("outlets", "excluded_outlets")


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> sqlite3.Connection:
    connection = sqlite3.connect(build(tmp_path_factory.mktemp("query") / "site.db"))
    connection.row_factory = sqlite3.Row
    return connection


@pytest.mark.parametrize("case", CASES["understood"], ids=lambda case: case["q"])
def test_parses(case: dict[str, Any]) -> None:
    if case.get("problem"):
        assert parse(case["q"]).problem
        return
    wanted = {k: v for k, v in case.items() if k not in ("q", "why")}
    wanted.update({name: tuple(wanted[name]) for name in TUPLES if name in wanted})
    assert parse(case["q"]) == SearchQuery(**{"given": case["q"], **wanted})


@pytest.mark.parametrize("case", CASES["explained"], ids=lambda case: case["q"])
def test_explains_invalid_searches(case: dict[str, Any]) -> None:
    query = parse(case["q"])
    assert query.problem is not None
    assert case["says"] in query.problem
    assert query.problem.endswith(".")
    assert not query.match


def test_explains_a_search_that_is_too_long() -> None:
    assert "1,000" in (parse("a" * (MAX_CHARS + 1)).problem or "")
    assert parse("a" * MAX_CHARS).problem is None


def test_examples_are_valid() -> None:
    assert [text for text, _ in EXAMPLES if parse(text).problem] == []


def test_required_words_have_their_offsets() -> None:
    typed = 'rent speaker:"Ana Okafr" -tax fre* outlet:herald after:2024 OR “two-fold”'
    found = [(word.text, word.field) for word in required_words(parse(typed))]
    assert found == [
        ("rent", None),
        ("Ana", "speaker"),
        ("Okafr", "speaker"),
        ("herald", "outlet"),
        ("two", None),
        ("fold", None),
    ]
    assert [typed[word.start : word.end] for word in required_words(parse(typed))] == [
        t for t, _ in found
    ]


@pytest.mark.parametrize("text", CASES["nasty"], ids=repr)
def test_runs_any_text(connection: sqlite3.Connection, text: str) -> None:
    _run(connection, text)


PIECES = st.sampled_from(
    [
        *"\"“”*-+^(){}:;,.'\\%_&|<> \t\0é中😀\ud800\ufdd0",
        *("OR", "AND", "NOT", "NEAR(", "speaker:", "outlet:", "before:", "after:", "2024-05"),
        *("rent", "freeze", "ta*", "--", "/*"),
    ]
)


TYPED = st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=15).map("".join))


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(st.lists(TYPED, min_size=50, max_size=50))
@example([" ".join(["a"] * 500), " OR ".join(["a"] * 250), "b " + " ".join(["-a"] * 300)])
@example(["(" * 1000])
def test_runs_ten_thousand_random_searches(
    connection: sqlite3.Connection, searches: list[str]
) -> None:
    """Fifty at a time: hypothesis costs more than the search."""
    for text in searches:
        _run(connection, text)


def _run(connection: sqlite3.Connection, text: str) -> None:
    """Whatever `text` is: a sentence, or a search that SQLite takes in each form."""
    query = parse(text)
    if query.problem:
        return
    row = connection.execute(*search.size_query(query, {})).fetchone()
    sizes = search.parse_sizes(query, {}, tuple(row))
    assert sizes.matching <= sizes.compared or not query.words
    for sort in ("relevance", "date"):
        for row in connection.execute(*search.hits_query(query, sort=sort)):
            hit = search.hit_from_row(row)
            assert "".join(run for run, _ in hit.marked) == hit.text
    rows = connection.execute(*search.facet_query(query)).fetchall()
    assert rows[0]["facet"] == "total"


@pytest.mark.parametrize(
    ("typed", "long"),
    [
        ('rent freeze "not for sale"', False),
        ("don't won't can't it's rent-free", False),
        ("ab* cd* ef* gh*", True),
        ('"a b" "c d" "e f" "g h"', True),
        ("rent OR pier OR budget OR strike", True),
        ("a* " * 11, False),  # refused
    ],
)
def test_searches_of_many_parts_may_take_long(typed: str, long: bool) -> None:
    assert may_take_long(typed) == long


def test_the_same_words_are_looked_up_once() -> None:
    assert parse("rent Rent rent! pier").match == parse("rent pier").match.replace(
        '"rent"', '"rent!"'
    )
    assert parse("a-b OR a.b OR c").match.count("OR") == 1
