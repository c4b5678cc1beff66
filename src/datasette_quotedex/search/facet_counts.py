"""How many quotations are found, and how many for each value that narrows them further."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from datasette_quotedex import confidence
from datasette_quotedex.search.filters import MATCH, Statement, asked, found
from datasette_quotedex.search.plan import COUNTED, NARROWED_SAMPLE, SAMPLE, Plan, Sizes, make_plan
from datasette_quotedex.search.syntax import Query

FACET_SIZE = 10


def counts(
    query: Query,
    narrowed: Mapping[str, str | int] | None = None,
    sizes: Sizes | None = None,
) -> Statement:
    """Rows (facet, value, label, count, share): ("total", None, None, n, 1.0) and the top values of
    FACETS.

    Where too much is found to look at each, a count is one of a sample; `share` is how large a part
    of all that is found was in it, 1.0 where the count is exact.
    """
    planned = make_plan(query, narrowed or {}, sizes)
    source, share, parameters = _looked_at(planned)
    parameters |= planned.asked.parameters | {"share": share}
    total = _TOTAL
    if sizes and not planned.exact and (number := known(query, narrowed or {}, sizes)):
        total, parameters["known"] = _KNOWN, number
    tops = dict(_TOPS)
    if query.empty and not narrowed:
        tops["speaker"] = _KEPT
    return f"{_HITS.format(source)} {total} {' '.join(tops.values())}", parameters


def total(query: Query, narrowed: Mapping[str, str | int] | None = None, *, most: int) -> Statement:
    """One row with the number found, counted no further than `most`."""
    source, parameters = found(query, narrowed or {})
    return f"SELECT count(*) FROM (SELECT 1 {source} LIMIT :most)", {**parameters, "most": most}


def known(query: Query, narrowed: Mapping[str, str | int], sizes: Sizes) -> int | None:
    """How many are found, where that is what was counted for the plan."""
    held = asked(query, narrowed)
    if not held.conditions:
        return None if held.words and sizes.matching == COUNTED else sizes.matching
    alone = not held.words and len(held.drivers) == 1 and not held.others
    within = next(iter(sizes.within.values())) if alone else COUNTED
    return None if within == COUNTED else within


def _looked_at(planned: Plan) -> tuple[str, float, dict[str, Any]]:
    """FROM and WHERE of what is counted, how large a part of all that is, and more parameters."""
    held, sizes = planned.asked, planned.sizes
    if planned.exact or sizes is None:
        return planned.source(), 1.0, {}
    # Only without words is a driver not exact: how many have both is not known.
    many = sizes.within[planned.driver] if planned.driver else sizes.matching
    size = NARROWED_SAMPLE if held.words and held.conditions else SAMPLE
    share = min(1.0, size / many)
    if not planned.driver and not held.begins:
        return _of_stretches(planned, share, sizes.highest)
    ids = f"SELECT rowid AS id FROM quote_search WHERE {MATCH}"
    if planned.driver:
        ids = f"SELECT q.id {held.drivers[planned.driver]}"
    hashes = max(1, round(share * _HASHES))
    source = planned.among(f"SELECT id FROM ({ids}) WHERE {_HASH} < :hashes", have_words=True)
    return source, hashes / _HASHES, {"hashes": hashes}


def _of_stretches(planned: Plan, share: float, highest: int) -> tuple[str, float, dict[str, Any]]:
    """FTS5 begins to read at an id as fast as at the next, so nothing between them is read."""
    stride = max(1, highest // _STRETCHES)
    length = max(1, round(stride * share))
    ids = _IDS_OF_STRETCHES.format(table="quotes", words="")
    if planned.asked.words:
        ids = _IDS_OF_STRETCHES.format(table="quote_search", words=f" AND {MATCH}")
    there = {"stride": stride, "length": length, "highest": highest}
    return planned.among(ids, have_words=True), length / stride, there


_HASHES = 1 << 32
_HASH = f"(id * 2654435761 & {_HASHES - 1})"
"""Ids that follow each other, or at the same distance, get numbers that are spread evenly."""

_STRETCHES = 250
"""Of consecutive ids, one at some place in each such part of the file: what is indexed together is
alike."""

_IDS_OF_STRETCHES = """
    WITH RECURSIVE stretches(low) AS (
        SELECT 1 UNION ALL SELECT low + :stride FROM stretches WHERE low + :stride <= :highest
    ), some(first) AS (
        SELECT low + (low * 2654435761 & 4294967295) % (:stride - :length + 1) FROM stretches
    ) SELECT {table}.rowid AS id FROM some CROSS JOIN {table}
    WHERE {table}.rowid BETWEEN first AND first + :length - 1{words}"""

# Names are looked up once for each speaker and article, not for each quotation: what an article's
# row holds besides its outlet is long.
_HITS = (
    """
    WITH hits AS MATERIALIZED (
        SELECT q.speaker_id, q.article_id, substr(q.published, 1, 4) AS year, q.kind,
            """
    + confidence.as_sql("q.confidence")
    + """ AS confidence {}
    ),
    by_speaker AS MATERIALIZED (
        SELECT speaker_id, count(*) AS n FROM hits WHERE speaker_id IS NOT NULL GROUP BY speaker_id
    ),
    by_article AS (SELECT article_id, count(*) AS n FROM hits GROUP BY article_id)"""
)
_TOTAL = (
    "SELECT 'total' AS facet, NULL AS value, NULL AS label, count(*) AS count, :share FROM hits"
)
_KNOWN = "SELECT 'total' AS facet, NULL AS value, NULL AS label, :known AS count, 1.0"
_KEPT = f"""UNION ALL SELECT * FROM (
        SELECT 'speaker', id, name, quotes AS n, 1.0 FROM speakers WHERE quotes > 0
        ORDER BY n DESC, id LIMIT {FACET_SIZE})"""
"""What the file keeps of each speaker, for when all quotations are found."""

_TOPS = {
    facet: f"UNION ALL SELECT * FROM ("
    f" SELECT '{facet}', {value} AS value, {label}, {count} AS n, :share"
    f" FROM {source} WHERE {value} IS NOT NULL GROUP BY 2 ORDER BY n DESC, 2 LIMIT {FACET_SIZE})"
    for facet, value, label, count, source in (
        ("speaker", "s.id", "s.name", "n", "by_speaker CROSS JOIN speakers s ON s.id = speaker_id"),
        (
            "speaker_kind",
            "s.kind",
            "s.kind",
            "sum(n)",
            "by_speaker CROSS JOIN speakers s ON s.id = speaker_id",
        ),
        (
            "outlet",
            "publication",
            "publication",
            "sum(n)",
            "by_article CROSS JOIN articles a ON a.id = article_id",
        ),
        ("year", "year", "year", "count(*)", "hits"),
        ("kind", "kind", "kind", "count(*)", "hits"),
        ("confidence", "confidence", "confidence", "count(*)", "hits"),
    )
}
