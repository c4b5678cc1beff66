"""Tables, a record an article: .jsonl, .json, .csv, .tsv and .parquet."""

from __future__ import annotations

import codecs
import csv
import datetime
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from types import MappingProxyType
from typing import Any

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read.dates import iso_date
from quotedex.read.source import Source, check_size, extra
from quotedex.read.text import decode

# Enough of a table to tell its encoding.
SAMPLE = 1 << 16
# Rows of a Parquet file in memory at once.
ROWS = 256


def json_lines(source: Source) -> Iterator[Document | InputError]:
    """An object a line; a line that is none is an error, and the others are read."""
    errors: list[InputError] = []

    def records() -> Iterator[tuple[int, Record]]:
        for number, line in enumerate(source.lines(), 1):
            if not line.strip():
                continue
            try:
                yield number, _object(line, source.part(number).place, source)
            except InputError as error:
                errors.append(error)

    for document in documents(records(), source):
        yield from errors
        errors.clear()
        yield document
    yield from errors


def _object(line: bytes, place: str, source: Source) -> Record:
    check_size(len(line), place, source.settings)
    try:
        record = json.loads(line.removeprefix(codecs.BOM_UTF8))
    except (ValueError, RecursionError) as error:
        raise InputError(place, "this line is not JSON") from error
    if not isinstance(record, dict):
        raise InputError(place, "this line is no JSON object")
    return record


def json_file(source: Source) -> Iterator[Document | InputError]:
    """A list of objects, alone or as a value of an object: {"articles": [{"text": ...}]}."""
    try:
        value = json.loads(source.data())
    except (ValueError, RecursionError) as error:
        raise InputError(source.place, "this is not JSON") from error
    records = list(_objects(value))
    if not records:
        raise InputError(source.place, "there is no list of JSON objects in it")
    yield from documents(enumerate(records, 1), source)


def _objects(value: Any) -> Iterator[Record]:
    """Those of the list, of the first list that the object holds, or the object alone."""
    if isinstance(value, dict):
        lists = (one for one in value.values() if isinstance(one, list) and one)
        held = next((one for one in lists if all(isinstance(item, dict) for item in one)), None)
        value = [value] if held is None else held
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def comma_separated(source: Source) -> Iterator[Document | InputError]:
    """Rows below a row of column names, separated by commas or by semicolons."""
    return _separated(source, ",")


def tab_separated(source: Source) -> Iterator[Document | InputError]:
    """Rows below a row of column names, separated by tabs."""
    return _separated(source, "\t")


def _separated(source: Source, separator: str) -> Iterator[Document | InputError]:
    # The module's own limit, 131,072 characters, is less than an article may have.
    csv.field_size_limit(source.settings.max_size)
    lines = _decoded(source)
    names = next(lines, "")
    if separator == "," and names.count(";") > names.count(","):
        separator = ";"
    rows = csv.DictReader(chain([names], lines), delimiter=separator)
    try:
        records = ((number, _without_rest(row)) for number, row in enumerate(rows, 1))
        yield from documents(records, source)
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(source.place, f"after row {rows.line_num}: {error}") from error


def _decoded(source: Source) -> Iterator[str]:
    """The lines, in the encoding that the file's beginning shows."""
    buffered = io.BufferedReader(source.stream, SAMPLE)  # type: ignore[type-var]
    sample = buffered.peek(SAMPLE)
    whole_lines = sample[: sample.rfind(b"\n") + 1] or sample
    text = io.TextIOWrapper(buffered, _encoding(whole_lines, source.place), newline="")
    longest = source.settings.max_size + 1
    yield from iter(lambda: text.readline(longest), "")


def _encoding(sample: bytes, place: str) -> str:
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    decode(sample, place)
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8-sig"


def _without_rest(row: dict[str | Any, Any]) -> Record:
    """Values beyond the named columns stand under None."""
    return {name: value for name, value in row.items() if isinstance(name, str)}


def parquet(source: Source) -> Iterator[Document | InputError]:
    """The rows of a Parquet file, which needs quotedex[parquet]."""
    pq = extra("pyarrow.parquet", "parquet", ".parquet files", source)
    batches = pq.ParquetFile(source.stream).iter_batches(batch_size=ROWS)
    rows = chain.from_iterable(batch.to_pylist() for batch in batches)
    yield from documents(enumerate(rows, 1), source)


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
