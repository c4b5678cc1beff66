"""A process that runs SQL which readers wrote, so that it cannot harm the server.

`processes` starts this file as a program. It imports only the standard library, and so starts in
about 30 ms and takes about 12 MB. It reads statements from standard input, one at a time, and
writes their rows to standard output; both are frames: eight bytes of length, and a value of
`marshal`. When the server ends, it ends too.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import select
import signal
import struct
import threading
import time
from collections.abc import Iterable
from importlib import import_module
from typing import Any

HEADER = struct.Struct("<Q")
FORMAT = 2
"""Of `marshal`: the one without references, which would take memory to look for."""

STACK_BYTES = 256 * 1024
TEMPORARY_BYTES = 512 * 1024 * 1024
"""The largest file that a sort may write."""

LOCK_SECONDS = 0.4
"""How long to wait for another program that has locked a file: less than the server waits."""

MAX_ARGUMENT_BYTES = 1_000_000
"""For functions of other plugins, which the server runs for us."""


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.dup(1)
    os.dup2(2, 1)  # what an extension prints must not get between the answers
    limits = receive(0)
    _limit_process(limits)
    threading.stack_size(STACK_BYTES)
    threading.Thread(target=_end_with_server, daemon=True).start()
    worker = _Worker(limits, answers)
    send(answers, ("ready",))
    while True:
        statement = receive(0)
        send_answer(answers, worker.answer(statement))


def send(file: int, value: Any) -> None:
    """Write one frame."""
    data = marshal.dumps(value, FORMAT)
    for part in (HEADER.pack(len(data)), data):
        view = memoryview(part)
        while view:
            view = view[os.write(file, view) :]


def receive(file: int) -> Any:
    """Read one frame; end the process at the end of the file."""
    (length,) = HEADER.unpack(_read(file, HEADER.size))
    return marshal.loads(_read(file, length))


def _read(file: int, length: int) -> bytearray:
    data = bytearray()
    while len(data) < length:
        part = os.read(file, length - len(data))
        if not part:
            os._exit(0)
        data += part
    return data


def send_answer(file: int, answer: tuple[Any, ...]) -> None:
    """Write one answer, or that there is no memory for it."""
    try:
        send(file, answer)
    except MemoryError:
        send(file, ("memory",))


def _limit_process(limits: dict[str, Any]) -> None:
    """Take no more memory, disk and processor than allowed, as far as the system knows limits."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(limits["nice"])
    # If the system runs out of memory, let it end this process rather than the server.
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")
    try:
        import resource
    except ImportError:
        return
    for name, most in (
        ("RLIMIT_AS", limits["memory"]),
        ("RLIMIT_FSIZE", TEMPORARY_BYTES),
        ("RLIMIT_CORE", 0),
    ):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            resource.setrlimit(getattr(resource, name), (most, most))


def _end_with_server() -> None:
    """Wait until nobody can send statements any more, and end even in the middle of one."""
    poll = select.poll()
    poll.register(0, 0)  # for nothing but the end
    poll.poll()
    os._exit(1)


class _Worker:
    """Connections to the databases of a site, and what runs on them."""

    def __init__(self, limits: dict[str, Any], answers: int) -> None:
        self._sqlite3: Any = import_module("pysqlite3" if limits["pysqlite3"] else "sqlite3")
        self._limits = limits
        self._answers = answers
        self._connections: dict[str, Any] = {}

    def answer(self, statement: dict[str, Any]) -> tuple[Any, ...]:
        """What `run` gives for the statement, on a connection to its database."""
        uri = statement["uri"]
        try:
            if uri not in self._connections:
                self._connections[uri] = self._connect(statement)
        except Exception as error:
            return ("error", type(error).__name__, str(error))
        return run(self._connections[uri], statement, self._limits["result"])

    def _connect(self, statement: dict[str, Any]) -> Any:
        connection = self._sqlite3.connect(
            statement["uri"], uri=True, isolation_level=None, timeout=LOCK_SECONDS
        )
        connection.text_factory = lambda value: str(value, "utf-8", "replace")
        for extension in statement["extensions"]:
            self._load(connection, extension)
        if statement["cache_kb"]:
            connection.execute(f"PRAGMA cache_size = -{int(statement['cache_kb'])}")
        connection.execute(f"PRAGMA hard_heap_limit = {int(self._limits['heap'])}")
        connection.execute("PRAGMA query_only = 1")
        for category, most in statement["limits"]:
            connection.setlimit(category, most)
        own = {(name, arguments) for name, _, arguments in functions(connection)}
        for name, arguments in statement["functions"]:
            if (name, arguments) not in own:
                connection.create_function(name, arguments, self._function(name))
        return connection

    def _load(self, connection: Any, extension: Any) -> None:
        connection.enable_load_extension(True)
        try:
            if isinstance(extension, tuple):
                connection.execute("SELECT load_extension(?, ?)", extension)
            else:
                connection.load_extension(extension)
        finally:
            connection.enable_load_extension(False)

    def _function(self, name: str) -> Any:
        """A function that another plugin defines in the server, which runs it there."""
        if name == "escape_fts":  # Datasette's own, for its table search
            return _escape_fts

        def call(*arguments: Any) -> Any:
            if sum(map(_size, arguments)) > MAX_ARGUMENT_BYTES:
                raise ValueError(f"{name}() is called with more than a megabyte")
            send(self._answers, ("call", name, arguments))
            kind, value = receive(0)
            if kind == "error":
                raise ValueError(value)
            return value

        return call


