"""A search as JSON, CSV and Atom.

A new export is a new entry in EXPORTS: its address and the links to it follow.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from datasette import Response
from datasette.database import QueryInterrupted
from datasette.utils.asgi import AsgiStream

from datasette_quotedex.context import Reader, SiteContext
from datasette_quotedex.lanes import EXPORTS as EXPORTS_LANE
from datasette_quotedex.layout import site_title
from datasette_quotedex.pages.search.page import TOO_SLOW, ResultPage, adjacent_pages, find_page
from datasette_quotedex.pages.search.request import Search, lane_for, read_search
from datasette_quotedex.pages.search.results import read_results
from datasette_quotedex.render.atom import FEED_SIZE, AtomEntry, atom_feed, tag_uri
from datasette_quotedex.render.csv_lines import BYTE_ORDER_MARK, csv_lines
from datasette_quotedex.render.text import headline, shorten
from datasette_quotedex.search import EXPORT_COLUMNS, FILTERS, Hit, SelectQuery, export_query

CSV_STEP = 1000
"""Rows of a CSV file that are read at a time."""

STALLED_SECONDS = 60
"""A reader who takes nothing of a CSV file for so long does not get the rest."""

_ALL = -1
"""What SQLite takes for no limit."""

MAX_TITLE_CHARS = 120
"""Characters of a quotation in the title of a feed's entry."""


async def as_json(site: SiteContext, request: Any) -> Any:
    """One page of hits, and the counts; status 400 and `problem` for an invalid search."""
    found = await site.read(lambda db: read_results(db, request.args), lane_for(request))
    page, facets = found.page, found.facets
    next_page = adjacent_pages(page).get("next")
    body = {
        "problem": page.problem,
        "q": page.search.query.given,
        "filters": page.search.filters,
        "sort": page.search.sort,
        "total": facets.get("total"),
        "at_least": None if "total" in facets else len(page.hits),
        "about": facets.get("about"),
        "statements": facets.get("statements"),
        "printings": "all" if page.search.every_printing else "first",
        "unsure": page.search.unsure,
        "left_out": facets.get("unsure"),
        "hits": page.hits_to_dicts(),
        "facets": {
            one.name: [
                {key: entry[key] for key in ("value", "label", "count", "estimated")}
                for entry in facets[one.name]
            ]
            for one in FILTERS
            if one.name in facets
        },
        "suggestions": found.suggestions,
        "next_url": next_page and site.datasette.absolute_url(request, next_page.url("json")),
    }
    return site.json(body, status=400 if page.problem else 200)


async def as_csv(site: SiteContext, request: Any) -> Any:
    """All hits in the order of ids, however many.

    With `?spreadsheet=1`, it is made for spreadsheets. An invalid search is answered with status
    400 before the first row is sent.
    """
    search = await site.read(lambda db: read_search(db, request.args), EXPORTS_LANE)
    return await csv_answer(search, request, "quotes.csv")


async def csv_answer(search: Search, request: Any, file: str) -> Any:
    """All hits of a search as a CSV file of this name, for `as_csv` and other pages."""
    for_spreadsheet = request.args.get("spreadsheet") in ("1", "on", "true")
    if search.query.problem:
        return Response.text(search.query.problem, status=400)
    return await stream_csv(search.site, _csv_parts(search, for_spreadsheet), file)


async def stream_csv(site: SiteContext, parts: AsyncGenerator[str], file: str) -> Any:
    """A response with a CSV file of this name, of which `parts` gives the header first.

    Status 400 if its first rows take too long.
    """
    try:
        first = await anext(parts) + await anext(parts)
    except QueryInterrupted:
        return Response.text(TOO_SLOW, status=400)

    async def send(out: Any) -> None:
        async with aclosing(parts):
            await out.write(first)
            async for part in parts:
                async with asyncio.timeout(STALLED_SECONDS):
                    await out.write(part)

    headers = site.cors_headers()
    headers["content-disposition"] = f'attachment; filename="{file}"'
    return AsgiStream(send, headers=headers, content_type="text/csv; charset=utf-8")


