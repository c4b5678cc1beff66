"""The SQL of a search, for the web site and the terminal alike.

The functions whose names end in `_query` return SQL with its named parameters. It runs in
`datasette.execute` and on a plain `sqlite3` connection whose `row_factory` is `sqlite3.Row`.
"""

from datasette_quotedex.search.facet_counts import (
    FACET_SIZE,
    facet_query,
    known_total,
    total_query,
)
from datasette_quotedex.search.filters import (
    FILTERS,
    VALUE_LABELS,
    FilterValues,
    Matched,
    Selection,
    SelectQuery,
    Unsure,
)
from datasette_quotedex.search.hits import EXPORT_COLUMNS, Hit, hit_from_row
from datasette_quotedex.search.plan import TOO_MANY, Plan, Sizes, make_plan, parse_sizes, size_query
from datasette_quotedex.search.results import (
    Position,
    Sort,
    export_query,
    hits_query,
    is_ranked,
    place_of,
    stored_query,
)

__all__ = [
    "EXPORT_COLUMNS",
    "FACET_SIZE",
    "FILTERS",
    "TOO_MANY",
    "VALUE_LABELS",
    "FilterValues",
    "Hit",
    "Matched",
    "Plan",
    "Position",
    "SelectQuery",
    "Selection",
    "Sizes",
    "Sort",
    "Unsure",
    "export_query",
    "facet_query",
    "hit_from_row",
    "hits_query",
    "is_ranked",
    "known_total",
    "make_plan",
    "parse_sizes",
    "place_of",
    "size_query",
    "stored_query",
    "total_query",
]
