"""RSS and Atom feeds: what their entries hold of the articles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read.dates import iso_date
from quotedex.read.html import article
from quotedex.read.source import Source, reading

FEED_TYPES = "application/rss+xml", "application/atom+xml", "application/xml", "text/xml"
# An entry with less text than this tells of its article and does not hold it.
WHOLE_ARTICLE = 600


@dataclass(frozen=True, slots=True)
class Entry:
    """One article of a feed: where it is, what is known of it, and the markup that the feed has."""

    number: int
    url: str | None
    title: str | None
    byline: str | None
    publication: str | None
    published: str | None
    html: str

    @property
    def is_whole(self) -> bool:
        return len(self.html) >= WHOLE_ARTICLE


def feed(source: Source) -> Iterator[Document | InputError]:
    """The articles in a file that is a feed, as far as it holds them; nothing is fetched."""
    for entry in entries_of(source.data(), source.place):
        part = source.part(entry.number)
        try:
            yield document(entry, part)
        except InputError as error:
            yield error


def entries_of(data: bytes, place: str) -> list[Entry]:
    """The entries in their order. Raises InputError for what is no feed."""
    import feedparser

    with reading(place):
        parsed: Any = feedparser.parse(data)
    if not parsed.get("version"):
        raise InputError(place, "this is no RSS or Atom feed")
    outlet = parsed.feed.get("title") or None
    return [_entry(number, entry, outlet) for number, entry in enumerate(parsed.entries, 1)]


def document(entry: Entry, source: Source) -> Document:
    """The article of an entry that holds its text."""
    if not entry.html.strip():
        raise InputError(source.place, "this entry of the feed has no text")
    with reading(source.place):
        found = article(f"<article>{entry.html}</article>", replace(source, url=entry.url))
    return replace(
        found,
        title=entry.title,
        byline=entry.byline,
        publication=entry.publication,
        published=entry.published,
        url=entry.url,
    )


def _entry(number: int, entry: Any, outlet: str | None) -> Entry:
    contents = [content.get("value", "") for content in entry.get("content", ())]
    return Entry(
        number=number,
        url=entry.get("link") or None,
        title=entry.get("title") or None,
        byline=entry.get("author") or None,
        publication=entry.get("source", {}).get("title") or outlet,
        published=iso_date(entry.get("published") or entry.get("updated")),
        html=max([*contents, entry.get("summary", "")], key=len),
    )
