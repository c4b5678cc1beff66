"""Interrupts queries that take too long.

Datasette has SQLite call Python after every 1,000 steps of a query, and each time the query waits
until no other thread runs Python. On a busy site that takes longer than the query. Here a thread
of its own looks after all queries.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

LOOK_SECONDS = 0.02
"""How often the thread looks whether a query has run out of time."""

STEPS = 1_000
"""Steps of SQLite after which it asks for the time itself, where there are no threads."""


@contextmanager
def time_limit(
    connection: sqlite3.Connection, seconds: float, with_threads: bool = True
) -> Iterator[None]:
    """Queries of a connection within this block fail after some seconds, as "interrupted"."""
    deadline = time.monotonic() + seconds
    if not with_threads:
        connection.set_progress_handler(lambda: time.monotonic() >= deadline, STEPS)
        try:
            yield
        finally:
            connection.set_progress_handler(None, 0)
        return
    _watch.add(connection, deadline)
    try:
        yield
    finally:
        _watch.remove(connection)


class _Watch:
    """A thread that interrupts connections at their deadlines. It sleeps while there are none."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._deadlines: dict[int, tuple[sqlite3.Connection, float]] = {}
        self._thread: threading.Thread | None = None
        self._is_asleep = False

    def add(self, connection: sqlite3.Connection, deadline: float) -> None:
        with self._changed:
            self._deadlines[id(connection)] = connection, deadline
            if self._thread is None or not self._thread.is_alive():  # or a fork lost it
                self._thread = threading.Thread(target=self._run, name="time-limit", daemon=True)
                self._thread.start()
            elif self._is_asleep:
                self._changed.notify()

    def remove(self, connection: sqlite3.Connection) -> None:
        # Whoever interrupts has the lock, so a later query of the connection is left alone.
        with self._changed:
            del self._deadlines[id(connection)]

    def _run(self) -> None:
        while True:
            with self._changed:
                self._is_asleep = not self._deadlines
                self._changed.wait(None if self._is_asleep else LOOK_SECONDS)
                now = time.monotonic()
                for connection, deadline in self._deadlines.values():
                    if now >= deadline:
                        connection.interrupt()


_watch = _Watch()
