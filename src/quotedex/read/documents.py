"""One source -> its documents, whatever the format, with what the text itself tells of them."""

from __future__ import annotations

from collections.abc import Iterator

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read.formats import format_of, known_suffixes
from quotedex.read.metadata import (
    completed,
)
from quotedex.read.source import Source, reading
from quotedex.read.text import plain_text


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
