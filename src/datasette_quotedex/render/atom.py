"""An Atom feed (RFC 4287)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

FEED_SIZE = 50
"""Entries of a feed; readers that ask now and then miss nothing of what comes by hundreds."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `url` is its page, absolute, and its identity; `day` is an ISO date."""

    url: str
    title: str
    text: str
    day: str | None = None
    author: str | None = None


def feed(title: str, url: str, page: str, entries: Sequence[Entry]) -> str:
    """The feed at `url` of what is shown at `page`, the newest entry first; both are absolute."""
    root = ElementTree.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom"})
    _add(root, "title", title)
    _add(root, "id", url)
    ElementTree.SubElement(root, "link", {"rel": "self", "href": _legal(url)})
    ElementTree.SubElement(root, "link", {"rel": "alternate", "href": _legal(page)})
    _add(root, "updated", max((_moment(entry.day) for entry in entries), default=_moment(None)))
    _add(ElementTree.SubElement(root, "author"), "name", title)
    for entry in entries:
        element = ElementTree.SubElement(root, "entry")
        _add(element, "title", entry.title)
        _add(element, "id", entry.url)
        ElementTree.SubElement(element, "link", {"rel": "alternate", "href": _legal(entry.url)})
        _add(element, "updated", _moment(entry.day))
        if entry.author:
            _add(ElementTree.SubElement(element, "author"), "name", entry.author)
        _add(element, "content", entry.text)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 holds in no form, not even escaped."""

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = _legal(text)


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)


def _moment(day: str | None) -> str:
    """`2024-03-14` -> `2024-03-14T00:00:00Z`; Atom wants a time even where no date is known."""
    known = _DAY.match(day or "")
    return f"{known[0] if known else '1970-01-01'}T00:00:00Z"
