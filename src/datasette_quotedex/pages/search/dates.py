"""The first and the last day of a search, from two date fields. Both days are included.

`after:` and `before:` in the words keep their meaning: a date that both limit is in the search if
it is within both.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from datasette_quotedex.render.text import readable_date, shorten
from datasette_quotedex.search.syntax import SearchQuery

FIELDS = {"from": "From", "to": "To"}
"""The parameters of an address, and what readers see."""


def within_dates(query: SearchQuery, filters: Mapping[str, str]) -> SearchQuery:
    """The query, for articles published in these days too. A `problem` if one is no date."""
    if query.problem or not FIELDS.keys() & filters.keys():
        return query
    for name, title in FIELDS.items():
        if name in filters and not day_of(name, filters[name]):
            return _with_problem(query, f"“{shorten(filters[name], 30)}” in {title} is not a date. "
                                 "Use a date such as 2024-05-31.")  # fmt: skip
    first, last = (day_of(name, filters.get(name, "")) for name in FIELDS)
    if first and last and first > last:
        return _with_problem(
            query,
            f"The first day, {readable_date(first.isoformat())}, is after the last day, "
            f"{readable_date(last.isoformat())}. Exchange them.",
        )
    after = max(filter(None, (query.after, _bound(first))), default=None)
    end = last + timedelta(days=1) if last and last < date.max else None
    before = min(filter(None, (query.before, _bound(end))), default=None)
    if after and before and after >= before:
        return _with_problem(
            query,
            "No day is within both the date fields and the dates after after: and before:. "
            "Remove one of them.",
        )
    return replace(query, after=after, before=before)


def day_of(name: str, text: str) -> date | None:
    """The day that a field means: `2024-05` is the first of May in "from", the last in "to"."""
    if not _DATE.fullmatch(text):
        return None
    year, month, day = text[:4], text[5:7], text[8:]
    is_last = name == "to"
    month = month or ("12" if is_last else "01")
    try:
        end = monthrange(int(year), int(month))[1] if is_last else 1
        return date(int(year), int(month), int(day or end))
    except (ValueError, IndexError):
        return None


def _bound(day: date | None) -> str | None:
    """The day as it is compared with dates of articles, which may be only a month: those of
    "2024-05" are in May, so its first day is compared as "2024-05"."""
    return day.isoformat().removesuffix("-01").removesuffix("-01") if day else None


def _with_problem(query: SearchQuery, problem: str) -> SearchQuery:
    return SearchQuery(query.given, problem=problem)


_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)
