"""The search page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from datasette import Response

from datasette_quotedex.pages.former import find_former
from datasette_quotedex.pages.search.exports import EXPORTS
from datasette_quotedex.pages.search.facets import active_filters, facet_counts, filter_form
from datasette_quotedex.pages.search.page import adjacent_pages, find_page, suggest
from datasette_quotedex.pages.search.request import Search, search_for
from datasette_quotedex.search import FILTERS, Sort
from datasette_quotedex.search.syntax import EXAMPLES


async def search_page(datasette: Any, request: Any) -> Any:
    """`/-/quotes?q=`, and its exports, such as `/-/quotes.json`."""
    search = await search_for(datasette, request)
    if (moved := await _with_present_speaker(search)) is not None:
        return Response.redirect(moved.url(request.url_vars["format"]))
    if form := request.url_vars["format"]:
        return await EXPORTS[form].respond(request, search)
    parameters = (*(one.name for one in FILTERS), "sort")
    if any(request.args.get(name) == "" for name in parameters):
        # A form also sends its empty fields; redirect to an address without them.
        return Response.redirect(search.url())
    page = await find_page(search)
    facets = await facet_counts(search, page.sizes)
    search = page.search  # sorted by date, if there were too many hits to rank
    active = await active_filters(search)
    fields, sorts = filter_form(search, facets, active), _sorts(search)
    shown = {one["name"] for one in fields} | ({"sort"} if sorts else set())
    return await search.site.page(
        request,
        "search.html",
        page=page,
        facets=facets,
        adjacent={name: other.url() for name, other in adjacent_pages(page).items()},
        suggestions=[(q, search.with_words(q).url()) for q in await suggest(page)],
        active_filters=active,
        filter_fields=fields,
        sorts=sorts,
        hidden_fields={
            name: value for name, value in search.form_fields().items() if name not in shown
        },
        exports=[(export, search.url(form)) for form, export in EXPORTS.items()],
        examples=EXAMPLES,
    )


async def _with_present_speaker(search: Search) -> Search | None:
    """The search with the key that took the place of the speaker's; None if it need not change."""
    key = search.filters.get("speaker")
    if not key or await search.site.rows("SELECT 1 FROM speakers WHERE key = :key", key=key):
        return None
    former = await find_former(search.site, "speakers", key)
    return search.with_filter("speaker", former.leads_to) if former.leads_to else None


def _sorts(search: Search) -> list[dict[str, Any]]:
    """The two ways to sort as links; none if nothing is ranked."""
    if not search.query.match:
        return []
    sorts: tuple[tuple[Sort, str], ...] = (("relevance", "Best match"), ("date", "Newest"))
    return [
        {
            "value": sort,
            "label": label,
            "is_current": search.sort == sort,
            "url": replace(search, sort=sort, start=None).url(),
        }
        for sort, label in sorts
    ]
