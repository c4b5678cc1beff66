"""The context of a request: which database it reads, and the addresses of its pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from datasette import Forbidden, NotFound, Response
from datasette.database import QueryInterrupted
from datasette.utils import add_cors_headers

from datasette_quotedex import databases, safety
from datasette_quotedex.layout import layout_values

View = Callable[..., Awaitable[Any]]
"""Answers a request: `view(datasette, request)`."""

OPTIONAL_QUERY_MS = 500
"""The time limit of a query for a part of a page that may be missing."""


@dataclass(frozen=True, slots=True)
class SiteContext:
    """A database with quotations; `is_one_of_many`: addresses have to say which."""

    datasette: Any
    database: str
    is_one_of_many: bool = False

    def url(self, path: str, **parameters: object) -> str:
        """`url("/-/quotes", q="rent")`; parameters that are None or "" are left out."""
        if self.is_one_of_many:
            parameters["database"] = self.database
        query = urlencode(
            {name: v for name, v in parameters.items() if v is not None and v != ""}, safe=","
        )
        address = str(self.datasette.urls.path(path))
        return f"{address}?{query}" if query else address

    def page_url(self, page: str, key: str, suffix: str = "", **parameters: object) -> str:
        """`page_url("speakers", "ana-okafor")` -> `/-/speakers/ana-okafor`; with the suffix
        `.json`, its data."""
        return self.url(f"/-/{page}/{quote(key)}{suffix}", **parameters)

    def with_path(self, page: str, row: dict[str, Any]) -> dict[str, Any]:
        """The row for JSON, with the `path` of the page about it."""
        return {**without_ids(row), "path": self.page_url(page, row["key"])}

    async def rows(self, sql: str, **parameters: object) -> list[dict[str, Any]]:
        """The rows of a query that a page needs, within Datasette's own time limit."""
        found = await self.datasette.execute(self.database, sql, parameters)
        return [dict(row) for row in found.rows]

    async def optional_rows(self, sql: str, **parameters: object) -> list[dict[str, Any]] | None:
        """The rows of a query that a page can do without; None after OPTIONAL_QUERY_MS."""
        try:
            found = await self.datasette.execute(
                self.database, sql, parameters, custom_time_limit=OPTIONAL_QUERY_MS
            )
        except QueryInterrupted:
            return None
        return [dict(row) for row in found.rows]

    async def row(self, page: str, sql: str, key: str) -> dict[str, Any]:
        """The row that a page is about. Raises `RowNotFound`."""
        found = await self.rows(sql, key=key)
        if not found:
            raise RowNotFound(self, page, key)
        return found[0]

    async def page(self, request: Any, template: str, status: int = 200, **values: Any) -> Any:
        """A response with one of our pages, under the policy that forbids scripts."""
        values |= {"site": self, **await layout_values(self.datasette, self.database)}
        html = await self.datasette.render_template(f"quotedex/{template}", values, request=request)
        safety.forbid_scripts(request)
        return Response.html(html, status=status)

    def json(self, body: dict[str, Any], status: int = 200) -> Any:
        """A response with the data of a page."""
        body = {"ok": status == 200, **body}
        return Response.json(body, status=status, headers=self.cors_headers())

    def atom(self, feed: str) -> Any:
        """A response with an Atom feed."""
        content_type = "application/atom+xml; charset=utf-8"
        return Response(feed, headers=self.cors_headers(), content_type=content_type)

    def cors_headers(self) -> dict[str, str]:
        """The headers that `datasette --cors` asks for."""
        headers: dict[str, str] = {}
        if self.datasette.cors:
            add_cors_headers(headers)
        return headers


class RowNotFound(Exception):  # noqa: N818  (an answer to the reader, not an error)
    """No row has the key in the address of a request."""

    def __init__(self, site: SiteContext, page: str, key: str) -> None:
        super().__init__(f"no row of {page} has the key {key}")
        self.site, self.page, self.key = site, page, key


def without_ids(row: dict[str, Any]) -> dict[str, Any]:
    """A row for JSON: without the ids, which change when an article is indexed again."""
    return {name: v for name, v in row.items() if name != "id" and not name.endswith("_id")}


async def site_for(datasette: Any, request: Any) -> SiteContext:
    """The context of a request: `?database=`, or the first database that its reader may see.

    Raises Datasette's `NotFound` or `Forbidden` if there are no quotations to see.
    """
    names = await databases.visible(datasette, request.actor)
    if not names:
        if await databases.with_quotations(datasette):
            raise Forbidden("You do not have permission to see these quotations")
        raise NotFound("No database here has quotations")
    name = request.args.get("database")
    return SiteContext(datasette, name if name in names else names[0], len(names) > 1)


def int_or_zero(text: str | None) -> int:
    """An offset in an address; 0 for anything else."""
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
