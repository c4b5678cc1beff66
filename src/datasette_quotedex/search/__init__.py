"""The SQL of a search, in one place for the web site and the terminal, and the hits it gives.

Every function returns SQL with its named parameters, for `datasette.execute` as well as for a plain
`sqlite3` connection whose `row_factory` is `sqlite3.Row`.
"""

from .conditions import FACETS, Statement
from .counting import FACET_SIZE, counts, known, total
from .finding import EXPORTED, Position, Sort, every, ranks, results
from .hits import Hit, hit
from .planning import MANY, Plan, Sizes, measure, plan, sizes

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
    "measure",
    "plan",
    "ranks",
    "results",
    "sizes",
    "total",
]
