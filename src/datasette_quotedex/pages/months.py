"""How many quotations each month brought."""

from __future__ import annotations

from collections.abc import Mapping

from ..query import Query
from ..search.conditions import found
from .place import Place


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
