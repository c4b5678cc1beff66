"""A file's bytes, wherever they come from, on the way to the reader of its format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from typing import IO, Any

from quotedex.errors import InputError
from quotedex.models import Document


@dataclass(frozen=True, slots=True)
class Source:
    """One file, member of an archive, or answer from the web.

    `name` ends as its format does. `id` and `location` are those of its document, or the beginning
    of those of its documents; `location` is None for standard input. `depth` counts the archives
    around it, `url` is where a page was fetched from, `charset` the encoding that its server named.
    """

    name: str
    id: str
    location: str | None
    stream: IO[bytes]
    settings: Settings
    depth: int = 0
    url: str | None = None
    charset: str | None = None

    @property
    def place(self) -> str:
        """What to call it in a message."""
        return self.location or self.id

    def data(self) -> bytes:
        """All of it. Raises InputError for what is larger than a document may be."""
        data = self.stream.read(self.settings.max_size + 1)
        check_size(len(data), self.place, self.settings)
        return data

    def lines(self) -> Iterator[bytes]:
        """Its lines; of one that is larger than a document may be, only so much that it shows."""
        longest = self.settings.max_size + 1
        while line := self.stream.readline(longest):
            yield line
            while len(line) == longest and not line.endswith(b"\n"):
                line = self.stream.readline(longest)

    def member(self, name: str, stream: IO[bytes]) -> Source:
        """The file of that name in this archive: news.zip/may/a.txt."""
        return replace(
            self,
            name=name,
            id=f"{self.id}/{name}",
            location=self.location and f"{self.location}/{name}",
            stream=stream,
            depth=self.depth + 1,
        )

    def unpacked(self, stream: IO[bytes]) -> Source:
        """What a file that is packed alone holds: crawl.jsonl of crawl.jsonl.gz."""
        name, _, suffix = self.name.rpartition(".")
        return replace(self, name=f"{name}.tar" if suffix.lower() == "tgz" else name, stream=stream)

    def part(self, number: int | str) -> Source:
        """One of the documents that it holds: crawl.jsonl#3, counted from 1."""
        location = self.location and f"{self.location}#{number}"
        return replace(self, id=f"{self.id}#{number}", location=location)


# What it cannot read at all a reader raises as InputError, what is wrong with one record it yields;
# an archive's reader yields the sources that are in it.
Reader = Callable[[Source], Iterator["Document | InputError | Source"]]


@contextmanager
def reading(place: str) -> Iterator[None]:
    """Bad input makes libraries raise anything: let it be an InputError that says what."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        what = f"{type(error).__name__}: {error}".removesuffix(": ")
        raise InputError(place, f"it cannot be read ({what})") from error


def check_size(size: int, place: str, settings: Settings) -> None:
    """Raise InputError for a document of more bytes than the settings allow."""
    if size > settings.max_size:
        allowed = f"{settings.max_size / MEGABYTE:g}"
        raise InputError(place, f"it is larger than {allowed} MB (--max-size allows more)")


MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Settings:
    """How to read, and how much of it.

    `text_column` names the column of tables that holds the article; None: a name such as "text"
    or "body" is looked for. `max_size` is the largest document in bytes, as a file, a record or an
    answer from the web. `max_ratio` is how many times its packed size an archive may unpack to,
    `max_depth` how many archives may stand around a file, `max_files` how many files a folder or
    an archive may hold. `follow_links` reads links that lead out of the folder given. `web_pause`
    is the least time in seconds between two requests to a host, `web_timeout` the longest for an
    answer.
    """

    text_column: str | None = None
    max_size: int = 20 * MEGABYTE
    max_ratio: int = 200
    max_depth: int = 2
    max_files: int = 1_000_000
    follow_links: bool = False
    web_pause: float = 1.0
    web_timeout: float = 20.0


def extra(module: str, name: str, what: str, source: Source) -> Any:
    """The module, imported now. Raises InputError that names the extra which installs it."""
    try:
        return import_module(module)
    except ImportError as error:
        reason = f"{what} need the extra quotedex[{name}]: pip install 'quotedex[{name}]'"
        raise InputError(source.place, reason) from error
