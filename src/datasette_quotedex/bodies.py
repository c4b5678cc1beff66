"""Bounds on what clients send, most of which Datasette would collect in memory without a limit."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from datasette import Response

from datasette_quotedex.safety import App, Receive, Scope, Send
from datasette_quotedex.sql import runner_of

SECONDS = 10
"""How long a body may take to arrive."""

TOGETHER = 8
"""All bodies together may be as long as this many of the longest."""

MEGABYTE = 1_000_000

_WITHOUT_BODY = frozenset(("GET", "HEAD", "OPTIONS"))


class _Refused(Exception):  # noqa: N818  (an answer to the client, not an error)
    """The body is not read to its end."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class _Gone(Exception):  # noqa: N818  (nobody to answer)
    """The client has gone away."""


@dataclass(slots=True)
class _Held:
    """The bytes of the bodies of all requests that are not answered yet."""

    together: int = 0


def with_bounds(app: App, datasette: Any) -> App:
    """Wrap Datasette so that it gets a request when its body is complete, and not too long.

    A client that sends it slowly takes no place from others until then.
    """
    held = _Held()

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        runner = runner_of(datasette)
        has_body = scope["type"] == "http" and scope["method"] not in _WITHOUT_BODY
        if not has_body or runner is None or not runner.tables:
            await app(scope, receive, send)
            return
        body = bytearray()
        try:
            await _receive(body, receive, held, runner.settings.body_mb * MEGABYTE)
            await app(scope, _replayed(bytes(body), receive), send)
        except _Gone:
            return
        except _Refused as refused:
            # Without the header the server would read on, to nobody's use.
            headers = {"connection": "close"}
            await Response.text(str(refused), refused.status, headers).asgi_send(send)
        finally:
            held.together -= len(body)

    return wrapped


async def _receive(body: bytearray, receive: Receive, held: _Held, longest: int) -> None:
    """Receive a body. Raises _Refused, _Gone."""
    try:
        async with asyncio.timeout(SECONDS):
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise _Gone
                part, more = message.get("body", b""), message.get("more_body", False)
                body += part
                held.together += len(part)
                if len(body) > longest:
                    raise _Refused(413, "The body of this request is too long.")
                if held.together > TOGETHER * longest:
                    raise _Refused(503, "This site is busy. Please try again in a few seconds.")
    except TimeoutError:
        raise _Refused(408, "This request took too long to arrive.") from None


def _replayed(body: bytes, receive: Receive) -> Receive:
    """`receive` as if nobody had read the body yet."""
    parts = [body]

    async def receive_again() -> Any:
        if parts:
            return {"type": "http.request", "body": parts.pop(), "more_body": False}
        return await receive()

    return receive_again
