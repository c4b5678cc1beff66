"""Web pages: the main text without menus and notices, and what the markup tells of the article."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read.dates import iso_date
from quotedex.read.source import Source
from quotedex.read.text import decode

PAGE_TYPES = "text/html", "application/xhtml+xml"
# Within its first bytes a page names its encoding: <meta charset="iso-8859-1">.
HEAD = 2048
CHARSET = re.compile(rb"<meta[^>]{1,200}?charset\s*=\s*[\"']?\s*([\w-]{2,20})", re.IGNORECASE)
# Latin-1 means Windows-1252 on the web, where bytes 0x80 to 0x9F are quotation marks and dashes.
DASHES = "\N{EM DASH}\N{EN DASH}-"
LATIN_1 = frozenset({"iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii"})


def web_page(source: Source) -> Iterator[Document]:
    """The article of a page. Raises InputError for one without a main text."""
    yield article(decode_page(source.data(), source.place, source.charset), source)


def article(html: str, source: Source) -> Document:
    """The article in the markup `html`, which `source` held; blocks of its text are lines."""
    import trafilatura

    # It tells the log what it cannot extract; we tell the user.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    # A piece of markup, as mails and feeds have it, is no page to it.
    is_page = "<html" in html[:HEAD].lower()
    tree = trafilatura.load_html(html if is_page else f"<html><body>{html}</body></html>")
    if tree is None:
        raise InputError(source.place, "there is no web page in it")
    language = tree.get("lang")
    _mark_quotations(tree)
    _set_apart_names(tree)
    found: Any = trafilatura.bare_extraction(
        tree,
        url=source.url,
        include_comments=False,
        with_metadata=True,
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    if found is None or not (found.text or "").strip():
        raise InputError(source.place, "no main text was found in this page")
    return Document(
        id=source.id,
        text=found.text,
        location=source.location,
        title=found.title,
        byline=found.author and found.author.replace("; ", ", "),
        publication=found.sitename,
        published=iso_date(found.date),
        language=language,
        url=found.url or source.url,
    )


def decode_page(data: bytes, place: str, charset: str | None = None) -> str:
    """The markup in the encoding that the server (`charset`) or the page names, or in the usual.

    UTF-8 before what is named: pages that are said to be Latin-1 often are UTF-8.
    """
    named = CHARSET.search(data[:HEAD])
    charset = (charset or (named[1].decode("ascii") if named else "")).lower()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        if charset in LATIN_1:
            charset = "windows-1252"
    try:
        return data.decode(charset, errors="replace") if charset else decode(data, place)
    except LookupError:
        return decode(data, place)


def _mark_quotations(tree: Any) -> None:
    """Write the marks that a browser draws around <q>words</q>."""
    for element in list(tree.iter("q")):
        element.text = "\N{LEFT DOUBLE QUOTATION MARK}" + (element.text or "")
        element.tail = "\N{RIGHT DOUBLE QUOTATION MARK}" + (element.tail or "")
        element.drop_tag()


def _set_apart_names(tree: Any) -> None:
    """Write the name that stands below a quotation, set in its own type, behind a dash.

    <blockquote>“We lost the bridge” <cite>Mara Ilves</cite></blockquote> is two lines to a reader.
    """
    for quotation in tree.iter("blockquote"):
        for element in list(quotation.iter("cite", "footer")):
            words = "".join(element.itertext()).strip()
            if words:
                lines = element.makeelement("br")
                lines.tail = words if words[0] in DASHES else f"{DASHES[0]} {words}"
                lines.tail += element.tail or ""
                element.tail = None
                element.getparent().replace(element, lines)
