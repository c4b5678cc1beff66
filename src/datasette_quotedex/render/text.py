"""Dates, headlines, links and shortened text as readers see them."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

# Not strftime: it would use the language of the server.
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)


def readable_date(published: str | None) -> str:
    """`2024-03-14` -> `14 March 2024`; anything else is returned unchanged."""
    try:
        day = date.fromisoformat((published or "")[:10])
    except ValueError:
        return published or ""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def headline(title: str | None, opening: str | None) -> str:
    """The title, or the first words of an article without one, as untitled poems are listed.

    A labelled date in front of them is skipped: "date 2024-03-14 The council…".
    """
    if title:
        return title
    words = _DATE_LABEL.sub("", opening or "").split()[:9]
    return " ".join(words).rstrip(",.;:") + "…" if words else "Article without a headline"


def web_link(location: str | None) -> str | None:
    """The location if it is a web address; never `javascript:` or a path on a disk."""
    return location if (location or "").lower().startswith(("http://", "https://")) else None


def without_folders(location: str) -> str:
    """`/home/ada/news/may/a.txt` -> `…/may/a.txt`: readers need not know the publisher's disk."""
    folders = location.split("/")
    return "/".join(["…", *folders[-2:]]) if location.startswith("/") else location


def shorten(text: str, max_chars: int) -> str:
    """The text, or its first `max_chars` characters, cut between words, with an ellipsis."""
    if len(text) <= max_chars:
        return text
    start = text[:max_chars]
    return (start.rpartition(" ")[0] or start).rstrip() + "…"


def one_line(text: str | None) -> str:
    """Without line breaks and control characters, some of which change the writing direction."""
    return _CONTROLS.sub("", " ".join((text or "").split()))


def text_width(text: str) -> float:
    """The width in average letters; capitals take more, so that a line of them fits, too."""
    return sum(map(_letter_width, text))


def _letter_width(letter: str) -> float:
    if unicodedata.combining(letter):
        return 0
    if unicodedata.east_asian_width(letter) in "WF":
        return 2
    if letter in _WIDE:
        return 1.8
    return 1.4 if letter.isupper() else 1


_WIDE = frozenset("mwMW@%—…")
_DATE_LABEL = re.compile(r"^\s*(?:date|published)[:\s]\s*\d{4}-\d{2}-\d{2}\b", re.IGNORECASE)

CONTROL = "\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff"
"""Control characters and marks of direction, for a set in a regular expression."""

_CONTROLS = re.compile(f"[{CONTROL}]")
