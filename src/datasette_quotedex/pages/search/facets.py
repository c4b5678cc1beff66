"""What a search can be narrowed by: counted values, those in force, and the same as a form."""

from __future__ import annotations

from typing import Any

from datasette.database import QueryInterrupted

from datasette_quotedex.layout import FACET_TITLES, VALUE_LABELS
from datasette_quotedex.pages.search.request import Search
from datasette_quotedex.search import FACETS, Sizes, counts, known

COUNT_TIME_LIMIT_MS = 500
"""Counts are worth half a second of waiting; where a machine is too slow for them a search goes
without."""


async def counted(datasette: Any, search: Search, sizes: Sizes | None) -> dict[str, Any]:
    """{"total": 12, "speaker": [{"value": 1, "label": "Ana Okafor", "count": 7, ...}], ...}.

    Of what is too much to be counted, a sample is: {"about": 12000} then takes the place of the
    total, an entry's count is what the sample tells of all, and its `estimated` is True. Where
    counting takes too long there is only a total, or {}.
    """
    narrowed = dict(search.narrowed)
    if sizes is None:
        return {}
    sql, parameters = counts(search.query, narrowed, sizes)
    try:
        rows = await datasette.execute(
            search.database, sql, parameters, custom_time_limit=COUNT_TIME_LIMIT_MS
        )
    except QueryInterrupted:
        number = known(search.query, narrowed, sizes)
        return {} if number is None else {"total": number}
    facets: dict[str, Any] = {facet: [] for facet in FACETS}
    for facet, value, label, number, share in rows.rows:
        count = number if share == 1 else rounded(number / share)
        if facet == "total":
            facets |= {"total" if share == 1 else "about": count}
        else:
            url = search.narrow(facet, value).url(datasette)
            entry = {"value": value, "label": label, "count": count, "url": url}
            facets[facet].append(entry | {"estimated": share != 1})
    return facets


def rounded(number: float) -> int:
    """As much of an estimate as means something: 11834.2 -> 12000."""
    return int(float(f"{number:.2g}"))


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
