"""What keeps a public site safe: limits on SQL, and headers that allow our own pages no script."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_VALUE_BYTES = 20_000_000
"""No article is as long; `SELECT zeroblob(900000000)` would fill the memory of a small server."""

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}


def limit(connection: sqlite3.Connection) -> None:
    """Bound what one SQL value may take, on connections to databases with quotations."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'quote_search'").fetchone():
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)


def mark(request: Any) -> None:
    """Say that the answer to this request is a page of ours, which needs no script."""
    request.scope[_KEY]["ours"] = True


def with_headers(app: App) -> App:
    """Wrap Datasette so that marked pages leave with HEADERS.

    Datasette's own pages do not get them: they hold inline script.
    """

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        marked = {"ours": False}

        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start" and marked["ours"]:
                added = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                message = {**message, "headers": [*message.get("headers", []), *added]}
            await send(message)

        # Datasette copies the scope on its way to a view; the dict inside stays the same one.
        await app({**scope, _KEY: marked}, receive, send_with_headers)

    return wrapped


_KEY = "datasette_quotedex"
