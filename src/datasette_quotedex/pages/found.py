"""The hits of a search, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from datasette.database import QueryInterrupted

from ..search import Hit, Position, hit, newest_of_many, ranks, results
from .address import Search

SORT_TIME_LIMIT_MS = 1000
"""What sorting all that is found may take, before the newest are looked for without sorting."""

TOO_LONG = "This search takes too long here: add a word, a name or a date to it."


@dataclass(frozen=True, slots=True)
class Found:
    """One page of hits. `problem` is a sentence that says why there are none.

    `unranked`: too many were found to sort them as asked, so the newest come first.
    """

    search: Search
    hits: tuple[Hit, ...] = ()
    more: bool = False
    problem: str | None = None
    unranked: bool = False


async def find(datasette: Any, search: Search, size: int) -> Found:
    """The page where the search starts; one hit more is asked for, to know of a further page."""
    if search.query.problem:
        return Found(search, problem=search.query.problem)
    unranked = False
    try:
        rows = await _rows(datasette, search, size + 1)
    except QueryInterrupted:
        if not search.query.match or (search.start and ranks(search.query, search.sort)):
            return Found(search, problem=TOO_LONG)
        unranked, search = search.sort != "date", replace(search, sort="date")
        try:
            rows = await _newest_of_many(datasette, search, size + 1)
        except QueryInterrupted:
            return Found(search, problem=TOO_LONG)
    more = len(rows) > size
    shown = rows[1:] if more and _backwards(search) else rows[:size]
    return Found(search, tuple(hit(row) for row in shown), more, unranked=unranked)


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


async def _rows(datasette: Any, search: Search, limit: int) -> list[Any]:
    sql, parameters = results(
        search.query, dict(search.narrowed), sort=search.sort, limit=limit, start=search.start
    )
    patience = SORT_TIME_LIMIT_MS if search.query.match else None
    found = await datasette.execute(search.database, sql, parameters, custom_time_limit=patience)
    return list(found.rows)


async def _newest_of_many(datasette: Any, search: Search, limit: int) -> list[Any]:
    sql, parameters = newest_of_many(
        search.query, dict(search.narrowed), limit=limit, start=search.start
    )
    return list((await datasette.execute(search.database, sql, parameters)).rows)


def _backwards(search: Search) -> bool:
    return search.start is not None and search.start.backwards


def _beside(search: Search, one: Hit, backwards: bool) -> Position:
    key = one.rank if ranks(search.query, search.sort) else one.published
    return Position(key, one.id, backwards)
