"""The search page, and the same search as JSON and CSV."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from datasette import Response
from datasette.database import QueryInterrupted

from .. import safety
from ..query import EXAMPLES
from ..search import FACETS, Hit, Sort, counts, hit, results
from .address import MAX_OFFSET, Search, asked
from .formats import CSV_ROWS, as_csv, as_json
from .frame import FACET_TITLES, VALUE_LABELS, frame

PAGE_SIZE = 20
COUNT_TIME_LIMIT_MS = 500
"""Counts are worth half a second of waiting; a search over millions of rows goes without."""


async def search_page(datasette: Any, request: Any) -> Any:
    """`/-/quotes?q=`, and the same as `/-/quotes.json` and `/-/quotes.csv`."""
    search = await asked(datasette, request)
    form = request.url_vars["format"]
    if form == "csv":
        found = await _find(datasette, search, CSV_ROWS)
        return as_csv(datasette, found.problem, found.hits)
    found = await _find(datasette, search, PAGE_SIZE)
    facets = await _facets(datasette, found)
    pages = _neighbours(datasette, found, form)
    if form == "json":
        later = datasette.absolute_url(request, pages["next"]) if "next" in pages else None
        return as_json(datasette, search, found.problem, found.hits, facets, later)
    context = {
        "found": found,
        "facets": facets,
        "pages": pages,
        "chips": await _chips(datasette, search),
        "sorts": _sorts(datasette, search),
        "formats": {kind: search.url(datasette, form=kind) for kind in ("json", "csv")},
        "examples": EXAMPLES,
        **await frame(datasette, search.database),
    }
    page = await datasette.render_template("quotedex/search.html", context, request=request)
    safety.mark(request)
    return Response.html(page)


@dataclass(frozen=True, slots=True)
class _Found:
    """One page of hits. `problem` is a sentence that says why there are none."""

    search: Search
    hits: tuple[Hit, ...] = ()
    more: bool = False
    problem: str | None = None


async def _find(datasette: Any, search: Search, size: int) -> _Found:
    if search.query.problem:
        return _Found(search, problem=search.query.problem)
    sql, parameters = results(
        search.query,
        dict(search.narrowed),
        sort=search.sort,
        limit=size + 1,
        offset=search.offset,
    )
    try:
        rows = (await datasette.execute(search.database, sql, parameters)).rows
    except QueryInterrupted:
        sentence = "This search takes too long here: add a word, a name or a date to it."
        return _Found(search, problem=sentence)
    return _Found(search, tuple(hit(row) for row in rows[:size]), more=len(rows) > size)


async def _facets(datasette: Any, found: _Found) -> dict[str, Any]:
    """{"total": 12, "speaker": [{"value": 1, "label": "Ana Okafor", "count": 7, ...}], ...}.

    Empty where counting takes too long; the page then does without.
    """
    if found.problem:
        return {}
    search = found.search
    sql, parameters = counts(search.query, dict(search.narrowed))
    try:
        rows = await datasette.execute(
            search.database, sql, parameters, custom_time_limit=COUNT_TIME_LIMIT_MS
        )
    except QueryInterrupted:
        return {}
    facets: dict[str, Any] = {facet: [] for facet in FACETS}
    for facet, value, label, number in rows.rows:
        if facet == "total":
            facets["total"] = number
        else:
            url = search.narrow(facet, value).url(datasette)
            facets[facet].append({"value": value, "label": label, "count": number, "url": url})
    return facets


async def _chips(datasette: Any, search: Search) -> list[dict[str, str]]:
    """The facets in force, each with the address of the search without it."""
    chips = []
    for facet, value in search.narrowed:
        label = VALUE_LABELS.get(str(value), str(value))
        if facet == "speaker":
            sql = "SELECT name FROM speakers WHERE id = ?"
            rows = (await datasette.execute(search.database, sql, [value])).rows
            label = rows[0][0] if rows else "nobody in this database"
        url = search.narrow(facet, None).url(datasette)
        chips.append({"title": FACET_TITLES[facet], "label": label, "url": url})
    return chips


def _sorts(datasette: Any, search: Search) -> list[dict[str, Any]]:
    """The two orders as links; none where nothing ranks."""
    if not search.query.match:
        return []
    orders: tuple[tuple[Sort, str], ...] = (("relevance", "Best match"), ("date", "Newest"))
    return [
        {
            "label": label,
            "current": search.sort == order,
            "url": replace(search, sort=order, offset=0).url(datasette),
        }
        for order, label in orders
    ]


def _neighbours(datasette: Any, found: _Found, form: str | None) -> dict[str, str]:
    """The addresses of the pages before and after this one, where there are such."""
    search = found.search
    pages = {}
    if search.offset:
        earlier = replace(search, offset=max(0, search.offset - PAGE_SIZE))
        pages["previous"] = earlier.url(datasette, form)
    if found.more and search.offset + PAGE_SIZE <= MAX_OFFSET:
        later = replace(search, offset=search.offset + PAGE_SIZE)
        pages["next"] = later.url(datasette, form)
    return pages
