"""How many requests of a kind are answered at the same time.

A request may hold the rows of a query and the page made from them. So only a few are let in at
once, until their readers have received the answer; some more may wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any
from weakref import WeakKeyDictionary

from datasette_quotedex.lanes import TooBusy
from datasette_quotedex.safety import Send

MAX_WAIT_SECONDS = 10
"""How long a reader waits before being sent away."""

MAX_SEND_SECONDS = 60
"""How long a reader may take to receive a page, while others wait."""

PIECE_BYTES = 64 * 1024


class Gate:
    """Lets `size` requests in, and as many more wait as `waiting` says."""

    def __init__(self, size: int, waiting: int) -> None:
        self._size = size
        self._waiting = waiting
        # For each event loop, since a semaphore belongs to one: a server has one loop, tests have
        # many, and those that ended are forgotten.
        self._places: WeakKeyDictionary[Any, asyncio.Semaphore] = WeakKeyDictionary()
        self._in_queue = 0

    async def enter(self) -> Place:
        """Wait for a place. Raises TooBusy."""
        loop = asyncio.get_running_loop()
        places = self._places.setdefault(loop, asyncio.Semaphore(self._size))
        if places.locked() and self._in_queue >= self._waiting:
            raise TooBusy
        self._in_queue += 1
        try:
            await asyncio.wait_for(places.acquire(), MAX_WAIT_SECONDS)
        except TimeoutError:
            raise TooBusy from None
        finally:
            self._in_queue -= 1
        return Place(places)


class Place:
    """The place of one request."""

    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places: asyncio.Semaphore | None = places

    def leave(self) -> None:
        """Let the next one in."""
        if self._places is not None:
            self._places.release()
            self._places = None

    def sender(self, send: Send) -> Send:
        """`send` for this request: in pieces, so that the server waits for a slow reader.

        A whole page keeps the place until its reader has it, and is broken off after
        MAX_SEND_SECONDS. An answer that comes in parts is not in memory as a whole: its request
        leaves with the first part, and its reader may take any time.
        """

        async def send_pieces(message: MutableMapping[str, Any]) -> None:
            body = message.get("body", b"")
            comes_in_parts = bool(message.get("more_body"))
            if comes_in_parts:
                self.leave()
            if message["type"] != "http.response.body" or len(body) <= PIECE_BYTES:
                await send(message)
                return
            pieces = memoryview(body)
            async with asyncio.timeout(None if comes_in_parts else MAX_SEND_SECONDS):
                for start in range(0, len(body), PIECE_BYTES):
                    piece = bytes(pieces[start : start + PIECE_BYTES])
                    is_last = start + PIECE_BYTES >= len(body)
                    await send(
                        {**message, "body": piece, "more_body": comes_in_parts or not is_last}
                    )

        return send_pieces
