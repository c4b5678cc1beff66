"""A Datasette plugin that makes a file written by `quotedex index` a site for searching quotations.

The hooks that Datasette calls, for its 0.65 and its 1.0 line; what they do is in the modules.
A Datasette without such a file looks and behaves as it would without this plugin.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from pluggy import HookimplMarker

from datasette_quotedex import databases, layout, metadata, pages, safety

hookimpl = HookimplMarker("datasette")  # what `datasette.hookimpl` is, but with types


@hookimpl
def startup(datasette: Any) -> Callable[[], Awaitable[None]]:
    async def describe() -> None:
        await metadata.describe(datasette, await databases.find(datasette))

    return describe


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Awaitable[Any]]]]:
    return [*pages.ROUTES, (r"/robots\.txt$", safety.robots)]


@hookimpl
def extra_template_vars(
    view_name: str | None, request: Any, datasette: Any, database: str | None, table: str | None
) -> Callable[[], Awaitable[dict[str, Any]]]:
    async def ours() -> dict[str, Any]:
        if view_name == "index" and request:
            return await pages.home(datasette, request)
        if view_name == "row" and request:
            return await pages.row_link(datasette, request, database, table)
        return {}

    return ours


@hookimpl
def menu_links(datasette: Any, actor: Any) -> Callable[[], Awaitable[list[dict[str, str]]]]:
    async def links() -> list[dict[str, str]]:
        if await databases.visible(datasette, actor):
            return [{"href": datasette.urls.path("/-/quotes"), "label": "Search quotations"}]
        return []

    return links


@hookimpl
def prepare_connection(conn: sqlite3.Connection) -> None:
    safety.limit(conn)


@hookimpl
def asgi_wrapper(datasette: Any) -> Callable[[safety.App], safety.App]:
    return partial(safety.with_headers, datasette=datasette)


@hookimpl
def extra_css_urls(datasette: Any, database: str | None) -> list[str]:
    ours = database in metadata.known(datasette)
    return [layout.static_url(datasette, "datasette.css")] if ours else []


@hookimpl(optionalhook=True)
def get_metadata(datasette: Any) -> dict[str, Any]:
    """Datasette 0.65 asks for these; on 1.0 `describe` hands them over at startup."""
    return metadata.metadata(datasette)


@hookimpl(optionalhook=True)
def canned_queries(datasette: Any, database: str) -> dict[str, dict[str, str]]:
    """Datasette 0.65 asks for these; on 1.0 `describe` hands them over at startup."""
    return metadata.queries(datasette, database)
