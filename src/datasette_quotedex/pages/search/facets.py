"""The filters of a search on its page: counted values, those in use, and the form."""

from __future__ import annotations

from typing import Any

from datasette_quotedex.context import Reader
from datasette_quotedex.pages.search.dates import FIELDS as DATE_FIELDS
from datasette_quotedex.pages.search.dates import day_of
from datasette_quotedex.pages.search.request import Search
from datasette_quotedex.render.text import readable_date, shorten
from datasette_quotedex.search import FILTERS, VALUE_LABELS, Sizes, facet_query, known_total


def facet_counts(db: Reader, search: Search, sizes: Sizes | None) -> dict[str, Any]:
    """{"total": 12, "statements": 9, "year": [{"value": "2024", "label": "2024", "count": 7, ...}],
    "unsure": {"total": 3, "statements": 2}, ...}.

    "unsure" counts what is left out. If there are too many hits to count, a sample is counted:
    "about" takes the place of "total", values have an estimated count, and statements are not
    counted. If counting takes too long, there is a total at most, or "at_most", with those left
    out.
    """
    if sizes is None:
        return {}
    sql, parameters = facet_query(search.query, search.filters, sizes, search.shown)
    rows = db.optional_rows(sql, **parameters)
    if rows is None:
        number = known_total(search.query, search.filters, sizes)
        is_whole = search.shown.unsure == "shown"
        return {} if number is None else {"total" if is_whole else "at_most": number}
    facets: dict[str, Any] = {one.name: [] for one in FILTERS}
    left_out: dict[str, int] = {}
    for row in rows:
        facet, value, label, number, share = row.values()
        is_exact = share == 1
        count = number if is_exact else round_estimate(number / share)
        if facet == "total":
            facets["total" if is_exact else "about"] = count
        elif facet == "statements":
            facets["statements"] = count
        elif facet == "left_out":
            left_out["total" if is_exact else "about"] = count
        elif facet == "statements_left_out":
            left_out["statements"] = count
        else:
            url = search.with_filter(facet, value).url()
            entry = {"value": value, "label": label, "count": count, "url": url}
            facets[facet].append(entry | {"estimated": not is_exact})
    if search.shown.unsure == "hidden":
        facets["unsure"] = left_out
    return facets


def round_estimate(number: float) -> int:
    """An estimate to two digits: 11834.2 -> 12000."""
    return int(float(f"{number:.2g}"))


def active_filters(db: Reader, search: Search) -> list[dict[str, str]]:
    """The filters in use, each with the address of the search without it."""
    active = []
    for one in FILTERS:
        if (value := search.filters.get(one.name)) is None:
            continue
        label = one.labels.get(str(value), str(value))
        if one.name == "speaker":
            sql = "SELECT label FROM speakers WHERE key = :key"
            rows = db.rows(sql, key=value)
            label = rows[0]["label"] if rows else "unknown speaker"
        url = search.with_filter(one.name, None).url()
        active.append({"name": one.name, "title": one.title, "label": label, "url": url})
    for name, title in DATE_FIELDS.items():
        if (value := search.filters.get(name)) is not None:
            day = day_of(name, value)
            label = readable_date(day.isoformat()) if day else shorten(value, 30)
            url = search.with_filter(name, None).url()
            active.append({"name": name, "title": title, "label": label, "url": url})
    return active


def date_fields(search: Search) -> list[dict[str, str]]:
    """The two date fields of the form, each with its day, or "" if there is none."""
    fields = []
    for name, title in DATE_FIELDS.items():
        day = day_of(name, search.filters.get(name, ""))
        fields.append({"name": name, "title": title, "value": day.isoformat() if day else ""})
    return fields


def filter_form(
    search: Search, facets: dict[str, Any], active: list[dict[str, str]]
) -> list[dict[str, Any]]:
    """The filters as fields of a form, with the active value or those that narrow further."""
    active_labels = {one["name"]: one["label"] for one in active}
    fields = []
    for one in FILTERS:
        options = [
            (entry["value"], VALUE_LABELS.get(entry["label"], entry["label"]), entry["count"])
            for entry in facets.get(one.name, [])
        ]
        chosen = search.filters.get(one.name)
        if chosen is not None:
            options = [(chosen, active_labels[one.name], None)]
        if options:
            fields.append(
                {"name": one.name, "title": one.title, "options": options, "chosen": chosen}
            )
    return fields
