"""What is in the file, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..query import Query
from .months import months
from .place import Place


@dataclass(frozen=True, slots=True)
class Figures:
    """`counts` by name, `months` as {"2024-03": 12}; without what takes too long to count."""

    counts: dict[str, int]
    months: dict[str, int]


async def figures(place: Place) -> Figures:
    """Counted once for a file that cannot change while it is served, else each time."""
    kept = _kept(place.datasette)
    fixed = not place.datasette.get_database(place.database).is_mutable
    if fixed and place.database in kept:
        return kept[place.database]
    counts = {}
    complete = True
    for name, table in _COUNTED.items():
        rows = await place.extra(f"SELECT count(*) AS number FROM {table}")
        if rows is None:
            complete = False
        else:
            counts[name] = int(rows[0]["number"])
    by_month = await months(place, Query(""), {})
    found = Figures(counts, by_month or {})
    if fixed and complete and by_month is not None:
        kept[place.database] = found
    return found


def _kept(datasette: Any) -> dict[str, Figures]:
    """What was counted in this Datasette's files."""
    if not hasattr(datasette, _KEY):
        setattr(datasette, _KEY, {})
    kept: dict[str, Figures] = getattr(datasette, _KEY)
    return kept


_KEY = "_datasette_quotedex_figures"
_COUNTED = {"articles": "articles", "quotations": "quotes", "speakers": "speakers"}
