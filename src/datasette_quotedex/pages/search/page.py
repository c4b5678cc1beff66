"""The hits of a search, one page at a time, and suggestions if there are none."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from datasette.database import QueryInterrupted

from datasette_quotedex.context import OPTIONAL_QUERY_MS, Reader
from datasette_quotedex.pages.search.entries import ResultEntry, entries_of
from datasette_quotedex.pages.search.request import Search
from datasette_quotedex.search import (
    TOO_MANY,
    Hit,
    Matched,
    Position,
    Sizes,
    hit_from_row,
    hits_query,
    is_ranked,
    make_plan,
    parse_sizes,
    place_of,
    size_query,
)
from datasette_quotedex.search.spelling import suggestions

PAGE_SIZE = 20

TOO_SLOW = "This search takes too long. Add a word, a name or a date."


@dataclass(frozen=True, slots=True)
class ResultPage:
    """One page of hits. `problem` is a sentence for the reader if the search cannot be run.

    Each entry is a hit or, with `every_printing` off, a statement. `is_unranked`: there were too
    many hits to rank them, so the newest come first. `only_unsure`: there are no others, so they
    are shown unasked. `sizes` is None if counting took too long. `first` and `last` are the places
    before and after the entries.
    """

    search: Search
    entries: tuple[ResultEntry, ...] = ()
    has_more: bool = False
    problem: str | None = None
    is_unranked: bool = False
    only_unsure: bool = False
    sizes: Sizes | None = None
    first: Position | None = None
    last: Position | None = None

    @property
    def sections(self) -> list[tuple[Matched, list[ResultEntry]]]:
        """The entries by the groups that follow each other."""
        return [(group, list(some)) for group, some in groupby(self.entries, lambda e: e.group)]

    @property
    def hits(self) -> tuple[Hit, ...]:
        """The quotations of the entries."""
        return tuple(entry.hit for entry in self.entries)

    def hits_to_dicts(self) -> list[dict[str, Any]]:
        """The entries as JSON values, with the paths of their pages."""
        return [entry.to_dict(self.search.site) for entry in self.entries]


def find_page(
    db: Reader, search: Search, size: int | None = None, *, or_unsure: bool = False
) -> ResultPage:
    """The page at the start of the search. One more hit is read, to know if there is a next one.

    `or_unsure`: if the program is unsure of all that there is, this is shown.
    """
    size = PAGE_SIZE if size is None else size
    if search.query.problem:
        return ResultPage(search, problem=search.query.problem)
    sizes = _count_sizes(db, search)
    for attempt in _attempts(search, sizes):
        try:
            page = _find(db, attempt, size, sizes)
            nothing = not page.entries and not attempt.start
            if or_unsure and nothing and attempt.shown.unsure == "hidden":
                unsure = _find(db, replace(attempt, unsure="only"), size, sizes)
                page = replace(unsure, only_unsure=True) if unsure.entries else page
        except QueryInterrupted:
            continue
        return replace(page, is_unranked=attempt is not search)
    return ResultPage(search, problem=TOO_SLOW)


def _find(db: Reader, search: Search, size: int, sizes: Sizes | None) -> ResultPage:
    found = _rows(db, search, size + 1, sizes)
    has_more = len(found) > size
    shown = found[1:] if has_more and _is_backwards(search) else found[:size]
    first = last = None
    if shown:
        first = place_of(shown[0][1], backwards=True, matched=shown[0][0])
        last = place_of(shown[-1][1], backwards=False, matched=shown[-1][0])
    hits = [(matched, hit_from_row(row)) for matched, row in shown]
    entries = entries_of(db, hits, search.every_printing)
    return ResultPage(search, entries, has_more, sizes=sizes, first=first, last=last)


def adjacent_pages(page: ResultPage) -> dict[str, Search]:
    """The "previous" and the "next" page, if there are any."""
    search, pages = page.search, {}
    if not page.entries:
        return {}
    backwards = _is_backwards(search)
    if page.has_more if backwards else search.start:
        pages["previous"] = replace(search, start=page.first)
    if backwards or page.has_more:
        pages["next"] = replace(search, start=page.last)
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


def _rows(
    db: Reader, search: Search, limit: int, sizes: Sizes | None
) -> list[tuple[Matched, dict[str, Any]]]:
    """Rows, each with the group of hits that it is in: one group follows the other."""
    start, backwards = search.start, _is_backwards(search)
    groups = _groups(search, sizes)
    at = groups.index(start.matched) if start and start.matched in groups else 0
    rows: list[tuple[Matched, dict[str, Any]]] = []
    for matched in groups[at::-1] if backwards else groups[at:]:
        sql, parameters = hits_query(
            search.query,
            search.filters,
            sort=search.sort,
            limit=limit - len(rows),
            start=start,
            sizes=sizes or TOO_MANY,
            shown=replace(search.shown, matched=matched),
        )
        found = [(matched, row) for row in db.rows(sql, **parameters)]
        rows = found + rows if backwards else rows + found
        if len(rows) == limit:
            break
        start = Position.end(is_ranked(search.query, search.sort)) if backwards else None
    return rows


def _groups(search: Search, sizes: Sizes | None) -> list[Matched]:
    """Those with the words in them, then those with the words in the headline. What was indexed
    last comes first in any case, and so does the newest of too many to rank."""
    plan = make_plan(search.query, search.filters, sizes or TOO_MANY)
    if not search.query.match or search.sort == "indexed" or not plan.few_match:
        return ["anywhere"]
    return ["words", "headline"]


def _is_backwards(search: Search) -> bool:
    return search.start is not None and search.start.backwards


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
