"""The SQL of a search, in one place for the web site and the terminal, and the hits it gives.

Every function returns SQL with its named parameters, for `datasette.execute` as well as for a plain
`sqlite3` connection whose `row_factory` is `sqlite3.Row`.
"""

from .conditions import FACETS, Statement
from .counting import FACET_SIZE, counts, total
from .finding import EXPORTED, Position, Sort, every, newest_of_many, ranks, results
from .hits import Hit, hit

__all__ = [
    "EXPORTED",
    "FACETS",
    "FACET_SIZE",
    "Hit",
    "Position",
    "Sort",
    "Statement",
    "counts",
    "every",
    "hit",
    "newest_of_many",
    "ranks",
    "results",
    "total",
]
