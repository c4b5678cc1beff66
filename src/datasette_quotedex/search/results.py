"""The SQL of hits: a page of them in order, or all of them in steps."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from datasette_quotedex import confidence
from datasette_quotedex.search.filters import (
    EVERYTHING,
    LISTED,
    MATCH,
    MATCHING,
    PLACE,
    PROBED,
    QUOTES,
    FilterValues,
    Matched,
    Selection,
    SelectQuery,
    conditions_for,
    matched_siblings,
    where,
)
from datasette_quotedex.search.hits import CLOSE, CONTEXT_CHARS, EXPORT_COLUMNS, OPEN
from datasette_quotedex.search.plan import Plan, Sizes, make_plan
from datasette_quotedex.search.syntax import SearchQuery

Sort = Literal["relevance", "date", "indexed"]
"""Best first; by date of publication, newest first; by when the file had them, latest first."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place between two hits: just after the one with this key and id, or just before it if
    `backwards`. The key is the rank of the hit, its date, which may be missing, or the time when it
    was first indexed. `hit` is the key of the quotation, for addresses; `matched` the group of hits
    that it is in."""

    key: float | str | None
    id: int
    backwards: bool = False
    hit: str = ""
    matched: Matched = "anywhere"

    @classmethod
    def end(cls, is_ranked: bool) -> Position:
        """The place after the last hit, backwards."""
        return cls(math.inf if is_ranked else None, -1, backwards=True)


def is_ranked(query: SearchQuery, sort: Sort) -> bool:
    """Whether hits are sorted by relevance; without words to search for nothing is relevant."""
    return bool(query.match) and sort == "relevance"


def hits_query(
    query: SearchQuery,
    filters: FilterValues | None = None,
    *,
    sort: Sort = "relevance",
    limit: int = 20,
    start: Position | None = None,
    sizes: Sizes | None = None,
    shown: Selection = EVERYTHING,
) -> SelectQuery:
    """Rows for `hit_from_row`, best, newest or latest first, from `start` on.

    A search without words has no best hits, so the newest come first. `sizes` make a faster plan
    possible; ranking more hits than its `can_rank` allows takes seconds. If each statement is shown
    once, its place is that of its first printing, while the row is that of its fullest;
    `place_of` gives the place.
    """
    plan = make_plan(query, filters or {}, sizes, shown)
    parameters = plan.conditions.parameters | {"limit": limit, "open": OPEN, "close": CLOSE}
    if start:
        parameters |= {"key": start.key, "id": start.id}
    if is_ranked(query, sort):
        return _hits(
            plan, _best_ids(plan, start), "wanted.rank, wanted.place_id", shown
        ), parameters
    if sort == "indexed":
        return _hits(plan, _latest_ids(plan, start), _LATEST_FIRST, EVERYTHING), parameters
    return _hits(plan, _newest_ids(plan, start), _LATEST_FIRST, shown), parameters


def place_of(row: Mapping[str, Any], *, backwards: bool, matched: Matched) -> Position:
    """The place just after a row of `hits_query`, or before it."""
    return Position(row["place"], row["place_id"], backwards, row["place_key"], matched)


def stored_query(*, after_id: int = 0, limit: int = 1) -> SelectQuery:
    """Rows for `hit_from_row`: the next quotations after an id, whatever they say."""
    columns = f"SELECT {_COLUMNS}, NULL AS rank, {_UNMARKED} {QUOTES} {_NAMES}"
    sql = f"{columns} WHERE q.id > :after_id ORDER BY q.id {_PAGE}"
    return sql, {"after_id": after_id, "limit": limit}


def export_query(
    query: SearchQuery,
    filters: FilterValues | None = None,
    *,
    after_id: int = 0,
    limit: int = 1000,
    shown: Selection = EVERYTHING,
) -> SelectQuery:
    """Rows of EXPORT_COLUMNS and `id`, in its order: the next `limit` hits after `after_id`.

    Every step takes the same time, however many came before.
    """
    conditions = conditions_for(query, filters or {}, shown)
    parameters = conditions.parameters | {"limit": limit, "after_id": after_id}
    columns = ", ".join(["q.id", *(f"{_EXPORT[name]} AS {name}" for name in EXPORT_COLUMNS)])
    source, id_, words = QUOTES, "q.id", []
    if conditions.has_words:
        # The id in the index, not in the table, since FTS5 can start reading there.
        source, id_, words = MATCHING, "quote_search.rowid", [MATCH]
    first = conditions.one_of_a_statement(LISTED if conditions.has_prefix else PROBED)
    rows = where(conditions.without_words, [*words, f"{id_} > :after_id"], first)
    return f"SELECT {columns} {source} {_NAMES}{rows} ORDER BY {id_} {_PAGE}", parameters


_NAMES = """LEFT JOIN speakers s ON s.id = q.speaker_id
    CROSS JOIN articles a ON a.id = q.article_id
    CROSS JOIN statements st ON st.id = q.statement_id"""
_COLUMNS = f"""
    q.id, q.key, q.text, q.kind, q.mention, q.cue, q.confidence, q.published,
    q.first_indexed, s.key AS speaker_key, s.label AS speaker_label, a.key AS article_key,
    (SELECT key FROM quotes WHERE id = q.repeats_id) AS repeats_key,
    st.key AS statement_key, st.quote_count, st.article_count,
    substr(a.text, max(1, q.start_char - {CONTEXT_CHARS} + 1),
        min(q.start_char, {CONTEXT_CHARS})) AS before,
    substr(a.text, q.end_char + 1, {CONTEXT_CHARS}) AS after,
    s.name AS speaker, s.kind AS speaker_kind, s.description AS speaker_description,
    a.title, substr(a.text, 1, 100) AS opening, a.outlet, {PLACE} AS location,
    a.url"""
_EXPORT = {
    **{name: f"q.{name}" for name in ("key", "text", "kind")},
    "speaker": "s.name",
    "speaker_kind": "s.kind",
    "speaker_description": "s.description",
    **{name: f"q.{name}" for name in ("mention", "cue", "confidence", "published")},
    "title": "a.title",
    "outlet": "a.outlet",
    "location": PLACE,
    "url": "a.url",
    "speaker_key": "s.key",
    "article_key": "a.key",
    "repeats_key": "(SELECT key FROM quotes WHERE id = q.repeats_id)",
    "confidence_level": confidence.level_sql("q.confidence"),
    "statement_key": "st.key",
    "statement_quote_count": "st.quote_count",
    "statement_article_count": "st.article_count",
}
_UNMARKED = "q.text AS marked, s.name AS marked_speaker, a.title AS marked_title"
_MARKED = ", ".join(
    f"highlight(quote_search, {column}, :open, :close) AS {name}"
    for column, name in enumerate(("marked", "marked_speaker", "marked_title"))
)
_LATEST_FIRST = "wanted.place DESC, wanted.place_id DESC"
_PAGE = "LIMIT :limit"
_WEIGHTS = "10.0, 4.0, 2.0"
"""For quotation, speaker and title: a word in a quotation counts more than one in a headline."""


@dataclass(frozen=True, slots=True)
class _Ids:
    """The SELECT of the ids of a page, and the tables that it needs, for a WITH before it.

    `has_matched`: one of these tables is `matched`, of the newest quotations, and another `tried`.
    """

    select: str
    tables: tuple[str, ...] = ()
    has_matched: bool = False


_IS_FULL = "((SELECT count(*) FROM tried) = :limit)"
"""Whether the table `tried` has all the ids of a page."""


def _best_ids(plan: Plan, start: Position | None) -> _Ids:
    """The ids and ranks of a page; hits of equal rank are sorted by id.

    The rank that FTS5 computes, best below zero, is multiplied by the confidence.
    """
    after, order = [], "rank, id"
    if start:
        sign = "<" if start.backwards else ">"
        after = [f"(rank {sign} :key OR rank = :key AND id {sign} :id)"]
    if start and start.backwards:
        order = "rank DESC, id DESC"
    ranked = plan.first_matches(f"bm25(quote_search, {_WEIGHTS}) * q.confidence")
    best = f"SELECT id, rank, rank AS place FROM {ranked}{where(after)}"
    return _Ids(f"{best} ORDER BY {order} {_PAGE}")


def _newest_ids(plan: Plan, start: Position | None) -> _Ids:
    after = [_after_date(start)] if start else []
    return _ids_by("q.published", plan, after, start)


def _latest_ids(plan: Plan, start: Position | None) -> _Ids:
    """Few quotations are sorted; of many, the index is read from its end until the page is full."""
    if plan.driver == "dates" and plan.is_exact:
        # Not in the index of times for few days: they may all lie at its beginning.
        plan = replace(plan, sort_all=True, tried=0)
    sign = ">" if start and start.backwards else "<"
    after = [f"(q.first_indexed, q.id) {sign} (:key, :id)"] if start else []
    return _ids_by("q.first_indexed", plan, after, start)


def _ids_by(column: str, plan: Plan, after: list[str], start: Position | None) -> _Ids:
    """The ids of a page in the order of dates or times, the highest first."""
    backwards = start is not None and start.backwards
    direction = "" if backwards else " DESC"
    order = f"ORDER BY {column}{direction}, q.id{direction}"
    columns = f"SELECT q.id, NULL AS rank, {column} AS place"
    if plan.sort_all:
        found = f"{columns} FROM {plan.first_matches()}{where(after)} {order}"
    else:
        found = f"{columns} {plan.newest_matches(*after)} {order}"
    # What has no date stands at the end of the order and has no place in the index to begin at.
    if not plan.tried or (start is not None and start.key is None):
        return _Ids(f"{found} {_PAGE}")
    newest = f"{QUOTES}{where(plan.indexed, after)} {order} LIMIT"
    tables: tuple[str, ...] = ()
    walks = plan.conditions.has_prefix and not plan.lists_words
    if walks:
        ids = "SELECT id FROM newest"
        tables = (
            f"newest AS MATERIALIZED (SELECT q.id {newest} {plan.tried})",
            f"matched AS MATERIALIZED ({matched_siblings(ids)})",
        )
        tried = plan.matches_of_statements(ids)
    else:
        last = f"SELECT {column}, q.id {newest} 1 OFFSET {plan.tried}"
        condition = f"({column}, q.id) {'<=' if backwards else '>='} ({last})"
        tried = replace(plan, probe_words=not plan.lists_words).newest_matches(*after, condition)
    tables += (f"tried AS MATERIALIZED ({columns} {tried} {order} {_PAGE})",)
    # With a limit of 0, SQLite does not begin.
    rest = f"SELECT * FROM ({found} LIMIT iif({_IS_FULL}, 0, :limit))"
    return _Ids(f"SELECT * FROM tried WHERE {_IS_FULL} UNION ALL {rest}", tables, walks)


def _hits(plan: Plan, ids: _Ids, order: str, shown: Selection) -> str:
    """The rows of a page from its ids: long columns are read, and words marked, only for these."""
    conditions = plan.conditions
    wanted = "q.id" if shown.every_printing else conditions.fullest_printing()
    tables = [*ids.tables, f"found AS MATERIALIZED ({ids.select})"]
    if conditions.has_prefix and not shown.every_printing:
        siblings = matched_siblings("SELECT id FROM found")
        if ids.has_matched:
            rest = matched_siblings("SELECT id FROM found", unless=_IS_FULL)
            siblings = f"SELECT id FROM matched UNION ALL {rest}"
        tables.append(f"found_too AS MATERIALIZED ({siblings})")
    page = f"""WITH {", ".join(tables)}, wanted AS MATERIALIZED (
        SELECT found.id AS place_id, found.rank, found.place, q.key AS place_key, {wanted} AS id
        FROM found CROSS JOIN quotes q ON q.id = found.id
    ) SELECT {_COLUMNS}, wanted.rank, wanted.place, wanted.place_id, wanted.place_key,"""
    if not conditions.has_words:
        source, marked, rows = "wanted CROSS JOIN quotes q ON q.id = wanted.id", _UNMARKED, ""
    elif conditions.has_prefix:
        # One more walk over the matches (`+` keeps it at one).
        source = """quote_search CROSS JOIN quotes q ON q.id = quote_search.rowid
            JOIN wanted ON wanted.id = q.id"""
        marked, rows = _MARKED, where([MATCH, "+quote_search.rowid IN (SELECT id FROM wanted)"])
    else:
        source = """wanted CROSS JOIN quote_search ON quote_search.rowid = wanted.id
            CROSS JOIN quotes q ON q.id = wanted.id"""
        marked, rows = _MARKED, where([MATCH])
    return f"{page} {marked} FROM {source} {_NAMES}{rows} ORDER BY {order}"


def _after_date(start: Position) -> str:
    """The condition for hits older than a position, or newer if `backwards`. An article without a
    date counts as older than any.

    The `+` keeps SQLite from answering each side of an OR from the index, which it would then have
    to sort.
    """
    if start.backwards:
        if start.key is None:
            return "(+q.published IS NOT NULL OR q.id > :id)"
        return "q.published >= :key AND (q.published > :key OR q.id > :id)"
    if start.key is None:
        return "(q.published IS NULL AND q.id < :id)"
    return "(+q.published < :key OR +q.published = :key AND q.id < :id OR +q.published IS NULL)"
