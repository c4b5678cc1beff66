"""What identifies an article, in this file and in any other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from quotedex.locations import canonical, is_local
from quotedex.models import Document, Quote
from quotedex.store.values import storable
from quotedex.text.keys import (
    article_url,
    folded_words,
    is_unique_everywhere,
    key_of,
    text_name,
)

IdentifiedBy = Literal["url", "id", "path", "text"]

_RANKS: dict[IdentifiedBy, int] = {"url": 0, "id": 1, "path": 2, "text": 3}


@dataclass(frozen=True, slots=True)
class Identity:
    """`name` is the same on any machine. Two articles may be called by one path, but not by another
    kind of name."""

    by: IdentifiedBy
    name: str

    @property
    def rank(self) -> tuple[int, str]:
        """Of several identities of one text, the lowest is used."""
        return _RANKS[self.by], self.name


def identify(document: Document) -> Identity:
    """The URL of a document, else its id, else its path, or for a nameless row its text."""
    if url := article_url(document.url):
        return Identity("url", storable(url))
    if document.guid and is_unique_everywhere(document.guid):
        return Identity("id", storable(document.guid))
    if document.row and document.row.partition(" ")[0] == text_name(document.text):
        return Identity("text", f"sha256:{text_hash(document)}")
    return Identity("path", path(document) or location(document))


def location(document: Document) -> str:
    """Where the document is from, as the file keeps it; its id if that is unknown."""
    return storable(_with_row(canonical(document.location or document.id), document.row))


def path(document: Document) -> str | None:
    """The path below the folder that was indexed; None if there is none.

    Of a path of this machine, if the folder is unknown, only the file's name.
    """
    place = document.path
    if not place and document.location and is_local(document.location):
        place = canonical(document.location).rpartition("/")[2]
    return place and storable(_with_row(place, document.row))


def text_hash(document: Document) -> str:
    """SHA-256 of the text as given, in UTF-8."""
    return sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest()


def distinct_paths(path: str, locations: Collection[str]) -> dict[str, str]:
    """A name for each of the locations of one path: the path with as many folders as it takes.

    `001.txt` in /news/herald and /news/courier: "…/herald/001.txt" and "…/courier/001.txt".
    """
    if len(locations) == 1:
        return dict.fromkeys(locations, path)
    folders = {place: place.removesuffix(path).strip("/").split("/") for place in locations}
    for number in range(1, max(map(len, folders.values())) + 1):
        names = {place: "/".join(["…", *folders[place][-number:], path]) for place in locations}
        if len(set(names.values())) == len(names):
            return names
    return {place: place for place in locations}


def quote_keys(identity: str, texts: Iterable[str]) -> list[str]:
    """The keys of all quotations of an article, which are in the order of the text."""
    times = Counter[str]()
    keys = []
    for words in map(folded_words, texts):
        keys.append(key_of(identity, words, times[words]))
        times[words] += 1
    return keys


def keys_of(identity: str, quotes: Sequence[Quote]) -> list[str]:
    """The key of each quotation of an article, in whatever order they are."""
    in_order = sorted(range(len(quotes)), key=lambda n: (quotes[n].start, -quotes[n].end, n))
    keys = quote_keys(identity, [quotes[number].text for number in in_order])
    by_number = dict(zip(in_order, keys, strict=True))
    return [by_number[number] for number in range(len(quotes))]


def _with_row(place: str, row: str | None) -> str:
    """ "news.jsonl#3" -> "news.jsonl#4711", "-" -> "-#4711"."""
    if row is None:
        return place
    file, numbered, _ = place.rpartition("#")
    return f"{file if numbered else place}#{row}"
