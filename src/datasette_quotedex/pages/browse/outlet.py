"""One outlet: whom it quotes, how often its sources have no name, and its years."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from datasette.utils import tilde_decode

from datasette_quotedex.context import Reader, site_for
from datasette_quotedex.pages.browse.outlets import outlet_url
from datasette_quotedex.render.text import headline
from datasette_quotedex.render.timeline import Timeline, timeline

RECENT_ARTICLES = 1_000
"""The latest articles, from which speakers are counted, so that the page of no outlet is slow."""

YEAR_ARTICLES = 100
"""The latest articles of a year, from which the sources without a name are counted."""

MAX_SPEAKERS = 30
MAX_YEARS = 30
SHOWN_ARTICLES = 8


async def outlet_page(datasette: Any, request: Any) -> Any:
    """`/-/outlets/NAME`, and its data at `/-/outlets/NAME.json`. The name is tilde-encoded, as in
    Datasette's own addresses; a browser encodes a name that somebody types with percent signs."""
    site = await site_for(datasette, request)
    key = request.url_vars["key"]
    name = unquote(key) if "%" in key else tilde_decode(key)
    outlet, chart = await site.read(lambda db: _read(db, name))
    if request.url_vars["format"]:
        for table in ("speakers", "articles"):
            outlet[table] = [site.with_path(table, row) for row in outlet[table]]
        more = {
            "timeline": chart.data if chart else [],
            "search_path": site.url("/-/quotes.json", outlet=name),
        }
        return site.json({**outlet, **more})
    json_url = outlet_url(site, name, ".json")
    return await site.page(request, "outlet.html", outlet=outlet, timeline=chart, json_url=json_url)


def _read(db: Reader, name: str) -> tuple[dict[str, Any], Timeline | None]:
    row = db.row("outlets", _OUTLET, name)
    articles = db.rows(_ARTICLES, key=name, limit=SHOWN_ARTICLES)
    for article in articles:
        article["title"] = headline(article["title"], article.pop("opening"))
    sources = _with_share(db.rows(_SOURCES, key=name, recent=RECENT_ARTICLES)[0])
    recent = RECENT_ARTICLES if row["article_count"] > RECENT_ARTICLES else None
    months = db.optional_rows(_MONTHS, key=name) or []
    outlet = {
        **row,
        "recent_articles": recent,
        "sources": sources,
        "speakers": db.optional_rows(_QUOTED, key=name, recent=RECENT_ARTICLES, listed=MAX_SPEAKERS)
        or [],
        "years": _years(db, name, row["last_published"]),
        "articles": articles,
    }
    return outlet, timeline({row["month"]: row["number"] for row in months if row["number"]})


def _years(db: Reader, name: str, last: str | None) -> list[dict[str, Any]]:
    """The latest years with articles, the newest first, and whose sources have no name in them."""
    years: list[dict[str, Any]] = []
    while last and len(years) < MAX_YEARS:
        # "2024-05-31" -> "2024" to "2025", whatever stands there in place of a date.
        low = last[:4]
        high = low[:-1] + chr(ord(low[-1]) + 1)
        found = db.optional_rows(_YEAR, key=name, low=low, high=high, recent=YEAR_ARTICLES)
        if found is None:
            break
        years.append({"year": low, **_with_share(found[0])})
        last = db.rows(_BEFORE, key=name, low=low)[0]["last"]
    return years


def _with_share(row: dict[str, Any]) -> dict[str, Any]:
    """The counts, and the percentage of quotations of sources without a name."""
    total, nameless = row["quote_count"], row["anonymous_count"] + row["unknown_count"]
    return {**row, "unnamed_percent": round(100 * nameless / total) if total else None}


_OUTLET = """SELECT outlet AS name, count(*) AS article_count, min(published) AS first_published,
    max(published) AS last_published FROM articles WHERE outlet = :key GROUP BY outlet"""
_LATEST = """WITH latest AS MATERIALIZED (
        SELECT id FROM articles WHERE outlet = :key ORDER BY published DESC LIMIT :recent
    ), here AS MATERIALIZED (
        SELECT q.speaker_id, count(*) AS quote_count, count(DISTINCT q.article_id) AS article_count
        FROM latest CROSS JOIN quotes q ON q.article_id = latest.id GROUP BY q.speaker_id
    )"""
_COUNTS = """coalesce(sum(here.quote_count), 0) AS quote_count,
    coalesce(sum(here.quote_count) FILTER (WHERE s.kind = 'anonymous'), 0) AS anonymous_count,
    coalesce(sum(here.quote_count) FILTER (WHERE here.speaker_id IS NULL), 0) AS unknown_count"""
_SOURCES = f"""{_LATEST} SELECT {_COUNTS}
    FROM here LEFT JOIN speakers s ON s.id = here.speaker_id"""
_QUOTED = f"""{_LATEST} SELECT s.key, s.name, s.label, s.kind, s.description, here.quote_count,
        here.article_count
    FROM here CROSS JOIN speakers s ON s.id = here.speaker_id WHERE s.kind <> 'anonymous'
    ORDER BY here.quote_count DESC, s.name, s.key LIMIT :listed"""
_YEAR = f"""WITH latest AS MATERIALIZED (
        SELECT id FROM articles WHERE outlet = :key AND published >= :low AND published < :high
        ORDER BY published DESC LIMIT :recent
    ), here AS MATERIALIZED (
        SELECT q.speaker_id, count(*) AS quote_count
        FROM latest CROSS JOIN quotes q ON q.article_id = latest.id GROUP BY q.speaker_id
    )
    SELECT (SELECT count(*) FROM articles
            WHERE outlet = :key AND published >= :low AND published < :high) AS article_count,
        {_COUNTS} FROM here LEFT JOIN speakers s ON s.id = here.speaker_id"""
_MONTHS = """SELECT substr(published, 1, 7) AS month,
        sum((SELECT count(*) FROM quotes WHERE article_id = articles.id)) AS number
    FROM articles WHERE outlet = :key AND published > '' GROUP BY 1"""
_BEFORE = """SELECT max(published) AS last FROM articles
    WHERE outlet = :key AND published < :low"""
_ARTICLES = """SELECT key, title, substr(text, 1, 100) AS opening, published,
    (SELECT count(*) FROM quotes WHERE article_id = articles.id) AS quote_count
    FROM articles WHERE outlet = :key ORDER BY published DESC, key DESC LIMIT :limit"""
