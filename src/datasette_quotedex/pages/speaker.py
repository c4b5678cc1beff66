"""One speaker: quotations over time, outlets, topics, who else is quoted, and an Atom feed."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from datasette_quotedex import editing
from datasette_quotedex.confidence import UNSURE_BELOW
from datasette_quotedex.context import Reader, SiteContext, site_for, without_ids
from datasette_quotedex.lanes import PAGES, SEARCHES
from datasette_quotedex.pages.search.exports import csv_answer, feed_entries
from datasette_quotedex.pages.search.page import ResultPage, find_page
from datasette_quotedex.pages.search.request import WHOLE, Search, lane_for
from datasette_quotedex.render.atom import FEED_SIZE, atom_feed, tag_uri
from datasette_quotedex.render.sharing import Sharing, quotation_data, speaker_data
from datasette_quotedex.render.timeline import Timeline, timeline
from datasette_quotedex.search.syntax import SearchQuery, parse
from datasette_quotedex.stats import quotes_by_month

SHOWN_QUOTES = 10
"""Quotations on the page; the search has the rest."""

RECENT_QUOTES = 2_000
"""The latest quotations, from which outlets and co-quoted speakers are counted, so that the page of
no speaker is slow."""

MAX_UNSURE = 1_000
"""Quotations that the program is unsure of, counted."""

MAX_LISTED = 12
"""Outlets, topics, names and co-quoted speakers listed."""


async def speaker_page(datasette: Any, request: Any) -> Any:
    """`/-/speakers/KEY?q=`, its data at `.json`, its feed at `.atom`, all quotations at `.csv`."""
    site = await site_for(datasette, request)
    key, form, q = request.url_vars["key"], request.url_vars["format"], request.args.get("q") or ""
    lane = lane_for(request, SEARCHES if q else PAGES)
    if form == "csv":
        row = await site.read(lambda db: db.row("speakers", _SPEAKER, key))
        search = Search(site, parse(q), {"speaker": row["key"]}, **WHOLE)
        return await csv_answer(search, request, f"{row['key']}.csv")
    if form == "atom":
        manner = {"sort": "indexed", **_manner(request.args)}
        row, page = await site.read(lambda db: _read(db, key, q, FEED_SIZE, manner), lane)
        return _feed(site, request, row, page)
    row, page, chart, lists = await site.read(lambda db: _read_all(db, key, q), lane)
    if form == "json":
        return site.json(_to_dict(site, row, page, chart, lists))
    values = await editing.page_values(site, request, "speakers", row["key"])
    articles = []
    if values["may_edit"]:
        articles = await site.read(lambda db: db.rows(_ARTICLES, id=row["id"]), lane)
    answer = await site.page(
        request,
        "speaker.html",
        speaker=row,
        page=page,
        q=q,
        timeline=chart,
        all_quotes_url=replace(page.search, sort="relevance").url(),
        max_unsure=MAX_UNSURE,
        recent=RECENT_QUOTES if (row["quote_count"] or 0) > RECENT_QUOTES else None,
        wikidata=row["wikidata"] if _is_wikidata_item(row["wikidata"]) else None,
        sharing=_sharing(site, request, row, page, lists),
        articles=articles,
        **lists,
        **values,
    )
    return editing.private(answer, values)


def _read(
    db: Reader, key: str, q: str, size: int, manner: dict[str, Any] | None = None
) -> tuple[dict[str, Any], ResultPage]:
    row = db.row("speakers", _SPEAKER, key)
    return row, find_page(db, Search(db.site, parse(q), {"speaker": key}, **(manner or {})), size)


def _read_all(
    db: Reader, key: str, q: str
) -> tuple[dict[str, Any], ResultPage, Timeline | None, dict[str, Any]]:
    row, page = _read(db, key, q, SHOWN_QUOTES)
    months = quotes_by_month(db, SearchQuery(""), page.search.filters)
    return row, page, timeline(months or {}), {**_lists(db, row), **_unsure(db, row, page)}


def _manner(arguments: Any) -> dict[str, Any]:
    """What a feed shows, as in the address of a search: each statement once and none that the
    program is unsure of, unless asked for."""
    unsure = "shown" if arguments.get("unsure") == "shown" else "hidden"
    return {"every_printing": arguments.get("printings") == "all", "unsure": unsure}


def _unsure(db: Reader, row: dict[str, Any], page: ResultPage) -> dict[str, Any]:
    """The first of the quotations that the program is unsure of, and how many there are, None for
    more than MAX_UNSURE; nothing of a search for words, all of which the page of results shows."""
    if page.search.query.given:
        return {"unsure": None, "unsure_count": None}
    found = find_page(db, replace(page.search, unsure="only"), SHOWN_QUOTES)
    rows = db.optional_rows(_UNSURE, id=row["id"], below=UNSURE_BELOW, most=MAX_UNSURE + 1)
    number = rows[0]["number"] if rows and rows[0]["number"] <= MAX_UNSURE else None
    return {"unsure": found if found.entries else None, "unsure_count": number}


def _lists(db: Reader, row: dict[str, Any]) -> dict[str, Any]:
    """The short lists; None for one that takes too long."""
    parameters = {"id": row["id"], "recent": RECENT_QUOTES, "listed": MAX_LISTED}
    lists = {
        "aliases": db.optional_rows(_ALIASES, **parameters),
        "outlets": db.optional_rows(_OUTLETS, **parameters),
        "co_quoted": db.optional_rows(_CO_QUOTED, **parameters),
        "topics": db.optional_rows(_TOPICS, **parameters),
        "namesakes": db.optional_rows(_NAMESAKES, name=row["name"], **parameters),
    }
    if row["kind"] == "anonymous":
        lists["namesakes"] = []
    lists["corrections"] = editing.corrections_of(db, "speakers", row["key"])
    for topic in lists["topics"] or []:
        # A term of several words is a phrase. No term contains quotation marks.
        term = topic["term"] if topic["term"].isalpha() else f'"{topic["term"]}"'
        topic["path"] = db.site.url("/-/quotes", q=term, speaker=row["key"])
    return lists


def _to_dict(
    site: SiteContext,
    row: dict[str, Any],
    page: ResultPage,
    chart: Timeline | None,
    lists: dict[str, Any],
) -> dict[str, Any]:
    """The page as JSON."""
    unsure = lists["unsure"]
    others = {
        name: lists[name] and [site.with_path("speakers", one) for one in lists[name]]
        for name in ("co_quoted", "namesakes")
    }
    return {
        **without_ids(row),
        **lists,
        **others,
        "corrections": [editing.to_dict(one) for one in lists["corrections"]],
        "timeline": chart.data if chart else [],
        "problem": page.problem,
        "quotations": page.hits_to_dicts(),
        "unsure": unsure.hits_to_dicts() if unsure else [],
        "search_path": page.search.url("json"),
    }


def _feed(site: SiteContext, request: Any, row: dict[str, Any], page: ResultPage) -> Any:
    """The quotations that were indexed last as an Atom feed; `?q=` searches them."""
    q = page.search.query.given
    asked = {name: value for name in ("printings", "unsure") if (value := request.args.get(name))}
    own = site.page_url("speakers", row["key"], ".atom", q=q, **asked)
    page_url = site.page_url("speakers", row["key"], q=q)
    feed_url, page_url = (site.datasette.absolute_url(request, url) for url in (own, page_url))
    title = f"Quotations by {row['name']}"
    feed_id = tag_uri("speakers", row["key"], q)
    return site.atom(atom_feed(feed_id, title, feed_url, page_url, feed_entries(request, page)))


def _sharing(
    site: SiteContext, request: Any, row: dict[str, Any], page: ResultPage, lists: dict[str, Any]
) -> Sharing:
    """The speaker, and the quotations on the page."""

    def url(name: str, key: str) -> str:
        return str(site.datasette.absolute_url(request, site.page_url(name, key)))

    own, number = url("speakers", row["key"]), row["quote_count"] or 0
    aliases = [alias["name"] for alias in lists["aliases"] or []]
    about = (row["name"], row["kind"], own, row["description"], row["wikidata"], aliases)
    speaker = speaker_data(*about)
    said_by = speaker and {"@id": own}
    quotations = [
        quotation_data(
            hit.text,
            url("quotes", hit.key),
            said_by,
            asdict(hit),
            hit.repeats_key and url("quotes", hit.repeats_key),
        )
        for hit in page.hits
    ]
    parts = (row["description"], f"{number:,} quotation{'' if number == 1 else 's'}")
    return Sharing(
        title=row["label"] if speaker else row["name"],
        description=", ".join(part for part in parts if part),
        url=own,
        kind="profile",
        data={"@graph": [speaker, *quotations] if speaker else quotations},
    )


def _is_wikidata_item(text: str | None) -> bool:
    """`Q42`; other text could not become an address."""
    text = text or ""
    return text[:1] == "Q" and text[1:].isascii() and text[1:].isdigit()


_SPEAKER = """SELECT id, key, name, label, kind, description, wikidata, quote_count, article_count,
    first_quoted, last_quoted FROM speakers WHERE key = :key"""
_UNSURE = """SELECT count(*) AS number FROM (
        SELECT 1 FROM quotes WHERE speaker_id = :id AND confidence < :below LIMIT :most)"""
_ALIASES = """SELECT name, article_count FROM aliases WHERE speaker_id = :id
    AND name <> (SELECT name FROM speakers WHERE id = :id)
    ORDER BY article_count DESC, name LIMIT :listed"""
_LATEST = """WITH latest AS MATERIALIZED (
        SELECT id FROM quotes WHERE speaker_id = :id ORDER BY published DESC, id DESC LIMIT :recent
    ), here AS MATERIALIZED (
        SELECT q.article_id, count(*) AS quote_count
        FROM latest JOIN quotes q ON q.id = latest.id GROUP BY q.article_id
    )"""
_OUTLETS = f"""{_LATEST} SELECT a.outlet AS name, sum(here.quote_count) AS quote_count
    FROM here JOIN articles a ON a.id = here.article_id WHERE a.outlet IS NOT NULL
    GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT :listed"""
_CO_QUOTED = f"""{_LATEST} SELECT s.id, s.key, s.name, s.label, s.kind, s.description,
        others.article_count
    FROM (
        SELECT q.speaker_id AS id, count(DISTINCT q.article_id) AS article_count
        FROM here JOIN quotes q ON q.article_id = here.article_id
        WHERE q.speaker_id <> :id GROUP BY q.speaker_id
    ) AS others JOIN speakers s ON s.id = others.id WHERE s.kind <> 'anonymous'
    ORDER BY others.article_count DESC, s.quote_count DESC, s.name, s.key LIMIT :listed"""
_NAMESAKES = """SELECT key, name, label, kind, description, quote_count FROM speakers
    WHERE name = :name AND id <> :id AND kind <> 'anonymous'
    ORDER BY quote_count DESC, key LIMIT :listed"""
_ARTICLES = f"""SELECT key, title, outlet FROM articles WHERE id IN (
        SELECT article_id FROM quotes WHERE speaker_id = :id) ORDER BY published, key
    LIMIT {editing.MAX_SHOWN}"""
_TOPICS = """SELECT term, score FROM topics WHERE speaker_id = :id
    ORDER BY score DESC, term LIMIT :listed"""