def run(connection: Any, statement: dict[str, Any], most_bytes: int) -> tuple[Any, ...]:
    """Run a statement within its `seconds`, on any connection.

    Gives `("rows", names of columns or None, rows, whether there are more)`; or `("interrupted",)`,
    `("too large",)` if the rows are larger than `most_bytes`, `("too long",)` if a value is longer
    than the connection allows, `("memory",)`, or
    `("error", name of its class, message)`.
    """
    deadline = time.perf_counter() + statement["seconds"]
    steps = 1000 if statement["seconds"] > 0.02 else 1  # as Datasette
    connection.set_progress_handler(lambda: time.perf_counter() >= deadline, steps)
    cursor = connection.cursor()
    cursor.row_factory = None
    try:
        cursor.execute(statement["sql"], statement["parameters"])
        names = [column[0] for column in cursor.description or ()]
        row_bytes = sum(len(name) + statement["cell_bytes"] for name in names)
        rows, has_more = _fetch(cursor, row_bytes, statement["rows"], most_bytes)
        return "rows", names if cursor.description else None, rows, has_more
    except MemoryError:
        return ("memory",)
    except _TooLarge:
        return ("too large",)
    except Exception as error:
        if error.args in (("interrupted",), ("string or blob too big",)):
            return ("interrupted",) if error.args == ("interrupted",) else ("too long",)
        return ("error", type(error).__name__, str(error))
    finally:
        cursor.close()
        connection.set_progress_handler(None, 0)


def _fetch(
    cursor: Iterable[tuple[Any, ...]], row_bytes: int, most: int | None, most_bytes: int
) -> tuple[list[tuple[Any, ...]], bool]:
    """The rows, as far as they fit. Each takes `row_bytes` beside its values: JSON repeats the
    names of columns, and HTML has markup."""
    rows: list[tuple[Any, ...]] = []
    for row in cursor:
        if most is not None and len(rows) == most:
            return rows, True
        most_bytes -= row_bytes + sum(map(_size, row))
        if most_bytes < 0:
            raise _TooLarge
        rows.append(row)
    return rows, False


class _TooLarge(Exception):  # noqa: N818  (told to the server, which makes it an error)
    """The rows are larger than a result may be."""


def _size(value: Any) -> int:
    """About the characters of a value in JSON, which are more than those of its text: `\\u0001`."""
    if isinstance(value, str):
        if value.isascii() and value.isprintable():
            return len(value)
        return len(value.encode("unicode_escape"))
    return len(value) * 4 // 3 if isinstance(value, bytes) else 0


def functions(connection: Any) -> list[tuple[str, str, int]]:
    """Name, type and number of arguments of each function that is not SQLite's own."""
    sql = "SELECT name, type, narg FROM pragma_function_list WHERE NOT builtin"
    found: list[tuple[str, str, int]] = connection.execute(sql).fetchall()
    return found


def _escape_fts(query: str) -> str:
    """What Datasette's `escape_fts` gives: every word in double quotation marks."""
    import re

    if query.count('"') % 2:
        query += '"'
    words = (word for word in re.split(r'\s+|(".*?")', query) if word and word != '""')
    return " ".join(word if word.startswith('"') else f'"{word}"' for word in words)


if __name__ == "__main__":
    main()
