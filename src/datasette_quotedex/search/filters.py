"""The filters of a search, and its conditions besides words as SQL.

A new filter is a new entry in FILTERS: the page, its form, the counts and the JSON follow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from datasette_quotedex import confidence
from datasette_quotedex.search.syntax import SearchQuery

SelectQuery = tuple[str, dict[str, Any]]
"""SQL and its named parameters."""

FilterValues = Mapping[str, str]
"""The filters in use: values by the names of filters, such as {"year": "2024"}."""

FIRST_INDEXED_AFTER = "first_indexed_after"
"""A filter for programs: what the file has not had longer than since this time."""

IN_ARTICLE = "in_article"
"""A filter for the CSV of an article: its key."""

Unsure = Literal["shown", "hidden", "only"]
"""What becomes of quotations whose source the program is unsure of."""

Matched = Literal["anywhere", "words", "headline"]
"""Where words must be found: "words" are the quotation and the name of its speaker; "headline"
means that the search finds the quotation only with words of its headline."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which of the quotations that a search finds are shown.

    Without `every_printing`, each statement is shown once: by its first printing of those that the
    search finds, the sure ones before the unsure, those with the words in them before those with
    the words in the headline.
    """

    every_printing: bool = True
    unsure: Unsure = "shown"
    matched: Matched = "anywhere"


EVERYTHING = Selection()

# Not joins: SQLite would reorder those, or scan a table to build a Bloom filter.
_OUTLET = "(SELECT outlet FROM articles WHERE id = q.article_id)"
_SPEAKER_KIND = "(SELECT kind FROM speakers WHERE id = q.speaker_id)"


@dataclass(frozen=True, slots=True)
class Filter:
    """A property of quotations by which a search can be narrowed to one value.

    `name` is its parameter in addresses, `title` its heading on the page. `condition` is SQL about
    a row q of quotes with the parameter `:in_<name>`. The page counts the quotations for each
    `value`, an expression over q, or over the row s of speakers or a of articles that `source`
    names; `label` is what readers see, if not the value. `labels` puts values into words. `index`
    names the group of conditions that an index can answer, if any. `term` is the entry of the
    glossary that explains the title, if any.
    """

    name: str
    title: str
    condition: str
    value: str
    label: str | None = None
    source: Literal["quotes", "speakers", "articles"] = "quotes"
    labels: Mapping[str, str] = field(default_factory=dict)
    index: Literal["speaker", "outlet", "dates", "kind", "speaker_kind"] | None = None
    term: str | None = None


FILTERS = (
    Filter(
        "speaker",
        "Speaker",
        condition="q.speaker_id = (SELECT id FROM speakers WHERE key = :in_speaker)",
        value="s.key",
        label="s.label",
        source="speakers",
        index="speaker",
        term="speaker",
    ),
    Filter(
        "speaker_kind",
        "Type of speaker",
        condition=f"{_SPEAKER_KIND} = :in_speaker_kind",
        value="s.kind",
        source="speakers",
        index="speaker_kind",
        labels={"anonymous": "anonymous source"},
        term="speaker",
    ),
    Filter(
        "outlet",
        "Outlet",
        condition=f"{_OUTLET} = :in_outlet",
        value="outlet",
        source="articles",
        index="outlet",
        term="outlet",
    ),
    Filter(
        "year",
        "Year",
        condition="substr(q.published, 1, 4) = :in_year"
        " AND q.published >= :in_year AND q.published < :in_year || char(1114111)",
        value="substr(q.published, 1, 4)",
        index="dates",
    ),
    Filter(
        "kind",
        "Type of quote",
        # The `+` keeps SQLite from using the index of kinds where it is not the driver: most kinds
        # have too many quotations.
        condition="+q.kind = :in_kind",
        value="q.kind",
        index="kind",
        labels={"full": "full quote", "partial": "partial quote", "turn": "turn of a transcript"},
        term="partial",
    ),
    Filter(
        "confidence",
        "Confidence",
        condition=confidence.has_level_sql("q.confidence", ":in_confidence"),
        value=confidence.level_sql("q.confidence"),
        labels=confidence.LABELS,
        term="confidence",
    ),
)
"""All filters, in the order of the page."""

VALUE_LABELS = {value: label for one in FILTERS for value, label in one.labels.items()}
"""The words for values, such as {"partial": "partial quote"}."""


@dataclass(frozen=True, slots=True)
class SearchConditions:
    """A search as SQL conditions on a row q of quotes, with all parameters.

    The conditions in `speaker`, `outlet`, `dates` and `first_indexed` can each be answered from an
    index, and so can those in `kind` and `speaker_kind` if few quotations pass them; those in
    `others` are tested for one quotation after another. `has_words`: MATCH is a
    condition too. `has_prefix`: one of the words is a prefix*, which FTS5 expands whenever it is
    queried. `weaker_than` are the printings before which another of the same statement is shown:
    pairs of conditions on that other, o, and the name of the parameter that its words must match.
    """

    has_words: bool = False
    has_prefix: bool = False
    weaker_than: tuple[tuple[tuple[str, ...], str], ...] = ()
    speaker: tuple[str, ...] = ()
    outlet: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    first_indexed: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    speaker_kind: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def without_words(self) -> tuple[str, ...]:
        """All conditions but MATCH."""
        in_index = (*self.speaker, *self.first_indexed, *self.dates)
        return (*in_index, *self.others, *self.kind, *self.speaker_kind, *self.outlet)

    @property
    def drivers(self) -> dict[str, str]:
        """For each group of indexed conditions: FROM and WHERE that read `q.id` by its index."""
        outlet = [condition.replace(_OUTLET, "a.outlet") for condition in self.outlet]
        articles = "FROM articles a CROSS JOIN quotes q ON q.article_id = a.id"
        speakers = "FROM speakers s CROSS JOIN quotes q ON q.speaker_id = s.id"
        kinds = [condition.replace(_SPEAKER_KIND, "s.kind") for condition in self.speaker_kind]
        drivers = {
            "speaker": QUOTES + where(self.speaker),
            "outlet": articles + where(outlet),
            "dates": QUOTES + where(self.dates),
            "first_indexed": QUOTES + where(self.first_indexed),
            "kind": QUOTES + where(condition.removeprefix("+") for condition in self.kind),
            "speaker_kind": speakers + where(kinds),
        }
        return {name: sql for name, sql in drivers.items() if getattr(self, name)}

    def one_of_a_statement(self, found: str, *, but_first: bool = False) -> tuple[str, ...]:
        """The conditions that leave one printing of each statement, the first.

        `found` tells whether another printing has the words: PROBED, LISTED or MATCHED. With
        `but_first`, more than one may be left; the caller chooses the first of them.
        """
        return tuple(
            _NO_OTHER.format(
                " AND ".join([*others, *([found.format(name)] if self.has_words else [])])
            )
            for others, name in self.weaker_than[but_first:]
        )

    def fullest_printing(self) -> str:
        """An SQL expression: of the printings that the search finds of the statement of q, the id
        of the one with the most words. With a prefix, those found are in a table `found_too`."""
        ((others, name), *_) = self.weaker_than
        found = "o.id IN (SELECT id FROM found_too)" if self.has_prefix else PROBED
        every = [other for other in others if other not in (_SAME_STATEMENT, _EARLIER)]
        if self.has_words:
            every.append(found.format(name))
        return _FULLEST.format("".join(f" AND {one}" for one in every))


def conditions_for(
    query: SearchQuery, filters: FilterValues, shown: Selection = EVERYTHING
) -> SearchConditions:
    """The conditions of a search and its filters."""
    parameters: dict[str, Any] = {}
    others: list[str] = []
    if query.match:
        parameters |= _matches(query, shown)
    elif query.exclude:
        others.append(_NOT_IN_MATCHES if _PREFIX in query.exclude else _NOT_A_MATCH)
        parameters["exclude"] = query.exclude
    if query.excluded_outlets:
        others.append(_excluded_outlets(query, parameters))
    groups: dict[str | None, list[str]] = {
        "speaker": [],
        "outlet": _outlets(query, parameters),
        "dates": _dates(query, parameters),
        "first_indexed": [],
        "kind": [],
        "speaker_kind": [],
        None: others,
    }
    for one in FILTERS:
        if one.name in filters:
            parameters[f"in_{one.name}"] = filters[one.name]
            groups[one.index].append(one.condition)
    if IN_ARTICLE in filters:
        parameters[IN_ARTICLE] = filters[IN_ARTICLE]
        others.append(f"q.article_id = (SELECT id FROM articles WHERE key = :{IN_ARTICLE})")
    if FIRST_INDEXED_AFTER in filters:
        parameters[FIRST_INDEXED_AFTER] = filters[FIRST_INDEXED_AFTER]
        groups["first_indexed"].append(f"q.first_indexed > :{FIRST_INDEXED_AFTER}")
    found = [condition for group in groups.values() for condition in group]
    if shown.unsure != "shown":
        others.append(_UNSURE if shown.unsure == "only" else _SURE)
    return SearchConditions(
        has_words=bool(query.match),
        has_prefix=_PREFIX in parameters.get("match", ""),
        weaker_than=() if shown.every_printing else tuple(_weaker_than(found, shown)),
        speaker=tuple(groups["speaker"]),
        outlet=tuple(groups["outlet"]),
        dates=tuple(groups["dates"]),
        first_indexed=tuple(groups["first_indexed"]),
        kind=tuple(groups["kind"]),
        speaker_kind=tuple(groups["speaker_kind"]),
        others=tuple(others),
        parameters=parameters,
    )


def _matches(query: SearchQuery, shown: Selection) -> dict[str, str]:
    """The parameters of MATCH: for what is shown, and for all with the words in them or anywhere.

    The headline is searched in any case, so that its words are marked, too.
    """
    excluded = f" NOT ({query.exclude})" if query.exclude else ""
    whole = f"({query.match})"
    said = f"({{text speaker}} : {whole})"
    expressions = {"anywhere": whole, "words": f"({whole} AND {said})"}
    expressions["headline"] = f"({whole} NOT {said})"
    return {
        "match": expressions[shown.matched] + excluded,
        "match_words": expressions["words"] + excluded,
        "match_anywhere": whole + excluded,
    }


def _weaker_than(found: list[str], shown: Selection) -> Iterable[tuple[tuple[str, ...], str]]:
    """`SearchConditions.weaker_than`, for conditions on q that a search has in any case."""
    passing = [re.sub(r"\bq\.", "o.", condition) for condition in found]
    as_sure = {"shown": [], "hidden": [_SURE], "only": [_UNSURE]}[shown.unsure]
    as_sure = [condition.replace("q.", "o.") for condition in as_sure]
    # The first of `weaker_than`: of those that are found, another one was printed earlier.
    yield (_SAME_STATEMENT, *passing, *as_sure, _EARLIER), "match"
    if shown.matched == "headline":
        yield (_SAME_STATEMENT, *passing, *as_sure), "match_words"
    if shown.unsure == "only":
        yield (_SAME_STATEMENT, *passing, _SURE.replace("q.", "o.")), "match_anywhere"


def from_where(
    query: SearchQuery, filters: FilterValues, shown: Selection = EVERYTHING
) -> SelectQuery:
    """FROM and WHERE that select all quotations q of a search, also those of one statement."""
    conditions = conditions_for(query, filters, shown)
    source, words = (MATCHING, [MATCH]) if conditions.has_words else (QUOTES, [])
    return source + where(words, conditions.without_words), conditions.parameters


def where(*conditions: Iterable[str]) -> str:
    """` WHERE a AND b` of all the conditions; "" if there are none."""
    every = [condition for some in conditions for condition in some]
    return f" WHERE {' AND '.join(every)}" if every else ""


def _outlets(query: SearchQuery, parameters: dict[str, Any]) -> list[str]:
    if not query.outlets:
        return []
    named = _NAMED.format(_like(query.outlets, "outlet", parameters))
    # EXISTS is evaluated once: if no outlet has such a name, no quotation has to be read.
    return [f"EXISTS ({named})", f"{_OUTLET} IN ({named})"]


def _excluded_outlets(query: SearchQuery, parameters: dict[str, Any]) -> str:
    named = _NAMED.format(_like(query.excluded_outlets, "not_outlet", parameters))
    return f"coalesce({_OUTLET} NOT IN ({named}), TRUE)"


def _like(outlets: tuple[str, ...], name: str, parameters: dict[str, Any]) -> str:
    for number, outlet in enumerate(outlets):
        parameters[f"{name}{number}"] = f"%{_escape_like(outlet)}%"
    return " OR ".join(f"name LIKE :{name}{n} ESCAPE '\\'" for n in range(len(outlets)))


def _escape_like(text: str) -> str:
    r"""`50%` -> `50\%`: LIKE's wildcards, as themselves."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _dates(query: SearchQuery, parameters: dict[str, Any]) -> list[str]:
    dates = []
    for name, comparison in (("after", ">="), ("before", "<")):
        if value := getattr(query, name):
            dates.append(f"q.published {comparison} :{name}")
            parameters[name] = value
    return dates


