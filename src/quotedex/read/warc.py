"""Web crawls: the pages in a .warc or .warc.gz.

The format is ISO 28500: records of headers and a block, and the block of a response is what a
server sent. A record that is damaged is left out, and reading goes on at the next one.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from typing import IO

from quotedex.errors import InputError
from quotedex.read.archives import decompressed_stream
from quotedex.read.html import PAGE_TYPES
from quotedex.read.source import (
    MEGABYTE,
    ExpandedError,
    RowNames,
    Source,
    check_size,
    decode_content,
)

# Bytes of all the headers of a record.
MAX_HEADERS = MEGABYTE
BLOCK = 1 << 16
VERSION = b"WARC/"


def read_warc(source: Source) -> Iterator[Source | InputError]:
    """Each HTML page that the server sent with status 200. Other records are skipped.

    Records are numbered from 1, skipped ones included: crawl.warc.gz#3. The page's address becomes
    the document's `url`.
    """
    stream = source.stream
    if source.name.lower().endswith(".gz"):
        stream = decompressed_stream(source, lambda packed: gzip.GzipFile(fileobj=packed))
    names, records = RowNames(), _Records(stream, source)
    number = 0
    while records.find_next():
        number += 1
        item = source.item(number)
        try:
            page = records.page(item)
        except _DamagedError as error:
            yield InputError(item.display_name, f"a damaged record of a web crawl ({error})")
        except ExpandedError:
            raise
        except InputError as error:
            yield error
        else:
            if page:
                yield replace(page, name="page.html", rows=names)


class _DamagedError(Exception):
    """A record that is not as the format asks for."""


@dataclass(frozen=True, slots=True)
class _Headers:
    """The first line and the named values, with names in lower case."""

    first: str
    values: Mapping[str, str]


class _Records:
    """The records of a crawl, one after another."""

    def __init__(self, stream: IO[bytes], source: Source) -> None:
        self._stream = stream
        self._source = source
        self._started = False
        self._left = 0  # bytes of the block that have not been read

    def find_next(self) -> bool:
        """Go to the next record, behind its first line. False at the end of the file."""
        while self._read(BLOCK):
            pass
        if self._left:
            raise InputError(self._source.display_name, "ends in the middle of a record")
        for line in iter(lambda: self._stream.readline(BLOCK), b""):
            if line.startswith(VERSION):
                self._started = True
                return True
            if line.strip() and not self._started:
                raise InputError(self._source.display_name, "not a web crawl in the WARC format")
        return False

    def page(self, item: Source) -> Source | None:
        """The page in this record; None if it holds something else."""
        headers = _headers("", self._stream.readline)
        length = headers.values.get("content-length", "")
        if not (length.isascii() and length.isdigit() and len(length) < 20):
            raise _DamagedError("it does not say how long it is")
        self._left = int(length)
        if headers.values.get("warc-type", "").lower() != "response":
            return None
        url = headers.values.get("warc-target-uri", "").strip("<>")
        if not url.startswith(("http://", "https://")):
            return None
        sent = _headers(None, self._read_line)
        type_, *parameters = sent.values.get("content-type", "").split(";")
        if sent.first.split()[1:2] != ["200"] or type_.strip().lower() not in PAGE_TYPES:
            return None
        body = self._read(item.options.max_size + 1)
        if self._left and len(body) <= item.options.max_size:
            return None  # the file ends here, which is an error of its own
        check_size(len(body), item.display_name, item.options)
        if sent.values.get("transfer-encoding", "").lower() == "chunked":
            body = _without_chunks(body)
        # Some crawlers keep this header of a page that they have expanded.
        encoding = "" if body.lstrip()[:1] == b"<" else sent.values.get("content-encoding", "")
        return replace(
            item,
            stream=BytesIO(decode_content(body, encoding, item.display_name, item.options)),
            url=url,
            charset=_charset(parameters),
        )

    def _read(self, size: int) -> bytes:
        data = self._stream.read(min(size, self._left))
        self._left -= len(data)
        return data

    def _read_line(self, size: int) -> bytes:
        line = self._stream.readline(min(size, self._left))
        self._left -= len(line)
        return line


def _headers(first: str | None, read_line: Callable[[int], bytes]) -> _Headers:
    """Headers up to the blank line that ends them; if `first` is None, their first line before."""
    values: dict[str, str] = {}
    left, name = MAX_HEADERS, ""
    while line := read_line(left):
        left -= len(line)
        if not left:
            raise _DamagedError("its headers are too long")
        text = line.decode("utf-8", "replace").rstrip()
        if not text:
            break
        if first is None:
            first = text
        elif text[0] in " \t" and name:
            values[name] += text
        else:
            name, _, value = text.partition(":")
            name = name.strip().lower()
            values[name] = value.strip()
    return _Headers(first or "", values)


def _without_chunks(body: bytes) -> bytes:
    """The body that HTTP sent in chunks. Some crawlers say so of one that has none any more."""
    chunks: list[bytes] = []
    at = 0
    while at < len(body):
        end = body.find(b"\r\n", at, at + 64)
        size, _, _ = body[at : max(end, at)].partition(b";")
        try:
            length = int(size, 16)
        except ValueError:
            return body if not at else b"".join(chunks)
        if length <= 0:
            break
        chunks.append(body[end + 2 : end + 2 + length])
        at = end + length + 4
    return b"".join(chunks)


def _charset(parameters: list[str]) -> str | None:
    """The encoding in "text/html; charset=utf-8"."""
    named = dict(parameter.lower().partition("=")[::2] for parameter in parameters)
    charset = next((value for name, value in named.items() if name.strip() == "charset"), "")
    return charset.strip("\"' ") or None
