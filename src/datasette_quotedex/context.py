"""Where a request wants to go: the database it asks about, and the addresses of pages in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from datasette import Forbidden, NotFound, Response
from datasette.database import QueryInterrupted
from datasette.utils import add_cors_headers

from datasette_quotedex import databases, safety
from datasette_quotedex.layout import frame

View = Callable[..., Awaitable[Any]]
"""What answers a request: `view(datasette, request)`."""

PATIENCE_MS = 500
"""What a page may wait for one of its parts that it can do without."""


@dataclass(frozen=True, slots=True)
class Place:
    """A database with quotations; `several` where an address has to say which one."""

    datasette: Any
    database: str
    several: bool = False

    def url(self, path: str, **values: object) -> str:
        """`url("/-/speakers/7", q="rent")`; values that are None or "" stay out of it."""
        if self.several:
            values["database"] = self.database
        asked = urlencode(
            {name: v for name, v in values.items() if v is not None and v != ""}, safe=","
        )
        address = str(self.datasette.urls.path(path))
        return f"{address}?{asked}" if asked else address

    def to(self, kind: str, id: int, form: str = "", **values: object) -> str:
        """`to("speakers", 7, ".json")`, the address of a page about one thing, or of its data."""
        return self.url(f"/-/{kind}/{id}{form}", **values)

    async def rows(self, sql: str, **parameters: object) -> list[dict[str, Any]]:
        """The rows of what a page cannot do without, in the time that any SQL gets here."""
        found = await self.datasette.execute(self.database, sql, parameters)
        return [dict(row) for row in found.rows]

    async def extra(self, sql: str, **parameters: object) -> list[dict[str, Any]] | None:
        """The rows of what a page can do without; None where they take longer than PATIENCE_MS."""
        try:
            found = await self.datasette.execute(
                self.database, sql, parameters, custom_time_limit=PATIENCE_MS
            )
        except QueryInterrupted:
            return None
        return [dict(row) for row in found.rows]

    async def one(self, sql: str, **parameters: object) -> dict[str, Any]:
        """The one row of a page that is about it. Raises `MissingError`."""
        found = await self.rows(sql, **parameters)
        if not found:
            raise MissingError(self)
        return found[0]

    async def page(self, request: Any, template: str, status: int = 200, **values: Any) -> Any:
        """A page of ours, under the policy that allows it no script."""
        context = {"place": self, **values, **await frame(self.datasette, self.database)}
        html = await self.datasette.render_template(
            f"quotedex/{template}", context, request=request
        )
        safety.mark(request)
        return Response.html(html, status=status)

    def json(self, body: dict[str, Any], status: int = 200) -> Any:
        """The data of a page."""
        headers: dict[str, str] = {}
        if self.datasette.cors:
            add_cors_headers(headers)
        return Response.json({"ok": status == 200, **body}, status=status, headers=headers)


class MissingError(Exception):
    """There is nothing in `place` under the number that a request names."""

    def __init__(self, place: Place) -> None:
        super().__init__("There is no such page, or no longer: quotations change with articles.")
        self.place = place


def or_missing(view: View) -> View:
    """The view, with a page of ours where it meets `MissingError`.

    Datasette's own answer costs seconds where rich is installed: it prints every error with all
    variables around it, and anybody may ask for what is not there.
    """

    async def wrapped(datasette: Any, request: Any) -> Any:
        try:
            return await view(datasette, request)
        except MissingError as error:
            if request.url_vars.get("format") == "json":
                body = {"error": str(error), "status": 404}
                return error.place.json(body, status=404)
            return await error.place.page(request, "missing.html", status=404, error=str(error))

    return wrapped


async def place_of(datasette: Any, request: Any) -> Place:
    """The place a request asks for: `?database=`, or else the first that its reader may see.

    Raises Datasette's `NotFound` or `Forbidden` where there are no quotations to be seen.
    """
    names = await databases.visible(datasette, request.actor)
    if not names:
        if await databases.find(datasette):
            raise Forbidden("You may not see the quotations here")
        raise NotFound("There is no database with quotations here")
    asked = request.args.get("database")
    return Place(datasette, asked if asked in names else names[0], several=len(names) > 1)


def number(text: str | None) -> int:
    """An id or offset out of an address; 0, which no row has, for anything else."""
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
