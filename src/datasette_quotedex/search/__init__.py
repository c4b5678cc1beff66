"""The SQL of a search, in one place for the web site and the terminal, and the hits it gives.

Every function returns SQL with its named parameters, for `datasette.execute` as well as for a plain
`sqlite3` connection whose `row_factory` is `sqlite3.Row`.
"""

from datasette_quotedex.search.facet_counts import FACET_SIZE, counts, known, total
from datasette_quotedex.search.filters import FACETS, Statement
from datasette_quotedex.search.hits import Hit, hit
from datasette_quotedex.search.plan import MANY, Plan, Sizes, make_plan, measure, sizes
from datasette_quotedex.search.results import EXPORTED, Position, Sort, every, ranks, results

__all__ = [
    "EXPORTED",
    "FACETS",
    "FACET_SIZE",
    "MANY",
    "Hit",
    "Plan",
    "Position",
    "Sizes",
    "Sort",
    "Statement",
    "counts",
    "every",
    "hit",
    "known",
    "make_plan",
    "measure",
    "ranks",
    "results",
    "sizes",
    "total",
]
