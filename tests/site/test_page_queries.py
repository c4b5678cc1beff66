"""The SQL of pages uses indexes, so that it is fast in large files."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
import sqlite_utils

from datasette_quotedex import stats
from datasette_quotedex.context import SiteContext
from datasette_quotedex.pages.browse import articles, speakers
from datasette_quotedex.pages.browse.listing import Shown, Start
from datasette_quotedex.search import Position, Sizes, hits_query
from datasette_quotedex.search.syntax import SearchQuery
from quotedex.store.schema import migrate

MODULES = (
    *(
        f"pages.{name}"
        for name in (
            *("article", "compare", "former", "home"),
            *("quotation", "speaker", "statement"),
        )
    ),
    "pages.about",
    "pages.search.entries",
    *(f"pages.browse.{name}" for name in ("articles", "outlet", "outlets", "speakers", "topics")),
    *(f"pages.pictures.{name}" for name in ("counted", "network", "outlets")),
    "stats",
)
WHOLE_INDEX = {
    "about._KINDS",
    "about._OUTLETS",
    "about._FAILED",
    "topics._TERMS",
    "outlets._ALL",
    "counted._COUNT",
}
"""Counts of speakers, articles, terms and failures, from an index that holds nothing else."""

NEWEST = {"about._CONFIDENCE", "about._RUNS"}
"""The last rows by id, up to a limit."""


def statements() -> Iterator[tuple[str, str]]:
    for module in MODULES:
        for name, value in vars(import_module(f"datasette_quotedex.{module}")).items():
            if isinstance(value, str) and re.match(r"\s*(SELECT|WITH) ", value):
                complete = "{" not in value and not value.rstrip().endswith((")", "WHERE"))
                if complete:
                    yield f"{module.rpartition('.')[2]}.{name}", value


@pytest.fixture(scope="module")
def connection() -> sqlite3.Connection:
    database = sqlite_utils.Database(memory=True)
    migrate(database)
    connection: sqlite3.Connection = database.conn
    return connection


@pytest.mark.parametrize(
    ("name", "sql"), list(statements()), ids=[name for name, _ in statements()]
)
def test_query_scans_no_table(connection: sqlite3.Connection, name: str, sql: str) -> None:
    parameters = dict.fromkeys(re.findall(r":(\w+)", sql), 1)
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)]
    scans = [
        step
        for step in plan
        if re.match(r"SCAN (?!\(|CONSTANT|latest|here|others|days|years|hit\b|quote_search)", step)
    ]
    if name in NEWEST:
        assert len(scans) <= 2
        assert "LIMIT :limit" in sql
    elif name in WHOLE_INDEX:
        assert all("COVERING INDEX" in step for step in scans)
    else:
        # Reading an index in its order stops at the limit.
        assert all("USING INDEX" in step and "LIMIT" in sql for step in scans), plan


@pytest.mark.parametrize("sort", ["name", "number"])
@pytest.mark.parametrize("start", [None, Start("m", 3)])
def test_list_of_speakers_is_read_in_order(
    connection: sqlite3.Connection, sort: str, start: Start | None
) -> None:
    filters = {"letter": "m"} if sort == "name" else {}
    shown = Shown(SITE, speakers.SPEAKERS, filters, sort, start)
    plan = plan_of(connection, *speakers.SPEAKERS.query(shown, 51))
    index = "quote_count" if sort == "number" else "key"
    searches = [step for step in plan if step.startswith("SEARCH s")]
    assert searches
    assert all(f"speakers_by_kind_and_{index} " in step for step in searches), plan
    assert not [step for step in plan if "TEMP B-TREE" in step], plan


@pytest.mark.parametrize("filters", [{}, {"year": "2024"}, {"outlet": "Herald"}])
@pytest.mark.parametrize("start", [None, Start("m", "2024-05-01"), Start("m")])
def test_list_of_articles_is_read_in_order(
    connection: sqlite3.Connection, filters: dict[str, str], start: Start | None
) -> None:
    shown = Shown(SITE, articles.ARTICLES, filters, "date", start)
    plan = plan_of(connection, *articles.ARTICLES.query(shown, 51))
    assert not [step for step in plan if step == "SCAN articles"], plan
    index = "articles_by_outlet_and_published" if "outlet" in filters else "articles_by_published"
    assert [step for step in plan if f"USING INDEX {index}" in step], plan
    assert not [step for step in plan if "TEMP B-TREE" in step], plan


SITE = SiteContext(None, "news")


def plan_of(connection: sqlite3.Connection, sql: str, parameters: dict[str, Any]) -> list[str]:
    return [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)]


def test_queries_are_found() -> None:
    assert len(list(statements())) > 20


def test_months_of_a_file_are_counted_by_day(connection: sqlite3.Connection) -> None:
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {stats._ALL_MONTHS}")]
    assert not [step for step in plan if step.startswith("SCAN quotes")]


@pytest.mark.parametrize("filters", [{}, {"speaker": "x"}, {"confidence": "low"}])
def test_last_indexed_are_read_from_an_index(
    connection: sqlite3.Connection, filters: dict[str, str]
) -> None:
    """Without sorting, so that a feed reads no more than it shows."""
    many = Sizes(1_000_000, dict.fromkeys(filters, 200_000), 1_000_000)
    for start in (None, Position("2024-05-01", 7), Position("2024-05-01", 7, backwards=True)):
        sql, parameters = hits_query(
            SearchQuery(""), filters, sort="indexed", start=start, sizes=many
        )
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)]
        assert any(
            re.search(r"USING (COVERING )?INDEX quotes_by_\w*first_indexed", s) for s in plan
        )
        # One sort remains: that of the page itself.
        assert sum("USE TEMP B-TREE" in step for step in plan) <= 1, plan
