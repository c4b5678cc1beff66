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
from itertools import chain, count
from types import MappingProxyType
from typing import Any

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.optional import import_extra
from quotedex.read.dates import iso_date
from quotedex.read.source import (
    MEGABYTE,
    ReadOptions,
    RowNames,
    Source,
    as_input_errors,
    check_size,
)
from quotedex.read.text import BINARY, decode, is_utf_8

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
# Rows of a Parquet file to decode at once, and about how many bytes of them at most.
BATCH_ROWS = 256
BATCH_BYTES = 32 * MEGABYTE
PARQUET_TEXTS = frozenset({"string", "large_string", "binary", "large_binary"})
# Each row of a table has a value for each, though the row itself may be short.
MAX_COLUMNS = 10_000
# The first record may be damaged, so this many are tried to find the text column.
FIRST_RECORDS = 20
# Lists in lists of names are read as deep as this.
MAX_NESTING = 8
# Bytes that the encoding does not have, as "surrogateescape" decodes them.
UNDECODED = re.compile("[\udc80-\udcff]")


def read_jsonl(source: Source) -> Iterator[Document | InputError]:
    """One JSON object per line. A bad line gives an InputError, and the others are read."""

    def records() -> Iterator[tuple[int, Record | InputError]]:
        for number, line in enumerate(source.lines(), 1):
            if line.strip():
                try:
                    yield number, _parse_line(line, source.item(number))
                except InputError as error:
                    yield number, error

    yield from record_documents(records(), source)


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
    source.expansion.start(source)
    schema = pq.read_schema(source.stream)
    source.stream.seek(0)
    # Kept as in the file, a value that many rows share is in memory once.
    texts = [field.name for field in schema if str(field.type) in PARQUET_TEXTS]
    file = pq.ParquetFile(source.stream, read_dictionary=texts)
    yield from record_documents(enumerate(_parquet_rows(file, source), 1), source)


