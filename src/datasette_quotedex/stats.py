"""What is in the file, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasette_quotedex.context import Place
from datasette_quotedex.search.filters import found
from datasette_quotedex.search.syntax import Query


@dataclass(frozen=True, slots=True)
class Figures:
    """`counts` by name, `months` as {"2024-03": 12}; without what takes too long to count."""

    counts: dict[str, int]
    months: dict[str, int]


async def figures(place: Place) -> Figures:
    """Counted once for a file as it is: a part of it that was counted is not counted again."""
    known = _kept(place)
    for name, table in _COUNTED.items():
        if name not in known.counts:
            rows = await place.extra(f"SELECT count(*) AS number FROM {table}")
            if rows is not None:
                known.counts[name] = int(rows[0]["number"])
    if not known.months:
        known.months.update(await months(place, Query(""), {}) or {})
    return known


def _kept(place: Place) -> Figures:
    """What was counted in this Datasette's file as long as it was what it is now."""
    if not hasattr(place.datasette, _KEY):
        setattr(place.datasette, _KEY, {})
    kept: dict[str, tuple[object, Figures]] = getattr(place.datasette, _KEY)
    state = _state(place.datasette.get_database(place.database))
    before, known = kept.get(place.database, (None, Figures({}, {})))
    if state is None or before != state:
        known = Figures({}, {})
        kept[place.database] = state, known
    return known


def _state(database: Any) -> object:
    """Something that is another after a file was written to; None where nothing tells."""
    if not database.is_mutable:
        return "fixed"
    if not database.path:
        return None
    # What is not in the file yet is in a log beside it.
    files = [Path(database.path), Path(f"{database.path}-wal")]
    stats = [file.stat() for file in files if file.exists()]
    return tuple((stat.st_size, stat.st_mtime_ns) for stat in stats)


_KEY = "_datasette_quotedex_figures"
_COUNTED = {"articles": "articles", "quotations": "quotes", "speakers": "speakers"}


async def months(
    place: Place, query: Query, narrowed: Mapping[str, str | int]
) -> dict[str, int] | None:
    """`{"2024-03": 12}` for the quotations of a search; None where counting takes too long.

    What has no date is in no month.
    """
    sql, parameters = found(query, narrowed)
    if query.empty and not narrowed:
        rows = await place.extra(_ALL_MONTHS)
    else:
        rows = await place.extra(_MONTHS.format(sql), **parameters)
    if rows is None:
        return None
    return {row["month"]: row["number"] for row in rows if row["month"]}


# Of the index of dates, only the first entry of each day is looked up; counting the rest of a day
# compares nothing but that. A fifth of the time of a GROUP BY over all.
_ALL_MONTHS = """
    WITH RECURSIVE days(day) AS (
        SELECT min(published) FROM quotes
        UNION SELECT (SELECT min(published) FROM quotes WHERE published > day)
            FROM days WHERE day IS NOT NULL
    )
    SELECT substr(day, 1, 7) AS month,
        sum((SELECT count(*) FROM quotes WHERE published = day)) AS number
    FROM days WHERE day IS NOT NULL GROUP BY 1"""
# By day first, which an index of one speaker's quotations has in order.
_MONTHS = """
    SELECT substr(day, 1, 7) AS month, sum(number) AS number FROM (
        SELECT q.published AS day, count(*) AS number {} GROUP BY q.published
    ) GROUP BY 1"""
