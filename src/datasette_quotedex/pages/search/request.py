"""Reads a search from the address of a request, and writes such addresses."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from datasette_quotedex.context import Reader, SiteContext
from datasette_quotedex.lanes import SEARCHES, WIDE_SEARCHES, Lane
from datasette_quotedex.pages.former import find_former
from datasette_quotedex.pages.search.dates import FIELDS as DATE_FIELDS
from datasette_quotedex.pages.search.dates import within_dates
from datasette_quotedex.search import (
    FILTERS,
    FilterValues,
    Matched,
    Position,
    Selection,
    Sort,
    Unsure,
    is_ranked,
)
from datasette_quotedex.search.syntax import SearchQuery, may_take_long, parse


@dataclass(frozen=True, slots=True)
class Search:
    """A search on a site, and where its page of hits starts; without words, it finds everything.

    `every_printing` and `unsure` are as in `Selection`.
    """

    site: SiteContext
    query: SearchQuery = field(default_factory=lambda: SearchQuery(""))
    filters: FilterValues = field(default_factory=dict)
    sort: Sort = "relevance"
    start: Position | None = None
    every_printing: bool = False
    unsure: Unsure = "hidden"

    @property
    def shown(self) -> Selection:
        """What is shown of what it finds. A level of confidence that a reader chose is shown."""
        unsure: Unsure = "shown" if "confidence" in self.filters else self.unsure
        return Selection(self.every_printing, unsure)

    def with_filter(self, name: str, value: str | None) -> Search:
        """This search from its first page, with one filter set to a value or, for None, removed."""
        filters = {other: kept for other, kept in self.filters.items() if other != name}
        if value is not None:
            filters[name] = value
        return replace(self, filters=filters, start=None)

    def url_with_words(self, q: str) -> str:
        """The address of this search for other words, from its first page."""
        return replace(self, query=SearchQuery(q), start=None).url()

    def url(self, form: str | None = None) -> str:
        """The address of the search, or of one of its exports, such as "json"."""
        parameters: dict[str, object] = {"q": self.query.given, **self.filters}
        parameters |= self._manner()
        if self.start:
            key = "" if self.start.key is None else self.start.key
            place = f"{self.start.hit}_{key}"
            if self.start.matched == "headline":
                place += "_headline"
            parameters["previous" if self.start.backwards else "next"] = place
        return self.site.url("/-/quotes" + (f".{form}" if form else ""), **parameters)

    def form_fields(self) -> dict[str, str]:
        """The parameters to keep when a reader types other words: filters, sorting, database."""
        fields = {**self.filters, **self._manner()}
        if self.site.is_one_of_many:
            fields["database"] = self.site.database
        return fields

    def _manner(self) -> dict[str, str]:
        """The parameters that say how hits are shown."""
        manner: dict[str, str] = {}
        if self.sort != "relevance":
            manner["sort"] = self.sort
        if self.every_printing:
            manner["printings"] = "all"
        if self.unsure != "hidden":
            manner["unsure"] = self.unsure
        return manner


WHOLE: Any = {"every_printing": True, "unsure": "shown"}
"""The arguments of a Search whose results are all that it finds."""


def lane_for(request: Any, otherwise: Lane = SEARCHES) -> Lane:
    """The lane for the words in an address, or `otherwise` for those that are found quickly."""
    return WIDE_SEARCHES if may_take_long(request.args.get("q") or "") else otherwise


class SpeakerMoved(Exception):  # noqa: N818  (an answer to the reader, not an error)
    """Another key took the place of the one by which a search is filtered. `search` has it."""

    def __init__(self, search: Search) -> None:
        super().__init__("the speaker has another key now")
        self.search = search


def read_search(db: Reader, arguments: Any) -> Search:
    """The search in the arguments of an address. Raises `SpeakerMoved`."""
    filters = {name: value for name in FILTER_NAMES if (value := arguments.get(name))}
    query = within_dates(parse(arguments.get("q") or ""), filters)
    sort = next((sort for sort in _SORTS if arguments.get("sort") == sort), _DEFAULT_SORT)
    start = None
    for name in ("next", "previous"):
        if value := arguments.get(name):
            start = _position(db, value, is_ranked(query, sort), name == "previous")
    every_printing = arguments.get("printings") == "all"
    unsure = next((one for one in _UNSURE if arguments.get("unsure") == one), _DEFAULT_UNSURE)
    search = Search(db.site, query, filters, sort, start, every_printing, unsure)
    speaker = filters.get("speaker")
    if speaker and not db.rows("SELECT 1 FROM speakers WHERE key = :key", key=speaker):
        former = find_former(db, "speakers", speaker)
        if former.leads_to:
            raise SpeakerMoved(search.with_filter("speaker", former.leads_to))
    return search


def _position(db: Reader, text: str, has_rank: bool, backwards: bool) -> Position | None:
    """The position in `KEY_-3.25`, `KEY_2024-05-31` or `KEY_`, with `_headline` after it for one
    among matches in headlines; None, the beginning, if invalid.

    If the file does not have the quotation any more, the position is before all of the same rank
    or date.
    """
    hit, separator, key = text.partition("_")
    if not separator:
        return None
    key, _, group = key.partition("_")
    matched: Matched = "headline" if group == "headline" else "words"
    rows = db.rows("SELECT id FROM quotes WHERE key = :key", key=hit)
    id_ = rows[0]["id"] if rows else _BEFORE_ALL if not has_rank else 0
    if not has_rank:
        return Position(key or None, id_, backwards, hit, matched)
    try:
        return Position(float(key), id_, backwards, hit, matched)
    except ValueError:
        return None


FILTER_NAMES = (*(one.name for one in FILTERS), *DATE_FIELDS)
"""The parameters that narrow a search."""

_SORTS: tuple[Sort, ...] = ("date", "indexed")
_DEFAULT_SORT: Sort = "relevance"
_UNSURE: tuple[Unsure, ...] = ("shown", "only")
_DEFAULT_UNSURE: Unsure = "hidden"
_BEFORE_ALL = 2**62
"""Newest first, quotations of a date are in the order of their ids, the highest first."""
