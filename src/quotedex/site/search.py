"""The search of the web site, for the terminal and for programs."""

from __future__ import annotations

from contextlib import closing
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
)
from datasette_quotedex.search.syntax import parse
from quotedex.errors import QueryError
from quotedex.store.file import friendly_errors, open_index


def search(path: str | Path, query: str, limit: int = 20) -> list[Hit]:
    """The first `limit` results of the site for `query`: best matches first, or, if there are too
    many matches to rank, newest first.

    Raises DatabaseError if `path` is not an index, QueryError for an invalid query.
    """
    parsed = parse(query)
    if parsed.problem:
        raise QueryError(parsed.problem)
    with friendly_errors(Path(path)), closing(open_index(path)) as connection:
        counts = connection.execute(*size_query(parsed, {})).fetchone()
        sizes = parse_sizes(parsed, {}, tuple(counts))
        can_rank = is_ranked(parsed, "relevance") and make_plan(parsed, {}, sizes).can_rank
        sort: Sort = "relevance" if can_rank else "date"
        sql, parameters = hits_query(parsed, sort=sort, limit=limit, sizes=sizes)
        return [hit_from_row(row) for row in connection.execute(sql, parameters)]
