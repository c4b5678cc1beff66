"""The file formats: which suffix has which reader, and reading a source with it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read.archives import read_bzip2, read_gzip, read_tar, read_xz, read_zip
from quotedex.read.feeds import FEED_TYPES, read_feed
from quotedex.read.html import PAGE_TYPES, read_html
from quotedex.read.mail import read_eml, read_mbox
from quotedex.read.metadata import with_inferred_metadata
from quotedex.read.office import DOCX_TYPE, read_docx, read_pdf
from quotedex.read.source import ExpandedError, Reader, Source, as_input_errors
from quotedex.read.tables import (
    read_csv,
    read_json,
    read_jsonl,
    read_parquet,
    read_tsv,
)
from quotedex.read.text import read_text
from quotedex.read.warc import read_warc

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Format:
    """A file format, recognized by the suffix of a file's name.

    `many` says that one file may hold many articles, `extra` names the extra of quotedex that the
    reader needs, and `media_types` are its names in HTTP.
    """

    suffixes: tuple[str, ...]
    reader: Reader
    many: bool = False
    extra: str | None = None
    media_types: tuple[str, ...] = ()


FORMATS = (
    Format((".txt", ".md"), read_text, media_types=("text/plain", "text/markdown")),
    Format((".html", ".htm", ".xhtml"), read_html, media_types=PAGE_TYPES),
    Format((".jsonl", ".ndjson"), read_jsonl, many=True, media_types=("application/x-ndjson",)),
    Format((".json",), read_json, many=True, media_types=("application/json",)),
    Format((".csv",), read_csv, many=True, media_types=("text/csv",)),
    Format((".tsv",), read_tsv, many=True, media_types=("text/tab-separated-values",)),
    Format((".parquet",), read_parquet, many=True, extra="parquet"),
    Format((".eml",), read_eml, media_types=("message/rfc822",)),
    Format((".mbox",), read_mbox, many=True, media_types=("application/mbox",)),
    Format((".docx",), read_docx, extra="documents", media_types=(DOCX_TYPE,)),
    Format((".pdf",), read_pdf, extra="documents", media_types=("application/pdf",)),
    Format((".rss", ".atom"), read_feed, many=True, media_types=FEED_TYPES),
    Format((".warc", ".warc.gz"), read_warc, many=True, media_types=("application/warc",)),
    Format((".zip",), read_zip, many=True, media_types=("application/zip",)),
    Format((".tar",), read_tar, many=True, media_types=("application/x-tar",)),
    Format((".gz", ".tgz"), read_gzip, many=True),
    Format((".bz2",), read_bzip2, many=True),
    Format((".xz",), read_xz, many=True),
)
# Longer suffixes first: .warc.gz is not just a .gz.
BY_SUFFIX = dict(
    sorted(
        ((suffix, one) for one in FORMATS for suffix in one.suffixes),
        key=lambda item: (-len(item[0]), item[0]),
    )
)


def format_of(name: str) -> Format | None:
    """The format of a file with this name; None if it is not supported."""
    name = name.lower()
    return next((one for suffix, one in BY_SUFFIX.items() if name.endswith(suffix)), None)


def supported_suffixes() -> str:
    """All suffixes in words: ".atom, ... and .zip"."""
    *others, last = sorted(BY_SUFFIX)
    return f"{', '.join(others)} and {last}"


def read_source(source: Source) -> Iterator[Document | InputError]:
    """The documents in a file and in the archives inside it; an InputError for what is unreadable.

    A name without a suffix ("article", "/dev/stdin") means plain text. In archives, as in folders,
    files of unsupported formats are skipped.
    """
    _, has_suffix, suffix = source.name.rpartition("/")[2].rpartition(".")
    known = format_of(source.name)
    if known is None and source.depth:
        logger.debug("%s: skipped (unsupported format)", source.display_name)
        return
    if known is None and has_suffix:
        reason = f"unsupported format .{suffix.lower()}; supported are {supported_suffixes()}"
        yield InputError(source.display_name, reason)
        return
    found = False
    try:
        with as_input_errors(source.display_name):
            if source.opening:
                source.opening(source.display_name)
            for item in (known.reader if known else read_text)(source):
                for document in _documents(item):
                    found = True
                    yield document
        if not found:
            raise InputError(source.display_name, "contains no article")
    except InputError as error:
        if isinstance(error, ExpandedError) and source.depth:
            raise  # to the outermost archive, of which nothing more is read
        yield error


def _documents(item: Document | InputError | Source) -> Iterator[Document | InputError]:
    if isinstance(item, Source):
        documents = read_source(item)
        yield from map(item.rows.name, documents) if item.rows else documents
    else:
        yield with_inferred_metadata(item)
