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
from quotedex.extract.clean import clean
from quotedex.index.validation import validated
from quotedex.locations import absolute_path
from quotedex.models import Document, Extraction, Quote
from quotedex.optional import import_extra
from quotedex.store.values import one_line

SUFFIX = ".parquet"
MAX_ARTICLES_OF_SHARD = 1000
_ROWS_READ_AT_ONCE = 16
_HALF = re.compile("[\ud800-\udfff]")
_QUOTE = (
    *("text", "start", "end", "kind", "utterance", "parent", "confidence", "cue", "mention"),
    *("why", "repeats", "speaker"),
)
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
    """The extractions of all files, in the order of file names.

    In place of a bad row, or of the rest of a bad file, there is an error. An extraction is valid:
    it can be stored.
    """
    _pyarrow()
    paths = sorted(Path(folder).glob(f"*{SUFFIX}"))
    if not paths:
        raise QuotedexError(f"{folder} contains no {SUFFIX} files")
    for path in paths:
        try:
            for number, row in enumerate(_rows(path), 1):
                yield _checked(row, f"{absolute_path(path)}#{number}")
        except Exception as error:  # whatever pyarrow makes of a damaged file
            reason = one_line(f"not a file written by quotedex extract: {error}")
            yield InputError(absolute_path(path), reason)


def _rows(path: Path) -> Iterator[dict[str, Any] | Exception]:
    """The rows of a file, and in place of one that cannot be decoded why not."""
    with _pyarrow().parquet.ParquetFile(path) as file:
        names = _schema().names
        missing = [name for name in names if name not in file.schema_arrow.names]
        if missing:
            raise ValueError(f"it has no column {missing[0]!r}")
        for batch in file.iter_batches(batch_size=_ROWS_READ_AT_ONCE, columns=names):
            for number in range(batch.num_rows):
                try:
                    yield batch.slice(number, 1).to_pylist()[0]
                except (ValueError, _pyarrow().ArrowException) as error:  # no UTF-8, for example
                    yield error


def _checked(row: dict[str, Any] | Exception, place: str) -> Extraction | InputError:
    """The extraction of a row; an error about it, named by its location as far as it has one."""
    try:
        if isinstance(row, Exception):
            raise row
        if isinstance(row["location"], str) and row["location"].strip():
            place = row["location"]
        extraction = validated(_extraction(row))
        _check_cleaned(extraction)
    except KeyError as error:
        return InputError(place, f"not written by quotedex extract: it has no {error}")
    except UnicodeDecodeError:
        return InputError(place, "not written by quotedex extract: a text is not UTF-8")
    except Exception as error:  # a row may have a value of any kind anywhere
        return InputError(place, one_line(f"not written by quotedex extract: {error}"))
    return extraction


def _check_cleaned(extraction: Extraction) -> None:
    """Offsets count in the text as this version cleans it, and the hash is that of the given one.

    Raises ValueError.
    """
    given, text = extraction.document.text, extraction.text
    if given != text and clean(given).text != text:
        raise ValueError(
            "its text is not what this version of quotedex makes of the text as given:"
            " extract it again"
        )


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
    """Of a row that may have anything anywhere. Raises KeyError, ValueError."""
    document = Document(
        **{name: row[name] for name in _TEXTS},
        text=_decoded(row["given"], "the text as given"),
        metadata=tuple((pair["name"], pair["value"]) for pair in _list(row, "metadata")),
    )
    text = _decoded(row["text"], "the cleaned text")
    return Extraction(document, text, tuple(_quote(text, quote) for quote in _list(row, "quotes")))


def _quote(text: str, row: dict[str, Any]) -> Quote:
    """With its words, which in the row itself may lack halves of surrogate pairs."""
    quote = Quote.from_dict({name: row[name] for name in _QUOTE})
    start, end = quote.start, quote.end
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start <= end <= len(text):
        return quote  # not valid
    words = text[start:end]
    return replace(quote, text=words) if _valid(words) == quote.text else quote


def _decoded(value: Any, name: str) -> str:
    if not isinstance(value, bytes):
        raise ValueError(f"{name} is {'missing' if value is None else 'not of bytes'}")
    return value.decode("utf-8", "surrogatepass")


def _list(row: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = row[name]
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise ValueError(f"the {name} are not a list")
    return found


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
