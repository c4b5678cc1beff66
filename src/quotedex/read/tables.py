"""Tables with an article in each record: .jsonl, .json, .csv, .tsv and .parquet."""

from __future__ import annotations

import codecs
import csv
import datetime
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from types import MappingProxyType
from typing import Any

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.optional import import_extra
from quotedex.read.dates import iso_date
from quotedex.read.source import RowNames, Source, check_size
from quotedex.read.text import decode

Record = Mapping[str, Any]

# The usual names of columns, preferred ones first. "Article Text", "article_text" and "articleText"
# are the same name.
TEXT_COLUMNS = (
    "text", "body", "articletext", "articlebody", "fulltext", "maintext", "bodytext", "content",
    "article", "story", "contents",
)  # fmt: skip
METADATA_COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "title": ("title", "headline", "articletitle", "head"),
        "byline": ("byline", "author", "authors", "writer", "creator"),
        "outlet": (
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
# Columns that identify an article without a URL.
ID_COLUMNS = ("id", "guid")
NOT_IN_NAME = re.compile(r"[\W_]+")
# If no column has a usual name, the text is the one column whose first value is as long as an
# article and much longer than the other values.
MIN_TEXT_LENGTH = 200
MAX_NAME_LENGTH = 40
TIMES_LONGER = 3
# Enough of a table to detect its encoding.
SAMPLE_BYTES = 1 << 16
# Rows of a Parquet file to hold in memory at once.
BATCH_ROWS = 256


def read_jsonl(source: Source) -> Iterator[Document | InputError]:
    """One JSON object per line. A bad line gives an InputError, and the others are read."""
    errors: list[InputError] = []

    def records() -> Iterator[tuple[int, Record]]:
        for number, line in enumerate(source.lines(), 1):
            if not line.strip():
                continue
            try:
                yield number, _parse_line(line, source.item(number))
            except InputError as error:
                errors.append(error)

    for document in record_documents(records(), source):
        yield from errors
        errors.clear()
        yield document
    yield from errors


def read_json(source: Source) -> Iterator[Document | InputError]:
    """A list of objects, which may be a value of an object: {"articles": [{"text": ...}]}."""
    try:
        value = json.loads(source.data())
    except (ValueError, RecursionError) as error:
        raise InputError(source.display_name, "not valid JSON") from error
    records = list(_find_records(value))
    if not records:
        raise InputError(source.display_name, "contains no list of JSON objects")
    yield from record_documents(enumerate(records, 1), source)


def read_csv(source: Source) -> Iterator[Document | InputError]:
    """Rows after a header row, separated by commas or semicolons."""
    return _read_delimited(source, ",")


def read_tsv(source: Source) -> Iterator[Document | InputError]:
    """Rows after a header row, separated by tabs."""
    return _read_delimited(source, "\t")


def read_parquet(source: Source) -> Iterator[Document | InputError]:
    """The rows of a Parquet file. Requires quotedex[parquet]."""
    pq = import_extra("pyarrow.parquet", "parquet", "reading .parquet files")
    batches = pq.ParquetFile(source.stream).iter_batches(batch_size=BATCH_ROWS)
    rows = chain.from_iterable(batch.to_pylist() for batch in batches)
    yield from record_documents(enumerate(rows, 1), source)


def record_documents(
    records: Iterable[tuple[int | str, Record]], source: Source
) -> Iterator[Document | InputError]:
    """One document for each numbered record; columns without a known meaning become its metadata.

    The text column of the first record is that of all. Raises InputError if no column can be the
    text; yields one for a record without text.
    """
    text_column, names = source.options.text_column, RowNames()
    for number, record in records:
        for column in (text_column, source.options.id_column):
            if column and column not in record and number == 1:
                reason = f"no column {column!r}; columns: {_listed(record)}"
                raise InputError(source.display_name, reason)
        text_column = text_column or _guess_text_column(record, source)
        try:
            yield names.name(_document(source.item(number), record, text_column))
        except InputError as error:
            yield error


def is_header(names: Sequence[str], text_column: str | None = None) -> bool:
    """Whether these are names of columns, one of which holds articles: not a line of prose.

    A column with articles is `text_column`, one with a usual name for them, or one that stands
    beside two columns with usual names for metadata.
    """
    if any(not name.strip() or len(name) > MAX_NAME_LENGTH for name in names):
        return False
    known = {_normalize_name(name) for name in names}
    if text_column in names or known & set(TEXT_COLUMNS):
        return True
    return len(known & set(chain(*METADATA_COLUMNS.values()))) > 1


def _parse_line(line: bytes, item: Source) -> Record:
    check_size(len(line), item.display_name, item.options)
    try:
        record = json.loads(line.removeprefix(codecs.BOM_UTF8))
    except (ValueError, RecursionError) as error:
        raise InputError(item.display_name, "not valid JSON") from error
    if not isinstance(record, dict):
        raise InputError(item.display_name, "not a JSON object")
    return record


def _find_records(value: Any) -> Iterator[Record]:
    """The objects in a list, or in the first list of objects in an object, or the object itself."""
    if isinstance(value, dict):
        lists = (one for one in value.values() if isinstance(one, list) and one)
        records = next((one for one in lists if all(isinstance(item, dict) for item in one)), None)
        value = [value] if records is None else records
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def _read_delimited(source: Source, delimiter: str) -> Iterator[Document | InputError]:
    # The default limit of the csv module, 131,072 characters, is too low for an article.
    csv.field_size_limit(source.options.max_size)
    lines = _decoded_lines(source)
    header = next(lines, "")
    if delimiter == "," and header.count(";") > header.count(","):
        delimiter = ";"
    rows = csv.DictReader(chain([header], lines), delimiter=delimiter)
    try:
        records = ((number, _named_values(row)) for number, row in enumerate(rows, 1))
        yield from record_documents(records, source)
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(source.display_name, f"after row {rows.line_num}: {error}") from error


def _decoded_lines(source: Source) -> Iterator[str]:
    """The lines of a text file, in the encoding that its beginning suggests."""
    buffered = io.BufferedReader(source.stream, SAMPLE_BYTES)  # type: ignore[type-var]
    sample = buffered.peek(SAMPLE_BYTES)
    whole_lines = sample[: sample.rfind(b"\n") + 1] or sample
    encoding = _detect_encoding(whole_lines, source.display_name)
    text = io.TextIOWrapper(buffered, encoding, newline="")
    longest = source.options.max_size + 1
    yield from iter(lambda: text.readline(longest), "")


def _detect_encoding(sample: bytes, name: str) -> str:
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    decode(sample, name)
    try:
        sample.decode("utf-8")
    except UnicodeDecodeError:
        return "windows-1252"
    return "utf-8-sig"


def _named_values(row: dict[str | Any, Any]) -> Record:
    """Without the values that DictReader puts under None: those beyond the header's columns."""
    return {name: value for name, value in row.items() if isinstance(name, str)}


def _document(item: Source, record: Record, text_column: str) -> Document:
    text = record.get(text_column)
    if not isinstance(text, str) or not text.strip():
        raise InputError(item.display_name, f"column {text_column!r} is empty")
    check_size(len(text.encode("utf-8", "replace")), item.display_name, item.options)
    document = Document(id=item.id, text=text, location=item.location)
    return _with_metadata(document, record, text_column, item.options.id_column)


def _guess_text_column(record: Record, source: Source) -> str:
    columns = {_normalize_name(name): name for name in record}
    for usual in TEXT_COLUMNS:
        if usual in columns and isinstance(record[columns[usual]], str | None):
            return columns[usual]
    by_length = sorted((len(_as_text(value) or ""), name) for name, value in record.items())
    if by_length and by_length[-1][0] >= MIN_TEXT_LENGTH:
        second = by_length[-2][0] if len(by_length) > 1 else 0
        if by_length[-1][0] >= TIMES_LONGER * second:
            return by_length[-1][1]
    reason = f"which column is the text? Name it with --text-column; columns: {_listed(record)}"
    raise InputError(source.display_name, reason)


def _listed(record: Record) -> str:
    return ", ".join(map(str, record)) or "none"


def _with_metadata(
    document: Document, record: Record, text_column: str, id_column: str | None
) -> Document:
    # If two columns have the same normalized name, the first one wins.
    names = {_normalize_name(name): name for name in reversed([*record]) if name != text_column}
    columns = {
        field: next((names[usual] for usual in usual_names if usual in names), None)
        for field, usual_names in METADATA_COLUMNS.items()
    }
    values: dict[str, Any] = {
        field: (iso_date if field == "published" else _as_text)(record[column])
        for field, column in columns.items()
        if column
    }
    guid = id_column or next((names[usual] for usual in ID_COLUMNS if usual in names), None)
    values["guid"] = _as_text(record.get(guid)) if guid else None
    used = {text_column, *columns.values()}
    others = {
        str(name): text
        for name, value in record.items()
        if name not in used and (text := _as_text(value))
    }
    return replace(document, **values, metadata=tuple(others.items()))


def _normalize_name(name: object) -> str:
    return NOT_IN_NAME.sub("", str(name)).lower()


def _as_text(value: object) -> str | None:
    """A value as text: "Ada Poole", ["Ada Poole", "Ben Cole"], {"name": "Ashby Courier"}."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, Mapping):
        return _as_text(value.get("name"))
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, map(_as_text, value))) or None
    if isinstance(value, datetime.date):
        return value.isoformat()
    return None if value is None or isinstance(value, bytes) else str(value)
