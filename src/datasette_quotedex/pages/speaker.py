"""One speaker: when, where, on what and beside whom quoted, the quotations, and their feed."""

from __future__ import annotations

from typing import Any

from datasette import Response

from datasette_quotedex.context import Place, number, place_of
from datasette_quotedex.layout import headline
from datasette_quotedex.pages.search.page import Found, find
from datasette_quotedex.pages.search.request import Search
from datasette_quotedex.render.atom import FEED_SIZE, Entry, feed
from datasette_quotedex.render.timeline import Timeline, timeline
from datasette_quotedex.search.syntax import parse
from datasette_quotedex.stats import months

SHOWN = 10
"""Quotations on the page; the search has the rest."""

RECENT = 2_000
"""The latest quotations, from which outlets and neighbours are counted: no speaker is slow then."""

LISTED = 12
"""Outlets, topics, names and neighbours listed."""


async def speaker_page(datasette: Any, request: Any) -> Any:
    """`/-/speakers/7?q=`, and the same as `/-/speakers/7.json` and `/-/speakers/7.atom`."""
    place = await place_of(datasette, request)
    row = await place.one(_SPEAKER, id=number(request.url_vars["id"]))
    form = request.url_vars["format"]
    q = request.args.get("q") or ""
    search = Search(place.database, place.several, parse(q), (("speaker", row["id"]),))
    if form == "atom":
        return await _feed(place, request, row, search)
    found = await find(datasette, search, SHOWN)
    picture = timeline(await months(place, parse(""), dict(search.narrowed)) or {})
    lists = await _lists(place, row)
    if form == "json":
        return place.json(_data(place, row, found, picture, lists))
    return await place.page(
        request,
        "speaker.html",
        speaker=row,
        found=found,
        q=q,
        timeline=picture,
        everything=search.url(datasette),
        recent=RECENT if (row["quotes"] or 0) > RECENT else None,
        wikidata=row["wikidata"] if _is_item(row["wikidata"]) else None,
        **lists,
    )


async def _lists(place: Place, row: dict[str, Any]) -> dict[str, Any]:
    """The short lists beside the quotations; None for one that takes too long to make."""
    values = {"id": row["id"], "recent": RECENT, "listed": LISTED}
    lists = {
        "aliases": await place.extra(_ALIASES, **values),
        "outlets": await place.extra(_OUTLETS, **values),
        "neighbours": await place.extra(_NEIGHBOURS, **values),
        "topics": await place.extra(_TOPICS, **values),
    }
    for topic in lists["topics"] or []:
        # Words side by side are quoted; none has marks in it.
        term = topic["term"] if topic["term"].isalpha() else f'"{topic["term"]}"'
        topic["path"] = place.url("/-/quotes", q=term, speaker=row["id"])
    return lists


def _data(
    place: Place,
    row: dict[str, Any],
    found: Found,
    picture: Timeline | None,
    lists: dict[str, Any],
) -> dict[str, Any]:
    """The page as JSON."""
    neighbours = lists["neighbours"]
    if neighbours is not None:
        lists["neighbours"] = [
            {**one, "path": place.to("speakers", one["id"])} for one in neighbours
        ]
    return {
        **row,
        **lists,
        "timeline": picture.data if picture else [],
        "problem": found.problem,
        "quotations": quotations_data(place, found),
        "search_path": found.search.url(place.datasette, "json"),
    }


def quotations_data(place: Place, found: Found) -> list[dict[str, Any]]:
    """Quotations of one speaker, as JSON."""
    return [
        {
            **{name: getattr(hit, name) for name in ("id", "text", "kind", "published")},
            "confidence": hit.confidence,
            "article": {
                "id": hit.article_id,
                "title": hit.title,
                "outlet": hit.outlet,
                "path": place.to("articles", hit.article_id),
            },
            "path": place.to("quotes", hit.id),
        }
        for hit in found.hits
    ]


async def _feed(place: Place, request: Any, row: dict[str, Any], search: Search) -> Any:
    """The newest quotations as an Atom feed, or those that a search finds among them."""
    found = await find(place.datasette, search, FEED_SIZE)
    here, page = (
        place.datasette.absolute_url(
            request, place.to("speakers", row["id"], form, q=search.query.given)
        )
        for form in (".atom", "")
    )
    entries = [
        Entry(
            url=place.datasette.absolute_url(request, place.to("quotes", hit.id)),
            title=f"{row['name']}, {headline(hit.title, hit.opening)}",
            text=hit.text,
            day=hit.published,
            author=row["name"],
        )
        for hit in found.hits
    ]
    title = f"{row['name']}: quotations"
    return Response(
        feed(title, here, page, entries), content_type="application/atom+xml; charset=utf-8"
    )


def _is_item(wikidata: str | None) -> bool:
    """`Q42`; anything else makes no address."""
    text = wikidata or ""
    return text[:1] == "Q" and text[1:].isascii() and text[1:].isdigit()


_SPEAKER = """SELECT id, name, kind, description, wikidata, quotes, articles, first_quoted,
    last_quoted FROM speakers WHERE id = :id"""
_ALIASES = """SELECT name, articles FROM aliases WHERE speaker_id = :id
    AND name <> (SELECT name FROM speakers WHERE id = :id)
    ORDER BY articles DESC, name LIMIT :listed"""
_LATEST = """WITH latest AS MATERIALIZED (
        SELECT id FROM quotes WHERE speaker_id = :id ORDER BY published DESC, id DESC LIMIT :recent
    ), here AS MATERIALIZED (
        SELECT q.article_id, count(*) AS quotations
        FROM latest JOIN quotes q ON q.id = latest.id GROUP BY q.article_id
    )"""
_OUTLETS = f"""{_LATEST} SELECT a.publication AS name, sum(here.quotations) AS quotations
    FROM here JOIN articles a ON a.id = here.article_id WHERE a.publication IS NOT NULL
    GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT :listed"""
_NEIGHBOURS = f"""{_LATEST} SELECT s.id, s.name, s.kind, s.description, beside.articles
    FROM (
        SELECT q.speaker_id AS id, count(DISTINCT q.article_id) AS articles
        FROM here JOIN quotes q ON q.article_id = here.article_id
        WHERE q.speaker_id <> :id GROUP BY q.speaker_id
    ) AS beside JOIN speakers s ON s.id = beside.id WHERE s.kind <> 'anonymous'
    ORDER BY beside.articles DESC, s.quotes DESC, s.name LIMIT :listed"""
_TOPICS = """SELECT term, score FROM topics WHERE speaker_id = :id
    ORDER BY score DESC, term LIMIT :listed"""
