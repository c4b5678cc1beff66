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
    IF_FEW_PASS,
    LISTED,
    MATCH,
    MATCHED,
    MATCHING,
    PRINTED_FIRST,
    PROBED,
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

MAX_SORTED = 2_000
"""By date, up to this number of matches are read and sorted, wherever they are."""

MIN_TRIED = 400
"""The newest quotations that are searched before all others, or more."""

MAX_COMPARED = 30_000
"""FTS5 compares the places of words in up to this number of quotations to rank those with a phrase;
ranking goes through them eight times."""

SAMPLE_SIZE = 2_000
"""Quotations in a sample."""

FILTERED_SAMPLE_SIZE = 4_000
"""Matches in a sample of which conditions leave only some."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many quotations have the words of a search (all, if it has none), and how many pass each
    indexed group of conditions. Counting stops where more makes no difference.

    `compared` of them have the words of its phrases in any order; 0 if there are no phrases.
    """

    matching: int
    passing: dict[str, int]
    highest_id: int
    compared: int = 0

    @property
    def has_frequent_phrase(self) -> bool:
        """Whether there is a phrase whose words are too frequent to rank what has it."""
        return self.compared > MAX_COMPARED


TOO_MANY = Sizes(MAX_COUNTED, {}, 0)
"""For a search whose quotations take too long to count."""


def size_query(query: SearchQuery, filters: FilterValues) -> SelectQuery:
    """One row for `parse_sizes`."""
    conditions = conditions_for(query, filters)
    limits: dict[str, Any] = {
        "max_counted": MAX_COUNTED,
        "max_passing": MAX_EXACT + 1 if conditions.has_words else MAX_COUNTED,
        "few": MAX_EXACT + 1,
    }
    matching = "SELECT count(*) FROM quotes"
    if conditions.has_words:
        some = f"SELECT 1 FROM quote_search WHERE {MATCH} LIMIT :max_counted"
        matching = f"SELECT count(*) FROM ({some})"
    elif conditions.drivers.keys() - set(IF_FEW_PASS):
        matching = "SELECT max(id) FROM quotes"
    passing = [
        f"(SELECT count(*) FROM (SELECT 1 {source} LIMIT {limit})) AS passing_{name}"
        for name, source in conditions.drivers.items()
        for limit in [":few" if name in IF_FEW_PASS else ":max_passing"]
    ]
    others = ["(SELECT max(id) FROM quotes) AS highest_id"]
    if query.words:
        some = "SELECT 1 FROM quote_search WHERE quote_search MATCH :words LIMIT :max_compared"
        others.append(f"(SELECT count(*) FROM ({some})) AS compared")
        limits |= {"words": query.words, "max_compared": MAX_COMPARED + 1}
    columns = ", ".join([f"({matching}) AS matching", *passing, *others])
    return f"SELECT {columns}", {**conditions.parameters, **limits}


def parse_sizes(query: SearchQuery, filters: FilterValues, row: Any) -> Sizes:
    """The row of `size_query` as Sizes."""
    conditions = conditions_for(query, filters)
    matching, *passing, highest_id, compared = row if query.words else (*row, 0)
    by_driver = {
        name: number
        for name, number in zip(conditions.drivers, passing, strict=True)
        if name not in IF_FEW_PASS or number <= MAX_EXACT
    }
    return Sizes(matching or 0, by_driver, highest_id or 0, compared)


