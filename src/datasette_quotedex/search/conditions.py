"""What is asked of a quotation besides the words in it, and of which tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .. import confidence
from ..query import Query

Statement = tuple[str, dict[str, Any]]

FACETS = ("speaker", "speaker_kind", "outlet", "year", "kind", "confidence")
"""What a search can be narrowed by, one value each; the order is that of the page."""

SPEAKERS = "LEFT JOIN speakers s ON s.id = q.speaker_id"
ARTICLES = "JOIN articles a ON a.id = q.article_id"
NAMES = f"{SPEAKERS} {ARTICLES}"
JOINS = f"FROM quotes q {NAMES}"


def found(query: Query, narrowed: Mapping[str, str | int]) -> Statement:
    """FROM and WHERE of all that is found, with no table that nothing is asked of."""
    conditions, parameters = conditions_of(query, narrowed)
    source = "FROM quotes q"
    if query.match:
        source = "FROM quote_search JOIN quotes q ON q.id = quote_search.rowid"
        conditions = ["quote_search MATCH :match", *conditions]
    for name, join in (("s", SPEAKERS), ("a", ARTICLES)):
        if any(re.search(rf"\b{name}\.", condition) for condition in conditions):
            source += f" {join}"
    return source + where(conditions), parameters


def conditions_of(
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
        wanted = f"({' OR '.join(outlets[: len(query.outlets)])})"
        # Asked once: where no outlet is called so, no quotation need be looked at.
        conditions += [f"EXISTS (SELECT 1 FROM articles AS a WHERE {wanted})", wanted]
    conditions += [f"NOT {outlet}" for outlet in outlets[len(query.outlets) :]]
    for name, comparison in (("after", ">="), ("before", "<")):
        if value := getattr(query, name):
            conditions.append(f"q.published {comparison} :{name}")
            parameters[name] = value
    for facet, value in narrowed.items():
        if facet == "confidence":
            conditions.append("q.confidence >= :least AND q.confidence < :below")
            parameters["least"], parameters["below"] = confidence.bounds(str(value))
        else:
            conditions.append(f"{_VALUES[facet]} = :in_{facet}")
            parameters[f"in_{facet}"] = value
    return conditions, parameters


def where(conditions: list[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def _literal(text: str) -> str:
    r"""`50%` -> `50\%`: LIKE's wildcards, as themselves."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_VALUES = {
    "speaker": "q.speaker_id",
    "speaker_kind": "s.kind",
    "outlet": "a.publication",
    "year": "substr(q.published, 1, 4)",
    "kind": "q.kind",
}