IF_FEW_PASS = ("kind", "speaker_kind")
"""The groups of conditions that only few quotations may pass to be read from an index."""

QUOTES = "FROM quotes q"
MATCHING = "FROM quote_search CROSS JOIN quotes q ON q.id = quote_search.rowid"
MATCH = "quote_search MATCH :match"
PLACE = "coalesce(a.path, a.location)"
"""Where an article was read from: a URL, or the path below the folder that was indexed."""

_PREFIX = '" *'
"""A prefix* in an FTS5 expression. Text that happens to contain it only makes a slower query."""

# Reads the outlets one by one, each from the index after the one before: there are few of them.
_NAMED = """WITH RECURSIVE outlets(name) AS (
        SELECT min(outlet) FROM articles
        UNION ALL SELECT (SELECT min(outlet) FROM articles WHERE outlet > name)
            FROM outlets WHERE name IS NOT NULL
    ) SELECT name FROM outlets WHERE name IS NOT NULL AND ({})"""

_SURE = f"q.confidence >= {confidence.UNSURE_BELOW}"
_UNSURE = f"q.confidence < {confidence.UNSURE_BELOW}"
_SAME_STATEMENT = "o.statement_id = q.statement_id"
_EARLIER = "(coalesce(o.published, ''), o.id) < (coalesce(q.published, ''), q.id)"
PRINTED_FIRST = "PARTITION BY statement_id ORDER BY coalesce(published, ''), id"
"""The window of which the first row is the first printing of a statement."""

