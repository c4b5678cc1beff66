"""The home page."""

from __future__ import annotations

from typing import Any

from .. import databases, safety
from ..queries import QUERIES
from .address import Search
from .figures import figures
from .frame import frame
from .place import Place
from .timeline import timeline


async def home(datasette: Any, request: Any) -> dict[str, Any]:
    """What templates/index.html needs to be our home page; {} where there are no quotations."""
    names = await databases.visible(datasette, request.actor)
    if not names:
        return {}
    place = Place(datasette, names[0], several=len(names) > 1)
    search = Search(place.database, place.several)
    found = await figures(place)
    speakers = await place.extra(_SPEAKERS) or []
    return {
        "quotedex_home": {
            # The template marks its page: a publisher's own index.html may need script.
            "mark": lambda: safety.mark(request),
            "figures": found.counts,
            "timeline": timeline(found.months),
            "speakers": speakers,
            "articles": await place.extra(_ARTICLES) or [],
            "statements": await place.extra(_STATEMENTS) or [],
            "tries": [(q, search.ask(q).url(datasette)) for q in _tries(speakers)],
            "tables": _TABLES,
            "queries": [(name, query["title"]) for name, query in QUERIES.items()],
            "newest": search.url(datasette),
            "kept": search.kept(),
        },
        "place": place,
        **await frame(datasette, place.database),
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
