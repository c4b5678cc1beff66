"""One file to read: its bytes, its names, and the limits that it is held to."""

from __future__ import annotations

import gzip
import io
import logging
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import IO

from quotedex.errors import InputError, QuotedexError
from quotedex.models import Document
from quotedex.text.keys import article_url, text_name

MEGABYTE = 1_000_000
# Up to this size any ratio is harmless: blank lines compress very well.
ALWAYS_ALLOWED = 10 * MEGABYTE
# A body may be compressed, and that again. curl stops at five times too.
MAX_CODINGS = 5
CODINGS = frozenset({"gzip", "x-gzip", "deflate"})
IDENTITY = frozenset({"", "identity"})
USER_AGENT = "quotedex"


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read files, and how much of them.

    `text_column` is the table column or JSON key that holds the article; None means to look for a
    usual name such as "text" or "body". `id_column` is the one that identifies an article without a
    URL; None means "id" or "guid", if there is one. `follow_links` reads symbolic links that point
    outside the given folder.

    `input_format` is the format of standard input and of files whose names do not say it (one of
    `stdin.FORMATS`); None means to recognize it. `title`, `date`, `outlet` and `url` are those of
    the one article on standard input.

    Limits: `max_size` is the size of a document in bytes (a file, record, message or HTTP
    response); `max_ratio` how many times its own size an archive may expand to, with all archives
    in it; `max_depth` how many archives may be nested; `max_files` how many files a folder or
    archive may contain.
    `web_pause` is the minimum delay between requests to a host; `web_timeout` the maximum time for
    a URL, its redirects and robots.txt included, pauses excluded; both in seconds.
    `allow_private_hosts` also fetches from this computer and its network.
    """

    text_column: str | None = None
    id_column: str | None = None
    input_format: str | None = None
    title: str | None = None
    date: str | None = None
    outlet: str | None = None
    url: str | None = None
    max_size: int = 20 * MEGABYTE
    max_ratio: int = 200
    max_depth: int = 2
    max_files: int = 1_000_000
    follow_links: bool = False
    web_pause: float = 1.0
    web_timeout: float = 20.0
    allow_private_hosts: bool = False


class ExpandedError(InputError):
    """A file that expands to more than `max_ratio` allows. None of its other members are read."""


class Expansion:
    """What a file has been expanded to so far, all the archives in it together."""

    def __init__(self) -> None:
        self._name = ""
        self._size: int | None = None
        self._expanded = 0

    def start(self, source: Source) -> bool:
        """Take this file for the outermost one, unless there is one around it.

        Returns whether `grow` has to be told what is read of it, since its length is not known.
        """
        if self._size is not None:
            return False
        self._name = source.display_name
        self._size = _length(source.stream)
        return not source.stream.seekable()

    def grow(self, size: int) -> None:
        """Count bytes read of an outermost file whose length is not known."""
        self._size = (self._size or 0) + size

    def add(self, size: int, options: ReadOptions) -> None:
        """Count bytes that were expanded. Raises ExpandedError if they are too many."""
        self._expanded += size
        self.check(0, options)

    def check(self, size: int, options: ReadOptions) -> None:
        """Raise ExpandedError if as many bytes more would be too many."""
        expanded = self._expanded + size
        if expanded > max(ALWAYS_ALLOWED, (self._size or 0) * options.max_ratio):
            reason = f"expands to more than {options.max_ratio:,} times its size"
            raise ExpandedError(self._name, f"{reason} (see --max-ratio)")


def _length(stream: IO[bytes]) -> int:
    """The length of a file; 0 for a stream, such as a pipe, that can only be read on."""
    if not stream.seekable():
        return 0
    start = stream.tell()
    length = stream.seek(0, io.SEEK_END)
    stream.seek(start)
    return length


Opening = Callable[[str], None]
"""Gets the name of a source. An InputError that it raises takes the place of the documents."""


class RowNames:
    """Names for the rows of one table, each given once: "4711", and "4711 (2)" for the next."""

    def __init__(self) -> None:
        self._given: Counter[int] = Counter()

    def name(self, document: Document | InputError) -> Document | InputError:
        """The document with its `row`: its URL, its id, or a hash of its text."""
        if isinstance(document, InputError) or document.row:
            return document
        name = article_url(document.url) or document.guid or text_name(document.text)
        # Hashes in place of names, because a table may have millions of rows.
        self._given[hash(name)] += 1
        times = self._given[hash(name)]
        return replace(document, row=name if times == 1 else f"{name} ({times})")


@dataclass(frozen=True, slots=True)
class Source:
    """One file, archive member or HTTP response, on its way to the reader of its format.

    `name` ends in the suffix of its format. `id` and `location` are those of its document, or the
    prefix of those of its documents; `location` is None for standard input. `depth` counts the
    archives around it. `url` is where it was fetched from, `charset` the encoding that the server
    declared. `rows` names its documents, if it is one of the numbered records of a file.
    `expansion` is shared with the archives around it, and so is `opening`, which is called before
    each is read.
    """

    name: str
    id: str
    location: str | None
    stream: IO[bytes]
    options: ReadOptions
    depth: int = 0
    url: str | None = None
    charset: str | None = None
    rows: RowNames | None = None
    expansion: Expansion = field(default_factory=Expansion)
    opening: Opening | None = None

    @property
    def display_name(self) -> str:
        """What to call it in messages."""
        return self.location or self.id

    def data(self) -> bytes:
        """All of its bytes. Raises InputError if they exceed `max_size`."""
        data = self.stream.read(self.options.max_size + 1)
        check_size(len(data), self.display_name, self.options)
        return data

    def lines(self) -> Iterator[bytes]:
        """Its lines, each cut off one byte past `max_size`, so that `check_size` rejects it."""
        longest = self.options.max_size + 1
        while line := self.stream.readline(longest):
            yield line
            while len(line) == longest and not line.endswith(b"\n"):
                line = self.stream.readline(longest)

    def member(self, name: str, stream: IO[bytes]) -> Source:
        """A file in this archive: news.zip/may/a.txt."""
        return replace(
            self,
            name=name,
            id=f"{self.id}/{name}",
            location=self.location and f"{self.location}/{name}",
            stream=stream,
            depth=self.depth + 1,
        )

    def decompressed(self, stream: IO[bytes]) -> Source:
        """The content of a compressed file: crawl.jsonl of crawl.jsonl.gz, a .tar of a .tgz."""
        name, _, suffix = self.name.rpartition(".")
        return replace(self, name=f"{name}.tar" if suffix.lower() == "tgz" else name, stream=stream)

    def item(self, number: int | str) -> Source:
        """One of several documents in this file, counted from 1: crawl.jsonl#3."""
        location = self.location and f"{self.location}#{number}"
        return replace(self, id=f"{self.id}#{number}", location=location)


