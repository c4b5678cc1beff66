"""A Datasette plugin: a site for searching the quotations in a file written by `quotedex index`.

This module holds the hooks that Datasette calls, in its versions 0.65 and 1.0; the other modules do
the work. A Datasette without such a file looks and behaves as it would without this plugin.

The hooks import what they need: `quotedex index` uses the search's tables of letters, and should
not load Datasette for them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from pluggy import HookimplMarker

if TYPE_CHECKING:
    from jinja2 import Environment

    from datasette_quotedex.safety import App

hookimpl = HookimplMarker("datasette")  # what `datasette.hookimpl` is, but with types


@hookimpl
def startup(datasette: Any) -> Callable[[], Awaitable[None]]:
    from datasette_quotedex import databases, layout, metadata, public_url, safety, sql

    async def describe() -> None:
        public_url.public_url_of(datasette)
        names = await databases.with_quotations(datasette)
        if names:
            safety.print_short_errors()
        await metadata.describe(datasette, names)
        layout.order_templates(datasette, ours_first=bool(names))
        await sql.take_over(datasette, names)

    return describe


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Awaitable[Any]]]]:
    from datasette_quotedex import pages

    return [pages.FRONT, *pages.ROUTES]


@hookimpl
def extra_template_vars(
    view_name: str | None, request: Any, datasette: Any, database: str | None, table: str | None
) -> Callable[[], Awaitable[dict[str, Any]]]:
    from datasette_quotedex import frame, pages

    async def values() -> dict[str, Any]:
        framed = await frame.frame_values(datasette, request)
        if view_name == "index" and request:
            return {**framed, **await pages.home_values(datasette, request)}
        if view_name == "row" and request:
            row = await pages.row_link_values(datasette, request, database, table)
            return {**framed, **row}
        return framed

    return values


@hookimpl
def render_cell(
    row: Any, value: Any, column: str, table: str | None, database: str, datasette: Any
) -> Any:
    from datasette_quotedex import cell_links, sql

    return sql.with_pause(cell_links.cell_link(datasette, database, table, column, row, value))


@hookimpl
def menu_links(datasette: Any, actor: Any) -> Callable[[], Awaitable[list[dict[str, str]]]]:
    from datasette_quotedex import databases, layout

    async def links() -> list[dict[str, str]]:
        if await databases.visible(datasette, actor):
            return [
                {"href": datasette.urls.path(f"/-/{page}"), "label": label}
                for page, label in layout.MENU
            ]
        return []

    return links


@hookimpl
def handle_exception(
    datasette: Any, request: Any, exception: Exception
) -> Callable[[], Awaitable[Any]]:
    from datasette import NotFound

    from datasette_quotedex import frame, lanes, pages, sql

    if isinstance(exception, lanes.TooBusy):
        return partial(lanes.busy_answer, datasette, request, exception)
    if isinstance(exception, NotFound):
        return partial(pages.not_found_answer, datasette, request, exception)

    async def answer() -> Any:
        await frame.begin_error_page(datasette, request)
        interrupted = sql.interrupted_answer(datasette, request, exception)
        return await interrupted() if interrupted else None

    return answer


@hookimpl
def prepare_jinja2_environment(env: Environment, datasette: Any) -> None:
    from datasette_quotedex import frame, layout, sql

    layout.name_templates(datasette, env)
    sql.pause_in_templates(env)
    frame.extend_tags(env)


@hookimpl
def prepare_connection(conn: sqlite3.Connection, database: str | None, datasette: Any) -> None:
    from datasette_quotedex import databases, safety

    if not databases.is_internal(datasette, database):
        safety.limit_connection(conn)


@hookimpl
def asgi_wrapper(datasette: Any) -> Callable[[App], App]:
    from datasette_quotedex import bodies, frame, pages, public_url, safety, sql

    routes = [pattern for pattern, _ in pages.ROUTES]

    def wrapped(app: App) -> App:
        app = frame.with_no_error_page(app)
        app = sql.with_kinds(app, datasette, routes)
        app = bodies.with_bounds(app, datasette)
        app = safety.with_headers(app, datasette, routes)
        return public_url.with_public_url(app, datasette)

    return wrapped


@hookimpl(optionalhook=True)
def register_actions(datasette: Any) -> list[Any]:
    """Only Datasette 1.0 calls this hook; in 0.65 any name may be asked about."""
    from datasette.permissions import Action

    from datasette_quotedex import editing

    return [Action(name=editing.PERMISSION, description="Correct quotations and speakers")]


@hookimpl
def extra_css_urls(datasette: Any) -> list[str]:
    from datasette_quotedex import frame, layout

    return [layout.static_url(datasette, "datasette.css")] if frame.has_frame(datasette) else []


@hookimpl
def extra_js_urls(datasette: Any) -> list[dict[str, Any]]:
    from datasette_quotedex import frame, layout

    url = layout.static_url(datasette, "datasette.js")
    return [{"url": url, "module": True}] if frame.has_frame(datasette) else []


@hookimpl(optionalhook=True)
def get_metadata(datasette: Any, key: str | None) -> dict[str, Any]:
    """Only Datasette 0.65 calls this hook; for 1.0, `metadata.describe` sets it at startup."""
    from datasette_quotedex import metadata

    return metadata.metadata(datasette, key)


@hookimpl(optionalhook=True)
def canned_queries(datasette: Any, database: str) -> dict[str, dict[str, str]]:
    """Only Datasette 0.65 calls this hook; for 1.0, `metadata.describe` sets them at startup."""
    from datasette_quotedex import metadata

    return metadata.queries(datasette, database)