def _parquet_rows(file: Any, source: Source) -> Iterator[Record]:
    for number in range(file.metadata.num_row_groups):
        group = file.metadata.row_group(number)
        source.expansion.add(group.total_byte_size, source.options)
        row_size = group.total_byte_size // max(1, group.num_rows) + 1
        rows = min(max(1, BATCH_BYTES // row_size), BATCH_ROWS)
        for batch in file.iter_batches(batch_size=rows, row_groups=[number]):
            for row in range(batch.num_rows):
                yield batch.slice(row, 1).to_pylist()[0]


def record_documents(
    records: Iterable[tuple[int | str, Record | InputError]], source: Source
) -> Iterator[Document | InputError]:
    """One document for each numbered record; columns without a known meaning become its metadata.

    One text column is that of all records. Raises InputError if no column can be the text; yields
    one for a record without text, and those that are given instead of a record.
    """
    names, text_column = RowNames(), None
    waiting: list[tuple[int | str, Record]] = []
    for number, record in records:
        if isinstance(record, InputError):
            yield record
            continue
        waiting.append((number, record))
        text_column = text_column or _known_text_column(record, source.options)
        if text_column is None and len(waiting) == FIRST_RECORDS:
            text_column = _guess_text_column(waiting, source)
        if text_column is not None:
            yield from map(names.name, _documents(waiting, source, text_column))
            waiting.clear()
    if waiting:
        text_column = _guess_text_column(waiting, source)
        yield from map(names.name, _documents(waiting, source, text_column))


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
    with as_input_errors(source.display_name):
        if len(rows.fieldnames or ()) > MAX_COLUMNS:
            reason = f"a table of more than {MAX_COLUMNS:,} columns"
            raise InputError(source.display_name, reason)
    try:
        yield from record_documents(_rows(rows, source), source)
    except UnicodeDecodeError as error:  # of UTF-16, where it cannot be skipped
        raise InputError(source.display_name, f"after row {rows.line_num}: {error}") from error


def _rows(rows: csv.DictReader[str], source: Source) -> Iterator[tuple[int, Record | InputError]]:
    for number in count(1):
        name, line = source.item(number).display_name, rows.reader.line_num
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            if (
                rows.reader.line_num > line + 1
            ):  # a mark that is not closed: where would a row begin?
                raise InputError(source.display_name, f"after row {line}: {error}") from error
            yield number, InputError(name, f"not a valid row ({error})")
        else:
            yield number, decoded(_named_values(row), name)


def decoded(record: Record, name: str) -> Record | InputError:
    """The record, unless it has bytes that are no text, decoded with "surrogateescape"."""
    for column, value in record.items():
        if isinstance(value, str) and UNDECODED.search(value):
            return InputError(name, f"column {column!r} is not valid text in the file's encoding")
    return record


def _decoded_lines(source: Source) -> Iterator[str]:
    """The lines of a text file, in the encoding that its beginning suggests.

    One that is too long is cut off past `max_size`, so that the csv module rejects it.
    """
    buffered = io.BufferedReader(source.stream, SAMPLE_BYTES)  # type: ignore[type-var]
    sample = buffered.peek(SAMPLE_BYTES)
    whole_lines = sample[: sample.rfind(b"\n") + 1] or sample
    encoding = _detect_encoding(whole_lines, source.display_name)
    text = io.TextIOWrapper(buffered, encoding, errors="surrogateescape", newline="")
    longest = source.options.max_size + 1
    while line := text.readline(longest):
        yield line
        while len(line) == longest and not line.endswith("\n"):
            line = text.readline(longest)


def _detect_encoding(sample: bytes, name: str) -> str:
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # A control character in a row does not make the file a binary one.
    header, newline, rows = sample.removeprefix(codecs.BOM_UTF8).partition(b"\n")
    sample = header + newline + BINARY.sub(b" ", rows)
    if is_utf_8(sample) and sample.strip() and not BINARY.search(header):
        return "utf-8-sig"
    decode(sample, name)
    return "windows-1252"


def _named_values(row: dict[str | Any, Any]) -> Record:
    """Without the values that DictReader puts under None: those beyond the header's columns."""
    return {name: value for name, value in row.items() if isinstance(name, str)}


def _documents(
    records: Iterable[tuple[int | str, Record]], source: Source, text_column: str
) -> Iterator[Document | InputError]:
    for number, record in records:
        item = source.item(number)
        try:
            with as_input_errors(item.display_name):
                yield _document(item, record, text_column)
        except InputError as error:
            yield error


def _document(item: Source, record: Record, text_column: str) -> Document:
    text = record.get(text_column)
    if not isinstance(text, str) or not text.strip():
        is_empty = text is None or isinstance(text, str)
        reason = f"column {text_column!r} is {'empty' if is_empty else 'not text'}"
        raise InputError(item.display_name, reason)
    check_size(len(text.encode("utf-8", "replace")), item.display_name, item.options)
    document = Document(id=item.id, text=text, location=item.location)
    return _with_metadata(document, record, text_column, item.options.id_column)


def _known_text_column(record: Record, options: ReadOptions) -> str | None:
    """The text column that the user names, or one with a usual name; None if there is neither."""
    if options.id_column and options.id_column not in record:
        return None
    if options.text_column:
        return options.text_column if options.text_column in record else None
    columns = {_normalize_name(name): name for name in record}
    names = (columns[usual] for usual in TEXT_COLUMNS if usual in columns)
    return next((name for name in names if isinstance(record[name], str | None)), None)


def _guess_text_column(records: Sequence[tuple[int | str, Record]], source: Source) -> str:
    """The text column of a table whose first records have none with a usual name."""
    _, first = records[0]
    for column in (source.options.text_column, source.options.id_column):
        if column and not any(column in record for _, record in records):
            reason = f"no column {column!r}; columns: {_listed(first)}"
            raise InputError(source.display_name, reason)
    named = source.options.text_column
    if found := named or next(filter(None, (_longest_column(one) for _, one in records)), None):
        return found
    reason = f"which column is the text? Name it with --text-column; columns: {_listed(first)}"
    raise InputError(source.display_name, reason)


def _longest_column(record: Record) -> str | None:
    """The one column that is as long as an article, and much longer than all others."""
    by_length = sorted((len(_as_text(value) or ""), name) for name, value in record.items())
    if not by_length or by_length[-1][0] < MIN_TEXT_LENGTH:
        return None
    second = by_length[-2][0] if len(by_length) > 1 else 0
    return by_length[-1][1] if by_length[-1][0] >= TIMES_LONGER * second else None


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


def _as_text(value: object, depth: int = 0) -> str | None:
    """A value as text: "Ada Poole", ["Ada Poole", "Ben Cole"], {"name": "Ashby Courier"}."""
    if isinstance(value, str):
        return value.strip() or None
    if depth > MAX_NESTING:
        return None
    if isinstance(value, Mapping):
        return _as_text(value.get("name"), depth + 1)
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, (_as_text(one, depth + 1) for one in value))) or None
    if isinstance(value, datetime.date):
        return value.isoformat()
    return None if value is None or isinstance(value, bytes) else str(value)
