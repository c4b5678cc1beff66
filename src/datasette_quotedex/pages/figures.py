"""What is in the file, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
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
