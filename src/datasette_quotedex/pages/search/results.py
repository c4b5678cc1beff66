"""All that the page of a search shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from datasette_quotedex.context import Reader
from datasette_quotedex.pages.search.facets import active_filters, facet_counts
from datasette_quotedex.pages.search.page import ResultPage, find_page, suggest
from datasette_quotedex.pages.search.request import read_search


@dataclass(frozen=True, slots=True)
class Results:
    """One page of hits, the counts of `facet_counts`, the filters in use, and other spellings."""

    page: ResultPage
    facets: dict[str, Any]
    active_filters: list[dict[str, str]]
    suggestions: list[str]


def read_results(db: Reader, arguments: Any) -> Results:
    """The results of the search in the arguments of an address. Raises `SpeakerMoved`."""
    search = read_search(db, arguments)
    page = find_page(db, search)
    return Results(
        page,
        facet_counts(db, search, page.sizes),
        active_filters(db, page.search),
        suggest(db, page),
    )
