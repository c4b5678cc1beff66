"""How to look, by how many quotations have the words and how many pass the narrowest condition.

A word of a news archive is had by ten quotations or by a tenth of all. What is exact and quick for
the one takes seconds for the other, so the few are looked at one by one, and of the many a page of
the newest and a sample are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from datasette_quotedex.search.filters import (
    MATCH,
    MATCHING,
    QUOTES,
    Asked,
    Statement,
    asked,
    where,
)
from datasette_quotedex.search.syntax import Query

COUNTED = 250_000
"""Quotations are counted so far; how many there are of more is estimated."""

EXACT = 5_000
"""So many are looked at one by one; of more a sample is."""

RANKED = 10_000
"""So many are put in order of relevance, for which FTS5 reads something about each."""

WALKED = 50_000
"""Through so many FTS5 goes to put in order the few of them that pass a condition."""

SAMPLE = 2_000
"""Quotations that a sample is to have."""

NARROWED_SAMPLE = 4_000
"""Those with the words, where conditions leave only some of them."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """`matching`: have the words, or are there at all where none are asked for; `within`: pass a
    condition, by its name; `highest`: last id. All are counted so far as it matters.
    """

    matching: int
    within: dict[str, int]
    highest: int


MANY = Sizes(COUNTED, {}, 0)
"""For a search of which nothing is known but that counting takes too long."""


def measure(query: Query, narrowed: Mapping[str, str | int]) -> Statement:
    """One row for `sizes`."""
    held = asked(query, narrowed)
    most = {"counted": COUNTED, "enough": EXACT + 1 if held.words else COUNTED}
    every = "SELECT count(*) FROM quotes"
    if held.words:
        every = f"SELECT count(*) FROM (SELECT 1 FROM quote_search WHERE {MATCH} LIMIT :counted)"
    elif held.drivers:
        every = "SELECT max(id) FROM quotes"
    within = [
        f"(SELECT count(*) FROM (SELECT 1 {source} LIMIT :enough))"
        for source in held.drivers.values()
    ]
    columns = ", ".join([f"({every})", *within, "(SELECT max(id) FROM quotes)"])
    return f"SELECT {columns}", {**held.parameters, **most}


def sizes(query: Query, narrowed: Mapping[str, str | int], row: Any) -> Sizes:
    """What `measure` has counted."""
    held = asked(query, narrowed)
    matching, *counts, highest = row
    return Sizes(matching or 0, dict(zip(held.drivers, counts, strict=True)), highest or 0)


@dataclass(frozen=True, slots=True)
class Plan:
    """How to look for what is asked; without `sizes`, for files of any thousands of quotations.

    `exact`: all that is found is few enough to be looked at one by one. `ranked`: it can be put in
    order of relevance. `driver` names the condition to begin with, where few pass it but many have
    the words; `probed`: the words are then asked of each, and not the other way round. `whole`: by
    date, all that is found is sorted, and not met in the order of an index, the newest first.
    """

    asked: Asked
    sizes: Sizes | None = None
    exact: bool = True
    ranked: bool = True
    driver: str | None = None
    probed: bool = False
    whole: bool = True

    def source(self, *more: str) -> str:
        """FROM and WHERE of all that is found and that passes `more` conditions."""
        words = [MATCH] if self.asked.words else []
        if self.driver is None:
            return self._rows(MATCHING if words else QUOTES, *words, *more)
        ids = f"SELECT q.id {self.asked.drivers[self.driver]}"
        if words and not self.probed:
            return self._rows(MATCHING, *words, f"+quote_search.rowid IN ({ids})", *more)
        return self.among(ids, *more, have_words=not words)

    def newest(self, *more: str) -> str:
        """The same, to be walked through in the order of a date until enough is found."""
        if not self.asked.words:
            return self._rows(QUOTES, *more)
        if self.asked.begins:
            every = f"SELECT rowid FROM quote_search WHERE {MATCH}"
            return self._rows(QUOTES, *more, f"+q.id IN ({every})")
        return self._rows(f"{QUOTES} {_PROBE}", *more, MATCH)

    def among(self, ids: str, *more: str, have_words: bool) -> str:
        """The same of some quotations, given a SELECT of each `id`; these may all match anyway."""
        # Of a limited number SQLite knows that a scan of all quotations does not pay.
        start = f"FROM ({ids} LIMIT {_SOME}) AS some CROSS JOIN quotes q ON q.id = some.id"
        if have_words:
            return self._rows(start, *more)
        return self._rows(f"{start} {_PROBE}", *more, MATCH)

    def _rows(self, start: str, *conditions: str) -> str:
        return start + where(self.asked.conditions, conditions)


def make_plan(query: Query, narrowed: Mapping[str, str | int], sizes: Sizes | None = None) -> Plan:
    """How to look, given what `measure` has counted."""
    held = asked(query, narrowed)
    if sizes is None:
        return Plan(held)
    driver = min(sizes.within, key=sizes.within.__getitem__, default=None)
    within = COUNTED if driver is None else sizes.within[driver]
    if not held.words:
        few = within <= EXACT
        return Plan(
            held,
            sizes,
            exact=few or sizes.matching <= EXACT,
            driver=driver,
            whole=few and driver == "outlet",
        )
    if sizes.matching <= EXACT or within > EXACT:
        return Plan(
            held,
            sizes,
            exact=sizes.matching <= EXACT,
            ranked=sizes.matching <= RANKED,
            whole=sizes.matching**2 <= _SORTED * sizes.highest,
        )
    return Plan(
        held,
        sizes,
        ranked=sizes.matching <= WALKED,
        driver=driver,
        probed=not held.begins and sizes.matching > _PROBE_COST * within,
        whole=held.begins or driver == "outlet",
    )


_PROBE = "CROSS JOIN quote_search ON quote_search.rowid = q.id"

_SOME = 4 * NARROWED_SAMPLE
"""More than there are in any sample."""

_PROBE_COST = 120
"""To ask whether one quotation has the words takes as long as to read so many that have them."""

_SORTED = 160
"""Sorting n quotations takes n times as long as reading one, and meeting a page of the newest takes
21 questions for every n-th part of the file; where n² is this often the highest id, it is the same.
"""
