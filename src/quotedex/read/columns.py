"""Records with named columns (a row, a JSON object) -> documents: which column is which."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read.dates import iso_date
from quotedex.read.source import Source, check_size

Record = Mapping[str, Any]

# The usual names of columns, the surest first; "Article Text", "article_text", "articleText" are
# one name.
TEXT = (
    "text", "body", "articletext", "articlebody", "fulltext", "maintext", "bodytext", "content",
    "article", "story", "contents",
)  # fmt: skip
METADATA: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "title": ("title", "headline", "articletitle", "head"),
        "byline": ("byline", "author", "authors", "writer", "creator"),
        "publication": (
            "publication", "outlet", "publisher", "newspaper", "source", "sourcename", "sitename",
            "site",
        ),
        "published": (
            "published", "publishedat", "datepublished", "publishdate", "publicationdate",
            "pubdate", "date", "datetime",
        ),
        "language": ("language", "lang"),
        "url": ("url", "link", "permalink", "canonicalurl", "articleurl", "webpage"),
    }
)  # fmt: skip
NOT_IN_NAME = re.compile(r"[\W_]+")
# Without a known name, the one column whose first value is as long as an article and much longer
# than the others' is the text.
LONG_ENOUGH = 200
TIMES_LONGER = 3


def documents(
    records: Iterable[tuple[int | str, Record]], source: Source
) -> Iterator[Document | InputError]:
    """A document for each numbered record; what is no known column becomes its metadata.

    Raises InputError where no column is the text's; a record without text is an error of its own.
    """
    wanted = source.settings.text_column
    for number, record in records:
        if wanted and wanted not in record and number == 1:
            raise InputError(source.place, _no_column(wanted, record))
        wanted = wanted or _guessed(record, source)
        part = source.part(number)
        try:
            yield _document(part, record, wanted)
        except InputError as error:
            yield error


def _document(source: Source, record: Record, text_column: str) -> Document:
    text = record.get(text_column)
    if not isinstance(text, str) or not text.strip():
        raise InputError(source.place, f"its column {text_column!r} is empty")
    check_size(len(text.encode("utf-8", "replace")), source.place, source.settings)
    document = Document(id=source.id, text=text, location=source.location)
    return _with_metadata(document, record, text_column)


def _guessed(record: Record, source: Source) -> str:
    named = {_plain(name): name for name in record}
    for known in TEXT:
        if known in named and isinstance(record[named[known]], str | None):
            return named[known]
    by_length = sorted((len(_in_words(value) or ""), name) for name, value in record.items())
    if by_length and by_length[-1][0] >= LONG_ENOUGH:
        others = by_length[-2][0] if len(by_length) > 1 else 0
        if by_length[-1][0] >= TIMES_LONGER * others:
            return by_length[-1][1]
    raise InputError(source.place, _no_column(None, record))


def _no_column(wanted: str | None, record: Record) -> str:
    there = ", ".join(map(str, record)) or "none"
    if wanted:
        return f"it has no column {wanted!r}; its columns are {there}"
    return f"which column is the text? --text-column names it; its columns are {there}"


def _with_metadata(document: Document, record: Record, text_column: str) -> Document:
    # Of two names that are one, the first column counts.
    named = {_plain(name): name for name in reversed([*record]) if name != text_column}
    columns = {
        field: next((named[known] for known in names if known in named), None)
        for field, names in METADATA.items()
    }
    values: dict[str, Any] = {
        field: (iso_date if field == "published" else _in_words)(record[column])
        for field, column in columns.items()
        if column
    }
    used = {text_column, *columns.values()}
    others = {
        str(name): words
        for name, value in record.items()
        if name not in used and (words := _in_words(value))
    }
    return replace(document, **values, metadata=tuple(others.items()))


def _plain(name: object) -> str:
    return NOT_IN_NAME.sub("", str(name)).lower()


def _in_words(value: object) -> str | None:
    """A value as text: "Ada Poole", ["Ada Poole", "Ben Cole"], {"name": "Ashby Courier"}."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, Mapping):
        return _in_words(value.get("name"))
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, map(_in_words, value))) or None
    if isinstance(value, datetime.date):
        return value.isoformat()
    return None if value is None or isinstance(value, bytes) else str(value)
