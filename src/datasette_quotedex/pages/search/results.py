"""All that the page of a search shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from datasette_quotedex.context import Reader
from datasette_quotedex.pages.search.facets import active_filters, facet_counts
from datasette_quotedex.pages.search.page import (
    ResultPage,
    adjacent_pages,
    find_page,
    suggest,
)
from datasette_quotedex.pages.search.request import read_search

UNSURE_SHOWN = 10
"""Quotations that the program is unsure of at the end of the last page."""


@dataclass(frozen=True, slots=True)
class Results:
    """One page of hits, the counts of `facet_counts`, the filters in use, and other spellings.

    `unsure` has the first of those that are left out, if the page is the last.
    """

    page: ResultPage
    facets: dict[str, Any]
    active_filters: list[dict[str, str]]
    suggestions: list[str]
    unsure: ResultPage | None = None


def read_results(db: Reader, arguments: Any) -> Results:
    """The results of the search in the arguments of an address. Raises `SpeakerMoved`."""
    search = read_search(db, arguments)
    page = find_page(db, search, or_unsure=True)
    counts = facet_counts(db, page.search, page.sizes)
    return Results(
        page,
        counts,
        active_filters(db, page.search),
        suggest(db, page),
        _unsure(db, page, counts),
    )


def _unsure(db: Reader, page: ResultPage, counts: dict[str, Any]) -> ResultPage | None:
    """The first of the quotations that the program is unsure of, for the end of the last page."""
    left_out = counts.get("unsure") or {}
    number = left_out.get("statements" if not page.search.every_printing else "total")
    if not number or "next" in adjacent_pages(page):
        return None
    return find_page(db, replace(page.search, unsure="only", start=None), UNSURE_SHOWN)
