"""The home page."""

from __future__ import annotations

from typing import Any

from datasette_quotedex import databases, safety
from datasette_quotedex.canned_queries import QUERIES
from datasette_quotedex.context import Place, place_of
from datasette_quotedex.layout import frame, headline
from datasette_quotedex.pages.search.request import Search
from datasette_quotedex.render.timeline import timeline
from datasette_quotedex.stats import figures


async def home(datasette: Any, request: Any) -> dict[str, Any]:
    """What templates/index.html needs to be our home page; {} where there are no quotations."""
    names = await databases.visible(datasette, request.actor)
    if not names:
        return {}
    place = Place(datasette, names[0], several=len(names) > 1)
    search = Search(place.database, place.several)
    found = await figures(place)
    lists = await _lists(place)
    return {
        "quotedex_home": {
            # The template marks its page: a publisher's own index.html may need script.
            "mark": lambda: safety.mark(request),
            "figures": found.counts,
            "timeline": timeline(found.months),
            **lists,
            "tries": [(q, search.ask(q).url(datasette)) for q in _tries(lists["speakers"])],
            "tables": _TABLES,
            "queries": [(name, query["title"]) for name, query in QUERIES.items()],
            "newest": search.url(datasette),
            "kept": search.kept(),
        },
        "place": place,
        **await frame(datasette, place.database),
    }


async def home_data(datasette: Any, request: Any) -> Any:
    """`/-/home.json`: what the home page shows."""
    place = await place_of(datasette, request)
    found = await figures(place)
    picture = timeline(found.months)
    lists = {
        kind: [{**row, "path": place.to(kind, row["id"])} for row in rows]
        for kind, rows in (await _lists(place)).items()
    }
    for article in lists["articles"]:
        article["title"] = headline(article["title"], article.pop("opening"))
        article["outlet"] = article.pop("publication")
    queries = [
        {
            "name": name,
            "title": query["title"],
            "path": datasette.urls.query(place.database, name, format="json"),
        }
        for name, query in QUERIES.items()
    ]
    timeline_data = picture.data if picture else []
    return place.json(
        {"figures": found.counts, "timeline": timeline_data, **lists, "queries": queries}
    )


async def _lists(place: Place) -> dict[str, list[dict[str, Any]]]:
    """The short lists, by the kind of page to which they lead."""
    return {
        "speakers": await place.extra(_SPEAKERS) or [],
        "articles": await place.extra(_ARTICLES) or [],
        "statements": await place.extra(_STATEMENTS) or [],
    }


def _tries(speakers: list[dict[str, Any]]) -> list[str]:
    """Searches that find something here: who is quoted most, by name."""
    named = [row["name"] for row in speakers if row["kind"] == "person" and '"' not in row["name"]]
    return [f'speaker:"{name}"' if " " in name else f"speaker:{name}" for name in named[:2]]


_TABLES = ("quotes", "speakers", "articles", "statements", "quote_details")
_SPEAKERS = """SELECT id, name, kind, description, quotes FROM speakers
    WHERE kind <> 'anonymous' ORDER BY quotes DESC, name LIMIT 12"""
_ARTICLES = """SELECT id, title, substr(text, 1, 100) AS opening, publication, published,
    (SELECT count(*) FROM quotes WHERE article_id = articles.id) AS quotations
    FROM articles ORDER BY published DESC, id DESC LIMIT 8"""
_STATEMENTS = """SELECT st.id, substr(st.text, 1, 300) AS text, st.articles, s.name AS speaker
    FROM statements st LEFT JOIN speakers s ON s.id = st.speaker_id
    WHERE st.articles > 1 ORDER BY st.articles DESC, st.id LIMIT 5"""
