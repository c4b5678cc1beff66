"""The context of a request: which database it reads, and the addresses of its pages."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from datasette import Forbidden, NotFound, Response
from datasette.database import QueryInterrupted
from datasette.utils import add_cors_headers

from datasette_quotedex import databases, safety
from datasette_quotedex.lanes import PAGES, Lane, TooBusy, run_in_lane, steps_in_lane
from datasette_quotedex.layout import layout_values, render, static_url
from datasette_quotedex.time_limit import time_limit

T = TypeVar("T")

SelectQuery = tuple[str, dict[str, Any]]
"""SQL and its named parameters."""

View = Callable[..., Awaitable[Any]]
"""Answers a request: `view(datasette, request)`."""

TOO_LONG = "This page takes too long to read just now. Please try again in a few seconds."

OPTIONAL_QUERY_MS = 500
"""The time limit of a query for a part of a page that may be missing."""

SNAPSHOT_SECONDS = 10.0
"""The longest transaction of an export."""


@dataclass(frozen=True, slots=True)
class SiteContext:
    """A database with quotations; `is_one_of_many`: addresses have to say which."""

    datasette: Any
    database: str
    is_one_of_many: bool = False

    @property
    def time_limit(self) -> int:
        """The time that Datasette allows a query, in milliseconds."""
        return int(self.datasette.setting("sql_time_limit_ms"))

    @property
    def has_threads(self) -> bool:
        """Datasette runs without any in a browser, and with the setting `num_sql_threads` 0."""
        return self.datasette.executor is not None

    def url(self, path: str, **parameters: object) -> str:
        """`url("/-/quotes", q="rent")`; parameters that are None or "" are left out."""
        if self.is_one_of_many:
            parameters["database"] = self.database
        query = urlencode(
            {name: v for name, v in parameters.items() if v is not None and v != ""}, safe=","
        )
        address = str(self.datasette.urls.path(path))
        return f"{address}?{query}" if query else address

    def page_url(self, page: str, key: str, suffix: str = "", **parameters: object) -> str:
        """`page_url("speakers", "ana-okafor")` -> `/-/speakers/ana-okafor`; with the suffix
        `.json`, its data."""
        return self.url(f"/-/{page}/{quote(key)}{suffix}", **parameters)

    def with_path(self, page: str, row: dict[str, Any]) -> dict[str, Any]:
        """The row for JSON, with the `path` of the page about it."""
        return {**without_ids(row), "path": self.page_url(page, row["key"])}

    async def read(self, load: Callable[[Reader], T], lane: Lane = PAGES) -> T:
        """`load(reader)` in one transaction, so that all it reads is of one state of the file.

        Raises `TooBusy` if too many wait for the lane, or a query that is needed takes too long.
        """

        state = databases.file_state(self.datasette, self.database)

        def in_transaction(connection: sqlite3.Connection) -> T:
            connection.execute("BEGIN")
            try:
                return load(Reader(self, connection, state))
            finally:
                # Nothing was written; a rollback would forget temporary tables.
                connection.commit()

        try:
            return await run_in_lane(lane, self.datasette, self.database, in_transaction)
        except QueryInterrupted as error:
            raise TooBusy(TOO_LONG) from error

    async def read_in_steps(
        self,
        query: Callable[[dict[str, Any] | None], SelectQuery],
        size: int,
        convert: Callable[[list[dict[str, Any]]], T],
        lane: Lane,
    ) -> AsyncGenerator[T]:
        """`convert(rows)` for `size` rows at a time of an export; both happen in the lane.

        `query(last)` gives the rows after the last one of before, or all for None. Raises `TooBusy`
        if too many exports run, and `QueryInterrupted` if `size` rows take too long.
        """
        rows = _RowsInSteps(self, query, size)
        more = True
        async with steps_in_lane(lane, self.datasette, self.database) as step:
            try:
                while more:
                    found, number = await step(lambda db: _converted(rows.next(db), convert))
                    more = number == size
                    yield found
            finally:
                await step(rows.end)

    async def page(
        self,
        request: Any,
        template: str,
        status: int = 200,
        script: str | None = None,
        **values: Any,
    ) -> Any:
        """A response with one of our pages, under the policy that forbids all scripts but files of
        ours. `script` is one that this page has besides those of all pages."""
        values["script_url"] = script and static_url(self.datasette, script)
        values |= {"site": self, **await layout_values(self.datasette, self.database)}
        html = await render(self.datasette, request, f"quotedex/{template}", values)
        safety.forbid_scripts(request)
        return Response.html(html, status=status)

    def json(self, body: dict[str, Any], status: int = 200) -> Any:
        """A response with the data of a page."""
        body = {"ok": status == 200, **body}
        return Response.json(body, status=status, headers=self.cors_headers())

    def atom(self, feed: str) -> Any:
        """A response with an Atom feed."""
        content_type = "application/atom+xml; charset=utf-8"
        return Response(feed, headers=self.cors_headers(), content_type=content_type)

    def svg(self, picture: str) -> Any:
        """A response with a picture, in which nothing runs and which loads nothing."""
        headers = {**self.cors_headers(), **safety.PICTURE_HEADERS}
        return Response(picture, headers=headers, content_type="image/svg+xml; charset=utf-8")

    def cors_headers(self) -> dict[str, str]:
        """The headers that `datasette --cors` asks for."""
        headers: dict[str, str] = {}
        if self.datasette.cors:
            add_cors_headers(headers)
        return headers


class _RowsInSteps:
    """The rows of a query, some at a time, in one transaction if that takes no longer than
    SNAPSHOT_SECONDS.

    While a transaction lasts, SQLite cannot empty the write-ahead log of a file that grows. So the
    transaction of a slow reader ends, and the next step begins another after the last row.
    """

    def __init__(
        self,
        site: SiteContext,
        query: Callable[[dict[str, Any] | None], SelectQuery],
        size: int,
    ) -> None:
        self._site, self._query, self._size = site, query, size
        self._cursor: sqlite3.Cursor | None = None
        self._last: dict[str, Any] | None = None
        self._until = 0.0
        # Without threads of its own, Datasette has one connection for all that it does.
        self._longest = SNAPSHOT_SECONDS if site.has_threads else 0

    def next(self, connection: sqlite3.Connection) -> list[dict[str, Any]]:
        """The next `size` rows, or fewer if these are the last. Raises `QueryInterrupted`."""
        db = Reader(self._site, connection)
        return db.within(self._site.time_limit, lambda: self._fetch(connection))

    def end(self, connection: sqlite3.Connection) -> None:
        """End the transaction."""
        if self._cursor:
            self._cursor.close()
        connection.commit()

    def _fetch(self, connection: sqlite3.Connection) -> list[dict[str, Any]]:
        if self._cursor is None or time.monotonic() >= self._until:
            self.end(connection)
            connection.execute("BEGIN")
            self._cursor = connection.execute(*self._query(self._last))
            self._until = time.monotonic() + self._longest
        rows = [dict(row) for row in self._cursor.fetchmany(self._size)]
        if rows:
            self._last = rows[-1]
        if not self._longest:
            self.end(connection)
        return rows


class Reader:
    """Queries within one transaction, in a thread of their lane. `state` is the `file_state` just
    before it began."""

    def __init__(
        self, site: SiteContext, connection: sqlite3.Connection, state: object = None
    ) -> None:
        self.site, self.connection, self.state = site, connection, state

    def rows(self, sql: str, **parameters: object) -> list[dict[str, Any]]:
        """The rows of a query that a page needs. Raises Datasette's `QueryInterrupted` if it takes
        longer than Datasette allows."""
        return self.within(self.site.time_limit, lambda: self._fetch(sql, parameters))

    def optional_rows(self, sql: str, **parameters: object) -> list[dict[str, Any]] | None:
        """The rows of a query that a page can do without; None after OPTIONAL_QUERY_MS."""
        try:
            return self.within(OPTIONAL_QUERY_MS, lambda: self._fetch(sql, parameters))
        except QueryInterrupted:
            return None

    def row(self, page: str, sql: str, key: str) -> dict[str, Any]:
        """The row that a page is about. Raises `RowNotFound`."""
        found = self.rows(sql, key=key)
        if not found:
            raise RowNotFound(self.site, page, key)
        return found[0]

    def within(self, limit_ms: int, query: Callable[[], T]) -> T:
        """What `query()` gives. Raises `QueryInterrupted` after this time, or Datasette's limit if
        that is shorter."""
        seconds = min(limit_ms, self.site.time_limit) / 1000
        try:
            with time_limit(self.connection, seconds, self.site.has_threads):
                return query()
        except sqlite3.OperationalError as error:
            if error.args == ("interrupted",):
                raise QueryInterrupted(error, "", {}) from error
            raise

    def _fetch(self, sql: str, parameters: dict[str, object]) -> list[dict[str, Any]]:
        return [dict(row) for row in self.connection.execute(sql, parameters)]


def _converted(
    rows: list[dict[str, Any]], convert: Callable[[list[dict[str, Any]]], T]
) -> tuple[T, int]:
    return convert(rows), len(rows)


class RowNotFound(Exception):  # noqa: N818  (an answer to the reader, not an error)
    """No row has the key in the address of a request."""

    def __init__(self, site: SiteContext, page: str, key: str) -> None:
        super().__init__(f"no row of {page} has the key {key}")
        self.site, self.page, self.key = site, page, key


def without_ids(row: dict[str, Any]) -> dict[str, Any]:
    """A row for JSON: without the ids, which change when an article is indexed again."""
    return {name: v for name, v in row.items() if name != "id" and not name.endswith("_id")}


async def site_for(datasette: Any, request: Any) -> SiteContext:
    """The context of a request: `?database=`, or the first database that its reader may see.

    Raises Datasette's `NotFound` or `Forbidden` if there are no quotations to see.
    """
    names = await databases.visible(datasette, request.actor)
    if not names:
        if await databases.with_quotations(datasette):
            raise Forbidden("You do not have permission to see these quotations")
        raise NotFound("No database here has quotations")
    name = request.args.get("database")
    return SiteContext(datasette, name if name in names else names[0], len(names) > 1)


def int_or_zero(text: str | None) -> int:
    """An offset in an address; 0 for anything else."""
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
