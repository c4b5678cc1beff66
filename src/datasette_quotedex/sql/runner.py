"""Runs statements in the processes of a site, or in a thread where that cannot be."""

from __future__ import annotations

import logging
import re
import threading
import weakref
from contextlib import closing
from pathlib import Path
from typing import Any

from datasette.utils.sqlite import sqlite3, using_pysqlite3

from datasette_quotedex import safety
from datasette_quotedex.sql import worker
from datasette_quotedex.sql.gates import Gate
from datasette_quotedex.sql.kinds import Kind
from datasette_quotedex.sql.processes import CannotStart, Died, ProcessLimits, SqlPool, Starts
from datasette_quotedex.sql.settings import Settings

logger = logging.getLogger(__name__)

MEGABYTE = 1_000_000

READERS_NICE = 10
"""Our pages and Datasette's go first."""

THREAD_VALUE_BYTES = 100_000
"""The longest value in a thread, where nothing can end a single long function."""

Answer = tuple[Any, ...]


class Runner:
    """The processes of one Datasette. They start with the first statement of their kind."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._functions: weakref.WeakKeyDictionary[Any, _Functions] = weakref.WeakKeyDictionary()
        self._has_warned = False
        self.tables: dict[str, frozenset[str]] = {}
        """The tables and views of each database, by its route."""
        self.gates = {
            Kind.READERS: Gate(settings.sql_processes + 1, settings.sql_waiting),
            Kind.TABLES: Gate(settings.table_processes + 1, settings.sql_waiting),
        }
        self.pools: dict[Kind, SqlPool] = {}
        sizes = {
            Kind.READERS: (settings.sql_processes, READERS_NICE),
            Kind.TABLES: (settings.table_processes, 0),
        }
        starts = Starts()
        for kind, (size, nice) in sizes.items():
            if settings.sql_processes and size:
                limits = ProcessLimits(
                    memory=settings.sql_memory_mb * MEGABYTE,
                    heap=settings.sql_memory_mb * MEGABYTE // 3,
                    result=settings.sql_result_mb * MEGABYTE,
                    nice=nice,
                )
                self.pools[kind] = SqlPool(
                    f"sql-{kind.value}",
                    size,
                    settings.sql_waiting,
                    limits,
                    using_pysqlite3,
                    starts,
                )
        weakref.finalize(self, _close, list(self.pools.values()))

    def pool(self, kind: Kind | None) -> SqlPool | None:
        """The processes for a kind of request; None if it has Datasette's threads."""
        if kind is None or kind is Kind.OURS:
            return None
        return self.pools.get(kind) or self.pools.get(Kind.READERS)

    def gate(self, kind: Kind) -> Gate | None:
        """Where requests of a kind wait; None if they need not."""
        return self.gates.get(kind) if self.pools else None

    async def answer(self, pool: SqlPool, database: Any, statement: dict[str, Any]) -> Answer:
        """What `worker.run` gives for a statement; `("interrupted",)` or `("memory",)` if its
        process had to be ended. Raises TooBusy."""
        functions = await self._functions_of(database)
        request = {**statement, **functions.request}
        try:
            if not _is_plain(statement["parameters"]):
                return await self._in_thread(database, statement)
            answer = await pool.answer(request, functions.call)
        except CannotStart as error:
            self._warn(error)
            return await self._in_thread(database, statement)
        except Died as error:
            return ("memory",) if error.in_time else ("interrupted",)
        if answer[0] == "error" and functions.has_what_is_missing(answer[2]):
            return await self._in_thread(database, statement)
        return answer

    def stop(self) -> None:
        """End what runs, without locks: a signal may have interrupted whoever holds one."""
        for pool in self.pools.values():
            pool.stop()

    def close(self) -> None:
        """End all processes."""
        _close(list(self.pools.values()))

    async def _functions_of(self, database: Any) -> _Functions:
        if database not in self._functions:
            self._functions[database] = await database.execute_fn(
                lambda connection: _Functions(database, connection)
            )
        return self._functions[database]

    async def _in_thread(self, database: Any, statement: dict[str, Any]) -> Answer:
        """Run a statement in one of Datasette's threads, with shorter values."""
        most = self.settings.sql_result_mb * MEGABYTE

        def bounded(connection: Any) -> Answer:
            longest = connection.setlimit(safety.LENGTH, THREAD_VALUE_BYTES)
            try:
                return worker.run(connection, statement, most)
            finally:
                connection.setlimit(safety.LENGTH, longest)

        answer: Answer = await database.execute_fn(bounded)
        return answer

    def _warn(self, error: Exception) -> None:
        if not self._has_warned:
            logger.warning(
                "SQL of readers runs in threads, with values of at most %d kB, because no process"
                " could be started: %s",
                THREAD_VALUE_BYTES // 1000,
                error,
            )
        self._has_warned = True


class _Functions:
    """What connections of this server know that a process has to be told."""

    def __init__(self, database: Any, connection: Any) -> None:
        ds = database.ds
        mode = "mode=ro" if database.is_mutable else "immutable=1"
        if database.is_mutable and ds.nolock:
            mode += "&nolock=1"
        self._database = weakref.ref(database)
        self._lock = threading.Lock()
        self._connection: Any = None
        own = _names(connection)
        with closing(sqlite3.connect(":memory:")) as plain:
            known = _names(plain)
        self._missing = {what: own[what] - known[what] for what in own}
        self._calls = {name for name, type_, _ in worker.functions(connection) if type_ == "s"}
        self.request = {
            "uri": f"file:{Path(database.path).absolute()}?{mode}",
            "extensions": list(ds.sqlite_extensions),
            "cache_kb": ds.setting("cache_size_kb") or 0,
            "limits": [list(limit) for limit in safety.LIMITS.items()],
            "functions": [
                (name, arguments)
                for name, type_, arguments in worker.functions(connection)
                if type_ == "s"
            ],
        }

    def has_what_is_missing(self, message: str) -> bool:
        """Whether this server has what a process missed: "no such function: median"."""
        found = _MISSING.match(message)
        return found is not None and found[2].lower() in self._missing[found[1]]

    def call(self, name: str, arguments: tuple[Any, ...]) -> Any:
        """Run a function of another plugin, on a connection for nothing else."""
        database = self._database()
        if database is None or name not in self._calls:
            raise ValueError(f"no such function: {name}")
        marks = ", ".join("?" * len(arguments))
        with self._lock:
            if self._connection is None:
                self._connection = database.connect()
                database.ds._prepare_connection(self._connection, database.name)
            return self._connection.execute(f'SELECT "{name}"({marks})', arguments).fetchone()[0]


def _names(connection: Any) -> dict[str, set[str]]:
    """The functions, tables and so on that a connection knows, beside those of its file."""
    return {
        what: {str(row[0]).lower() for row in connection.execute(f"SELECT name FROM {table}")}
        for what, table in _LISTS.items()
    }


_LISTS = {
    "function": "pragma_function_list",
    "module": "pragma_module_list",
    "table": "pragma_module_list",
    "collation sequence": "pragma_collation_list",
}
"""Where SQLite lists what a statement may miss in a process, because another plugin defines it."""

_MISSING = re.compile(r"no such (function|module|table|collation sequence): (.+)")

_PLAIN = frozenset((type(None), bool, int, float, str, bytes))


def _is_plain(parameters: dict[str, Any] | list[Any]) -> bool:
    """Whether a process takes these values. Only plugins have others, such as dates."""
    values = parameters.values() if isinstance(parameters, dict) else parameters
    return all(type(value) in _PLAIN for value in values)


def _close(pools: list[SqlPool]) -> None:
    for pool in pools:
        pool.close()
