"""File formats, a reader each: the bytes of one file -> its documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read.decoding import decode
from quotedex.read.heading import published_of, title_of

# A reader takes a file's bytes, the document's id and its location (None for standard input).
Reader = Callable[[bytes, str, str | None], Iterator[Document | InputError]]


def plain_text(data: bytes, id_: str, location: str | None) -> Iterator[Document | InputError]:
    """One article a file; markdown is read as the plain text that it is."""
    try:
        text = decode(data, location or id_)
    except InputError as error:
        yield error
        return
    yield Document(
        id=id_,
        text=text,
        location=location,
        title=title_of(text),
        published=published_of(text),
    )


READERS: Mapping[str, Reader] = MappingProxyType({".md": plain_text, ".txt": plain_text})
