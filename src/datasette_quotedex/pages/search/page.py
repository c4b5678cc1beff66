"""The hits of a search, one page at a time, and suggestions if there are none."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from datasette.database import QueryInterrupted

from datasette_quotedex.context import OPTIONAL_QUERY_MS, Reader
from datasette_quotedex.pages.search.request import Search
from datasette_quotedex.search import (
    TOO_MANY,
    Hit,
    Position,
    Sizes,
    hit_from_row,
    hits_query,
    is_ranked,
    make_plan,
    parse_sizes,
    size_query,
)
from datasette_quotedex.search.spelling import suggestions

PAGE_SIZE = 20

TOO_SLOW = "This search takes too long. Add a word, a name or a date."


@dataclass(frozen=True, slots=True)
class ResultPage:
    """One page of hits. `problem` is a sentence for the reader if the search cannot be run.

    `is_unranked`: there were too many hits to rank them, so the newest come first. `sizes` is None
    if counting took too long.
    """

    search: Search
    hits: tuple[Hit, ...] = ()
    has_more: bool = False
    problem: str | None = None
    is_unranked: bool = False
    sizes: Sizes | None = None

    def hits_to_dicts(self) -> list[dict[str, Any]]:
        """The hits as JSON values, with the paths of their pages."""
        return [self._to_dict(hit) for hit in self.hits]

    def _to_dict(self, hit: Hit) -> dict[str, Any]:
        site, data = self.search.site, hit.to_dict()
        if data["speaker"]:
            data["speaker"] = site.with_path("speakers", data["speaker"])
        data["article"] = site.with_path("articles", data["article"])
        return site.with_path("quotes", data)


def find_page(db: Reader, search: Search, size: int = PAGE_SIZE) -> ResultPage:
    """The page at the start of the search. One more hit is read, to know if there is a next one."""
    if search.query.problem:
        return ResultPage(search, problem=search.query.problem)
    sizes = _count_sizes(db, search)
    for attempt in _attempts(search, sizes):
        try:
            rows = _rows(db, attempt, size + 1, sizes)
        except QueryInterrupted:
            continue
        has_more = len(rows) > size
        shown = rows[1:] if has_more and _is_backwards(attempt) else rows[:size]
        hits = tuple(hit_from_row(row) for row in shown)
        return ResultPage(attempt, hits, has_more, is_unranked=attempt is not search, sizes=sizes)
    return ResultPage(search, problem=TOO_SLOW)


def adjacent_pages(page: ResultPage) -> dict[str, Search]:
    """The "previous" and the "next" page, if there are any."""
    search, pages = page.search, {}
    if not page.hits:
        return {}
    backwards = _is_backwards(search)
    if page.has_more if backwards else search.start:
        start = _position_of(search, page.hits[0], backwards=True)
        pages["previous"] = replace(search, start=start)
    if backwards or page.has_more:
        start = _position_of(search, page.hits[-1], backwards=False)
        pages["next"] = replace(search, start=start)
    return pages


def _count_sizes(db: Reader, search: Search) -> Sizes | None:
    """The sizes by which the search is planned; None if counting takes too long."""
    sql, parameters = size_query(search.query, search.filters)
    try:
        (row,) = db.rows(sql, **parameters)
    except QueryInterrupted:
        return None
    return parse_sizes(search.query, search.filters, tuple(row.values()))


def _attempts(search: Search, sizes: Sizes | None) -> Iterator[Search]:
    """The search as given, and then by date in place of a ranking that would take too long.

    An address may still hold a position in a ranking; by date, it means nothing.
    """
    by_relevance = is_ranked(search.query, search.sort)
    if not by_relevance or make_plan(search.query, search.filters, sizes or TOO_MANY).can_rank:
        yield search
    if by_relevance:
        yield replace(search, sort="date", start=None)


def _rows(db: Reader, search: Search, limit: int, sizes: Sizes | None) -> list[dict[str, Any]]:
    sql, parameters = hits_query(
        search.query,
        search.filters,
        sort=search.sort,
        limit=limit,
        start=search.start,
        sizes=sizes or TOO_MANY,
    )
    return db.rows(sql, **parameters)


def _is_backwards(search: Search) -> bool:
    return search.start is not None and search.start.backwards


def _position_of(search: Search, hit: Hit, *, backwards: bool) -> Position:
    if is_ranked(search.query, search.sort):
        key: float | str | None = hit.rank
    else:
        key = hit.first_indexed if search.sort == "indexed" else hit.published
    return Position(key, hit.id, backwards, hit.key)


def suggest(db: Reader, page: ResultPage) -> list[str]:
    """Similar searches that find something, if this one finds nothing; [] if it takes too long."""
    search = page.search
    if page.hits or page.problem or search.start:
        return []
    try:
        return db.within(
            OPTIONAL_QUERY_MS,
            lambda: list(suggestions(db.connection, search.query, search.filters)),
        )
    except (QueryInterrupted, sqlite3.OperationalError):
        return []
