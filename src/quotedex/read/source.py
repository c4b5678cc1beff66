"""A file's bytes, wherever they come from, on the way to the reader of its format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import IO

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read.settings import MEGABYTE, Settings


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
