"""What a search can be narrowed by: counted values, those in force, and the same as a form."""

from __future__ import annotations

from typing import Any

from datasette.database import QueryInterrupted

from ..search import FACETS, counts, total
from .address import Search
from .frame import FACET_TITLES, VALUE_LABELS

COUNT_TIME_LIMIT_MS = 500
"""Counts are worth half a second of waiting; a search over millions of rows goes without."""

MOST = 100_000
"""Where counting every value takes too long, this many are counted of the total alone."""


async def counted(datasette: Any, search: Search) -> dict[str, Any]:
    """{"total": 12, "speaker": [{"value": 1, "label": "Ana Okafor", "count": 7, ...}], ...}.

    No facets where counting them takes too long: {"total": 4711}, {"at_least": 100000} or {}.
    """
    sql, parameters = counts(search.query, dict(search.narrowed))
    try:
        rows = await datasette.execute(
            search.database, sql, parameters, custom_time_limit=COUNT_TIME_LIMIT_MS
        )
    except QueryInterrupted:
        return await _total(datasette, search)
    facets: dict[str, Any] = {facet: [] for facet in FACETS}
    for facet, value, label, number in rows.rows:
        if facet == "total":
            facets["total"] = number
        else:
            url = search.narrow(facet, value).url(datasette)
            facets[facet].append({"value": value, "label": label, "count": number, "url": url})
    return facets


async def chips(datasette: Any, search: Search) -> list[dict[str, str]]:
    """The facets in force, each with the address of the search without it."""
    found = []
    for facet, value in search.narrowed:
        label = VALUE_LABELS.get(str(value), str(value))
        if facet == "speaker":
            sql = "SELECT name FROM speakers WHERE id = ?"
            rows = (await datasette.execute(search.database, sql, [value])).rows
            label = rows[0][0] if rows else "nobody in this database"
        url = search.narrow(facet, None).url(datasette)
        found.append({"name": facet, "title": FACET_TITLES[facet], "label": label, "url": url})
    return found


def fields(
    search: Search, facets: dict[str, Any], in_force: list[dict[str, str]]
) -> list[dict[str, Any]]:
    """The same as the fields of a form: a value in force, or those that would narrow further."""
    narrowed = dict(search.narrowed)
    labels = {chip["name"]: chip["label"] for chip in in_force}
    found = []
    for facet, title in FACET_TITLES.items():
        options = [
            (entry["value"], f"{VALUE_LABELS.get(entry['label'], entry['label'])}", entry["count"])
            for entry in facets.get(facet, [])
        ]
        if facet in narrowed:
            options = [(narrowed[facet], labels[facet], None)]
        if options:
            chosen = narrowed.get(facet)
            found.append({"name": facet, "title": title, "options": options, "chosen": chosen})
    return found


async def _total(datasette: Any, search: Search) -> dict[str, Any]:
    sql, parameters = total(search.query, dict(search.narrowed), most=MOST)
    try:
        rows = await datasette.execute(
            search.database, sql, parameters, custom_time_limit=COUNT_TIME_LIMIT_MS
        )
    except QueryInterrupted:
        return {}
    number = rows.rows[0][0]
    return {"at_least": number} if number == MOST else {"total": number}
