"""The home page."""

from __future__ import annotations

from typing import Any

from datasette.database import QueryInterrupted

from .. import databases, safety
from ..descriptions import QUERIES
from .address import Search
from .frame import frame


async def home(datasette: Any, request: Any) -> dict[str, Any]:
    """What templates/index.html needs to be our home page; {} where there are no quotations."""
    names = await databases.visible(datasette, request.actor)
    if not names:
        return {}
    search = Search(names[0], several=len(names) > 1)
    figures, speakers, articles = [
        await _rows(datasette, search.database, sql) for sql in (_FIGURES, _SPEAKERS, _ARTICLES)
    ]
    for speaker in speakers:
        speaker["url"] = search.narrow("speaker", speaker["id"]).url(datasette)
    return {
        "quotedex_home": {
            # The template marks its page: a publisher's own index.html may need script.
            "mark": lambda: safety.mark(request),
            "figures": figures[0] if figures else {},
            "speakers": speakers,
            "articles": articles,
            "tries": [(q, search.ask(q).url(datasette)) for q in _tries(speakers)],
            "tables": _TABLES,
            "queries": [(name, query["title"]) for name, query in QUERIES.items()],
            "newest": search.url(datasette),
            "kept": search.kept(),
        },
        **await frame(datasette, search.database),
    }


async def _rows(datasette: Any, database: str, sql: str) -> list[dict[str, Any]]:
    """The rows, or none where the file is too large for the server's patience."""
    try:
        return [dict(row) for row in (await datasette.execute(database, sql)).rows]
    except QueryInterrupted:
        return []


def _tries(speakers: list[dict[str, Any]]) -> list[str]:
    """Searches that find something here: who is quoted most, by name."""
    named = [row["name"] for row in speakers if row["kind"] == "person" and '"' not in row["name"]]
    return [f'speaker:"{name}"' if " " in name else f"speaker:{name}" for name in named[:2]]


_TABLES = ("quotes", "speakers", "articles", "statements", "quote_details")
_FIGURES = """SELECT (SELECT count(*) FROM articles) AS articles,
    (SELECT count(*) FROM quotes) AS quotations, (SELECT count(*) FROM speakers) AS speakers"""
_SPEAKERS = """SELECT id, name, kind, description, quotes FROM speakers
    WHERE kind <> 'anonymous' ORDER BY quotes DESC, name LIMIT 12"""
_ARTICLES = """SELECT id, title, substr(text, 1, 100) AS opening, publication, published,
    (SELECT count(*) FROM quotes WHERE article_id = articles.id) AS quotations
    FROM articles ORDER BY published DESC, id DESC LIMIT 8"""
