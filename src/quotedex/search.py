"""The site's search, for the terminal and for programs."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from datasette_quotedex.query import parse
from datasette_quotedex.search import Hit, hit, results
from quotedex.database import open_index
from quotedex.errors import QueryError
from quotedex.store.file import said_plainly


def search(path: str | Path, query: str, limit: int = 20) -> list[Hit]:
    """The best `limit` quotations of the file for `query`, in the order of the site's first page.

    Raises DatabaseError for a file that is no index, QueryError for a query that cannot be meant.
    """
    parsed = parse(query)
    if parsed.problem:
        raise QueryError(parsed.problem)
    sql, parameters = results(parsed, limit=limit)
    with said_plainly(Path(path)), closing(open_index(path)) as connection:
        return [hit(row) for row in connection.execute(sql, parameters)]
