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
    rows = await place.extra(_MONTHS.format(sql), **parameters)
    if rows is None:
        return None
    return {row["month"]: row["number"] for row in rows if row["month"]}


_MONTHS = "SELECT substr(q.published, 1, 7) AS month, count(*) AS number {} GROUP BY 1"