@dataclass(frozen=True, slots=True)
class Plan:
    """How to run a search. Without `sizes`: exactly, whatever it takes.

    `is_exact`: few enough match to read them one by one. `can_rank`: they can be sorted by
    relevance in time. `driver` names the group of conditions to start from, if few pass it but many
    have the words; `probe_words` then looks up the words for each of these, instead of the other
    way round. `sort_all`: by date, all matches are sorted, instead of reading an index of dates,
    newest first, until the page is full, and comparing each entry with a list of all matches.
    Before that, `tried` entries of the index are read, which is enough unless all matches are old;
    `lists_words`: they are compared with a list, instead of looking up the words for each.
    `few_match`: few enough have the words to list them, and to look twice, first for those with the
    words in them.
    """

    conditions: SearchConditions
    sizes: Sizes | None = None
    is_exact: bool = True
    can_rank: bool = True
    driver: str | None = None
    probe_words: bool = False
    sort_all: bool = True
    tried: int = 0
    lists_words: bool = False
    few_match: bool = True

    def all_matches(self) -> str:
        """FROM and WHERE of all matches. Where one of each statement is shown, the caller has to
        choose the first of them (PRINTED_FIRST), which costs less than looking for it each time."""
        words = [MATCH] if self.conditions.has_words else []
        if self.driver is None:
            source, found = MATCHING if words else QUOTES, LISTED if self.sort_all else None
            return self._from_where(source, *words, found=found, but_first=True)
        ids = f"SELECT q.id {self.conditions.drivers[self.driver]}"
        if words and not self.probe_words:
            among = f"+quote_search.rowid IN ({ids})"
            return self._from_where(MATCHING, *words, among, but_first=True)
        return self.matches_among(ids, have_words=not words)

    def first_matches(self, rank: str = "NULL") -> str:
        """A table q of all matches that are shown: `id`, `rank` and their dates."""
        columns = f"q.id, {rank} AS rank, q.published, q.first_indexed"
        if not self.conditions.weaker_than:
            return f"(SELECT {columns} {self.all_matches()}) AS q"
        return f"""(SELECT * FROM (
            SELECT *, row_number() OVER ({PRINTED_FIRST}) AS number
            FROM (SELECT {columns}, q.statement_id {self.all_matches()})
        ) WHERE number = 1) AS q"""

    def newest_matches(self, *more: str) -> str:
        """FROM and WHERE of those that are shown and pass `more` conditions, to be read in the
        order of dates until there are enough."""
        if not self.conditions.has_words:
            return self._from_where(QUOTES, *more)
        if self.probe_words:
            return self._from_where(f"{QUOTES} {_PROBE}", *more, MATCH)
        matching = f"SELECT rowid FROM quote_search WHERE {MATCH}"
        return self._from_where(QUOTES, *more, f"+q.id IN ({matching})")

    def matches_of_statements(self, ids: str, *more: str) -> str:
        """The same for the quotations that the SELECT `ids` gives; the query has `matched`."""
        start = f"FROM ({ids}) AS some CROSS JOIN quotes q ON q.id = some.id"
        return self._from_where(start, *more, "q.id IN (SELECT id FROM matched)", found=MATCHED)

    @property
    def indexed(self) -> tuple[str, ...]:
        """The conditions that an index in the order of dates answers."""
        return (*self.conditions.speaker, *self.conditions.first_indexed, *self.conditions.dates)

    def matches_among(self, ids: str, *, have_words: bool) -> str:
        """The same as `all_matches` for the quotations that the SELECT `ids` gives; `have_words`:
        they all match."""
        # The LIMIT tells SQLite that scanning all quotations would not pay.
        start = f"FROM ({ids} LIMIT {_MAX_IDS}) AS some CROSS JOIN quotes q ON q.id = some.id"
        if have_words:
            return self._from_where(start, but_first=True)
        return self._from_where(f"{start} {_PROBE}", MATCH, but_first=True)

    def _from_where(
        self, start: str, *conditions: str, found: str | None = None, but_first: bool = False
    ) -> str:
        # A list of few costs less than looking up a prefix again and again.
        found = found or (LISTED if self.few_match or self.conditions.has_prefix else PROBED)
        first = self.conditions.one_of_a_statement(found, but_first=but_first)
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
            sort_all=few_pass and driver in _UNORDERED,
        )
    if sizes.matching <= MAX_EXACT or passing > MAX_EXACT:
        return _plan_for_many(conditions, sizes, driver)
    probe_words = not conditions.has_prefix and sizes.matching > _PROBE_COST * passing
    sort_all = conditions.has_prefix or driver in _UNORDERED
    return Plan(
        conditions,
        sizes,
        can_rank=sizes.matching <= MAX_RANKED_FOR_FEW and not sizes.has_frequent_phrase,
        few_match=sizes.matching <= MAX_RANKED and not sizes.has_frequent_phrase,
        driver=driver,
        probe_words=probe_words,
        sort_all=sort_all,
        tried=0 if probe_words or sort_all else MIN_TRIED,
    )


def _plan_for_many(conditions: SearchConditions, sizes: Sizes, driver: str | None) -> Plan:
    """The plan for words alone, or with conditions that many pass."""
    matching, highest_id = sizes.matching, sizes.highest_id
    lists_words = matching**2 <= _LIST_COST * highest_id
    sorts_quickly = matching <= MAX_SORTED
    tried = max(MIN_TRIED, _TRIED * highest_id // max(1, matching))
    if sorts_quickly or (lists_words and driver is not None):
        tried = 0
    elif conditions.outlet and not lists_words:
        tried *= _OUTLETS
    elif lists_words:
        tried = max(MIN_TRIED, min(10 * tried, highest_id // _SHARE_TRIED))
    return Plan(
        conditions,
        sizes,
        is_exact=matching <= MAX_EXACT,
        can_rank=matching <= MAX_RANKED and not sizes.has_frequent_phrase,
        few_match=matching <= MAX_RANKED and not sizes.has_frequent_phrase,
        sort_all=sorts_quickly or (lists_words and driver is None),
        tried=tried,
        lists_words=lists_words,
    )


_UNORDERED = ("outlet", *IF_FEW_PASS)
"""Drivers that do not read quotations in the order of dates."""

_PROBE = "CROSS JOIN quote_search ON quote_search.rowid = q.id"

_MAX_IDS = 4 * FILTERED_SAMPLE_SIZE
"""More than any sample holds."""

_PROBE_COST = 120
"""Looking up whether one quotation has the words takes as long as reading this many matches."""

_LIST_COST = 3_500
"""Listing n matches takes n times as long as one, while looking up words in the newest takes 50
look-ups for every n-th part of the file. Where n² is this many times the highest id, both take the
same time.
"""

_TRIED = 60
"""Of so many matches, 21 are sure and the first of their statement, which fills a page."""

_OUTLETS = 30
"""So many more are tried if they have to be of an outlet: its articles are looked up first."""

_SHARE_TRIED = 8
"""Comparing this part of all quotations with a list of few matches takes no longer than the list.
If too few are among them, all are sorted, since those indexed together are read quickly."""
