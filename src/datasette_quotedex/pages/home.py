"""The home page, and its data as JSON."""

from __future__ import annotations

from typing import Any

from datasette import Response

from datasette_quotedex import databases, layout, safety
from datasette_quotedex.context import Reader, SiteContext, site_for
from datasette_quotedex.example_queries import QUERIES
from datasette_quotedex.pages.search.request import Search
from datasette_quotedex.render.text import headline
from datasette_quotedex.render.timeline import timeline
from datasette_quotedex.stats import FileStats, file_stats


async def front_page(datasette: Any, request: Any, send: Any) -> Any:
    """`/`: our home page. Datasette's own view describes all tables first, which takes longer than
    all the rest; it answers if the page is not ours."""
    if request.method == "GET" and layout.has_our_index(datasette, request):
        values = await home_values(datasette, request)
        if values and await databases.may_view_site(datasette, request.actor):
            html = await layout.render(datasette, request, "quotedex/home.html", values)
            safety.forbid_scripts(request)
            return Response.html(html)
    from datasette.views.index import IndexView

    return await IndexView.as_view(datasette)(request, send)


async def home_values(datasette: Any, request: Any) -> dict[str, Any]:
    """The values that make templates/index.html our home page; {} without quotations."""
    names = await databases.visible(datasette, request.actor)
    if not names:
        return {}
    site = SiteContext(datasette, names[0], len(names) > 1)
    search = Search(site)
    stats, lists = await site.read(_read)
    examples = _example_searches(lists["speakers"])
    return {
        "quotedex_home": {
            # Called by our template alone, since a publisher's own index.html may need scripts.
            "forbid_scripts": lambda: safety.forbid_scripts(request),
            "counts": stats.counts,
            "timeline": timeline(stats.months),
            **lists,
            "examples": [(q, search.url_with_words(q)) for q in examples],
            "tables": _TABLES,
            "queries": [(name, query["title"]) for name, query in QUERIES.items()],
            "newest": search.url(),
            "hidden_fields": search.form_fields(),
        },
        "site": site,
        **await layout.layout_values(datasette, site.database),
    }


async def home_json(datasette: Any, request: Any) -> Any:
    """`/-/home.json`: the contents of the home page."""
    site = await site_for(datasette, request)
    stats, found = await site.read(_read)
    chart = timeline(stats.months)
    lists = {table: [site.with_path(table, row) for row in rows] for table, rows in found.items()}
    for article in lists["articles"]:
        article["title"] = headline(article["title"], article.pop("opening"))
    queries = [
        {
            "name": name,
            "title": query["title"],
            "path": datasette.urls.query(site.database, name, format="json"),
        }
        for name, query in QUERIES.items()
    ]
    chart_data = chart.data if chart else []
    return site.json({"counts": stats.counts, "timeline": chart_data, **lists, "queries": queries})


def _read(db: Reader) -> tuple[FileStats, dict[str, list[dict[str, Any]]]]:
    """The counts, and the short lists by the tables whose pages they link to."""
    statements = db.optional_rows(_STATEMENTS) or []
    for statement in statements:
        statement["is_pull_quote"] = bool(statement["is_pull_quote"])
    return file_stats(db), {
        "speakers": db.optional_rows(_SPEAKERS) or [],
        "articles": db.optional_rows(_ARTICLES) or [],
        "statements": statements,
    }


def _example_searches(speakers: list[dict[str, Any]]) -> list[str]:
    """Searches that find something in this file: for the people quoted most."""
    named = [row["name"] for row in speakers if row["kind"] == "person" and '"' not in row["name"]]
    return [f'speaker:"{name}"' if " " in name else f"speaker:{name}" for name in named[:2]]


_TABLES = ("quotes", "speakers", "articles", "statements", "quote_details")
_SPEAKERS = """SELECT key, name, label, kind, description, quote_count FROM speakers
    WHERE kind <> 'anonymous' ORDER BY quote_count DESC, name, key LIMIT 12"""
_ARTICLES = """SELECT key, title, substr(text, 1, 100) AS opening, outlet, published,
    (SELECT count(*) FROM quotes WHERE article_id = articles.id) AS quote_count
    FROM articles ORDER BY published DESC, key LIMIT 8"""
_STATEMENTS = """SELECT st.key, substr(st.text, 1, 300) AS text, st.article_count,
    s.name AS speaker, s.label AS speaker_label,
    NOT EXISTS (SELECT 1 FROM quotes WHERE statement_id = st.id AND repeats_id IS NULL)
        AS is_pull_quote
    FROM statements st LEFT JOIN speakers s ON s.id = st.speaker_id
    WHERE st.article_count > 1 ORDER BY st.article_count DESC, st.key LIMIT 5"""
