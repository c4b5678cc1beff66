"""Limits on SQL and the headers of responses, which keep a public site safe and cheap."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_VALUE_BYTES = 20_000_000
"""No article is this long; `SELECT zeroblob(900000000)` would fill the memory of a small server."""

MAX_PATTERN_BYTES = 2_000
"""For LIKE and GLOB, which no time limit can interrupt while they match one long text."""

LENGTH: int = sqlite3.SQLITE_LIMIT_LENGTH

LIMITS = {
    LENGTH: MAX_VALUE_BYTES,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: MAX_PATTERN_BYTES,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
}
"""Of a connection to a file with quotations."""

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; script-src 'self'; connect-src 'self'"
)
"""The scripts are files of ours, never inside a page. They ask only this site for anything."""

HEADERS = {
    "content-security-policy": _POLICY,
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}

PICTURE_HEADERS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "x-content-type-options": "nosniff",
}
"""Of an SVG, which a browser may also open as a page."""


def limit_connection(connection: sqlite3.Connection) -> None:
    """Limit the size of values, and forbid ATTACH, on a connection to a file with quotations."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'quote_search'").fetchone():
        for category, most in LIMITS.items():
            connection.setlimit(category, most)


def print_short_errors() -> None:
    """Where rich is installed, Datasette prints every error with all local variables, which takes
    seconds in which it answers nobody. Print errors as it does without rich."""
    from datasette import handle_exception

    handle_exception.rich = None


def forbid_scripts(request: Any) -> None:
    """Send the response to this request with HEADERS: it is one of our pages, with no scripts but
    our files."""
    request.scope[_SCOPE_KEY]["is_page"] = True


def with_headers(app: App, datasette: Any, routes: Iterable[str]) -> App:
    """Wrap Datasette so that our pages are sent with HEADERS.

    Datasette's own pages are not, since they contain inline scripts. Responses from addresses that
    match one of `routes` (regular expressions) may be cached as long as Datasette's pages of
    tables, unless Datasette forbids it.
    """
    patterns = [re.compile(route) for route in routes]

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        marks = {"is_page": False}

        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                added = dict(HEADERS) if marks["is_page"] else {}
                is_ours = marks["is_page"] or _matches(scope, datasette, patterns)
                if message["status"] == 200 and is_ours:
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

        # Datasette copies the scope on its way to a view, but not the dict inside.
        answer = app({**scope, _SCOPE_KEY: marks}, receive, send_with_headers)
        if scope.get("method") == "GET" and _matches(scope, datasette, patterns):
            await _while_wanted(answer, receive)
        else:
            await answer

    return wrapped


async def _while_wanted(answer: Awaitable[None], receive: Receive) -> None:
    """Stop answering when the reader goes away: a search need not be begun, nor an export ended."""
    answering = asyncio.ensure_future(answer)
    gone = asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait({answering, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
        answering.cancel()
        _, error = await asyncio.gather(gone, answering, return_exceptions=True)
    if isinstance(error, Exception):  # not if it was cancelled
        raise error


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


_SCOPE_KEY = "datasette_quotedex"


def _matches(scope: Scope, datasette: Any, patterns: Iterable[re.Pattern[str]]) -> bool:
    path = str(scope.get("path", "")).removeprefix(datasette.setting("base_url").rstrip("/"))
    return any(pattern.match(path) for pattern in patterns)
