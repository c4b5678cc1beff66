"""One source -> its documents, whatever the format, with what the text itself tells of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read.dates import date_in_name
from quotedex.read.formats import format_of, known_suffixes
from quotedex.read.heading import byline_of, outlet_of, published_of, title_of
from quotedex.read.language import language_of
from quotedex.read.plain import plain_text
from quotedex.read.source import Source, reading

CODE = re.compile("[a-z]{2,3}")
# Of three letters for what has two, only English matters.
THREE_LETTERS = {"eng": "en"}


def documents_of(source: Source) -> Iterator[Document | InputError]:
    """The documents of a file and of the archives in it; what cannot be read as InputError.

    A name without a suffix ("article", "/dev/stdin") is taken for plain text. In archives, as in
    folders, files of other names are passed over.
    """
    _, dot, suffix = source.name.rpartition("/")[2].rpartition(".")
    known = format_of(source.name)
    if known is None and source.depth:
        return
    if known is None and dot:
        reason = f".{suffix.lower()} files are not read, it should be {known_suffixes()}"
        yield InputError(source.place, reason)
        return
    held = False
    try:
        with reading(source.place):
            for item in (known.reader if known else plain_text)(source):
                for document in _in(item):
                    held = True
                    yield document
        if not held:
            raise InputError(source.place, "there is no article in it")
    except InputError as error:
        yield error


def _in(item: Document | InputError | Source) -> Iterator[Document | InputError]:
    if isinstance(item, Source):
        yield from documents_of(item)
    else:
        yield completed(item)


def completed(document: Document | InputError) -> Document | InputError:
    """The document with what its first lines, its name and its words tell, where that is unknown.

    The file's format and the page's own markup come before the text, the text before the name.
    One without a word is an error.
    """
    if isinstance(document, InputError):
        return document
    # Line ends of Windows must not move the place up to which is looked.
    text = document.text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        return InputError(document.location or document.id, "the document is empty")
    return replace(
        document,
        title=document.title or title_of(text),
        byline=document.byline or byline_of(text),
        publication=document.publication or outlet_of(text),
        published=document.published
        or published_of(text)
        or date_in_name(document.url or document.id),
        language=language_of(text) or _code(document.language),
    )


def _code(language: str | None) -> str | None:
    """ "en-GB" -> "en"; None for what is no code, such as "English (UK)"."""
    code = (language or "").replace("_", "-").partition("-")[0].strip().lower()
    return THREE_LETTERS.get(code, code) if CODE.fullmatch(code) else None
