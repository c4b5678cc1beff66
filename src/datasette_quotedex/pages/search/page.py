"""The hits of a search, a page at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from datasette.database import QueryInterrupted
from datasette.utils import sqlite_timelimit

from datasette_quotedex.pages.search.request import Search
from datasette_quotedex.search import (
    MANY,
    Hit,
    Position,
    Sizes,
    hit,
    make_plan,
    measure,
    ranks,
    results,
    sizes,
)
from datasette_quotedex.search.spelling import suggestions

TOO_LONG = "This search takes too long here: add a word, a name or a date to it."


@dataclass(frozen=True, slots=True)
class Found:
    """One page of hits. `problem` is a sentence that says why there are none.

    `unranked`: too many were found to sort them as asked, so the newest come first. `sizes` are
    what the search was planned by, None where counting them takes too long.
    """

    search: Search
    hits: tuple[Hit, ...] = ()
    more: bool = False
    problem: str | None = None
    unranked: bool = False
    sizes: Sizes | None = None


async def find(datasette: Any, search: Search, size: int) -> Found:
    """The page where the search starts; one hit more is asked for, to know of a further page."""
    if search.query.problem:
        return Found(search, problem=search.query.problem)
    counted = await _sizes(datasette, search)
    for tried in _tries(search, counted):
        try:
            rows = await _rows(datasette, tried, size + 1, counted)
        except QueryInterrupted:
            continue
        more = len(rows) > size
        shown = rows[1:] if more and _backwards(tried) else rows[:size]
        hits = tuple(hit(row) for row in shown)
        return Found(tried, hits, more, unranked=tried is not search, sizes=counted)
    return Found(search, problem=TOO_LONG)


def neighbours(found: Found) -> dict[str, Search]:
    """The "previous" and the "next" page, where there are such."""
    search, pages = found.search, {}
    if not found.hits:
        return {}
    backwards = _backwards(search)
    if found.more if backwards else search.start:
        pages["previous"] = replace(search, start=_beside(search, found.hits[0], True))
    if backwards or found.more:
        pages["next"] = replace(search, start=_beside(search, found.hits[-1], False))
    return pages


async def _sizes(datasette: Any, search: Search) -> Sizes | None:
    """What the search is planned by; None where counting takes too long."""
    narrowed = dict(search.narrowed)
    try:
        row = await datasette.execute(search.database, *measure(search.query, narrowed))
    except QueryInterrupted:
        return None
    return sizes(search.query, narrowed, tuple(row.rows[0]))


def _tries(search: Search, counted: Sizes | None) -> Iterator[Search]:
    """The search as asked for, and instead of one by relevance that would take long the newest.

    A place among ranked hits, in an address from when there were fewer, is none among these.
    """
    by_relevance = ranks(search.query, search.sort)
    if not by_relevance or make_plan(search.query, dict(search.narrowed), counted or MANY).ranked:
        yield search
    if by_relevance:
        yield replace(search, sort="date", start=None)


async def _rows(datasette: Any, search: Search, limit: int, counted: Sizes | None) -> list[Any]:
    sql, parameters = results(
        search.query,
        dict(search.narrowed),
        sort=search.sort,
        limit=limit,
        start=search.start,
        sizes=counted or MANY,
    )
    return list((await datasette.execute(search.database, sql, parameters)).rows)


def _backwards(search: Search) -> bool:
    return search.start is not None and search.start.backwards


def _beside(search: Search, one: Hit, backwards: bool) -> Position:
    key = one.rank if ranks(search.query, search.sort) else one.published
    return Position(key, one.id, backwards)


TIME_LIMIT_MS = 500


async def near(datasette: Any, found: Found) -> list[str]:
    """What else could be typed, and finds something; [] where that takes too long to tell."""
    search = found.search
    if found.hits or found.problem or search.start:
        return []

    def look(connection: sqlite3.Connection) -> list[str]:
        try:
            with sqlite_timelimit(connection, TIME_LIMIT_MS):
                return list(suggestions(connection, search.query, dict(search.narrowed)))
        except sqlite3.OperationalError:
            return []

    return list(await datasette.get_database(search.database).execute_fn(look))
