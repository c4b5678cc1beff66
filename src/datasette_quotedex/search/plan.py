"""How to run a search, depending on how many quotations have its words and pass its conditions.

In a news archive a word occurs in ten quotations or in a tenth of all. What is exact and fast for
the one takes seconds for the other. So small sets are read one by one; of large ones the site shows
a page of the newest and counts a sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from datasette_quotedex.search.filters import (
    EVERYTHING,
    MATCH,
    MATCHING,
    QUOTES,
    FilterValues,
    SearchConditions,
    Selection,
    SelectQuery,
    conditions_for,
    where,
)
from datasette_quotedex.search.syntax import SearchQuery

MAX_COUNTED = 250_000
"""Counting stops at this number of quotations; larger totals are estimated."""

MAX_EXACT = 5_000
"""Up to this number of quotations are read one by one; larger sets are sampled."""

MAX_RANKED = 10_000
"""Up to this number of matches are ranked, for which FTS5 reads something about each."""

MAX_RANKED_FOR_FEW = 50_000
"""FTS5 goes through up to this number of matches to rank the few that pass a condition."""

MAX_TRIED = 1_000
"""The newest quotations that are searched before all others."""

SAMPLE_SIZE = 2_000
"""Quotations in a sample."""

FILTERED_SAMPLE_SIZE = 4_000
"""Matches in a sample of which conditions leave only some."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many quotations have the words of a search (all, if it has none), and how many pass each
    indexed group of conditions. Counting stops where more makes no difference."""

    matching: int
    passing: dict[str, int]
    highest_id: int


TOO_MANY = Sizes(MAX_COUNTED, {}, 0)
"""For a search whose quotations take too long to count."""


def size_query(query: SearchQuery, filters: FilterValues) -> SelectQuery:
    """One row for `parse_sizes`."""
    conditions = conditions_for(query, filters)
    limits = {
        "max_counted": MAX_COUNTED,
        "max_passing": MAX_EXACT + 1 if conditions.has_words else MAX_COUNTED,
    }
    matching = "SELECT count(*) FROM quotes"
    if conditions.has_words:
        some = f"SELECT 1 FROM quote_search WHERE {MATCH} LIMIT :max_counted"
        matching = f"SELECT count(*) FROM ({some})"
    elif conditions.drivers:
        matching = "SELECT max(id) FROM quotes"
    passing = [
        f"(SELECT count(*) FROM (SELECT 1 {source} LIMIT :max_passing)) AS passing_{name}"
        for name, source in conditions.drivers.items()
    ]
    highest_id = "(SELECT max(id) FROM quotes) AS highest_id"
    columns = ", ".join([f"({matching}) AS matching", *passing, highest_id])
    return f"SELECT {columns}", {**conditions.parameters, **limits}


def parse_sizes(query: SearchQuery, filters: FilterValues, row: Any) -> Sizes:
    """The row of `size_query` as Sizes."""
    conditions = conditions_for(query, filters)
    matching, *passing, highest_id = row
    by_driver = dict(zip(conditions.drivers, passing, strict=True))
    return Sizes(matching or 0, by_driver, highest_id or 0)


@dataclass(frozen=True, slots=True)
class Plan:
    """How to run a search. Without `sizes`: exactly, whatever it takes.

    `is_exact`: few enough match to read them one by one. `can_rank`: they can be sorted by
    relevance in time. `driver` names the group of conditions to start from, if few pass it but many
    have the words; `probe_words` then looks up the words for each of these, instead of the other
    way round. `sort_all`: by date, all matches are sorted, instead of reading an index of dates,
    newest first, until the page is full, and comparing each entry with a list of all matches.
    Before that, the words are looked up for `tried` entries of the index, which is enough unless
    all matches are old. `few_match`: few enough have the words to list them, and to look twice,
    first for those with the words in them.
    """

    conditions: SearchConditions
    sizes: Sizes | None = None
    is_exact: bool = True
    can_rank: bool = True
    driver: str | None = None
    probe_words: bool = False
    sort_all: bool = True
    tried: int = 0
    few_match: bool = True

    def all_matches(self, *more: str) -> str:
        """FROM and WHERE of all matches that also pass `more` conditions."""
        words = [MATCH] if self.conditions.has_words else []
        if self.driver is None:
            source = MATCHING if words else QUOTES
            return self._from_where(source, *words, *more, list_matches=self.sort_all)
        ids = f"SELECT q.id {self.conditions.drivers[self.driver]}"
        if words and not self.probe_words:
            return self._from_where(MATCHING, *words, f"+quote_search.rowid IN ({ids})", *more)
        return self.matches_among(ids, *more, have_words=not words)

    def newest_matches(self, *more: str, probe_words: bool = False) -> str:
        """The same, to be read in the order of dates until there are enough."""
        if not self.conditions.has_words:
            return self._from_where(QUOTES, *more)
        if probe_words or self.probe_words:
            return self._from_where(f"{QUOTES} {_PROBE}", *more, MATCH)
        matching = f"SELECT rowid FROM quote_search WHERE {MATCH}"
        return self._from_where(QUOTES, *more, f"+q.id IN ({matching})")

    @property
    def indexed(self) -> tuple[str, ...]:
        """The conditions that an index in the order of dates answers."""
        return (*self.conditions.speaker, *self.conditions.first_indexed, *self.conditions.dates)

    def matches_among(self, ids: str, *more: str, have_words: bool) -> str:
        """The same for the quotations that the SELECT `ids` gives; `have_words`: they all match."""
        # The LIMIT tells SQLite that scanning all quotations would not pay.
        start = f"FROM ({ids} LIMIT {_MAX_IDS}) AS some CROSS JOIN quotes q ON q.id = some.id"
        if have_words:
            return self._from_where(start, *more)
        return self._from_where(f"{start} {_PROBE}", *more, MATCH)

    def _from_where(self, start: str, *conditions: str, list_matches: bool = False) -> str:
        first = self.conditions.one_of_a_statement(self.few_match or list_matches)
        return start + where(self.conditions.without_words, conditions, first)


def make_plan(
    query: SearchQuery,
    filters: FilterValues,
    sizes: Sizes | None = None,
    shown: Selection = EVERYTHING,
) -> Plan:
    """How to run a search of these sizes, which are those of all that it finds."""
    conditions = conditions_for(query, filters, shown)
    if sizes is None:
        return Plan(conditions)
    driver = min(sizes.passing, key=sizes.passing.__getitem__, default=None)
    passing = MAX_COUNTED if driver is None else sizes.passing[driver]
    if not conditions.has_words:
        few_pass = passing <= MAX_EXACT
        return Plan(
            conditions,
            sizes,
            is_exact=few_pass or sizes.matching <= MAX_EXACT,
            driver=driver,
            sort_all=few_pass and driver == "outlet",
        )
    if sizes.matching <= MAX_EXACT or passing > MAX_EXACT:
        sorts_quickly = sizes.matching**2 <= _SORT_COST * sizes.highest_id
        sorts_at_all = driver is None and sizes.matching <= sizes.highest_id // _LIST_COST
        return Plan(
            conditions,
            sizes,
            is_exact=sizes.matching <= MAX_EXACT,
            can_rank=sizes.matching <= MAX_RANKED,
            few_match=sizes.matching <= MAX_RANKED,
            sort_all=sorts_quickly or (sorts_at_all and not conditions.has_prefix),
            tried=0 if sorts_quickly or conditions.has_prefix else MAX_TRIED,
        )
    probe_words = not conditions.has_prefix and sizes.matching > _PROBE_COST * passing
    sort_all = conditions.has_prefix or driver == "outlet"
    return Plan(
        conditions,
        sizes,
        can_rank=sizes.matching <= MAX_RANKED_FOR_FEW,
        few_match=sizes.matching <= MAX_RANKED,
        driver=driver,
        probe_words=probe_words,
        sort_all=sort_all,
        tried=0 if probe_words or sort_all else MAX_TRIED,
    )


_PROBE = "CROSS JOIN quote_search ON quote_search.rowid = q.id"

_MAX_IDS = 4 * FILTERED_SAMPLE_SIZE
"""More than any sample holds."""

_PROBE_COST = 120
"""Looking up whether one quotation has the words takes as long as reading this many matches."""

_LIST_COST = 8
"""Sorting one match takes as long as comparing this many entries of an index with a list."""

_SORT_COST = 160
"""Sorting n quotations takes n times as long as reading one, while a page of the newest needs 21
look-ups for every n-th part of the file. Where n² is this many times the highest id, both take the
same time.
"""
