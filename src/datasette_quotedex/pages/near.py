"""Near spellings for a search that found nothing."""

from __future__ import annotations

import sqlite3
from typing import Any

from datasette.utils import sqlite_timelimit

from ..spelling import suggestions
from .found import Found

TIME_LIMIT_MS = 500


async def near(datasette: Any, found: Found) -> list[str]:
    """What else could be typed, and finds something; [] where that takes too long to tell."""
    search = found.search
    if found.hits or found.problem or search.start:
        return []

    def look(connection: sqlite3.Connection) -> list[str]:
        try:
            with sqlite_timelimit(connection, TIME_LIMIT_MS):
                return list(suggestions(connection, search.query, dict(search.narrowed)))
        except sqlite3.OperationalError:
            return []

    return list(await datasette.get_database(search.database).execute_fn(look))
