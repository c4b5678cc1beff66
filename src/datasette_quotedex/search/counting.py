"""How many quotations are found, and how many for each value that narrows them further."""

from __future__ import annotations

from collections.abc import Mapping

from .. import confidence
from ..query import Query
from .conditions import Statement, found

FACET_SIZE = 10


def counts(query: Query, narrowed: Mapping[str, str | int] | None = None) -> Statement:
    """Rows (facet, value, label, count): ("total", None, None, n) and the top values of FACETS."""
    source, parameters = found(query, narrowed or {})
    return f"{_HITS.format(source)} {_TOTAL} {' '.join(_TOPS)}", parameters


def total(query: Query, narrowed: Mapping[str, str | int] | None = None, *, most: int) -> Statement:
    """One row with the number found, counted no further than `most`."""
    source, parameters = found(query, narrowed or {})
    parameters["most"] = most
    return f"SELECT count(*) FROM (SELECT 1 {source} LIMIT :most)", parameters


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
_TOTAL = "SELECT 'total' AS facet, NULL AS value, NULL AS label, count(*) AS count FROM hits"
_TOPS = [
    f"UNION ALL SELECT * FROM (SELECT '{facet}', {value} AS value, {label}, {count} AS n"
    f" FROM {source} WHERE {value} IS NOT NULL GROUP BY 2 ORDER BY n DESC, 2 LIMIT {FACET_SIZE})"
    for facet, value, label, count, source in (
        ("speaker", "s.id", "s.name", "n", "by_speaker JOIN speakers s ON s.id = speaker_id"),
        (
            "speaker_kind",
            "s.kind",
            "s.kind",
            "sum(n)",
            "by_speaker JOIN speakers s ON s.id = speaker_id",
        ),
        (
            "outlet",
            "publication",
            "publication",
            "sum(n)",
            "by_article JOIN articles a ON a.id = article_id",
        ),
        ("year", "year", "year", "count(*)", "hits"),
        ("kind", "kind", "kind", "count(*)", "hits"),
        ("confidence", "confidence", "confidence", "count(*)", "hits"),
    )
]
