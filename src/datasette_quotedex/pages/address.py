"""What the address of a search says, read and written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from ..query import Query, parse
from ..search import FACETS, Sort
from .place import number, place_of

MAX_OFFSET = 10_000
"""How far a reader can page; who wants more takes the CSV or writes SQL."""


EVERYTHING = Query("")


@dataclass(frozen=True, slots=True)
class Search:
    """A search in one database; `several` where the address has to say in which."""

    database: str
    several: bool
    query: Query = EVERYTHING
    narrowed: tuple[tuple[str, str | int], ...] = ()
    sort: Sort = "relevance"
    offset: int = 0

    def narrow(self, facet: str, value: str | int | None) -> Search:
        """This search, from its first page, with one facet set to a value or (None) set free."""
        others = {name: old for name, old in self.narrowed if name != facet}
        if value is not None:
            others[facet] = value
        return replace(self, narrowed=tuple(others.items()), offset=0)

    def ask(self, q: str) -> Search:
        """A new search in the same database."""
        return Search(self.database, self.several, parse(q))

    def url(self, datasette: Any, form: str | None = None) -> str:
        values = {"q": self.query.given, **dict(self.kept()), "next": self.offset or ""}
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
    return Search(
        database=place.database,
        several=place.several,
        query=parse(arguments.get("q") or ""),
        narrowed=tuple(narrowed),
        sort="date" if arguments.get("sort") == "date" else "relevance",
        offset=min(number(arguments.get("next")), MAX_OFFSET),
    )
