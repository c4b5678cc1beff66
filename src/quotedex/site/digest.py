"""What is new in an index since a time, for mails and other alerts."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from datasette_quotedex.search import (
    Hit,
    Selection,
    hit_from_row,
    hits_query,
    parse_sizes,
    size_query,
    total_query,
)
from datasette_quotedex.search.filters import FIRST_INDEXED_AFTER
from datasette_quotedex.search.syntax import parse
from quotedex.errors import QueryError
from quotedex.store.file import friendly_errors, open_index

_NO_LIMIT = -1
_SPAN = re.compile(r"(\d{1,6})\s*([mhdw])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True, slots=True)
class Digest:
    """The quotations of a search that a file had first after `since` and up to `until`, latest
    first. `total` counts those that `hits` leaves out, too."""

    query: str
    since: str
    until: str
    total: int
    hits: tuple[Hit, ...]


def read_digest(
    path: str | Path, query: str, since: str, limit: int = 0, *, unsure: bool = False
) -> Digest:
    """What `query` finds that is new since a time in the form of `moment`; at most `limit`, or all.
    With `unsure`, quotations that the program is unsure of are among it.

    `until` is the time of the latest quotation of the file, so that a digest since then has what
    this one has not, whatever was stored meanwhile. Raises DatabaseError if `path` is not an index,
    QueryError for an invalid query.
    """
    parsed = parse(query)
    if parsed.problem:
        raise QueryError(parsed.problem)
    filters = {FIRST_INDEXED_AFTER: since}
    shown = Selection(every_printing=True, unsure="shown" if unsure else "hidden")
    with friendly_errors(Path(path)), closing(open_index(path)) as connection:
        connection.execute("BEGIN")
        (latest,) = connection.execute("SELECT max(first_indexed) FROM quotes").fetchone()
        counts = connection.execute(*size_query(parsed, filters)).fetchone()
        sizes = parse_sizes(parsed, filters, tuple(counts))
        counted = total_query(parsed, filters, at_most=_NO_LIMIT, shown=shown)
        (total,) = connection.execute(*counted).fetchone()
        most = limit or _NO_LIMIT
        rows = connection.execute(
            *hits_query(parsed, filters, sort="indexed", limit=most, sizes=sizes, shown=shown)
        )
        return Digest(
            query=query,
            since=since,
            until=max(since, latest or since),
            total=total,
            hits=tuple(map(hit_from_row, rows)),
        )


def moment(given: str, now: datetime) -> str:
    """ "1d", "12h", "2w", "30m" before now, a date or a time, as the file has times; UTC unless it
    names a zone. Raises ValueError with a sentence."""
    span = _SPAN.fullmatch(given.strip())
    try:
        if span:
            time = now - timedelta(**{_UNITS[span[2]]: int(span[1])})
        else:
            time = datetime.fromisoformat(given.strip())
            time = time.replace(tzinfo=time.tzinfo or UTC)
        return time.astimezone(UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError):
        raise ValueError(
            f"{given!r} is neither a time such as 2024-05-03 or 2024-05-03T09:00 nor a span such as"
            " 12h, 1d or 2w"
        ) from None
