"""Web crawls: the pages in a .warc or .warc.gz."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from quotedex.read.html import PAGE_TYPES
from quotedex.read.source import RowNames, Source


def read_warc(source: Source) -> Iterator[Source]:
    """Each HTML page that the server sent with status 200. Other records are skipped.

    Records are numbered from 1, skipped ones included: crawl.warc.gz#3. The page's address becomes
    the document's `url`.
    """
    from warcio.archiveiterator import ArchiveIterator

    names = RowNames()
    for number, record in enumerate(ArchiveIterator(source.stream), 1):
        if _is_page(record):
            yield replace(
                source.item(number),
                name="page.html",
                stream=record.content_stream(),
                url=record.rec_headers.get_header("WARC-Target-URI"),
                charset=_charset(record),
                rows=names,
            )


def _is_page(record: Any) -> bool:
    if record.rec_type != "response" or record.http_headers is None:
        return False
    return record.http_headers.get_statuscode() == "200" and _content_type(record)[0] in PAGE_TYPES


def _charset(record: Any) -> str | None:
    """The encoding in "text/html; charset=utf-8"."""
    parameters = dict(part.partition("=")[::2] for part in _content_type(record)[1:])
    return parameters.get("charset", "").strip("\"' ") or None


def _content_type(record: Any) -> list[str]:
    header = record.http_headers.get_header("Content-Type") or ""
    return [part.strip().lower() for part in header.split(";")]
