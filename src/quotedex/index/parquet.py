"""Extractions as a folder of Parquet files, written on one machine and loaded on another.

A row is a document with its text as given, its cleaned text, and its quotations with offsets into
the latter. Needs pyarrow (`pip install 'quotedex[parquet]'`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import sha256
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

from quotedex.errors import InputError, QuotedexError
from quotedex.models import Document, Extraction, Quote
from quotedex.optional import import_extra

SUFFIX = ".parquet"
MAX_ARTICLES_OF_SHARD = 1000
_HALF = re.compile("[\ud800-\udfff]")
_TEXTS = (
    *("id", "location", "title", "byline", "outlet", "published", "language", "url"),
    *("guid", "row", "path"),
)


def write_shards(extractions: Iterable[Extraction], folder: str | Path) -> int:
    """Write the files of a folder; returns the number of documents.

    File names are hashes of the documents, and a file appears only when it is complete. So several
    programs can write to one folder, and running one twice writes the same files. Raises
    QuotedexError if pyarrow is missing.
    """
    pq = _pyarrow().parquet
    folder, number = Path(folder), 0
    folder.mkdir(parents=True, exist_ok=True)
    rest = iter(extractions)
    while rows := [_row(extraction) for extraction in islice(rest, MAX_ARTICLES_OF_SHARD)]:
        names = "\n".join(str(row["location"] or row["id"]) for row in rows)
        path = folder / (sha256(names.encode("utf-8", "replace")).hexdigest()[:20] + SUFFIX)
        table = _pyarrow().Table.from_pylist(rows, _schema())
        unfinished = path.with_suffix(".unfinished")
        pq.write_table(table, unfinished, compression="zstd")
        unfinished.replace(path)
        number += len(rows)
    return number


def read_shards(folder: str | Path) -> Iterator[Extraction | InputError]:
    """The extractions of all files, in the order of file names, and an error for each bad file."""
    pq = _pyarrow().parquet
    paths = sorted(Path(folder).glob(f"*{SUFFIX}"))
    if not paths:
        raise QuotedexError(f"{folder} contains no {SUFFIX} files")
    for path in paths:
        try:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(batch_size=64):
                    yield from map(_extraction, batch.to_pylist())
        except (OSError, KeyError, _pyarrow().ArrowException) as error:
            yield InputError(str(path), f"not a file written by quotedex extract: {error}")


def _row(extraction: Extraction) -> dict[str, Any]:
    document = extraction.document
    row = {
        **{name: getattr(document, name) for name in _TEXTS},
        # As bytes, because a damaged text may not be valid Unicode, and its hash must not change.
        "given": document.text.encode("utf-8", "surrogatepass"),
        "metadata": [{"name": name, "value": value} for name, value in document.metadata],
        "text": extraction.text.encode("utf-8", "surrogatepass"),
        "quotes": [quote.to_dict() for quote in extraction.quotes],
    }
    valid: dict[str, Any] = _valid(row)
    return valid


def _valid(value: Any) -> Any:
    """The value with texts that are valid UTF-8, without halves of surrogate pairs."""
    if isinstance(value, dict):
        return {name: _valid(each) for name, each in value.items()}
    if isinstance(value, list):
        return list(map(_valid, value))
    return _HALF.sub("\N{REPLACEMENT CHARACTER}", value) if isinstance(value, str) else value


def _extraction(row: dict[str, Any]) -> Extraction:
    document = Document(
        **{name: row[name] for name in _TEXTS},
        text=row["given"].decode("utf-8", "surrogatepass"),
        metadata=tuple((pair["name"], pair["value"]) for pair in row["metadata"]),
    )
    text = row["text"].decode("utf-8", "surrogatepass")
    return Extraction(document, text, tuple(_quote(text, quote) for quote in row["quotes"]))


def _quote(text: str, row: dict[str, Any]) -> Quote:
    return replace(Quote.from_dict(row), text=text[row["start"] : row["end"]])


def _schema() -> Any:
    pa = _pyarrow()
    text, number = pa.string(), pa.int64()
    span = pa.struct({"start": number, "end": number})
    quote = pa.struct(
        {
            **{"text": text, "start": number, "end": number, "kind": text},
            **{"utterance": number, "parent": number, "confidence": pa.float64()},
            **{"cue": span, "mention": span, "why": text, "repeats": number},
            "speaker": pa.struct({"name": text, "kind": text, "description": text, "why": text}),
        }
    )
    pairs = pa.list_(pa.struct({"name": text, "value": text}))
    return pa.schema(
        {
            **dict.fromkeys(_TEXTS, text),
            **{"given": pa.binary(), "metadata": pairs, "text": pa.binary()},
            "quotes": pa.list_(quote),
        }
    )


def _pyarrow() -> Any:
    import_extra("pyarrow.parquet", "parquet", "using Parquet files")
    return import_module("pyarrow")
