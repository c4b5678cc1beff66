"""The search page, and the same search as JSON, CSV and Atom."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from datasette import Response

from datasette_quotedex.context import Place
from datasette_quotedex.pages.search.exports import as_atom, as_csv, as_json
from datasette_quotedex.pages.search.facets import chips, counted, fields
from datasette_quotedex.pages.search.page import Found, find, near, neighbours
from datasette_quotedex.pages.search.request import Search, asked
from datasette_quotedex.render.atom import FEED_SIZE
from datasette_quotedex.search import FACETS, Sort
from datasette_quotedex.search.syntax import EXAMPLES, parse

PAGE_SIZE = 20


async def search_page(datasette: Any, request: Any) -> Any:
    """`/-/quotes?q=`, and the same as `/-/quotes.json`, `/-/quotes.csv` and `/-/quotes.atom`."""
    search = await asked(datasette, request)
    form = request.url_vars["format"]
    if form == "csv":
        return await as_csv(datasette, search)
    if form == "atom":
        newest = replace(search, sort="date", start=None)
        return await as_atom(datasette, request, await find(datasette, newest, FEED_SIZE))
    if form is None and any(request.args.get(name) == "" for name in (*FACETS, "sort")):
        # A form sends what was left open too; the address that stays in sight does without.
        return Response.redirect(search.url(datasette))
    found = await find(datasette, search, PAGE_SIZE)
    facets = {} if found.problem else await counted(datasette, search, found.sizes)
    other_words = await near(datasette, found)
    if form == "json":
        return as_json(datasette, request, found, facets, other_words)
    return await _page(datasette, request, found, facets, other_words)


async def _page(
    datasette: Any, request: Any, found: Found, facets: dict[str, Any], other_words: list[str]
) -> Any:
    search = found.search
    in_force = await chips(datasette, search)
    choices, orders = fields(search, facets, in_force), _sorts(datasette, search)
    said = {choice["name"] for choice in choices} | ({"sort"} if orders else set())
    return await Place(datasette, search.database, search.several).page(
        request,
        "search.html",
        found=found,
        facets=facets,
        pages={name: page.url(datasette) for name, page in neighbours(found).items()},
        near=[(q, replace(search, query=parse(q)).url(datasette)) for q in other_words],
        chips=in_force,
        fields=choices,
        sorts=orders,
        hidden=[(name, value) for name, value in search.kept() if name not in said],
        formats={kind: search.url(datasette, form=kind) for kind in ("json", "csv", "atom")},
        examples=EXAMPLES,
    )


def _sorts(datasette: Any, search: Search) -> list[dict[str, Any]]:
    """The two orders as links; none where nothing ranks."""
    if not search.query.match:
        return []
    orders: tuple[tuple[Sort, str], ...] = (("relevance", "Best match"), ("date", "Newest"))
    return [
        {
            "value": order,
            "label": label,
            "current": search.sort == order,
            "url": replace(search, sort=order, start=None).url(datasette),
        }
        for order, label in orders
    ]
