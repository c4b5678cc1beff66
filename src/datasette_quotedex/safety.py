"""What keeps a public site safe and cheap: limits on SQL, headers, and what robots may ask for."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from datasette import NotFound, Response

from datasette_quotedex import databases

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_VALUE_BYTES = 20_000_000
"""No article is as long; `SELECT zeroblob(900000000)` would fill the memory of a small server."""

MAX_PATTERN_BYTES = 2_000
"""Of LIKE and GLOB, which no time limit can stop at work on one long text."""

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}


def limit(connection: sqlite3.Connection) -> None:
    """Bound what SQL may take, and take away ATTACH, on connections to files with quotations."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'quote_search'").fetchone():
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, MAX_PATTERN_BYTES)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)


def mark(request: Any) -> None:
    """Say that the answer to this request is a page of ours, which needs no script."""
    request.scope[_KEY]["ours"] = True


def with_headers(app: App, datasette: Any) -> App:
    """Wrap Datasette so that marked pages leave with HEADERS.

    Datasette's own pages do not get them: they hold inline script. All that comes from addresses of
    ours may be kept as long as the pages of Datasette's tables, unless Datasette forbade it.
    """

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        marked = {"ours": False}

        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                added = dict(HEADERS) if marked["ours"] else {}
                if message["status"] == 200 and _is_ours(scope, datasette, marked["ours"]):
                    added["cache-control"] = f"max-age={datasette.setting('default_cache_ttl')}"
                headers = list(message.get("headers", []))
                present = {bytes(name).lower() for name, _ in headers}
                headers += [
                    (name.encode(), value.encode())
                    for name, value in added.items()
                    if name.encode() not in present
                ]
                message = {**message, "headers": headers}
            await send(message)

        # Datasette copies the scope on its way to a view; the dict inside stays the same one.
        await app({**scope, _KEY: marked}, receive, send_with_headers)

    return wrapped


async def robots(datasette: Any, request: Any) -> Any:
    """`/robots.txt`: each page once, but not the endless searches, filters and SQL of a site."""
    if not await databases.find(datasette):
        raise NotFound("There is no database with quotations here")
    # All of those, and nothing else, have a question mark; RFC 9309 has the * and the $.
    closed = ("/*?", "/*.json$", "/*.csv$", "/*.atom$", "/-/compare")
    lines = ["User-agent: *", *(f"Disallow: {datasette.urls.path(path)}" for path in closed)]
    return Response.text("\n".join(lines) + "\n")


_KEY = "datasette_quotedex"
_OURS = re.compile(r"/(-/(quotes|speakers|statements|articles|compare|about|home)\b|robots\.txt$)")


def _is_ours(scope: Scope, datasette: Any, marked: bool) -> bool:
    if marked:
        return True
    path = str(scope.get("path", "")).removeprefix(datasette.setting("base_url").rstrip("/"))
    return _OURS.match(path) is not None
