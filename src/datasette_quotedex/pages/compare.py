"""Two speakers side by side on one term."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from datasette_quotedex.context import Place, number, place_of
from datasette_quotedex.pages.search.page import Found, find
from datasette_quotedex.pages.search.request import Search
from datasette_quotedex.pages.speaker import quotations_data
from datasette_quotedex.render.timeline import Timeline, span, timeline
from datasette_quotedex.search import total
from datasette_quotedex.search.syntax import Query, parse
from datasette_quotedex.stats import months

SHOWN = 6
"""Quotations of each speaker."""

CHOICES = 8
COUNTED = 100_000
SUGGESTED = 40
"""Names that the form offers: those who are quoted most."""


async def compare_page(datasette: Any, request: Any) -> Any:
    """`/-/compare?speakers=1,2&q=rent`, and the same as `/-/compare.json`.

    The form sends names as `one` and `other`: who is quoted most under such a name is meant.
    """
    place = await place_of(datasette, request)
    q = request.args.get("q") or ""
    ids = [number(text) for text in (request.args.get("speakers") or "").split(",")][:2]
    typed = [(request.args.get(name) or "").strip() for name in ("one", "other")]
    sides = []
    for index in range(2):
        known = ids[index] if index < len(ids) else 0
        sides.append(await _side(place, parse(q), known, typed[index]))
    sides = _on_the_same_axes(sides)
    if request.url_vars["format"]:
        return place.json({"q": q, "speakers": [_data(place, side) for side in sides]})
    chosen = [side.speaker for side in sides if side.speaker]
    address = {"speakers": ",".join(str(one["id"]) for one in chosen), "q": q}
    suggested = await place.rows(_SUGGESTED, limit=SUGGESTED)
    return await place.page(
        request,
        "compare.html",
        q=q,
        problem=parse(q).problem,
        sides=sides,
        both=len(chosen) == 2,
        permalink=datasette.absolute_url(request, place.url("/-/compare", **address)),
        json_url=place.url("/-/compare.json", **address),
        suggested=[row["name"] for row in suggested],
    )


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two. `typed` is the name asked for, `others` are who else it could mean."""

    typed: str
    speaker: dict[str, Any] | None = None
    others: tuple[dict[str, Any], ...] = ()
    found: Found | None = None
    total: int | None = None
    months: dict[str, int] | None = None
    timeline: Timeline | None = None


async def _side(place: Place, query: Query, known: int, typed: str) -> Side:
    choices = await place.rows(_BY_ID, id=known)
    if typed and (not choices or choices[0]["name"] != typed):
        choices = await _named(place, typed)
    if not choices:
        return Side(typed)
    search = Search(place.database, place.several, query, (("speaker", choices[0]["id"]),))
    found = await find(place.datasette, search, SHOWN)
    if found.problem:
        return Side(typed, choices[0], tuple(choices[1:]), found)
    return Side(
        typed=typed or choices[0]["name"],
        speaker=choices[0],
        others=tuple(choices[1:]),
        found=found,
        total=await _total(place, search, choices[0]),
        months=await months(place, query, dict(search.narrowed)),
    )


async def _total(place: Place, search: Search, speaker: dict[str, Any]) -> int | None:
    """How many are found; None where counting takes too long or goes beyond COUNTED."""
    if search.query.empty:
        return int(speaker["quotes"] or 0)
    sql, parameters = total(search.query, dict(search.narrowed), most=COUNTED + 1)
    rows = await place.extra(sql, **parameters)
    number = next(iter(rows[0].values())) if rows else None
    return None if number is None or number > COUNTED else int(number)


async def _named(place: Place, typed: str) -> list[dict[str, Any]]:
    """Who bears this name or uses it as an alias, or else has its words in the name."""
    exact = await place.rows(_BY_NAME, name=typed, limit=CHOICES)
    if exact:
        return exact
    plain = typed.replace('"', " ").strip()
    match = parse(f'speaker:"{plain}"').match
    return (await place.extra(_BY_WORDS, match=match, limit=CHOICES) or []) if match else []


def _on_the_same_axes(sides: list[Side]) -> list[Side]:
    series = [side.months or {} for side in sides]
    together = span(*series)
    alone = [timeline(months, together) for months in series]
    most = max((picture.most for picture in alone if picture), default=None)
    return [
        replace(side, timeline=timeline(months, together, most))
        for side, months in zip(sides, series, strict=True)
    ]


def _data(place: Place, side: Side) -> dict[str, Any] | None:
    if not side.speaker or not side.found:
        return None
    return {
        **{name: side.speaker[name] for name in ("id", "name", "kind", "description")},
        "path": place.to("speakers", side.speaker["id"]),
        "problem": side.found.problem,
        "total": side.total,
        "timeline": side.timeline.data if side.timeline else [],
        "quotations": quotations_data(place, side.found),
        "search_path": side.found.search.url(place.datasette, "json"),
    }


_COLUMNS = "id, name, kind, description, quotes"
_BY_ID = f"SELECT {_COLUMNS} FROM speakers WHERE id = :id"
_SUGGESTED = """SELECT name FROM speakers WHERE kind <> 'anonymous'
    ORDER BY quotes DESC LIMIT :limit"""
_BY_NAME = f"""SELECT {_COLUMNS} FROM speakers WHERE id IN (
        SELECT id FROM speakers WHERE name = :name
        UNION SELECT speaker_id FROM aliases WHERE name = :name
    ) ORDER BY quotes DESC, id LIMIT :limit"""
# The full-text index knows names by their words; so many hits are enough to know who is meant.
_BY_WORDS = f"""SELECT {_COLUMNS} FROM speakers WHERE id IN (
        SELECT q.speaker_id FROM (
            SELECT rowid FROM quote_search WHERE quote_search MATCH :match LIMIT 2000
        ) AS hit JOIN quotes q ON q.id = hit.rowid
    ) ORDER BY quotes DESC, id LIMIT :limit"""
