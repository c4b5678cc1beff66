"""The table of formats: how a file's name ends, and the reader of what is so named."""

from __future__ import annotations

from dataclasses import dataclass

from quotedex.read.archives import bzip2_packed, gzip_packed, tar_file, xz_packed, zip_file
from quotedex.read.feeds import FEED_TYPES, feed
from quotedex.read.html import PAGE_TYPES, web_page
from quotedex.read.mail import letter, mailbox
from quotedex.read.office import WORD_TYPE, pdf, word_file
from quotedex.read.source import Reader
from quotedex.read.tables import (
    comma_separated,
    json_file,
    json_lines,
    parquet,
    tab_separated,
)
from quotedex.read.text import plain_text
from quotedex.read.warc import crawl


@dataclass(frozen=True, slots=True)
class Format:
    """Files whose names end in one of `suffixes`; `many` is True where one holds many articles.

    `extra` installs what the reader needs beyond quotedex itself; `media_types` are the names of
    the format on the web.
    """

    suffixes: tuple[str, ...]
    reader: Reader
    many: bool = False
    extra: str | None = None
    media_types: tuple[str, ...] = ()


FORMATS = (
    Format((".txt", ".md"), plain_text, media_types=("text/plain", "text/markdown")),
    Format((".html", ".htm", ".xhtml"), web_page, media_types=PAGE_TYPES),
    Format((".jsonl", ".ndjson"), json_lines, many=True, media_types=("application/x-ndjson",)),
    Format((".json",), json_file, many=True, media_types=("application/json",)),
    Format((".csv",), comma_separated, many=True, media_types=("text/csv",)),
    Format((".tsv",), tab_separated, many=True, media_types=("text/tab-separated-values",)),
    Format((".parquet",), parquet, many=True, extra="parquet"),
    Format((".eml",), letter, media_types=("message/rfc822",)),
    Format((".mbox",), mailbox, many=True, media_types=("application/mbox",)),
    Format((".docx",), word_file, extra="documents", media_types=(WORD_TYPE,)),
    Format((".pdf",), pdf, extra="documents", media_types=("application/pdf",)),
    Format((".rss", ".atom"), feed, many=True, media_types=FEED_TYPES),
    Format((".warc", ".warc.gz"), crawl, many=True, media_types=("application/warc",)),
    Format((".zip",), zip_file, many=True, media_types=("application/zip",)),
    Format((".tar",), tar_file, many=True, media_types=("application/x-tar",)),
    Format((".gz", ".tgz"), gzip_packed, many=True),
    Format((".bz2",), bzip2_packed, many=True),
    Format((".xz",), xz_packed, many=True),
)
# The longer first: .warc.gz is no .gz.
BY_SUFFIX = dict(
    sorted(
        ((suffix, one) for one in FORMATS for suffix in one.suffixes),
        key=lambda item: (-len(item[0]), item[0]),
    )
)


def format_of(name: str) -> Format | None:
    """The format of a file of this name, None for one that is not read."""
    name = name.lower()
    return next((one for suffix, one in BY_SUFFIX.items() if name.endswith(suffix)), None)


def known_suffixes() -> str:
    """The formats in words: ".csv, .md or .txt"."""
    *others, last = sorted(BY_SUFFIX)
    return f"{', '.join(others)} or {last}"