# A reader raises InputError for a file that it cannot read at all and yields one for a bad record.
# The reader of an archive yields the sources in it.
Reader = Callable[[Source], Iterator["Document | InputError | Source"]]


def check_size(size: int, name: str, options: ReadOptions) -> None:
    """Raise InputError for a document of more than `max_size` bytes."""
    if size > options.max_size:
        allowed = f"{options.max_size / MEGABYTE:g}"
        raise InputError(name, f"larger than {allowed} MB (see --max-size)")


def decode_content(body: bytes, encodings: str, name: str, options: ReadOptions) -> bytes:
    """The body of an HTTP response without the compression that its Content-Encoding names.

    It is never expanded beyond `max_size`. Raises InputError.
    """
    codings = [one for one in map(str.strip, encodings.lower().split(",")) if one not in IDENTITY]
    if len(codings) > MAX_CODINGS or not set(codings) <= CODINGS:
        raise InputError(name, f"cannot be read (content encoding {encodings[:100]!r})")
    try:
        for coding in reversed(codings if body else ()):
            body = _expanded(body, coding, options.max_size + 1)
            check_size(len(body), name, options)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(name, "cannot be read (its compression is damaged)") from error
    return body


def _expanded(body: bytes, coding: str, size: int) -> bytes:
    if coding != "deflate":
        return gzip.GzipFile(fileobj=io.BytesIO(body)).read(size)
    try:
        return zlib.decompressobj().decompress(body, size)
    except zlib.error:  # some servers leave out the header of zlib
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(body, size)


@contextmanager
def as_input_errors(name: str) -> Iterator[None]:
    """Turn whatever a parser raises on bad input into an InputError about `name`."""
    try:
        yield
    except InputError:
        raise
    except QuotedexError as error:
        raise InputError(name, str(error)) from error
    except Exception as error:
        cause = f"{type(error).__name__}: {error}".removesuffix(": ")
        raise InputError(name, f"cannot be read ({cause})") from error


@contextmanager
def quiet_logger(name: str) -> Iterator[None]:
    """Silence another library's logger in the block, where its messages repeat our errors."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(level)
