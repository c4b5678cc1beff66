"""What the address of a search says, read and written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from datasette_quotedex.context import number, place_of
from datasette_quotedex.search import FACETS, Position, Sort, ranks
from datasette_quotedex.search.syntax import Query, parse

EVERYTHING = Query("")


@dataclass(frozen=True, slots=True)
class Search:
    """A search in one database; `several` where the address has to say in which."""

    database: str
    several: bool
    query: Query = EVERYTHING
    narrowed: tuple[tuple[str, str | int], ...] = ()
    sort: Sort = "relevance"
    start: Position | None = None

    def narrow(self, facet: str, value: str | int | None) -> Search:
        """This search, from its first page, with one facet set to a value or (None) set free."""
        others = {name: old for name, old in self.narrowed if name != facet}
        if value is not None:
            others[facet] = value
        return replace(self, narrowed=tuple(others.items()), start=None)

    def ask(self, q: str) -> Search:
        """A new search in the same database."""
        return Search(self.database, self.several, parse(q))

    def url(self, datasette: Any, form: str | None = None) -> str:
        values = {"q": self.query.given, **dict(self.kept())}
        if self.start:
            key = "" if self.start.key is None else self.start.key
            values["previous" if self.start.backwards else "next"] = f"{self.start.id}_{key}"
        asked = urlencode({name: value for name, value in values.items() if value != ""})
        path = datasette.urls.path("/-/quotes" + (f".{form}" if form else ""))
        return f"{path}?{asked}" if asked else str(path)

    def kept(self) -> list[tuple[str, str | int]]:
        """What other words searched from the same page keep: filters, order, database."""
        sort = [("sort", self.sort)] if self.sort != "relevance" else []
        database = [("database", self.database)] if self.several else []
        return [*self.narrowed, *sort, *database]


async def asked(datasette: Any, request: Any) -> Search:
    """The search that a request asks for.

    Raises Datasette's `NotFound` or `Forbidden` where there are no quotations to be seen.
    """
    place = await place_of(datasette, request)
    arguments = request.args
    narrowed: list[tuple[str, str | int]] = []
    for facet in FACETS:
        if value := arguments.get(facet):
            narrowed.append((facet, number(value) if facet == "speaker" else value))
    query = parse(arguments.get("q") or "")
    sort: Sort = "date" if arguments.get("sort") == "date" else "relevance"
    start = None
    for name in ("next", "previous"):
        if value := arguments.get(name):
            start = _position(value, rank=ranks(query, sort), backwards=name == "previous")
    return Search(place.database, place.several, query, tuple(narrowed), sort, start)


def _position(text: str, *, rank: bool, backwards: bool) -> Position | None:
    """`17_-3.25`, `17_2024-05-31`, `17_` -> behind which hit to begin; else None, at the first."""
    id_, separated, key = text.partition("_")
    if not separated or not number(id_):
        return None
    if not rank:
        return Position(key or None, number(id_), backwards)
    try:
        return Position(float(key), number(id_), backwards)
    except ValueError:
        return None
