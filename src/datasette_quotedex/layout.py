"""What every page of ours has around its content, and how values are said to readers."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

from datasette_quotedex.confidence import LABELS

FACET_TITLES = {
    "speaker": "Speaker",
    "speaker_kind": "Kind of speaker",
    "outlet": "Outlet",
    "year": "Year",
    "kind": "Quotation",
    "confidence": "How sure",
}
VALUE_LABELS = {
    "full": "whole sentence",
    "partial": "fragment",
    "anonymous": "nameless source",
    **LABELS,
}


async def frame(datasette: Any, database: str) -> dict[str, Any]:
    """The site's name, its style sheet, and what templates format with."""
    if hasattr(datasette, "get_instance_metadata"):
        title = (await datasette.get_instance_metadata()).get("title")
    else:
        title = datasette.metadata("title")
    return {
        "site_title": title or "Quotations",
        "style_url": static_url(datasette, "quotedex.css"),
        "reading_style_url": static_url(datasette, "reading.css"),
        "datasette": datasette,
        "quotedex_database": database,
        "readable_date": readable_date,
        "headline": headline,
        "web_address": web_address,
        "facet_titles": FACET_TITLES,
        "value_labels": VALUE_LABELS,
    }


def static_url(datasette: Any, file: str) -> str:
    """The address of one of our files."""
    return str(datasette.urls.static_plugins(_static_name(), file))


def readable_date(published: str | None) -> str:
    """`2024-03-14` -> `14 March 2024`; anything else stays as it is."""
    try:
        day = date.fromisoformat((published or "")[:10])
    except ValueError:
        return published or ""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def headline(title: str | None, opening: str | None) -> str:
    """The title; for an article without one its first words, as lists name untitled poems.

    A date with its label, as in "date 2024-03-14 The council…", is not among them.
    """
    if title:
        return title
    words = _DATE_LABEL.sub("", opening or "").split()[:9]
    return " ".join(words).rstrip(",.;:") + "…" if words else "Article without a headline"


def web_address(location: str | None) -> str | None:
    """The location where it is one that a reader can go to; no `javascript:`, no path of a disk."""
    return location if (location or "").lower().startswith(("http://", "https://")) else None


_DATE_LABEL = re.compile(r"^\s*(?:date|published)[:\s]\s*\d{4}-\d{2}-\d{2}\b", re.IGNORECASE)
# Not strftime: a server's locale may name them otherwise than the page around them does.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)


def _static_name() -> str:
    """The name under which Datasette serves our files: that of the distribution, if installed."""
    # Not at the top: Datasette imports its plugins while it is still importing this module.
    from datasette.plugins import get_plugins

    ours = str(Path(__file__).parent / "static")
    return next(str(p["name"]) for p in get_plugins() if p["static_path"] == ours)
