"""The SQL that counts hits, in total and for each value of a filter."""

from __future__ import annotations

from typing import Any

from datasette_quotedex.confidence import UNSURE_BELOW
from datasette_quotedex.search.filters import (
    EVERYTHING,
    FILTERS,
    MATCH,
    Filter,
    FilterValues,
    Selection,
    SelectQuery,
    conditions_for,
    from_where,
)
from datasette_quotedex.search.plan import (
    FILTERED_SAMPLE_SIZE,
    MAX_COUNTED,
    SAMPLE_SIZE,
    Plan,
    Sizes,
    make_plan,
)
from datasette_quotedex.search.syntax import SearchQuery

FACET_SIZE = 10
"""Values counted for each filter."""


def facet_query(
    query: SearchQuery,
    filters: FilterValues | None = None,
    sizes: Sizes | None = None,
    shown: Selection = EVERYTHING,
) -> SelectQuery:
    """Rows (facet, value, label, count, share): first ("total", None, None, n, 1.0), the quotations
    that are shown, then in the same way "statements", the statements that they are printings of,
    "left_out", the quotations left out because the program is unsure of them, and
    "statements_left_out"; then the most frequent values of each filter. Those left out are counted
    for the filter of confidence alone. Statements are only counted exactly.

    If too many quotations match to read them all, the counts are those of a sample; `share` is the
    part of all matches that the sample holds, 1.0 for an exact count.
    """
    plan = make_plan(query, filters or {}, sizes)
    source, share, parameters = _counted_rows(plan)
    parameters |= plan.conditions.parameters | {"share": share}
    total = _TOTAL
    is_whole = shown.unsure == "shown"
    known = known_total(query, filters or {}, sizes) if is_whole and sizes else None
    if known and not plan.is_exact:
        total, parameters["total"] = _KNOWN_TOTAL, known
    if share == 1:
        total = f"{total} {_STATEMENTS}"
    facets = {one.name: _facet(one) for one in FILTERS}
    if query.is_empty and not filters and (is_whole or not plan.is_exact):
        facets["speaker"] = _STORED_SPEAKER_COUNTS
    hits = _HITS.format(source, _SHOWN[shown.unsure, shown.every_printing])
    return f"{hits} {total} {_LEFT_OUT} {' '.join(facets.values())}", parameters


def total_query(
    query: SearchQuery,
    filters: FilterValues | None = None,
    *,
    at_most: int,
    shown: Selection = EVERYTHING,
) -> SelectQuery:
    """One row with the number of quotations; counting stops at `at_most`."""
    source, parameters = from_where(query, filters or {}, shown)
    sql = f"SELECT count(*) FROM (SELECT 1 {source} LIMIT :at_most)"
    return sql, {**parameters, "at_most": at_most}


def known_total(query: SearchQuery, filters: FilterValues, sizes: Sizes) -> int | None:
    """The number of hits, if it is one of the sizes that were counted for the plan."""
    conditions = conditions_for(query, filters)
    if not conditions.without_words:
        if conditions.has_words and sizes.matching == MAX_COUNTED:
            return None
        return sizes.matching
    if conditions.has_words or conditions.others or len(conditions.drivers) != 1:
        return None
    (passing,) = sizes.passing.values() or [MAX_COUNTED]
    return None if passing == MAX_COUNTED else passing


def _counted_rows(plan: Plan) -> tuple[str, float, dict[str, Any]]:
    """FROM and WHERE of the rows to count, their share of all matches, and more parameters."""
    conditions, sizes = plan.conditions, plan.sizes
    if plan.is_exact or sizes is None:
        return plan.all_matches(), 1.0, {}
    # With words, a plan that has a driver is exact, so `passing` counts all matches here.
    matches = sizes.passing[plan.driver] if plan.driver else sizes.matching
    is_filtered = conditions.has_words and conditions.without_words
    share = min(1.0, (FILTERED_SAMPLE_SIZE if is_filtered else SAMPLE_SIZE) / matches)
    if not plan.driver and not conditions.has_prefix:
        return _sample_of_stretches(plan, share, sizes.highest_id)
    ids = f"SELECT rowid AS id FROM quote_search WHERE {MATCH}"
    if plan.driver:
        ids = f"SELECT q.id {conditions.drivers[plan.driver]}"
    hashes = max(1, round(share * _HASHES))
    sampled = f"SELECT id FROM ({ids}) WHERE {_HASH} < :hashes"
    source = plan.matches_among(sampled, have_words=True)
    return source, hashes / _HASHES, {"hashes": hashes}


