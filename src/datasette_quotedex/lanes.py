"""Threads and connections for our pages, apart from Datasette's own, which run readers' SQL.

A lane holds requests of one kind: a slow search or a long export keeps others of its kind waiting,
but no ordinary page. When too many wait, the next one is sent away.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from datasette import Response
from datasette.utils import add_cors_headers
from datasette.utils.asgi import Base400

from datasette_quotedex.layout import render

T = TypeVar("T")

RETRY_SECONDS = 5
"""When to come back, for a reader whom we send away."""


@dataclass(frozen=True, slots=True)
class Lane:
    """Requests of one kind: how many are answered at the same time, and how many more may wait."""

    name: str
    threads: int
    waiting: int


PAGES = Lane("pages", threads=4, waiting=256)
SEARCHES = Lane("searches", threads=2, waiting=64)
WIDE_SEARCHES = Lane("wide searches", threads=1, waiting=32)
EXPORTS = Lane("exports", threads=2, waiting=32)
SUGGESTIONS = Lane("suggestions", threads=1, waiting=16)
"""Readers send one with nearly every letter that they type, and can do without."""


class TooBusy(Base400):  # type: ignore[misc]  # Datasette has no types
    """Too many requests wait already. Answered with status 503 and `Retry-After`.

    As one of Datasette's own answers it leaves no traceback in the log.
    """

    status = 503

    def __init__(self, message: str = "This site is busy. Please try again in a few seconds."):
        super().__init__(message)


async def run_in_lane(
    lane: Lane, datasette: Any, database: str, function: Callable[[sqlite3.Connection], T]
) -> T:
    """`function(connection)` in a thread of the lane. Raises `TooBusy` if too many wait for one."""
    db = datasette.get_database(database)
    if datasette.executor is None:  # Datasette runs without threads, as it does in a browser
        result: T = await db.execute_fn(function)
        return result
    return await _lane_of(datasette, lane).run(db, function)


Step = Callable[[Callable[[sqlite3.Connection], Any]], Awaitable[Any]]


@asynccontextmanager
async def steps_in_lane(lane: Lane, datasette: Any, database: str) -> AsyncIterator[Step]:
    """For work of many steps: `await step(function)` is `function(connection)` in a thread of the
    lane, each time with the same connection, which is used for nothing else until the end.

    Raises `TooBusy` if too many such works have begun.
    """
    db = datasette.get_database(database)
    if datasette.executor is None:
        yield db.execute_fn
        return
    async with _lane_of(datasette, lane).steps(db) as step:
        yield step


async def busy_answer(datasette: Any, request: Any, busy: TooBusy) -> Any:
    """The page for a reader whom we send away, or its JSON. It reads nothing from the file."""
    headers = {"retry-after": str(RETRY_SECONDS)}
    if datasette.cors:
        add_cors_headers(headers)
    message, status = str(busy.args[0]), busy.status
    if request.path.endswith((".csv", ".atom")):
        return Response.text(message, status=status, headers=headers)
    if request.path.endswith(".json") or request.args.get("_format") == "json":
        body = {"ok": False, "error": message, "status": status}
        return Response.json(body, status=status, headers=headers)
    html = await render(datasette, request, "quotedex/busy.html", {"message": message})
    return Response.html(html, status=status, headers=headers)


class _RunningLane:
    """The threads of one lane of one Datasette, each with its own connections."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._executor = ThreadPoolExecutor(lane.threads, f"quotedex-{lane.name}")
        self._places = threading.BoundedSemaphore(lane.threads + lane.waiting)
        self._local = threading.local()
        self._works = 0
        self._spare: WeakKeyDictionary[Any, list[sqlite3.Connection]] = WeakKeyDictionary()

    async def run(self, db: Any, function: Callable[[sqlite3.Connection], T]) -> T:
        if not self._places.acquire(blocking=False):
            raise TooBusy
        try:
            future = self._executor.submit(lambda: function(self._connection(db)))
        except BaseException:
            self._places.release()
            raise
        future.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(future)

    @asynccontextmanager
    async def steps(self, db: Any) -> AsyncIterator[Step]:
        if self._works >= self._lane.waiting:
            raise TooBusy
        spare = self._spare.setdefault(db, [])
        used: list[sqlite3.Connection] = []
        lock = threading.Lock()  # the step before may be running still, if its request is cancelled

        def in_thread(function: Callable[[sqlite3.Connection], Any]) -> Any:
            with lock:
                if not used:
                    used.append(_spare_connection(spare) or _connect(db))
                return function(used[0])

        def give_back() -> None:
            with lock:
                spare.extend(used)

        async def step(function: Callable[[sqlite3.Connection], Any]) -> Any:
            return await asyncio.wrap_future(self._executor.submit(in_thread, function))

        self._works += 1
        try:
            yield step
        finally:
            self._executor.submit(give_back)
            self._works -= 1

    def _connection(self, db: Any) -> sqlite3.Connection:
        """This thread's connection to a database."""
        if not hasattr(self._local, "connections"):
            self._local.connections = WeakKeyDictionary()
        connections: WeakKeyDictionary[Any, sqlite3.Connection] = self._local.connections
        if db not in connections:
            connections[db] = _connect(db)
        return connections[db]


def _spare_connection(spare: list[sqlite3.Connection]) -> sqlite3.Connection | None:
    """One that no other work uses, if there is one; other threads look at the same time."""
    try:
        return spare.pop()
    except IndexError:
        return None


def _connect(db: Any) -> sqlite3.Connection:
    """A connection prepared as Datasette does, plugins included."""
    connection: sqlite3.Connection = db.connect()
    db.ds._prepare_connection(connection, db.name)
    return connection


def _lane_of(datasette: Any, lane: Lane) -> _RunningLane:
    if not hasattr(datasette, _KEY):
        setattr(datasette, _KEY, {})
    lanes: dict[str, _RunningLane] = getattr(datasette, _KEY)
    if lane.name not in lanes:
        lanes[lane.name] = _RunningLane(lane)
    return lanes[lane.name]


_KEY = "_datasette_quotedex_lanes"
