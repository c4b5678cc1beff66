"""Plain text and markdown: one article a file."""

from __future__ import annotations

from collections.abc import Iterator

from quotedex.models import Document
from quotedex.read.decoding import decode
from quotedex.read.source import Source


def plain_text(source: Source) -> Iterator[Document]:
    """The text as it stands but for a byte order mark; markdown is the plain text that it is."""
    yield Document(source.id, decode(source.data(), source.place), source.location, url=source.url)
