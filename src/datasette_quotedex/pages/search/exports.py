"""A search as JSON, as CSV and as a feed."""

from __future__ import annotations

import csv
import io
from typing import Any

from datasette import Response
from datasette.database import QueryInterrupted
from datasette.utils import add_cors_headers
from datasette.utils.asgi import AsgiStream

from datasette_quotedex.context import Place
from datasette_quotedex.layout import frame, headline
from datasette_quotedex.pages.search.page import TOO_LONG, Found, neighbours
from datasette_quotedex.pages.search.request import Search
from datasette_quotedex.render.atom import Entry, feed
from datasette_quotedex.search import EXPORTED, FACETS, Hit, every

STEP = 1000
"""Rows of a CSV that are fetched at once."""


def as_json(
    datasette: Any, request: Any, found: Found, facets: dict[str, Any], near: list[str]
) -> Any:
    """The hits of one page and the counts; status 400 and `problem` for a senseless search."""
    search, later = found.search, neighbours(found).get("next")
    body = {
        "ok": found.problem is None,
        "problem": found.problem,
        "q": search.query.given,
        "narrowed": dict(search.narrowed),
        "sort": search.sort,
        "total": facets.get("total"),
        "at_least": None if "total" in facets else len(found.hits),
        "about": facets.get("about"),
        "hits": [
            _hit(Place(datasette, search.database, search.several), one) for one in found.hits
        ],
        "facets": {
            facet: [
                {key: entry[key] for key in ("value", "label", "count", "estimated")}
                for entry in entries
            ]
            for facet, entries in facets.items()
            if facet in FACETS
        },
        "suggestions": near,
        "next_url": later and datasette.absolute_url(request, later.url(datasette, form="json")),
    }
    return Response.json(body, status=400 if found.problem else 200, headers=_headers(datasette))


async def as_csv(datasette: Any, search: Search) -> Any:
    """All that is found, however much, in order of id: each step goes on where the last ended.

    What is wrong with the search is told with status 400 before the first row is sent.
    """
    if search.query.problem:
        return Response.text(search.query.problem, status=400)
    try:
        first = await _step(datasette, search, 0)
    except QueryInterrupted:
        return Response.text(TOO_LONG, status=400)

    async def send(out: Any) -> None:
        rows = first
        await out.write(_lines([EXPORTED]))
        while rows:
            await out.write(_lines(rows))
            rows = await _step(datasette, search, rows[-1]["id"]) if len(rows) == STEP else []

    headers = {"content-disposition": 'attachment; filename="quotes.csv"', **_headers(datasette)}
    return AsgiStream(send, headers=headers, content_type="text/csv; charset=utf-8")


async def as_atom(datasette: Any, request: Any, found: Found) -> Any:
    """The newest hits as a feed."""
    if found.problem:
        return Response.text(found.problem, status=400)
    search = found.search
    place = Place(datasette, search.database, search.several)
    site = (await frame(datasette, search.database))["site_title"]

    def absolute(url: str) -> str:
        return str(datasette.absolute_url(request, url))

    return Response(
        feed(
            f"{search.query.given} – {site}" if search.query.given else site,
            absolute(search.url(datasette, form="atom")),
            absolute(search.url(datasette)),
            [_entry(one, absolute(place.url(f"/-/quotes/{one.id}"))) for one in found.hits],
        ),
        headers=_headers(datasette),
        content_type="application/atom+xml; charset=utf-8",
    )


async def _step(datasette: Any, search: Search, after_id: int) -> list[Any]:
    sql, parameters = every(search.query, dict(search.narrowed), after_id=after_id, limit=STEP)
    return list((await datasette.execute(search.database, sql, parameters)).rows)


def _lines(rows: Any) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(tuple(row) for row in rows)
    return out.getvalue()


def _entry(one: Hit, url: str) -> Entry:
    """Titled as a line of a list, with the words around the quotation and where it stands."""
    speaker = one.speaker or one.mention
    sentence = " ".join(part for part in (one.before, f"“{one.text}”", one.after) if part)
    place = ", ".join(part for part in (headline(one.title, one.opening), one.outlet) if part)
    return Entry(
        url=url,
        title=f"{speaker}: “{_short(one.text)}”" if speaker else f"“{_short(one.text)}”",
        text=f"{sentence}\n{place}",
        day=one.published,
        author=one.speaker,
    )


def _short(text: str) -> str:
    return text if len(text) <= 120 else text[:119].rstrip() + "…"


def _hit(place: Place, one: Hit) -> dict[str, Any]:
    """`matches` are offsets into `text`, [start, end), where the page has marked runs."""
    matches, position = [], 0
    for text, matched in one.marked:
        if matched:
            matches.append([position, position + len(text)])
        position += len(text)
    speaker = {
        "id": one.speaker_id,
        "name": one.speaker,
        "kind": one.speaker_kind,
        "description": one.speaker_description,
        "path": place.to("speakers", one.speaker_id or 0),
    }
    return {
        **{name: getattr(one, name) for name in _PLAIN},
        "matches": matches,
        "speaker": speaker if one.speaker_id else None,
        "article": {
            "id": one.article_id,
            "title": one.title,
            "outlet": one.outlet,
            "location": one.location,
            "url": one.url,
            "path": place.to("articles", one.article_id),
        },
        "repeats_id": one.repeats_id,
        "path": place.to("quotes", one.id),
    }


def _headers(datasette: Any) -> dict[str, str]:
    """What `datasette --cors` promises."""
    headers: dict[str, str] = {}
    if datasette.cors:
        add_cors_headers(headers)
    return headers


_PLAIN = ("id", "text", "kind", "before", "after", "mention", "cue", "confidence", "published")
