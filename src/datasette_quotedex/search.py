"""The SQL of a search, in one place for the web site and the terminal, and the hits it gives.

Every function returns SQL with its named parameters, for `datasette.execute` as well as for a plain
`sqlite3` connection whose `row_factory` is `sqlite3.Row`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .query import Query

Sort = Literal["relevance", "date"]
Statement = tuple[str, dict[str, Any]]

FACETS = ("speaker", "speaker_kind", "outlet", "year", "kind")
"""What a search can be narrowed by, one value each; the order is that of the page."""

FACET_SIZE = 10
CONTEXT = 160
"""Characters of the article shown on either side of a quotation."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One quotation found. `marked` and its like are runs of text, True where a word matched.

    `before` and `after` are the words around it, `opening` is how the article begins.
    """

    id: int
    text: str
    kind: str
    before: str
    after: str
    mention: str | None
    cue: str | None
    confidence: float | None
    published: str | None
    speaker_id: int | None
    speaker: str | None
    speaker_kind: str | None
    speaker_description: str | None
    article_id: int
    title: str | None
    opening: str
    outlet: str | None
    location: str | None
    marked: tuple[tuple[str, bool], ...]
    marked_speaker: tuple[tuple[str, bool], ...]
    marked_title: tuple[tuple[str, bool], ...]


def results(
    query: Query,
    narrowed: Mapping[str, str | int] | None = None,
    *,
    sort: Sort = "relevance",
    limit: int = 20,
    offset: int = 0,
) -> Statement:
    """Rows for `hit`, the best (or the newest) first.

    `narrowed` gives values for some of FACETS: a speaker by id, the rest by name. Without words to
    look for, nothing ranks and the newest come first.
    """
    conditions, parameters = _conditions(query, narrowed or {})
    parameters |= {"limit": limit, "offset": offset, "open": _OPEN, "close": _CLOSE}
    if not query.match:
        where = _where(conditions)
        sql = f"SELECT {_COLUMNS}, {_UNMARKED} {_JOINS}{where} {_NEWEST} {_PAGE}"
    elif sort == "date":
        sql = _by_date(conditions)
    else:
        sql = _by_relevance(conditions)
    return sql, parameters


def counts(query: Query, narrowed: Mapping[str, str | int] | None = None) -> Statement:
    """Rows (facet, value, label, count): ("total", None, None, n) and the top values of FACETS."""
    conditions, parameters = _conditions(query, narrowed or {})
    source = "FROM quotes q"
    if query.match:
        source = "FROM quote_search JOIN quotes q ON q.id = quote_search.rowid"
        conditions = ["quote_search MATCH :match", *conditions]
    for name, join in (("s", _SPEAKERS), ("a", _ARTICLES)):
        if any(re.search(rf"\b{name}\.", condition) for condition in conditions):
            source += f" {join}"
    return f"{_HITS.format(source + _where(conditions))} {_TOTAL} {' '.join(_TOPS)}", parameters


def hit(row: Mapping[str, Any]) -> Hit:
    """A row of `results` as a value, its sentinels turned into runs."""
    values = {key: row[key] for key in row.keys()}  # noqa: SIM118  (sqlite3.Row iterates values)
    for suffix, plain in (("", "text"), ("_speaker", "speaker"), ("_title", "title")):
        name = "marked" + suffix
        values[name] = _runs(values[name] or "", values[plain] or "")
    values["opening"] = values["opening"] or ""
    values["before"] = _tail(values["before"] or "")
    values["after"] = _head(values["after"] or "")
    return Hit(**values)


# FTS5 wraps what matched in these; U+FDD0 and U+FDD1 are noncharacters, which no text holds for a
# purpose. If one does, `_runs` sees that the text is not the one stored and marks nothing.
_OPEN = "\ufdd0"
_CLOSE = "\ufdd1"

_COLUMNS = f"""
    q.id, q.text, q.kind, q.mention, q.cue, q.confidence, q.published, q.speaker_id, q.article_id,
    substr(a.text, max(1, q.start - {CONTEXT} + 1), min(q.start, {CONTEXT})) AS before,
    substr(a.text, q."end" + 1, {CONTEXT}) AS after,
    s.name AS speaker, s.kind AS speaker_kind, s.description AS speaker_description,
    a.title, substr(a.text, 1, 100) AS opening, a.publication AS outlet, a.location"""
_UNMARKED = "q.text AS marked, s.name AS marked_speaker, a.title AS marked_title"
_MARKED = ", ".join(
    f"highlight(quote_search, {column}, :open, :close) AS {name}"
    for column, name in enumerate(("marked", "marked_speaker", "marked_title"))
)
_SPEAKERS = "LEFT JOIN speakers s ON s.id = q.speaker_id"
_ARTICLES = "JOIN articles a ON a.id = q.article_id"
_NAMES = f"{_SPEAKERS} {_ARTICLES}"
_JOINS = f"FROM quotes q {_NAMES}"
_NEWEST = "ORDER BY q.published DESC, q.id DESC"
_PAGE = "LIMIT :limit OFFSET :offset"
_WEIGHTS = "bm25(10.0, 4.0, 2.0)"
"""Of quotation, speaker and title: a word said weighs more than one in the headline."""

# Names are looked up once for each speaker and article, not for each quotation: what an article's
# row holds besides its outlet is long.
_HITS = """
    WITH hits AS MATERIALIZED (
        SELECT q.speaker_id, q.article_id, substr(q.published, 1, 4) AS year, q.kind {}
    ),
    by_speaker AS MATERIALIZED (
        SELECT speaker_id, count(*) AS n FROM hits WHERE speaker_id IS NOT NULL GROUP BY speaker_id
    ),
    by_article AS (SELECT article_id, count(*) AS n FROM hits GROUP BY article_id)"""
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
    )
]

_VALUES = {
    "speaker": "q.speaker_id",
    "speaker_kind": "s.kind",
    "outlet": "a.publication",
    "year": "substr(q.published, 1, 4)",
    "kind": "q.kind",
}


def _by_relevance(conditions: list[str]) -> str:
    """FTS5 sorts by rank itself, so highlight() runs for the rows of one page only.

    The other conditions are asked of each hit in that order until the page is full; a list of
    row ids beside MATCH makes SQLite search anew for every id.
    """
    narrowing = ""
    if conditions:
        held = _where(["q.id = quote_search.rowid", *conditions])
        narrowing = f" AND EXISTS (SELECT 1 {_JOINS}{held})"
    return f"""
        SELECT {_COLUMNS}, found.marked, found.marked_speaker, found.marked_title
        FROM (
            SELECT rowid AS id, rank, {_MARKED} FROM quote_search
            WHERE quote_search MATCH :match AND rank MATCH '{_WEIGHTS}'{narrowing}
            ORDER BY rank {_PAGE}
        ) AS found
        JOIN quotes q ON q.id = found.id {_NAMES}
        ORDER BY found.rank, q.id"""


def _by_date(conditions: list[str]) -> str:
    """The page's ids first, then one more walk over the hits to mark those (`+` keeps it one)."""
    where = _where(["quote_search MATCH :match", *conditions])
    return f"""
        WITH found AS MATERIALIZED (
            SELECT q.id FROM quote_search JOIN quotes q ON q.id = quote_search.rowid {_NAMES}{where}
            {_NEWEST} {_PAGE}
        )
        SELECT {_COLUMNS}, {_MARKED}
        FROM quote_search CROSS JOIN quotes q ON q.id = quote_search.rowid {_NAMES}
        WHERE quote_search MATCH :match AND +quote_search.rowid IN (SELECT id FROM found)
        {_NEWEST}"""


