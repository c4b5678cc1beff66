"""What is asked of a quotation besides the words in it, and of which tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from datasette_quotedex import confidence
from datasette_quotedex.search.syntax import Query

Statement = tuple[str, dict[str, Any]]

FACETS = ("speaker", "speaker_kind", "outlet", "year", "kind", "confidence")
"""What a search can be narrowed by, one value each; the order is that of the page."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as SQL conditions of a row q of quotes, with all parameters.

    Those of `speaker`, `outlet` and `dates` each have an index from which the quotations that
    pass them can be read; `others` are asked of one quotation after another. `words`: MATCH is
    asked too. `begins`: the words have a beginning* among them, for which FTS5 gathers all
    words that begin so each time it is asked.
    """

    words: bool = False
    begins: bool = False
    speaker: tuple[str, ...] = ()
    outlet: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def conditions(self) -> tuple[str, ...]:
        """All but MATCH."""
        return (*self.speaker, *self.dates, *self.others, *self.outlet)

    @property
    def drivers(self) -> dict[str, str]:
        """FROM and WHERE that read the ids `q.id` of those that pass one condition, by name."""
        outlet = [condition.replace(_PUBLICATION, "a.publication") for condition in self.outlet]
        articles = "FROM articles a CROSS JOIN quotes q ON q.article_id = a.id"
        drivers = {
            "speaker": QUOTES + where(self.speaker),
            "outlet": articles + where(outlet),
            "dates": QUOTES + where(self.dates),
        }
        return {name: sql for name, sql in drivers.items() if getattr(self, name)}


def asked(query: Query, narrowed: Mapping[str, str | int]) -> Asked:
    """The conditions of a search. `narrowed` gives a speaker by id, the rest by name."""
    parameters: dict[str, Any] = {}
    others: list[str] = []
    if query.match:
        without = f" NOT ({query.without})" if query.without else ""
        parameters["match"] = f"({query.match}){without}"
    elif query.without:
        others.append(_LACKS if _BEGINNING in query.without else _LACKS_EACH)
        parameters["without"] = query.without
    outlet = _outlets(query, parameters)
    if query.without_outlets:
        others.append(_without_outlets(query, parameters))
    dates = _dates(query, parameters)
    held: dict[str, list[str]] = {"speaker": [], "outlet": outlet, "year": dates}
    for facet, value in narrowed.items():
        if facet == "confidence":
            parameters["least"], parameters["below"] = confidence.bounds(str(value))
        else:
            parameters[f"in_{facet}"] = value
        held.get(facet, others).append(_HELD[facet])
    return Asked(
        words=bool(query.match),
        begins=_BEGINNING in parameters.get("match", ""),
        speaker=tuple(held["speaker"]),
        outlet=tuple(outlet),
        dates=tuple(dates),
        others=tuple(others),
        parameters=parameters,
    )


def found(query: Query, narrowed: Mapping[str, str | int]) -> Statement:
    """FROM and WHERE of all that is found."""
    held = asked(query, narrowed)
    source, words = (MATCHING, [MATCH]) if held.words else (QUOTES, [])
    return source + where(words, held.conditions), held.parameters


def where(*conditions: Iterable[str]) -> str:
    """` WHERE a AND b` of all the conditions; "" where there are none."""
    every = [condition for some in conditions for condition in some]
    return f" WHERE {' AND '.join(every)}" if every else ""


def _outlets(query: Query, parameters: dict[str, Any]) -> list[str]:
    if not query.outlets:
        return []
    named = _NAMED.format(_like(query.outlets, "outlet", parameters))
    # Asked once: where no outlet is called so, no quotation need be looked at.
    return [f"EXISTS ({named})", f"{_PUBLICATION} IN ({named})"]


def _without_outlets(query: Query, parameters: dict[str, Any]) -> str:
    named = _NAMED.format(_like(query.without_outlets, "not_outlet", parameters))
    return f"coalesce({_PUBLICATION} NOT IN ({named}), TRUE)"


def _like(outlets: tuple[str, ...], name: str, parameters: dict[str, Any]) -> str:
    for number, outlet in enumerate(outlets):
        parameters[f"{name}{number}"] = f"%{_literal(outlet)}%"
    return " OR ".join(f"name LIKE :{name}{n} ESCAPE '\\'" for n in range(len(outlets)))


def _literal(text: str) -> str:
    r"""`50%` -> `50\%`: LIKE's wildcards, as themselves."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _dates(query: Query, parameters: dict[str, Any]) -> list[str]:
    dates = []
    for name, comparison in (("after", ">="), ("before", "<")):
        if value := getattr(query, name):
            dates.append(f"q.published {comparison} :{name}")
            parameters[name] = value
    return dates


QUOTES = "FROM quotes q"
MATCHING = "FROM quote_search CROSS JOIN quotes q ON q.id = quote_search.rowid"
MATCH = "quote_search MATCH :match"

# Not joins, which SQLite would put into an order of its own, or scan for a Bloom filter.
_PUBLICATION = "(SELECT publication FROM articles WHERE id = q.article_id)"
_KIND = "(SELECT kind FROM speakers WHERE id = q.speaker_id)"

_BEGINNING = '" *'
"""Of a word, in an FTS5 expression; a text that holds the same only costs a slower way."""

# The outlets one by one, each found in the index behind the one before: there are few of them.
_NAMED = """WITH RECURSIVE outlets(name) AS (
        SELECT min(publication) FROM articles
        UNION ALL SELECT (SELECT min(publication) FROM articles WHERE publication > name)
            FROM outlets WHERE name IS NOT NULL
    ) SELECT name FROM outlets WHERE name IS NOT NULL AND ({})"""

# One look into the index for each quotation that comes so far, or one list of all that have it.
_LACKS_EACH = """NOT EXISTS (
        SELECT 1 FROM quote_search WHERE quote_search MATCH :without AND rowid = q.id)"""
_LACKS = "q.id NOT IN (SELECT rowid FROM quote_search WHERE quote_search MATCH :without)"

# The `+` keeps SQLite from reading an index of kinds, of which each has too many quotations.
_HELD = {
    "speaker": "q.speaker_id = :in_speaker",
    "speaker_kind": f"{_KIND} = :in_speaker_kind",
    "outlet": f"{_PUBLICATION} = :in_outlet",
    "year": "substr(q.published, 1, 4) = :in_year"
    " AND q.published >= :in_year AND q.published < :in_year || char(1114111)",
    "kind": "+q.kind = :in_kind",
    "confidence": "q.confidence >= :least AND q.confidence < :below",
}