_SIBLINGS = "FROM quotes o INDEXED BY quotes_by_statement_id_and_published"
# In the order of the index, so that the first of thousands is found at once.
_NO_OTHER = f"NOT EXISTS (SELECT 1 {_SIBLINGS} WHERE {{}})"
_MAX_COMPARED = 50
"""Printings of a statement of which the fullest is found."""
_FULLEST = f"""coalesce((SELECT id FROM (
        SELECT o.id, length(o.text) AS length {_SIBLINGS} WHERE {_SAME_STATEMENT}{{}}
        ORDER BY o.published LIMIT {_MAX_COMPARED}
    ) ORDER BY length DESC LIMIT 1), q.id)"""
PROBED = "EXISTS (SELECT 1 FROM quote_search WHERE quote_search MATCH :{} AND rowid = o.id)"
LISTED = "o.id IN (SELECT rowid FROM quote_search WHERE quote_search MATCH :{})"
MATCHED = "o.id IN (SELECT id FROM matched)"
"""Whether a printing o has the words: by a look-up, by a list of all that have them, or by one of
those of some statements, a table `matched` that the query has (`matched_siblings`)."""


def matched_siblings(ids: str, unless: str = "FALSE") -> str:
    """The SELECT of the printings that have the words, of the statements of some quotations.

    FTS5 goes through all matches, once (`+`), which is quicker than a list of them.
    """
    siblings = f"""SELECT o.id FROM ({ids}) AS some CROSS JOIN quotes q ON q.id = some.id
        CROSS JOIN quotes o INDEXED BY quotes_by_statement_id_and_published
        ON o.statement_id = q.statement_id"""
    # A table of one row or none, which SQLite reads before it searches.
    return f"""SELECT quote_search.rowid AS id
        FROM (SELECT 1 WHERE NOT {unless}) AS needed CROSS JOIN quote_search
        WHERE {MATCH} AND +quote_search.rowid IN ({siblings})"""


# One look-up in the index for each quotation that gets this far, or one list of all matches.
_NOT_A_MATCH = """NOT EXISTS (
        SELECT 1 FROM quote_search WHERE quote_search MATCH :exclude AND rowid = q.id)"""
_NOT_IN_MATCHES = "q.id NOT IN (SELECT rowid FROM quote_search WHERE quote_search MATCH :exclude)"