def csv_file(
    site: SiteContext,
    request: Any,
    file: str,
    columns: Sequence[str],
    rows: Iterable[dict[str, Any]],
) -> Any:
    """A response with a short CSV file of this name."""
    for_spreadsheet = request.args.get("spreadsheet") in ("1", "on", "true")
    values = ([row[name] for name in columns] for row in rows)
    lines = csv_lines([columns, *values], for_spreadsheet=for_spreadsheet)
    headers = site.cors_headers()
    headers["content-disposition"] = f'attachment; filename="{file}"'
    return Response(
        (BYTE_ORDER_MARK if for_spreadsheet else "") + lines,
        headers=headers,
        content_type="text/csv; charset=utf-8",
    )


async def _csv_parts(search: Search, for_spreadsheet: bool) -> AsyncGenerator[str]:
    """The lines of a CSV file, CSV_STEP at a time."""

    def query(last: dict[str, Any] | None) -> SelectQuery:
        after_id = last["id"] if last else 0
        return export_query(
            search.query, search.filters, after_id=after_id, limit=_ALL, shown=search.shown
        )

    def lines(rows: list[dict[str, Any]]) -> str:
        values = ([row[name] for name in EXPORT_COLUMNS] for row in rows)
        return csv_lines(values, for_spreadsheet=for_spreadsheet)

    yield (BYTE_ORDER_MARK if for_spreadsheet else "") + csv_lines([EXPORT_COLUMNS])
    steps = search.site.read_in_steps(query, CSV_STEP, lines, EXPORTS_LANE)
    async with aclosing(steps):
        async for part in steps:
            yield part


async def as_atom(site: SiteContext, request: Any) -> Any:
    """The hits that were indexed last as a feed."""

    def read(db: Reader) -> ResultPage:
        search = read_search(db, request.args)
        return find_page(db, replace(search, sort="indexed", start=None), FEED_SIZE)

    page = await site.read(read, lane_for(request))
    if page.problem:
        return Response.text(page.problem, status=400)
    search, title = page.search, await site_title(site.datasette)
    return site.atom(
        atom_feed(
            _feed_id(search),
            f"{search.query.given} – {title}" if search.query.given else title,
            site.datasette.absolute_url(request, search.url("atom")),
            site.datasette.absolute_url(request, search.url()),
            feed_entries(request, page),
        )
    )


@dataclass(frozen=True, slots=True)
class Export:
    """One form in which a search can be had: `label` and `content` describe it on the page."""

    label: str
    content: str
    media_type: str
    respond: Callable[[SiteContext, Any], Awaitable[Any]]


EXPORTS = {
    "json": Export("JSON", "this page", "application/json", as_json),
    "csv": Export("CSV", "all results", "text/csv", as_csv),
    "atom": Export("Atom feed", "latest results", "application/atom+xml", as_atom),
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
    """The speaker and the quotation as title, then the quotation in context, its article and
    whether it is a pull-quote."""
    quotation = f"“{shorten(hit.text, MAX_TITLE_CHARS)}”"
    speaker = hit.speaker_shown or hit.mention
    sentence = f"{hit.leading}“{hit.text}”{hit.trailing}"
    article = ", ".join(part for part in (headline(hit.title, hit.opening), hit.outlet) if part)
    lines = [sentence, article, *(["Pull-quote"] if hit.repeats_key else [])]
    return AtomEntry(
        id=tag_uri("quotes", hit.key),
        url=url,
        title=f"{speaker}: {quotation}" if speaker else quotation,
        text="\n".join(lines),
        updated=hit.first_indexed,
        published=hit.published,
        author=hit.speaker,
    )


def _feed_id(search: Search) -> str:
    """The id of the feed of a search, with its filters but without the site."""
    narrowed = "".join(f" {name}:{value}" for name, value in sorted(search.filters.items()))
    return tag_uri("quotes", q=f"{search.query.given}{narrowed}".strip())
