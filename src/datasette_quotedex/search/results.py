"""The quotations found, in order, a page or a step at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from datasette_quotedex.search.filters import MATCH, MATCHING, QUOTES, Statement, asked, where
from datasette_quotedex.search.hits import CLOSE, CONTEXT, OPEN
from datasette_quotedex.search.plan import Plan, Sizes, make_plan
from datasette_quotedex.search.syntax import Query

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
    sizes: Sizes | None = None,
) -> Statement:
    """Rows for `hit`, the best (or the newest) first: those next to `start` on its side.

    `narrowed` gives values for some of FACETS: a speaker by id, the rest by name. Without words to
    look for, nothing ranks and the newest come first. With `sizes` the search is planned by them;
    to put more in order of relevance than `Plan.ranked` allows takes seconds.
    """
    planned = make_plan(query, narrowed or {}, sizes)
    parameters = planned.asked.parameters | {"limit": limit, "open": OPEN, "close": CLOSE}
    if start:
        parameters |= {"key": start.key, "id": start.id}
    if ranks(query, sort):
        return _shown(planned, _by_relevance(planned, start), "found.rank, q.id"), parameters
    return _shown(planned, _by_date(planned, start), _NEWEST), parameters


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
    held = asked(query, narrowed or {})
    parameters = held.parameters | {"limit": limit, "after_id": after_id}
    columns = ", ".join(f"{_EXPORT[name]} AS {name}" for name in EXPORTED)
    source, id_, words = QUOTES, "q.id", []
    if held.words:
        # The id of the index, not of the table: FTS5 begins to read there.
        source, id_, words = MATCHING, "quote_search.rowid", [MATCH]
    conditions = where(held.conditions, [*words, f"{id_} > :after_id"])
    return f"SELECT {columns} {source} {_NAMES}{conditions} ORDER BY {id_} {_PAGE}", parameters


_NAMES = """LEFT JOIN speakers s ON s.id = q.speaker_id
    CROSS JOIN articles a ON a.id = q.article_id"""
_COLUMNS = f"""
    q.id, q.text, q.kind, q.mention, q.cue, q.confidence, q.published, q.speaker_id, q.article_id,
    substr(a.text, max(1, q.start - {CONTEXT} + 1), min(q.start, {CONTEXT})) AS before,
    substr(a.text, q."end" + 1, {CONTEXT}) AS after,
    s.name AS speaker, s.kind AS speaker_kind, s.description AS speaker_description,
    a.title, substr(a.text, 1, 100) AS opening, a.publication AS outlet, a.location,
    a.url, q.repeats_id"""
_EXPORT = {
    **{name: f"q.{name}" for name in ("id", "text", "kind")},
    "speaker": "s.name",
    "speaker_kind": "s.kind",
    "speaker_description": "s.description",
    **{name: f"q.{name}" for name in ("mention", "cue", "confidence", "published")},
    "title": "a.title",
    "outlet": "a.publication",
    "location": "a.location",
    "url": "a.url",
    "speaker_id": "q.speaker_id",
    "article_id": "q.article_id",
    "repeats_id": "q.repeats_id",
}
EXPORTED = tuple(_EXPORT)
"""The columns of `every`."""

_UNMARKED = "q.text AS marked, s.name AS marked_speaker, a.title AS marked_title"
_MARKED = ", ".join(
    f"highlight(quote_search, {column}, :open, :close) AS {name}"
    for column, name in enumerate(("marked", "marked_speaker", "marked_title"))
)
_NEWEST = "q.published DESC, q.id DESC"
_OLDEST = "q.published, q.id"
_PAGE = "LIMIT :limit"
_WEIGHTS = "10.0, 4.0, 2.0"
"""Of quotation, speaker and title: a word said weighs more than one in the headline."""


def _by_relevance(planned: Plan, start: Position | None) -> str:
    """The ids and ranks of a page. Hits of one rank come by id.

    FTS5 sorts by rank itself: the other conditions are asked of each hit in that order until the
    page is full. Where few pass a condition only these get a rank, which costs more than a look.
    """
    beyond = ""
    if start:
        sign = "<" if start.backwards else ">"
        beyond = f"(rank {sign} :key OR rank = :key AND rowid {sign} :id)"
    # FTS5 sorts backwards too, but those of one rank come by id all the same.
    order = "rank DESC, rowid DESC" if start and start.backwards else "rank, rowid"
    if planned.driver:
        some = (
            f"SELECT quote_search.rowid, bm25(quote_search, {_WEIGHTS}) AS rank {planned.source()}"
        )
        found = f"SELECT rowid AS id, rank FROM ({some}){where([beyond] if start else [])}"
        return f"{found} ORDER BY {order} {_PAGE}"
    held = [f"rank MATCH 'bm25({_WEIGHTS})'"]
    if planned.asked.conditions:
        row = where(["q.id = quote_search.rowid"], planned.asked.conditions)
        held.append(f"EXISTS (SELECT 1 {QUOTES}{row})")
    if start:
        held.append(beyond)
    sorted_ = "rank" if order == "rank, rowid" else order
    return f"""
        SELECT rowid AS id, rank FROM quote_search {where([MATCH], held)}
        ORDER BY {sorted_} {_PAGE}"""


def _by_date(planned: Plan, start: Position | None) -> str:
    source = planned.source if planned.whole else planned.newest
    beyond = [_beyond_date(start)] if start else []
    order = _OLDEST if start and start.backwards else _NEWEST
    return f"SELECT q.id, NULL AS rank {source(*beyond)} ORDER BY {order} {_PAGE}"


def _shown(planned: Plan, found: str, order: str) -> str:
    """The rows of a page, of its ids: what is long is read, and words are marked, only of these."""
    page = f"WITH found AS MATERIALIZED ({found}) SELECT {_COLUMNS}, found.rank,"
    if not planned.asked.words:
        source, marked, held = "found CROSS JOIN quotes q ON q.id = found.id", _UNMARKED, ""
    elif planned.asked.begins:
        # One more walk over the hits (`+` keeps it one).
        source = """quote_search CROSS JOIN quotes q ON q.id = quote_search.rowid
            JOIN found ON found.id = q.id"""
        marked, held = _MARKED, where([MATCH, "+quote_search.rowid IN (SELECT id FROM found)"])
    else:
        source = """found CROSS JOIN quote_search ON quote_search.rowid = found.id
            CROSS JOIN quotes q ON q.id = found.id"""
        marked, held = _MARKED, where([MATCH])
    return f"{page} {marked} FROM {source} {_NAMES}{held} ORDER BY {order}"


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
