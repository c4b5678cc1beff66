"""The search of the web site, for the terminal and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

from datasette_quotedex.search import (
    Hit,
    Sort,
    hit_from_row,
    hits_query,
    is_ranked,
    make_plan,
    parse_sizes,
    size_query,
    stored_query,
)
from datasette_quotedex.search.syntax import parse
from quotedex.errors import QueryError
from quotedex.store.file import friendly_errors, open_index


def search(path: str | Path, query: str, limit: int = 20, offset: int = 0) -> list[Hit]:
    """The results of the site for `query`: best matches first, or, if there are too many matches to
    rank, newest first.

    At most `limit` of them, or with 0 all, after the first `offset`. Raises DatabaseError if `path`
    is not an index, QueryError for an invalid query.
    """
    parsed = parse(query)
    if parsed.problem:
        raise QueryError(parsed.problem)
    with friendly_errors(Path(path)), closing(open_index(path)) as connection:
        counts = connection.execute(*size_query(parsed, {})).fetchone()
        sizes = parse_sizes(parsed, {}, tuple(counts))
        can_rank = is_ranked(parsed, "relevance") and make_plan(parsed, {}, sizes).can_rank
        sort: Sort = "relevance" if can_rank else "date"
        last = offset + limit if limit else _NO_LIMIT
        sql, parameters = hits_query(parsed, sort=sort, limit=last, sizes=sizes)
        rows = islice(connection.execute(sql, parameters), offset, None)
        return [hit_from_row(row) for row in rows]


def each_hit(path: str | Path) -> Iterator[Hit]:
    """Every quotation of an index in the order of ids. The file may change meanwhile.

    Raises DatabaseError if `path` is not an index.
    """
    after_id = 0
    while hits := _stored(path, after_id, _STEP):
        yield from hits
        after_id = hits[-1].id


def find_hit(path: str | Path, key: str) -> Hit | None:
    """The quotation with this key, None if there is none.

    Raises DatabaseError if `path` is not an index.
    """
    with friendly_errors(Path(path)), closing(open_index(path)) as connection:
        found = connection.execute("SELECT id FROM quotes WHERE key = ?", (key,)).fetchone()
        if found is None:
            return None
        row = connection.execute(*stored_query(after_id=found[0] - 1)).fetchone()
        return hit_from_row(row)


def _stored(path: str | Path, after_id: int, limit: int) -> list[Hit]:
    with friendly_errors(Path(path)), closing(open_index(path)) as connection:
        rows = connection.execute(*stored_query(after_id=after_id, limit=limit))
        return [hit_from_row(row) for row in rows]


_STEP = 1000
"""Quotations read at a time, so that no long transaction keeps others from writing."""

_NO_LIMIT = -1
"""What SQLite takes for no limit."""
