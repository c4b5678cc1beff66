"""Which databases of a Datasette hold quotations, and which of them somebody may see."""

from __future__ import annotations

from typing import Any

from datasette import Forbidden

_SHOWN = ("articles", "speakers", "aliases", "quotes", "statements", "topics")
"""The tables that our pages show."""

_TABLES = (*_SHOWN, "quote_search")
"""A database with all of these is one that this version of `quotedex index` wrote, or one that was
brought to it. Those of an earlier version have fewer columns: Datasette's own pages show them."""


async def find(datasette: Any) -> list[str]:
    """The names of the databases with quotations, in Datasette's order."""
    return [name for name in datasette.databases if await _holds_quotations(datasette, name)]


async def visible(datasette: Any, actor: Any) -> list[str]:
    """Those of `find` of which this actor may read all the tables that our pages show."""
    return [
        name for name in await find(datasette) if await may_see(datasette, actor, name, *_SHOWN)
    ]


async def may_see(datasette: Any, actor: Any, name: str, *tables: str) -> bool:
    """Whether this actor may read these tables of a database.

    Datasette 1.0 wants resources as objects, and each table on its own; 0.65 wants tuples.
    """
    try:
        if hasattr(datasette, "ensure_permission"):
            from datasette.resources import TableResource

            for table in tables:
                await datasette.ensure_permission(
                    action="view-table", resource=TableResource(name, table), actor=actor
                )
        else:
            for table in tables:
                await datasette.ensure_permissions(
                    actor,
                    [("view-table", (name, table)), ("view-database", name), "view-instance"],
                )
    except Forbidden:
        return False
    return True


async def _holds_quotations(datasette: Any, name: str) -> bool:
    marks = ", ".join("?" * len(_TABLES))
    found = await datasette.execute(
        name,
        f"SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ({marks})",
        _TABLES,
    )
    return bool(found.rows[0][0] == len(_TABLES))
