"""The quotations found, in order, a page or a step at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..query import Query
from .conditions import JOINS, NAMES, Statement, conditions_of, where
from .hits import CLOSE, CONTEXT, OPEN

Sort = Literal["relevance", "date"]


@dataclass(frozen=True, slots=True)
class Position:
    """Between two hits: just behind (or, `backwards`, just before) the one with this key and id.

    The key is what the hits are in order of: the rank, or the date, which may be missing.
    """

    key: float | str | None
    id: int
    backwards: bool = False


def ranks(query: Query, sort: Sort) -> bool:
    """Whether the hits come by relevance; without words to look for nothing is relevant."""
    return bool(query.match) and sort == "relevance"


def results(
    query: Query,
    narrowed: Mapping[str, str | int] | None = None,
    *,
    sort: Sort = "relevance",
    limit: int = 20,
    start: Position | None = None,
) -> Statement:
    """Rows for `hit`, the best (or the newest) first: those next to `start` on its side.

    `narrowed` gives values for some of FACETS: a speaker by id, the rest by name. Without words to
    look for, nothing ranks and the newest come first.
    """
    conditions, parameters = conditions_of(query, narrowed or {})
    parameters |= {"limit": limit, "open": OPEN, "close": CLOSE}
    if start:
        parameters |= {"key": start.key, "id": start.id}
    backwards = start is not None and start.backwards
    if ranks(query, sort):
        return _by_relevance(conditions, start), parameters
    if start:
        conditions.append(_beyond_date(start))
    order = _OLDEST if backwards else _NEWEST
    if query.match:
        return _by_date(conditions, order), parameters
    sql = f"SELECT {_COLUMNS}, NULL AS rank, {_UNMARKED} {JOINS}{where(conditions)} {order} {_PAGE}"
    if backwards:
        sql = f"SELECT * FROM ({sql}) AS q {_NEWEST}"
    return sql, parameters


def newest_of_many(
    query: Query,
    narrowed: Mapping[str, str | int] | None = None,
    *,
    limit: int = 20,
    start: Position | None = None,
) -> Statement:
    """The rows of `results` by date, for words that so many quotations have that sorting them all
    takes too long: from the newest on, each quotation is asked whether it has them.

    The more have them, the sooner a page is full; for rare words this is the slow way.
    """
    conditions, parameters = conditions_of(query, narrowed or {})
    parameters |= {"limit": limit, "open": OPEN, "close": CLOSE}
    if start:
        parameters |= {"key": start.key, "id": start.id}
        conditions.append(_beyond_date(start))
    order = _OLDEST if start and start.backwards else _NEWEST
    held = where(["quote_search MATCH :match", *conditions])
    sql = f"""
        SELECT {_COLUMNS}, NULL AS rank, {_MARKED}
        FROM quotes q CROSS JOIN quote_search ON quote_search.rowid = q.id {NAMES}{held}
        {order} {_PAGE}"""
    return f"SELECT * FROM ({sql}) AS q {_NEWEST}", parameters


def every(
    query: Query,
    narrowed: Mapping[str, str | int] | None = None,
    *,
    after_id: int = 0,
    limit: int = 1000,
) -> Statement:
    """Rows of EXPORTED columns, by id: what follows `after_id` in a walk over all that is found.

    However far the walk has come, its next step costs the same.
    """
    conditions, parameters = conditions_of(query, narrowed or {})
    parameters |= {"limit": limit, "after_id": after_id}
    columns = ", ".join(f"{_EXPORT[name]} AS {name}" for name in EXPORTED)
    if query.match:
        # The id of the index, not of the table: FTS5 begins to read there.
        held = where([*conditions, "quote_search MATCH :match", "quote_search.rowid > :after_id"])
        source = f"FROM quote_search CROSS JOIN quotes q ON q.id = quote_search.rowid {NAMES}"
        return f"SELECT {columns} {source}{held} ORDER BY quote_search.rowid {_PAGE}", parameters
    held = where([*conditions, "q.id > :after_id"])
    return f"SELECT {columns} {JOINS}{held} ORDER BY q.id {_PAGE}", parameters


_COLUMNS = f"""
    q.id, q.text, q.kind, q.mention, q.cue, q.confidence, q.published, q.speaker_id, q.article_id,
    substr(a.text, max(1, q.start - {CONTEXT} + 1), min(q.start, {CONTEXT})) AS before,
    substr(a.text, q."end" + 1, {CONTEXT}) AS after,
    s.name AS speaker, s.kind AS speaker_kind, s.description AS speaker_description,
    a.title, substr(a.text, 1, 100) AS opening, a.publication AS outlet, a.location"""
_EXPORT = {
    **{name: f"q.{name}" for name in ("id", "text", "kind")},
    "speaker": "s.name",
    "speaker_kind": "s.kind",
    "speaker_description": "s.description",
    **{name: f"q.{name}" for name in ("mention", "cue", "confidence", "published")},
    "title": "a.title",
    "outlet": "a.publication",
    "location": "a.location",
    "speaker_id": "q.speaker_id",
    "article_id": "q.article_id",
}
EXPORTED = tuple(_EXPORT)
"""The columns of `every`."""

_UNMARKED = "q.text AS marked, s.name AS marked_speaker, a.title AS marked_title"
_MARKED = ", ".join(
    f"highlight(quote_search, {column}, :open, :close) AS {name}"
    for column, name in enumerate(("marked", "marked_speaker", "marked_title"))
)
_NEWEST = "ORDER BY q.published DESC, q.id DESC"
_OLDEST = "ORDER BY q.published, q.id"
_PAGE = "LIMIT :limit"
_WEIGHTS = "bm25(10.0, 4.0, 2.0)"
"""Of quotation, speaker and title: a word said weighs more than one in the headline."""


def _by_relevance(conditions: list[str], start: Position | None) -> str:
    """FTS5 sorts by rank itself, so highlight() runs for the rows of one page only.

    The other conditions are asked of each hit in that order until the page is full; a list of
    row ids beside MATCH makes SQLite search anew for every id. Hits of one rank come by id.
    """
    narrowing = ""
    if conditions:
        held = where(["q.id = quote_search.rowid", *conditions])
        narrowing = f" AND EXISTS (SELECT 1 {JOINS}{held})"
    if start:
        sign = "<" if start.backwards else ">"
        narrowing += f" AND (rank {sign} :key OR rank = :key AND rowid {sign} :id)"
    matching = f"WHERE quote_search MATCH :match AND rank MATCH '{_WEIGHTS}'{narrowing}"
    if start and start.backwards:
        # FTS5 sorts backwards too, but those of one rank come by id all the same.
        found = f"SELECT rowid AS id, rank FROM quote_search {matching} ORDER BY 2 DESC, 1 DESC"
        return _marked(f"{found} {_PAGE}", "ORDER BY found.rank, q.id")
    return f"""
        SELECT {_COLUMNS}, found.rank, found.marked, found.marked_speaker, found.marked_title
        FROM (
            SELECT rowid AS id, rank, {_MARKED} FROM quote_search {matching}
            ORDER BY rank {_PAGE}
        ) AS found
        JOIN quotes q ON q.id = found.id {NAMES}
        ORDER BY found.rank, q.id"""


def _by_date(conditions: list[str], order: str) -> str:
    held = where(["quote_search MATCH :match", *conditions])
    source = f"FROM quote_search JOIN quotes q ON q.id = quote_search.rowid {NAMES}"
    found = f"SELECT q.id, NULL AS rank {source}{held} {order} {_PAGE}"
    return _marked(found, _NEWEST)


def _marked(found: str, order: str) -> str:
    """The page's ids first, then one more walk over the hits to mark those (`+` keeps it one)."""
    return f"""
        WITH found AS MATERIALIZED ({found})
        SELECT {_COLUMNS}, found.rank, {_MARKED}
        FROM quote_search CROSS JOIN quotes q ON q.id = quote_search.rowid
        JOIN found ON found.id = q.id {NAMES}
        WHERE quote_search MATCH :match AND +quote_search.rowid IN (SELECT id FROM found)
        {order}"""


def _beyond_date(start: Position) -> str:
    """What is older than a position, or newer; an article without a date is older than any.

    The `+` keeps SQLite from sorting: two conditions joined by OR are two walks over the index.
    """
    if start.backwards:
        if start.key is None:
            return "(+q.published IS NOT NULL OR q.id > :id)"
        return "q.published >= :key AND (q.published > :key OR q.id > :id)"
    if start.key is None:
        return "(q.published IS NULL AND q.id < :id)"
    return "(+q.published < :key OR +q.published = :key AND q.id < :id OR +q.published IS NULL)"
