"""Which databases of a Datasette hold quotations, and which of them a reader may see."""

from __future__ import annotations

from typing import Any

from datasette import Forbidden

_SHOWN_TABLES = ("articles", "speakers", "aliases", "quotes", "statements", "topics")
"""The tables that our pages show."""

_TABLES = (*_SHOWN_TABLES, "people_list", "quote_search")
"""A database with all of these was written by `quotedex index`."""


async def with_quotations(datasette: Any) -> list[str]:
    """The names of the databases with quotations, in Datasette's order."""
    return [name for name in datasette.databases if await _has_quotations(datasette, name)]


async def visible(datasette: Any, actor: Any) -> list[str]:
    """The databases with quotations whose tables this actor may read, as far as pages show them."""
    return [
        name
        for name in await with_quotations(datasette)
        if await may_view(datasette, actor, name, *_SHOWN_TABLES)
    ]


async def may_view(datasette: Any, actor: Any, database: str, *tables: str) -> bool:
    """Whether this actor may read these tables of a database.

    Datasette 1.0 expects resources as objects and one table at a time; 0.65 expects tuples.
    """
    try:
        if hasattr(datasette, "ensure_permission"):
            from datasette.resources import TableResource

            for table in tables:
                await datasette.ensure_permission(
                    action="view-table", resource=TableResource(database, table), actor=actor
                )
        else:
            for table in tables:
                await datasette.ensure_permissions(
                    actor,
                    [
                        ("view-table", (database, table)),
                        ("view-database", database),
                        "view-instance",
                    ],
                )
    except Forbidden:
        return False
    return True


async def _has_quotations(datasette: Any, name: str) -> bool:
    marks = ", ".join("?" * len(_TABLES))
    found = await datasette.execute(
        name,
        f"SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ({marks})",
        _TABLES,
    )
    return bool(found.rows[0][0] == len(_TABLES))
