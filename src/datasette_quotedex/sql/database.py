"""A database of Datasette whose statements run in processes, except our own."""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Mapping
from typing import Any

from datasette.database import Database, QueryInterrupted, Results
from datasette.tracer import trace
from datasette.utils.sqlite import sqlite3
from datasette.views.base import DatasetteError

from datasette_quotedex import safety
from datasette_quotedex.sql import kinds
from datasette_quotedex.sql.runner import Answer, Runner

CELL_BYTES = 40
"""What a value takes beside its characters."""

HTML_CELL_BYTES = 160
"""So that a page of 8 MB has at most 50,000 cells: Datasette takes half a second for them."""

TOO_LONG = "SQL query took too long. The time limit is the setting sql_time_limit_ms."

_MOST_SQL_IN_LOG = 1000


class QuotationsDatabase(Database):  # type: ignore[misc]  # Datasette has no types
    """What a database with quotations becomes at startup."""

    runner: Runner

    async def execute(
        self,
        sql: str,
        params: Any = None,
        truncate: bool = False,
        custom_time_limit: float | None = None,
        page_size: int | None = None,
        log_sql_errors: bool = True,
    ) -> Any:
        """As Datasette's `execute`, with the same results and errors."""
        request = kinds.current.get()
        pool = self.runner.pool(request.kind) if request else None
        if request is None or pool is None or self.ds.executor is None:
            return await super().execute(
                sql, params, truncate, custom_time_limit, page_size, log_sql_errors
            )
        longest = self.ds.sql_time_limit_ms
        most = self.ds.max_returned_rows
        if most == (page_size or self.ds.page_size):
            most += 1
        statement = {
            "sql": sql,
            "parameters": _parameters(sql, params),
            "seconds": max(1, min(custom_time_limit or longest, longest)) / 1000,
            "rows": most if truncate and most else None,
            "cell_bytes": HTML_CELL_BYTES if request.format == "html" else CELL_BYTES,
        }
        with trace("sql", database=self.name, sql=sql.strip(), params=params):
            answer = await self.runner.answer(pool, self, statement)
        try:
            return self._results(answer)
        except sqlite3.Error as error:
            # Only the queries that pages are about are truncated. Datasette would answer some of
            # them as if they had no rows: with CSV in its version 0.65, with HTML in 1.0.
            if truncate and answer[0] != "error":
                request.has_exceeded = True
                if request.format == "csv":
                    message = TOO_LONG if answer[0] == "interrupted" else str(error)
                    raise DatasetteError(message, title="Invalid SQL", status=400) from None
            if answer[0] == "interrupted":
                raise QueryInterrupted(error, sql, params) from None
            if log_sql_errors:
                shown = repr(sql)[:_MOST_SQL_IN_LOG]
                sys.stderr.write(f"ERROR: database={self.name}, sql = {shown}: {error}\n")
            raise

    async def analyze_sql(self, sql: str, params: Any = None) -> Any:
        """Only Datasette 1.0 calls this. It compiles the statement in the server, without a limit;
        so a process has to show first that this does not take long."""
        # A statement that begins with EXPLAIN cannot have another, and does nothing else.
        for statement in (f"EXPLAIN {sql}", sql):
            try:
                await self.execute(statement, params, truncate=True, log_sql_errors=False)
                break
            except QueryInterrupted as error:
                message = "this statement takes too long to analyze"
                raise sqlite3.OperationalError(message) from error
            except sqlite3.Error as error:
                if str(error) == self._memory_message():
                    raise
        return await super().analyze_sql(sql, params)

    def _results(self, answer: Answer) -> Any:
        if answer[0] == "rows":
            _, names, rows, has_more = answer
            return _results(names, rows, has_more)
        if answer[0] == "interrupted":
            raise sqlite3.OperationalError("interrupted")
        if answer[0] == "too long":
            most = safety.MAX_VALUE_BYTES // 1_000_000
            raise sqlite3.OperationalError(f"A value of this query is larger than {most} MB")
        if answer[0] == "memory":
            raise sqlite3.OperationalError(self._memory_message())
        if answer[0] == "too large":
            most = self.runner.settings.sql_result_mb
            raise sqlite3.OperationalError(
                f"This query's result is larger than {most} MB, or than a page can show:"
                " ask for fewer rows or columns"
            )
        raise _error(*answer[1:])

    def _memory_message(self) -> str:
        most = self.runner.settings.sql_memory_mb
        return f"This query needs more than the {most} MB of memory that this site allows"


def _results(names: list[str] | None, rows: list[tuple[Any, ...]], has_more: bool) -> Any:
    """Datasette's `Results` with rows that SQLite could have given."""
    if names is None:
        return Results([], False, None)
    columns = ", ".join('NULL AS "{}"'.format(name.replace('"', '""')) for name in names)
    connection = sqlite3.connect(":memory:")
    try:
        cursor = connection.execute(f"SELECT {columns} LIMIT 0")
        return Results([sqlite3.Row(cursor, row) for row in rows], has_more, cursor.description)
    finally:
        connection.close()


def _error(name: str, message: str) -> Exception:
    """The error that a statement raised in a process."""
    for module in (sqlite3, builtins):
        found = getattr(module, name, None)
        if isinstance(found, type) and issubclass(found, Exception):
            return found(message)
    error: Exception = sqlite3.OperationalError(message)
    return error


def _parameters(sql: str, given: Any) -> dict[str, Any] | list[Any]:
    """The parameters as plain values.

    Datasette's magic parameters, such as `:_now_date_utc`, have to be asked for by name.
    """
    if given is None:
        return {}
    if type(given) is dict:
        return {str(name): _plain(value) for name, value in given.items()}
    if isinstance(given, Mapping):
        found = {}
        for name in re.findall(r":(\w+)", sql):
            try:
                found[name] = _plain(given[name])
            except KeyError:  # not a parameter, but in a string
                continue
        return found
    return [_plain(value) for value in given]


def _plain(value: Any) -> Any:
    """`marshal` knows `str`, but not its subclasses."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    return value
