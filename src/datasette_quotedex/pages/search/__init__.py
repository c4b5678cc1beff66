"""The search page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from datasette import Response

from datasette_quotedex.context import SiteContext, site_for
from datasette_quotedex.pages.search.dates import FIELDS as DATE_FIELDS
from datasette_quotedex.pages.search.exports import EXPORTS
from datasette_quotedex.pages.search.facets import date_fields, filter_form
from datasette_quotedex.pages.search.page import adjacent_pages
from datasette_quotedex.pages.search.request import (
    FILTER_NAMES,
    Search,
    SpeakerMoved,
    lane_for,
    read_search,
)
from datasette_quotedex.pages.search.results import read_results
from datasette_quotedex.search import Sort
from datasette_quotedex.search.syntax import EXAMPLES


async def search_page(datasette: Any, request: Any) -> Any:
    """`/-/quotes?q=`, and its exports, such as `/-/quotes.json`."""
    site = await site_for(datasette, request)
    form = request.url_vars["format"]
    try:
        return await (EXPORTS[form].respond if form else _page)(site, request)
    except SpeakerMoved as moved:
        return Response.redirect(moved.search.url(form))


async def _page(site: SiteContext, request: Any) -> Any:
    parameters = (*FILTER_NAMES, "sort", "printings", "unsure")
    if any(request.args.get(name) == "" for name in parameters):
        # A form also sends its empty fields; redirect to an address without them.
        search = await site.read(lambda db: read_search(db, request.args))
        return Response.redirect(search.url())
    found = await site.read(lambda db: read_results(db, request.args), lane_for(request))
    page, active = found.page, found.active_filters
    search = page.search  # sorted by date, if there were too many hits to rank
    fields, sorts = filter_form(search, found.facets, active), _sorts(search)
    shown = {one["name"] for one in fields} | ({"sort"} if sorts else set()) | DATE_FIELDS.keys()
    return await site.page(
        request,
        "search.html",
        page=page,
        facets=found.facets,
        adjacent={name: other.url() for name, other in adjacent_pages(page).items()},
        suggestions=[(q, search.url_with_words(q)) for q in found.suggestions],
        active_filters=active,
        filter_fields=fields,
        date_fields=date_fields(search),
        sorts=sorts,
        other_printings=replace(search, every_printing=not search.every_printing, start=None).url(),
        by_sureness={
            one: replace(search, unsure=one, start=None).url()
            for one in ("hidden", "shown", "only")
        },
        unsure=found.unsure,
        hidden_fields={
            name: value for name, value in search.form_fields().items() if name not in shown
        },
        exports=[(export, search.url(form)) for form, export in EXPORTS.items()],
        examples=EXAMPLES,
    )


def _sorts(search: Search) -> list[dict[str, Any]]:
    """The ways to sort as links; none if nothing is ranked."""
    if not search.query.match:
        return []
    sorts: tuple[tuple[Sort, str], ...] = (
        ("relevance", "Best match"),
        ("date", "Newest"),
        ("indexed", "Recently added"),
    )
    return [
        {
            "value": sort,
            "label": label,
            "is_current": search.sort == sort,
            "url": replace(search, sort=sort, start=None).url(),
        }
        for sort, label in sorts
    ]
