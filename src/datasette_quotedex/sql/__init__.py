"""SQL that readers write runs in processes of its own, with bounds on memory and time.

SQLite looks at the time only between the steps of a statement, and has no bound on the memory of
all statements together. A process can be ended at any moment, and takes nothing with it.
"""

from __future__ import annotations

import contextlib
import re
import signal
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from types import FrameType
from typing import Any

from datasette import Request
from datasette.database import Database, QueryInterrupted
from datasette.views.base import DatasetteError

from datasette_quotedex.lanes import TooBusy, busy_answer
from datasette_quotedex.safety import App, Receive, Scope, Send
from datasette_quotedex.sql import kinds
from datasette_quotedex.sql.database import TOO_LONG, QuotationsDatabase
from datasette_quotedex.sql.gates import Gate
from datasette_quotedex.sql.pauses import pause_in_templates, with_pause
from datasette_quotedex.sql.runner import Runner
from datasette_quotedex.sql.settings import settings_of

__all__ = [
    "interrupted_answer",
    "pause_in_templates",
    "runner_of",
    "take_over",
    "with_kinds",
    "with_pause",
]

_KEY = "_datasette_quotedex_sql"


def runner_of(datasette: Any) -> Runner | None:
    """The processes of a Datasette; None before its startup."""
    found: Runner | None = getattr(datasette, _KEY, None)
    return found


async def take_over(datasette: Any, names: Iterable[str]) -> None:
    """Make the statements of these databases run in processes.

    The databases stay the same objects, since others may hold them, and only change their class.
    (Datasette 1.0 closes a database that is removed.) Subclasses of other plugins stay as they are.
    """
    runner = runner_of(datasette)
    if runner is None:
        runner = Runner(settings_of(datasette))
        setattr(datasette, _KEY, runner)
    for name in names:
        database = datasette.databases[name]
        if type(database) is Database and database.path:
            database.__class__ = QuotationsDatabase
            database.runner = runner
            tables = [*await database.table_names(), *await database.view_names()]
            runner.tables[database.route] = frozenset(tables)


def with_kinds(app: App, datasette: Any, routes: Iterable[str]) -> App:
    """Wrap Datasette so that `kinds.current` says whose SQL a request runs, and that processes end
    with the server."""
    patterns = [re.compile(route) for route in routes]

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            with _ended_by_signal(datasette):
                await app(scope, receive, send)
            return
        runner = runner_of(datasette)
        is_nested = kinds.current.get() is not None  # a plugin asks its own site
        tables = runner.tables if runner else {}
        request = kinds.answering(scope, datasette.setting("base_url"), patterns, tables)
        is_gated = request.is_gated and not is_nested
        gate = runner.gate(request.kind) if runner and is_gated else None
        token = kinds.current.set(request)
        try:
            if gate is None:
                await app(scope, receive, _with_status(request, send))
            else:
                await _through(gate, app, datasette, scope, receive, _with_status(request, send))
        finally:
            kinds.current.reset(token)

    return wrapped


async def _through(
    gate: Gate, app: App, datasette: Any, scope: Scope, receive: Receive, send: Send
) -> None:
    """Answer a request when there is a place for it."""
    try:
        place = await gate.enter()
    except TooBusy as busy:
        answer = await busy_answer(datasette, Request(scope, receive), busy)
        await answer.asgi_send(send)
        return
    try:
        await app(scope, receive, place.sender(send))
    finally:
        place.leave()


def _with_status(request: kinds.Answering, send: Send) -> Send:
    """Answer with status 400 if the SQL of a page took more than it may: Datasette 1.0 shows a page
    that says so, with status 200."""

    async def send_with_status(message: MutableMapping[str, Any]) -> None:
        if request.has_exceeded and message.get("status") == 200:
            message = {**message, "status": 400}
        await send(message)

    return send_with_status


def interrupted_answer(
    datasette: Any, request: Any, exception: Exception
) -> Callable[[], Awaitable[Any]] | None:
    """The answer if a query took too long; None after other errors.

    Datasette answers this itself on some pages only, and with status 500 on the others.
    """
    # Not at the top: it loads all plugins, and so this one, which may be half imported.
    from datasette.handle_exception import handle_exception

    if not isinstance(exception, QueryInterrupted):
        return None
    error = DatasetteError(TOO_LONG, title="SQL Interrupted", status=400)
    answer: Callable[[], Awaitable[Any]] = handle_exception(datasette, request, error)
    return answer


@contextlib.contextmanager
def _ended_by_signal(datasette: Any) -> Iterator[None]:
    """End the processes when the server stops, and statements as soon as it is told to stop.

    The server waits for all answers before it tells us, and so for every statement. Where it
    listens to signals (not in a thread), we hear of them first.
    """
    heard: dict[int, Any] = {}

    def stop(number: int, frame: FrameType | None) -> None:
        runner = runner_of(datasette)
        if runner is not None:
            runner.stop()
        heard[number](number, frame)

    for number in map(int, (signal.SIGTERM, signal.SIGINT)):
        with contextlib.suppress(ValueError):  # not in the main thread
            before = signal.getsignal(number)
            if callable(before):
                heard[number] = before
                signal.signal(number, stop)
    try:
        yield
    finally:
        for number, before in heard.items():
            if signal.getsignal(number) is stop:
                signal.signal(number, before)
        _close(datasette)


def _close(datasette: Any) -> None:
    runner = runner_of(datasette)
    if runner is not None:
        runner.close()
