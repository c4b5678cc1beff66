"""An Atom feed (RFC 4287)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from xml.etree import ElementTree

FEED_SIZE = 50
"""Entries of a feed, so that a reader that asks now and then misses nothing of a large import."""


@dataclass(frozen=True, slots=True)
class AtomEntry:
    """One entry: `id` is a tag URI, `url` the absolute address of its page. `updated` is when it
    came to the file, which tells feed readers what is new; `published` is the date of its article.
    """

    id: str
    url: str
    title: str
    text: str
    updated: str | None = None
    published: str | None = None
    author: str | None = None


def tag_uri(page: str, key: str = "", q: str = "") -> str:
    """The id of an entry or a feed, wherever it is published (RFC 4151):
    `tag:quotedex,2026:quotes/3k9d7t5xz0w2b`."""
    search = f"?{urlencode({'q': q})}" if q else ""
    return f"tag:quotedex,2026:{page}{f'/{key}' if key else ''}{search}"


def atom_feed(id: str, title: str, url: str, page_url: str, entries: Sequence[AtomEntry]) -> str:
    """The feed at `url` of the page at `page_url`, the latest entry first; both are absolute."""
    root = ElementTree.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom"})
    _add(root, "title", title)
    _add(root, "id", id)
    ElementTree.SubElement(root, "link", {"rel": "self", "href": legal(url)})
    ElementTree.SubElement(root, "link", {"rel": "alternate", "href": legal(page_url)})
    times = [_timestamp(entry.updated) for entry in entries]
    _add(root, "updated", max(times, default=_timestamp(None)))
    _add(ElementTree.SubElement(root, "author"), "name", title)
    for entry in entries:
        element = ElementTree.SubElement(root, "entry")
        _add(element, "title", entry.title)
        _add(element, "id", entry.id)
        ElementTree.SubElement(element, "link", {"rel": "alternate", "href": legal(entry.url)})
        _add(element, "updated", _timestamp(entry.updated))
        if _is_day(entry.published):
            _add(element, "published", _timestamp(entry.published))
        if entry.author:
            _add(ElementTree.SubElement(element, "author"), "name", entry.author)
        _add(element, "content", entry.text)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not allow, even escaped."""

_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2}))?", re.ASCII
)


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = legal(text)


def legal(text: str) -> str:
    """The text with U+FFFD in place of what XML does not allow."""
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)


def _is_day(text: str | None) -> bool:
    """Whether a date of publication is one; a file may hold any text there."""
    try:
        date.fromisoformat((text or "")[:10])
    except ValueError:
        return False
    return _TIME.match(text or "") is not None


def _timestamp(text: str | None) -> str:
    """`2024-03-14` -> `2024-03-14T00:00:00Z`, a time as it is; Atom requires a time even if none is
    known."""
    found = _TIME.match(text or "")
    if not found:
        return "1970-01-01T00:00:00Z"
    day, time = found.groups()
    return f"{day}{time or 'T00:00:00Z'}"