def _sample_of_stretches(
    plan: Plan, share: float, highest_id: int
) -> tuple[str, float, dict[str, Any]]:
    """A sample of stretches of ids. FTS5 can start reading at any id, so it skips the rest."""
    stride = max(1, highest_id // _STRETCHES)
    length = max(1, round(stride * share))
    ids = _IDS_OF_STRETCHES.format(table="quotes", words="")
    if plan.conditions.has_words:
        ids = _IDS_OF_STRETCHES.format(table="quote_search", words=f" AND {MATCH}")
    parameters = {"stride": stride, "length": length, "highest_id": highest_id}
    return plan.matches_among(ids, have_words=True), length / stride, parameters


_HASHES = 1 << 32
_HASH = f"(id * 2654435761 & {_HASHES - 1})"
"""Spreads ids that follow each other at any distance evenly."""

_STRETCHES = 250
"""Stretches in a sample, one at a random place in each part of the file, since quotations that were
indexed together are alike."""

_IDS_OF_STRETCHES = """
    WITH RECURSIVE stretches(low) AS (
        SELECT 1 UNION ALL SELECT low + :stride FROM stretches WHERE low + :stride <= :highest_id
    ), some(first) AS (
        SELECT low + (low * 2654435761 & 4294967295) % (:stride - :length + 1) FROM stretches
    ) SELECT {table}.rowid AS id FROM some CROSS JOIN {table}
    WHERE {table}.rowid BETWEEN first AND first + :length - 1{words}"""

_COLUMNS = "".join(f", {one.value} AS {one.name}" for one in FILTERS if one.source == "quotes")
_SURE_ONES = "SELECT statement_id FROM hits WHERE is_sure"
_SHOWN = {
    ("shown", True): "",
    ("shown", False): "",
    ("hidden", True): " WHERE is_sure",
    ("hidden", False): " WHERE is_sure",
    ("only", True): " WHERE NOT is_sure",
    ("only", False): f" WHERE NOT is_sure AND statement_id NOT IN ({_SURE_ONES})",
}
"""Which hits are shown, by `unsure` and `every_printing`."""

# Speakers and articles are read once each, not once for every quotation.
_HITS = f"""
    WITH hits AS MATERIALIZED (SELECT q.speaker_id, q.article_id, q.statement_id,
            q.confidence >= {UNSURE_BELOW} AS is_sure{_COLUMNS} {{}}),
    shown AS (SELECT * FROM hits{{}}),
    by_speaker AS MATERIALIZED (
        SELECT speaker_id, count(*) AS n FROM shown WHERE speaker_id IS NOT NULL GROUP BY speaker_id
    ),
    by_article AS (SELECT article_id, count(*) AS n FROM shown GROUP BY article_id)"""
_TOTAL = (
    "SELECT 'total' AS facet, NULL AS value, NULL AS label, count(*) AS count, :share FROM shown"
)
_KNOWN_TOTAL = "SELECT 'total' AS facet, NULL AS value, NULL AS label, :total AS count, 1.0"
_STATEMENTS = f"""UNION ALL
    SELECT 'statements', NULL, NULL, count(DISTINCT statement_id), 1.0 FROM shown
    UNION ALL SELECT 'statements_left_out', NULL, NULL, count(DISTINCT statement_id), 1.0 FROM hits
    WHERE NOT is_sure AND statement_id NOT IN ({_SURE_ONES})"""
_LEFT_OUT = """UNION ALL
    SELECT 'left_out', NULL, NULL, count(*), :share FROM hits WHERE NOT is_sure"""
_STORED_SPEAKER_COUNTS = f"""UNION ALL SELECT * FROM (
        SELECT 'speaker', key, label, quote_count AS n, 1.0 FROM speakers WHERE quote_count > 0
        ORDER BY n DESC, key LIMIT {FACET_SIZE})"""
"""The counts that the file keeps, for a search that matches every quotation."""

_SOURCES = {
    "quotes": ("count(*)", "shown"),
    "speakers": ("sum(n)", "by_speaker CROSS JOIN speakers s ON s.id = speaker_id"),
    "articles": ("sum(n)", "by_article CROSS JOIN articles a ON a.id = article_id"),
}
"""How hits are counted, and FROM where, by the source of a filter."""


def _facet(one: Filter) -> str:
    count, source = _SOURCES[one.source]
    if one.name == "confidence":
        source = "hits"
    value = one.name if one.source == "quotes" else one.value
    return f"""UNION ALL SELECT * FROM (
        SELECT '{one.name}', {value} AS value, {one.label or value}, {count} AS n, :share
        FROM {source} WHERE {value} IS NOT NULL GROUP BY 2 ORDER BY n DESC, 2 LIMIT {FACET_SIZE})"""
