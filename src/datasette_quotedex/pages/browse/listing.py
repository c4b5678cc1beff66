"""A list of all rows of a kind: a page at a time, as JSON and as CSV.

The address of the next page has the last row of the page before, so every page takes the same time
and no row is left out or shown twice when others are added.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from datasette_quotedex.context import Reader, SelectQuery, SiteContext, View, site_for
from datasette_quotedex.lanes import EXPORTS
from datasette_quotedex.pages.search.exports import CSV_STEP, stream_csv
from datasette_quotedex.render.csv_lines import BYTE_ORDER_MARK, csv_lines

PAGE_SIZE = 50
MAX_FILTER_CHARS = 300

ALL = -1
"""What SQLite takes for no limit."""


@dataclass(frozen=True, slots=True)
class Start:
    """The place after a row: its key, and its value in the column that the list is sorted by."""

    key: str
    value: str | int | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a reader asked of a list: filters by name, a sort, and where the page starts."""

    site: SiteContext
    listing: Listing
    filters: Mapping[str, str]
    sort: str
    start: Start | None = None

    def url(self, form: str | None = None, **changes: str | None) -> str:
        """The address of this page, or of one of its forms, such as "csv"."""
        name = self.listing.name
        sort = None if self.sort == next(iter(self.listing.sorts)) else self.sort
        values: dict[str, object] = {**self.filters, "sort": sort}
        if self.start:
            value = "" if self.start.value is None else self.start.value
            is_by_key = self.listing.sorts[self.sort] is None
            values["next"] = self.start.key if is_by_key else f"{self.start.key}_{value}"
            if self.listing.has_free_keys and not is_by_key:
                values["next"] = f"{value}_{self.start.key}"
        return self.site.url(f"/-/{name}" + (f".{form}" if form else ""), **(values | changes))

    def changed(self, **changes: str | None) -> str:
        """The address of the first page with other filters or another sort."""
        return replace(self, start=None).url(**changes)

    def csv_url(self) -> str:
        """The address of the whole list as CSV."""
        return replace(self, start=None).url("csv")

    def after(self, row: Mapping[str, Any]) -> Shown:
        column = self.listing.sorts[self.sort]
        return replace(self, start=Start(row["key"], row[column] if column else None))


@dataclass(frozen=True, slots=True)
class Listing:
    """A list. `sorts` has, for each sort, the column of its values, or None for that of the keys;
    the first is the default. `query(shown, limit)` gives the rows from its start on, with a `key`;
    `finish` makes a row of JSON and CSV, with `columns`, from it; `more(db, shown)` gives other
    values for the page. `has_free_keys`: any text can be a key.
    """

    name: str
    columns: tuple[str, ...]
    sorts: Mapping[str, str | None]
    query: Callable[[Shown, int], SelectQuery]
    finish: Callable[[SiteContext, dict[str, Any]], dict[str, Any]]
    more: Callable[[Reader, Shown], dict[str, Any]]
    filters: tuple[str, ...] = ()
    has_free_keys: bool = False
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The valid values of filters that have only some."""


def listing_page(listing: Listing) -> View:
    """The view of `/-/NAME`, `.json` and `.csv`."""

    async def view(datasette: Any, request: Any) -> Any:
        shown = _shown(await site_for(datasette, request), listing, request.args)
        if request.url_vars["format"] == "csv":
            spreadsheet = request.args.get("spreadsheet") in ("1", "on", "true")
            return await _as_csv(replace(shown, start=None), spreadsheet)
        is_json = bool(request.url_vars["format"])
        rows, following, more = await shown.site.read(lambda db: _read(db, shown, not is_json))
        if is_json:
            return _as_json(request, shown, rows, following)
        return await shown.site.page(
            request, f"{listing.name}.html", shown=shown, rows=rows, following=following, **more
        )

    return view


def _shown(site: SiteContext, listing: Listing, arguments: Any) -> Shown:
    """What the arguments of an address ask for. Invalid ones are left out."""
    filters = {}
    for name in listing.filters:
        value = (arguments.get(name) or "").strip()[:MAX_FILTER_CHARS]
        if value and value in listing.choices.get(name, (value,)):
            filters[name] = value
    sort = arguments.get("sort")
    sort = sort if sort in listing.sorts else next(iter(listing.sorts))
    start = _start(listing, sort, arguments.get("next") or "")
    return Shown(site, listing, filters, sort, start)


def _start(listing: Listing, sort: str, text: str) -> Start | None:
    """The place in `KEY_VALUE`, `NUMBER_KEY` for keys of any text, or `KEY`; None, the beginning,
    if it is invalid."""
    if not text:
        return None
    if listing.sorts[sort] is None:
        return Start(text)
    first, separator, second = text.partition("_")
    if not listing.has_free_keys:
        return Start(first, second or None) if separator else None
    is_number = first.isascii() and first.isdigit() and len(first) < 19
    return Start(second, int(first)) if is_number and separator else None


def _read(
    db: Reader, shown: Shown, with_more: bool
) -> tuple[list[dict[str, Any]], Shown | None, dict[str, Any]]:
    """The rows of a page, the page after it, and other values."""
    sql, parameters = shown.listing.query(shown, PAGE_SIZE + 1)
    found = db.rows(sql, **parameters)
    page = found[:PAGE_SIZE]
    following = shown.after(page[-1]) if len(found) > PAGE_SIZE else None
    more = shown.listing.more(db, shown) if with_more else {}
    return [shown.listing.finish(shown.site, row) for row in page], following, more


def _as_json(
    request: Any, shown: Shown, rows: list[dict[str, Any]], following: Shown | None
) -> Any:
    site = shown.site
    next_url = following and site.datasette.absolute_url(request, following.url("json"))
    body = {"filters": shown.filters, "sort": shown.sort, shown.listing.name: rows}
    return site.json({**body, "next_url": next_url})


async def _as_csv(shown: Shown, for_spreadsheet: bool) -> Any:
    """The whole list, in its order. `for_spreadsheet`: as a spreadsheet wants it."""
    parts = _csv_parts(shown, for_spreadsheet)
    return await stream_csv(shown.site, parts, f"{shown.listing.name}.csv")


async def _csv_parts(shown: Shown, for_spreadsheet: bool) -> AsyncGenerator[str]:
    """The lines of a CSV file, CSV_STEP at a time."""
    site, listing = shown.site, shown.listing

    def query(last: dict[str, Any] | None) -> SelectQuery:
        return listing.query(shown.after(last) if last else shown, ALL)

    def lines(rows: list[dict[str, Any]]) -> str:
        finished = (listing.finish(site, row) for row in rows)
        values = ([row[name] for name in listing.columns] for row in finished)
        return csv_lines(values, for_spreadsheet=for_spreadsheet)

    yield (BYTE_ORDER_MARK if for_spreadsheet else "") + csv_lines([listing.columns])
    steps = site.read_in_steps(query, CSV_STEP, lines, EXPORTS)
    async with aclosing(steps):
        async for part in steps:
            yield part