def _conditions(
    query: Query, narrowed: Mapping[str, str | int]
) -> tuple[list[str], dict[str, Any]]:
    """What MATCH does not say, over quotes q, speakers s and articles a; and all parameters."""
    conditions: list[str] = []
    parameters: dict[str, Any] = {}
    if query.match:
        without = f" NOT ({query.without})" if query.without else ""
        parameters["match"] = f"({query.match}){without}"
    elif query.without:
        conditions.append(
            "q.id NOT IN (SELECT rowid FROM quote_search WHERE quote_search MATCH :without)"
        )
        parameters["without"] = query.without
    outlets = []
    for number, outlet in enumerate(query.outlets + query.without_outlets):
        outlets.append(f"coalesce(a.publication, '') LIKE :outlet{number} ESCAPE '\\'")
        parameters[f"outlet{number}"] = f"%{_literal(outlet)}%"
    if query.outlets:
        conditions.append(f"({' OR '.join(outlets[: len(query.outlets)])})")
    conditions += [f"NOT {outlet}" for outlet in outlets[len(query.outlets) :]]
    for name, comparison in (("after", ">="), ("before", "<")):
        if value := getattr(query, name):
            conditions.append(f"q.published {comparison} :{name}")
            parameters[name] = value
    for facet, value in narrowed.items():
        conditions.append(f"{_VALUES[facet]} = :in_{facet}")
        parameters[f"in_{facet}"] = value
    return conditions, parameters


def _where(conditions: list[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def _literal(text: str) -> str:
    r"""`50%` -> `50\%`: LIKE's wildcards, as themselves."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _runs(marked: str, plain: str) -> tuple[tuple[str, bool], ...]:
    """Text with sentinels -> (("the ", False), ("rent", True), (" is high", False))."""
    if marked.replace(_OPEN, "").replace(_CLOSE, "") != plain:
        return ((plain, False),)
    runs: list[tuple[str, bool]] = []
    for index, piece in enumerate(marked.split(_OPEN)):
        inside, closed, rest = piece.partition(_CLOSE) if index else ("", "", piece)
        if index and not closed:
            return ((plain, False),)
        runs += [(inside, True), (rest, False)]
    return tuple((text, matched) for text, matched in runs if text)


def _tail(before: str) -> str:
    """What stands before a quotation in its paragraph, from a word's start, without its mark."""
    cut = len(before) >= CONTEXT
    paragraph = before.rpartition("\n")[2]
    if cut and paragraph == before:
        paragraph = "…" + paragraph.partition(" ")[2]
    return paragraph.rstrip(_EDGE)


def _head(after: str) -> str:
    cut = len(after) >= CONTEXT
    paragraph = after.partition("\n")[0]
    if cut and paragraph == after:
        paragraph = paragraph.rpartition(" ")[0] + "…"
    return paragraph.lstrip(_EDGE)


_EDGE = " \"'\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}" + (
    "\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
)
"""What stands between a quotation and the words around it: its marks, which the page adds anew."""
