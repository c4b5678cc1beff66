"""A search as JSON, CSV and Atom.

A new export is a new entry in EXPORTS: its address and the links to it follow.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from datasette import Response
from datasette.database import QueryInterrupted
from datasette.utils.asgi import AsgiStream

from datasette_quotedex.layout import site_title
from datasette_quotedex.pages.search.facets import facet_counts
from datasette_quotedex.pages.search.page import (
    TOO_SLOW,
    ResultPage,
    adjacent_pages,
    find_page,
    suggest,
)
from datasette_quotedex.pages.search.request import Search
from datasette_quotedex.render.atom import FEED_SIZE, AtomEntry, atom_feed, tag_uri
from datasette_quotedex.render.csv_lines import BYTE_ORDER_MARK, csv_lines
from datasette_quotedex.render.text import headline, shorten
from datasette_quotedex.search import EXPORT_COLUMNS, FILTERS, Hit, export_query

CSV_STEP = 1000
"""Rows of a CSV file that are read at a time."""

MAX_TITLE_CHARS = 120
"""Characters of a quotation in the title of a feed's entry."""


async def as_json(request: Any, search: Search) -> Any:
    """One page of hits, and the counts; status 400 and `problem` for an invalid search."""
    page = await find_page(search)
    facets = await facet_counts(search, page.sizes)
    next_page = adjacent_pages(page).get("next")
    datasette = search.site.datasette
    body = {
        "problem": page.problem,
        "q": search.query.given,
        "filters": page.search.filters,
        "sort": page.search.sort,
        "total": facets.get("total"),
        "at_least": None if "total" in facets else len(page.hits),
        "about": facets.get("about"),
        "hits": page.hits_to_dicts(),
        "facets": {
            one.name: [
                {key: entry[key] for key in ("value", "label", "count", "estimated")}
                for entry in facets[one.name]
            ]
            for one in FILTERS
            if one.name in facets
        },
        "suggestions": await suggest(page),
        "next_url": next_page and datasette.absolute_url(request, next_page.url("json")),
    }
    return search.site.json(body, status=400 if page.problem else 200)


async def as_csv(request: Any, search: Search) -> Any:
    """All hits in the order of ids, however many.

    With `?spreadsheet=1`, it is made for spreadsheets. An invalid search is answered with status
    400 before the first row is sent.
    """
    for_spreadsheet = request.args.get("spreadsheet") in ("1", "on", "true")
    if search.query.problem:
        return Response.text(search.query.problem, status=400)
    try:
        first_rows = await _csv_rows(search, after_id=0)
    except QueryInterrupted:
        return Response.text(TOO_SLOW, status=400)

    async def send(out: Any) -> None:
        rows = first_rows
        mark = BYTE_ORDER_MARK if for_spreadsheet else ""
        await out.write(mark + csv_lines([EXPORT_COLUMNS]))
        while rows:
            values = ([row[name] for name in EXPORT_COLUMNS] for row in rows)
            await out.write(csv_lines(values, for_spreadsheet=for_spreadsheet))
            is_full = len(rows) == CSV_STEP
            rows = await _csv_rows(search, after_id=rows[-1]["id"]) if is_full else []

    headers = search.site.cors_headers()
    headers["content-disposition"] = 'attachment; filename="quotes.csv"'
    return AsgiStream(send, headers=headers, content_type="text/csv; charset=utf-8")


async def as_atom(request: Any, search: Search) -> Any:
    """The newest hits as a feed."""
    page = await find_page(replace(search, sort="date", start=None), FEED_SIZE)
    if page.problem:
        return Response.text(page.problem, status=400)
    datasette, search = search.site.datasette, page.search
    title = await site_title(datasette)
    return search.site.atom(
        atom_feed(
            _feed_id(search),
            f"{search.query.given} – {title}" if search.query.given else title,
            datasette.absolute_url(request, search.url("atom")),
            datasette.absolute_url(request, search.url()),
            feed_entries(request, page),
        )
    )


@dataclass(frozen=True, slots=True)
class Export:
    """One form in which a search can be had: `label` and `content` describe it on the page."""

    label: str
    content: str
    media_type: str
    respond: Callable[[Any, Search], Awaitable[Any]]


EXPORTS = {
    "json": Export("JSON", "this page", "application/json", as_json),
    "csv": Export("CSV", "all results", "text/csv", as_csv),
    "atom": Export("Atom feed", "newest results", "application/atom+xml", as_atom),
}
"""The exports by the suffix of their address: `/-/quotes.json`."""


def feed_entries(request: Any, page: ResultPage) -> list[AtomEntry]:
    """The hits of a page as entries of a feed."""
    site = page.search.site
    return [
        _entry(hit, site.datasette.absolute_url(request, site.page_url("quotes", hit.key)))
        for hit in page.hits
    ]


def _entry(hit: Hit, url: str) -> AtomEntry:
    """The speaker and the quotation as title, then the quotation in context and its article."""
    quotation = f"“{shorten(hit.text, MAX_TITLE_CHARS)}”"
    speaker = hit.speaker_shown or hit.mention
    sentence = " ".join(part for part in (hit.before, f"“{hit.text}”", hit.after) if part)
    article = ", ".join(part for part in (headline(hit.title, hit.opening), hit.outlet) if part)
    return AtomEntry(
        id=tag_uri("quotes", hit.key),
        url=url,
        title=f"{speaker}: {quotation}" if speaker else quotation,
        text=f"{sentence}\n{article}",
        published=hit.published,
        author=hit.speaker,
    )


def _feed_id(search: Search) -> str:
    """The id of the feed of a search, with its filters but without the site."""
    narrowed = "".join(f" {name}:{value}" for name, value in sorted(search.filters.items()))
    return tag_uri("quotes", q=f"{search.query.given}{narrowed}".strip())


async def _csv_rows(search: Search, after_id: int) -> list[dict[str, Any]]:
    sql, parameters = export_query(search.query, search.filters, after_id=after_id, limit=CSV_STEP)
    return await search.site.rows(sql, **parameters)
