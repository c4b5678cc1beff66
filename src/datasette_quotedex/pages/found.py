"""The hits of a search, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from datasette.database import QueryInterrupted

from ..search import Hit, Position, hit, ranks, results
from .address import Search

TOO_LONG = "This search takes too long here: add a word, a name or a date to it."


@dataclass(frozen=True, slots=True)
class Found:
    """One page of hits. `problem` is a sentence that says why there are none."""

    search: Search
    hits: tuple[Hit, ...] = ()
    more: bool = False
    problem: str | None = None


async def find(datasette: Any, search: Search, size: int) -> Found:
    """The page where the search starts; one hit more is asked for, to know of a further page."""
    if search.query.problem:
        return Found(search, problem=search.query.problem)
    sql, parameters = results(
        search.query,
        dict(search.narrowed),
        sort=search.sort,
        limit=size + 1,
        start=search.start,
    )
    try:
        rows = (await datasette.execute(search.database, sql, parameters)).rows
    except QueryInterrupted:
        return Found(search, problem=TOO_LONG)
    more = len(rows) > size
    shown = rows[1:] if more and _backwards(search) else rows[:size]
    return Found(search, tuple(hit(row) for row in shown), more)


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


def _backwards(search: Search) -> bool:
    return search.start is not None and search.start.backwards


def _beside(search: Search, one: Hit, backwards: bool) -> Position:
    key = one.rank if ranks(search.query, search.sort) else one.published
    return Position(key, one.id, backwards)
