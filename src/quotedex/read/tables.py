"""Tables, a record an article: .jsonl, .json, .csv, .tsv and .parquet."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read.columns import Record, documents
from quotedex.read.decoding import decode
from quotedex.read.extras import extra
from quotedex.read.source import Source, check_size

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
