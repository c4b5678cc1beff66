"""What the address of a search says, read and written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from datasette import Forbidden, NotFound

from .. import databases
from ..query import Query, parse
from ..search import FACETS, Sort

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
    names = await databases.visible(datasette, request.actor)
    if not names:
        if await databases.find(datasette):
            raise Forbidden("You may not see the quotations here")
        raise NotFound("There is no database with quotations here")
    arguments = request.args
    database = arguments.get("database")
    narrowed: list[tuple[str, str | int]] = []
    for facet in FACETS:
        if value := arguments.get(facet):
            narrowed.append((facet, _number(value) if facet == "speaker" else value))
    return Search(
        database=database if database in names else names[0],
        several=len(names) > 1,
        query=parse(arguments.get("q") or ""),
        narrowed=tuple(narrowed),
        sort="date" if arguments.get("sort") == "date" else "relevance",
        offset=min(_number(arguments.get("next") or ""), MAX_OFFSET),
    )


def _number(text: str) -> int:
    """An id or offset out of an address; 0, which no row has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
