"""Standard input: which format it has, and what the user says about the one article in it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import IO

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read.source import ReadOptions
from quotedex.read.tables import is_header

FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "text": ".txt",
        "html": ".html",
        "jsonl": ".jsonl",
        "json": ".json",
        "csv": ".csv",
        "tsv": ".tsv",
        "eml": ".eml",
        "feed": ".rss",
        "pdf": ".pdf",
    }
)
"""The formats that can be asked for by name, with the suffix of such files."""

START = 1 << 12
"""Bytes of each of the first two lines, by which a format is recognized."""


def recognize(stream: IO[bytes], options: ReadOptions) -> tuple[str, IO[bytes]]:
    """The format of a stream, "text" if it is no other, and the same stream from its beginning.

    Prose stays prose: JSON has to be valid, and the first line of a table has to be a header that
    names a column with articles or their metadata.
    """
    lines = [stream.readline(START), b""]
    may_be_json = lines[0].lstrip()[:1] in (b"{", b"[")
    if may_be_json and not lines[0].endswith(b"\n"):
        lines[0] += stream.readline(options.max_size)
    lines[1] = stream.readline(START)
    start = b"".join(lines)
    if lines[1].lstrip().startswith(b"{") and _is_json(lines[0]):
        return "jsonl", _rejoined(start, stream)
    if may_be_json:
        # An object on many lines, or an article that begins with "[Update]".
        start += stream.read(max(0, options.max_size + 1 - len(start)))
        return "json" if _is_json(start) else "text", _rejoined(start, stream)
    found = next((name for name, test in _TESTS.items() if test(lines, options)), "text")
    return found, _rejoined(start, stream)


@dataclass(frozen=True, slots=True)
class Given:
    """What the user says about the article on standard input."""

    title: str | None = None
    published: str | None = None
    outlet: str | None = None
    url: str | None = None

    @classmethod
    def of(cls, options: ReadOptions) -> Given:
        return cls(options.title, options.date, options.outlet, options.url)

    def added(self, documents: Iterator[Document | InputError]) -> Iterator[Document | InputError]:
        """The documents with these fields; an InputError if there is more than one document."""
        values = {name: getattr(self, name) for name in Given.__slots__}
        values = {name: value for name, value in values.items() if value is not None}
        for number, document in enumerate(documents):
            if values and number:
                reason = "--title, --date, --outlet and --url describe one article, not several"
                yield InputError(document.location or "-", reason)
                return
            yield replace(document, **values) if isinstance(document, Document) else document


def _is_json(data: bytes) -> bool:
    try:
        return isinstance(json.loads(data), dict | list)
    except (ValueError, RecursionError):
        return False


def _is_table(lines: list[bytes], delimiter: str, options: ReadOptions) -> bool:
    header, row = (line.decode("utf-8-sig", "replace") for line in lines)
    names = next(csv.reader([header], delimiter=delimiter), [])
    if len(names) == 1 and not _is_quoted_cell(row):
        return False
    return bool(row.strip()) and is_header(names, options.text_column)


def _is_quoted_cell(line: str) -> bool:
    """`"“Go,” she said."` and its beginning `"The club ""met"". ` are; `"Go," she said.` is not."""
    line = line.rstrip("\r\n")
    if not line.startswith('"'):
        return False
    try:
        closed = line if line.count('"') % 2 == 0 else f'{line}"'
        return len(next(csv.reader([closed], strict=True))) == 1
    except csv.Error:
        return False


def _starts(*words: bytes) -> Callable[[list[bytes], ReadOptions], bool]:
    return lambda lines, options: b"".join(lines).lstrip()[:200].lower().startswith(words)


_TESTS: Mapping[str, Callable[[list[bytes], ReadOptions], bool]] = MappingProxyType(
    {
        "html": _starts(b"<!doctype html", b"<html"),
        "feed": lambda lines, options: (
            _starts(b"<?xml", b"<rss", b"<feed")(lines, options)
            and any(tag in b"".join(lines).lower() for tag in (b"<rss", b"<feed", b"<rdf"))
        ),
        "pdf": _starts(b"%pdf-"),
        "tsv": lambda lines, options: _is_table(lines, "\t", options),
        "csv": lambda lines, options: (
            _is_table(lines, ",", options) or _is_table(lines, ";", options)
        ),
    }
)


class _Rejoined(io.RawIOBase):
    """A stream whose start has been read already."""

    def __init__(self, start: bytes, rest: IO[bytes]) -> None:
        self._start = start
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        size = len(buffer)
        data, self._start = self._start[:size], self._start[size:]
        data = data or self._rest.read(size)
        buffer[: len(data)] = data
        return len(data)


def _rejoined(start: bytes, rest: IO[bytes]) -> IO[bytes]:
    return io.BufferedReader(_Rejoined(start, rest))
