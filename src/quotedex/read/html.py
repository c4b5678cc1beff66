"""Web pages: the main text without menus and notices, and the metadata in the markup."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read.dates import iso_date
from quotedex.read.source import Source, quiet_logger
from quotedex.read.text import decode

PAGE_TYPES = "text/html", "application/xhtml+xml"
# A page declares its encoding within its first bytes: <meta charset="iso-8859-1">.
HEAD = 2048
CHARSET = re.compile(rb"<meta[^>]{1,200}?charset\s*=\s*[\"']?\s*([\w-]{2,20})", re.IGNORECASE)
# Latin-1 means Windows-1252 on the web, where bytes 0x80 to 0x9F are quotation marks and dashes.
LATIN_1 = frozenset({"iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii"})
# A long day in parliament has 30,000. Finding the main text among 100,000 takes 10 seconds.
ELEMENT = re.compile("<[a-zA-Z!?]")
MAX_ELEMENTS = 100_000
DASHES = "\N{EM DASH}\N{EN DASH}-"


def read_html(source: Source) -> Iterator[Document]:
    """The article of a web page. Raises InputError for a page without a main text."""
    html = decode_html(source.data(), source.display_name, source.charset)
    yield extract_article(html, source)


def decode_html(data: bytes, name: str, charset: str | None = None) -> str:
    """Decode a page as UTF-8, else by the encoding of the server (`charset`) or of the page itself.

    UTF-8 comes first because pages declared as Latin-1 are often UTF-8.
    """
    declared = CHARSET.search(data[:HEAD])
    charset = (charset or (declared[1].decode("ascii") if declared else "")).lower()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        if charset in LATIN_1:
            charset = "windows-1252"
    try:
        return data.decode(charset, errors="replace") if charset else decode(data, name)
    except LookupError:
        return decode(data, name)


def extract_article(html: str, source: Source) -> Document:
    """The article in a page or a piece of HTML, a line for each block of its text.

    Raises InputError for HTML without a main text.
    """
    import trafilatura

    if sum(1 for _ in islice(ELEMENT.finditer(html), MAX_ELEMENTS + 1)) > MAX_ELEMENTS:
        reason = f"a page of more than {MAX_ELEMENTS:,} elements"
        raise InputError(source.display_name, reason)
    # trafilatura accepts whole pages only, and mails and feeds contain pieces of HTML.
    is_page = "<html" in html[:HEAD].lower()
    with quiet_logger("trafilatura"):
        tree = trafilatura.load_html(html if is_page else f"<html><body>{html}</body></html>")
        if tree is None:
            raise InputError(source.display_name, "not a web page")
        language = tree.get("lang")
        headings = {_folded("".join(heading.itertext())) for heading in tree.iter("h1")}
        _write_quotation_marks(tree)
        _write_citation_lines(tree)
        found: Any = trafilatura.bare_extraction(
            tree,
            url=source.url,
            include_comments=False,
            with_metadata=True,
            date_extraction_params={"extensive_search": False, "original_date": True},
        )
    if found is None or not (found.text or "").strip():
        raise InputError(source.display_name, "no main text found in this page")
    return Document(
        id=source.id,
        text=_without_heading(found.text, headings | {_folded(found.title or "")}),
        location=source.location,
        title=found.title,
        byline=found.author and found.author.replace("; ", ", "),
        outlet=found.sitename,
        published=iso_date(found.date),
        language=language,
        url=found.url or source.url,
    )


def _without_heading(text: str, headings: Collection[str]) -> str:
    """The text without a first line that repeats the page's heading, if there is more."""
    first, _, rest = text.partition("\n")
    return rest.lstrip() if _folded(first) in headings and rest.strip() else text


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _write_quotation_marks(tree: Any) -> None:
    """Put the marks that a browser shows around <q>words</q> into the text."""
    from lxml import etree

    parents = {element.getparent() for element in tree.iter("q")}
    for element in tree.iter("q"):
        element.text = "\N{LEFT DOUBLE QUOTATION MARK}" + (element.text or "")
        element.tail = "\N{RIGHT DOUBLE QUOTATION MARK}" + (element.tail or "")
    # Not drop_tag(), which copies the text around each: 40,000 of them take 50 seconds.
    etree.strip_tags(tree, "q")
    for parent in parents:
        _join_text(parent)


def _join_text(parent: Any) -> None:
    """Make one text of the many pieces that removed tags leave, which slow all that follows."""
    parent.text = parent.text
    for child in parent:
        child.tail = child.tail


def _write_citation_lines(tree: Any) -> None:
    """Put the name under a block quotation on a line of its own, after a dash.

    Readers see <blockquote>“We lost it” <cite>Mara Ilves</cite></blockquote> as two lines.
    """
    for quotation in tree.iter("blockquote"):
        for element in list(quotation.iter("cite", "footer")):
            words = "".join(element.itertext()).strip()
            if words:
                line = element.makeelement("br")
                line.tail = words if words[0] in DASHES else f"{DASHES[0]} {words}"
                line.tail += element.tail or ""
                element.tail = None
                element.getparent().replace(element, line)
