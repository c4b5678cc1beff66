"""Which databases of a Datasette hold quotations, and which of them a reader may see."""

from __future__ import annotations

import sqlite3
from typing import Any
from weakref import WeakKeyDictionary

from datasette import Forbidden
from datasette.utils import await_me_maybe

from datasette_quotedex import metadata
from datasette_quotedex.lanes import PAGES, run_in_lane

_SHOWN_TABLES = ("articles", "speakers", "aliases", "quotes", "statements", "topics")
"""The tables that our pages show."""

_TABLES = (*_SHOWN_TABLES, "people_list", "quote_search")
"""A database with all of these was written by `quotedex index`."""


async def with_quotations(datasette: Any) -> list[str]:
    """The names of the databases with quotations, in Datasette's order. None is in memory."""
    names = [name for name, database in datasette.databases.items() if database.path]
    return [name for name in names if await _has_quotations(datasette, name)]


def is_internal(datasette: Any, name: str | None) -> bool:
    """Whether this is the database of Datasette 0.65 about its databases.

    Its connections share one cache in memory, in which nobody waits for a lock: whoever reads its
    schema while Datasette writes it, during the first requests, makes one of the two fail.
    """
    found = datasette.databases.get(name)
    return name == "_internal" and found is not None and found.path is None


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
    if not hasattr(datasette, "ensure_permission"):
        return await _may_view_in_065(datasette, actor, database, tables)
    from datasette.resources import TableResource

    try:
        for table in tables:
            await datasette.ensure_permission(
                action="view-table", resource=TableResource(database, table), actor=actor
            )
    except Forbidden:
        return False
    return True


async def may_view_site(datasette: Any, actor: Any) -> bool:
    """Whether this actor may see anything at all."""
    if hasattr(datasette, "allowed"):
        return bool(await datasette.allowed(action="view-instance", actor=actor))
    return await _verdict(datasette, actor, "view-instance", None) is not False


async def _may_view_in_065(
    datasette: Any, actor: Any, database: str, tables: tuple[str, ...]
) -> bool:
    """What `ensure_permissions` says of each table, its database and the site, each asked once.

    Datasette first looks up how the file spells the name of each table. Ours are spelled so.
    """
    general = None
    with metadata.left_out():
        for action, resource in (("view-database", database), ("view-instance", None)):
            if general is None:
                general = await _verdict(datasette, actor, action, resource)
        verdicts = [
            await _verdict(datasette, actor, "view-table", (database, table)) for table in tables
        ]
    return all((general if one is None else one) is not False for one in verdicts)


async def _verdict(datasette: Any, actor: Any, action: str, resource: Any) -> bool | None:
    """What plugins and metadata say: the last that has an opinion decides; None if nobody has."""
    from datasette.plugins import pm

    verdict = None
    checks = {"datasette": datasette, "actor": actor, "action": action, "resource": resource}
    for check in pm.hook.permission_allowed(**checks):
        answer = await await_me_maybe(check)
        verdict = verdict if answer is None else bool(answer)
    return verdict


async def _has_quotations(datasette: Any, name: str) -> bool:
    state = file_state(datasette, name)
    known: dict[str, tuple[object, bool]] = datasette.__dict__.setdefault(_KEY, {})
    kept = known.get(name)
    if kept and state is not None and kept[0] == state:
        return kept[1]
    found = await run_in_lane(PAGES, datasette, name, _has_tables)
    known[name] = state, found
    return found


def _has_tables(connection: sqlite3.Connection) -> bool:
    marks = ", ".join("?" * len(_TABLES))
    sql = f"SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ({marks})"
    return bool(connection.execute(sql, _TABLES).fetchone()[0] == len(_TABLES))


def file_state(datasette: Any, name: str) -> object:
    """A value that changes when the file is written to; None if there is no way to know.

    To be asked before reading what is kept for this state: what is read later may be newer, and is
    read again then.
    """
    database = datasette.get_database(name)
    if not database.is_mutable:
        return "fixed"
    if not database.path:
        return None
    states: WeakKeyDictionary[Any, sqlite3.Connection] = datasette.__dict__.setdefault(
        _WATCHES, WeakKeyDictionary()
    )
    if database not in states:
        states[database] = database.connect()
        states[database].execute("PRAGMA busy_timeout = 0").fetchone()
    try:
        return int(states[database].execute("PRAGMA data_version").fetchone()[0])
    except sqlite3.OperationalError:  # a writer is just about to replace its pages
        return None


_KEY = "_datasette_quotedex_has_quotations"
_WATCHES = "_datasette_quotedex_watches"
