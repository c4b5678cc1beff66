"""`/-/topics`: the key terms of all speakers, each leading to a search for it."""

from __future__ import annotations

from typing import Any

from datasette_quotedex.context import Reader, SelectQuery, SiteContext
from datasette_quotedex.pages.browse.listing import Listing, Shown


def _query(shown: Shown, limit: int) -> SelectQuery:
    by_number = shown.sort == "number"
    after = ""
    parameters: dict[str, Any] = {"limit": limit}
    if shown.start:
        after = "WHERE (key COLLATE NOCASE, key) > (:key, :key)"
        if by_number:
            after = f"{after} AND speaker_count = :value OR speaker_count < :value"
            parameters["value"] = shown.start.value
        parameters["key"] = shown.start.key
    order = "key COLLATE NOCASE, key"
    order = f"speaker_count DESC, {order}" if by_number else order
    terms = f"SELECT * FROM ({_TERMS}) AS here {after} ORDER BY {order} LIMIT :limit"
    return f"SELECT here.*, {_SPEAKER} FROM ({terms}) AS here ORDER BY {order}", parameters


def _finish(site: SiteContext, row: dict[str, Any]) -> dict[str, Any]:
    # No term contains quotation marks.
    path = site.url("/-/quotes", q=f'"{row["key"]}"')
    return {"term": row["key"], **{name: row[name] for name in _NAMES if name != "term"}} | {
        "path": path
    }


def _more(db: Reader, shown: Shown) -> dict[str, Any]:
    return {}


_NAMES = ("term", "speaker_count", "speaker_key", "speaker")
_TERMS = "SELECT term AS key, count(*) AS speaker_count FROM topics GROUP BY term"
_OF_FIRST = """FROM topics t JOIN speakers s ON s.id = t.speaker_id
    WHERE t.term = here.key ORDER BY t.score DESC LIMIT 1"""
_SPEAKER = f"""(SELECT s.key {_OF_FIRST}) AS speaker_key,
    (SELECT s.label {_OF_FIRST}) AS speaker"""

TOPICS = Listing(
    name="topics",
    columns=(*_NAMES, "path"),
    sorts={"number": "speaker_count", "name": None},
    query=_query,
    finish=_finish,
    more=_more,
    has_free_keys=True,
)
