"""RSS and Atom feeds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read.dates import iso_date
from quotedex.read.html import extract_article
from quotedex.read.source import RowNames, Source, as_input_errors

FEED_TYPES = "application/rss+xml", "application/atom+xml", "application/xml", "text/xml"
# A shorter entry is a teaser for its article, not the article itself.
FULL_TEXT_LENGTH = 600


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry of a feed: the article's address and id, its metadata, and its HTML in the feed."""

    number: int
    url: str | None
    guid: str | None
    title: str | None
    byline: str | None
    outlet: str | None
    published: str | None
    html: str

    @property
    def has_full_text(self) -> bool:
        """Whether the HTML is long enough to be the article itself."""
        return len(self.html) >= FULL_TEXT_LENGTH


def read_feed(source: Source) -> Iterator[Document | InputError]:
    """The articles in a feed file, as far as it contains their text; nothing is fetched."""
    names = RowNames()
    for entry in parse_feed(source.data(), source.display_name):
        try:
            yield names.name(entry_document(entry, source.item(entry.number)))
        except InputError as error:
            yield error


def parse_feed(data: bytes, name: str) -> list[FeedEntry]:
    """The entries of a feed, in its order. Raises InputError for anything else."""
    import feedparser

    with as_input_errors(name):
        # As bytes, a feed that consists of the path of a file would be that file.
        parsed: Any = feedparser.parse(BytesIO(data))
    if not parsed.get("version"):
        raise InputError(name, "not an RSS or Atom feed")
    outlet = parsed.feed.get("title") or None
    return [_entry(number, entry, outlet) for number, entry in enumerate(parsed.entries, 1)]


def entry_document(entry: FeedEntry, source: Source) -> Document:
    """The article in an entry's own HTML. Raises InputError if there is none."""
    if not entry.html.strip():
        raise InputError(source.display_name, "this feed entry has no text")
    with as_input_errors(source.display_name):
        html = f"<article>{entry.html}</article>"
        article = extract_article(html, replace(source, url=entry.url))
    return replace(
        article,
        title=entry.title,
        byline=entry.byline,
        outlet=entry.outlet,
        published=entry.published,
        url=entry.url,
        guid=entry.guid,
    )


def _entry(number: int, entry: Any, outlet: str | None) -> FeedEntry:
    contents = [content.get("value", "") for content in entry.get("content", ())]
    return FeedEntry(
        number=number,
        url=entry.get("link") or None,
        guid=entry.get("id") or None,
        title=entry.get("title") or None,
        byline=entry.get("author") or None,
        outlet=entry.get("source", {}).get("title") or outlet,
        published=iso_date(entry.get("published") or entry.get("updated")),
        html=max([*contents, entry.get("summary", "")], key=len),
    )
