"""Where documents come from: the one form of every location.

A location is a URL, or an absolute path of this machine. The members of an archive and the rows of
a table follow the file: "/news/may.zip/a.txt", "/news/may.jsonl#4711",
"/news/may.db?table=articles#7".

A path stays where the user says that it is. Symbolic links in it are kept, because a link that
leads to another folder tomorrow ("/news/latest") is still the same place.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

_LOCAL = re.compile(r"(?:[A-Za-z]:)?/")
_FILE = re.compile(r"[^#?]*")
_NOT_CANONICAL = re.compile(r"/\.{0,2}(?:/|$)")
# As Python decodes them in file names, with "surrogateescape".
_UNDECODED = re.compile("[\udc80-\udcff]")
_STEP = re.compile(r"[/#?]")


def absolute_path(path: str | os.PathLike[str]) -> str:
    """The path from the root, without ".", ".." and doubled slashes, with "/" on every system.

    ".." after a symbolic link leads to the folder around the link's target, as it does when the
    system opens the path.
    """
    drive, rest = os.path.splitdrive(os.path.join(os.getcwd(), path))
    place = drive + os.sep
    for part in rest.replace(os.altsep or os.sep, os.sep).split(os.sep):
        if part == "..":
            place = os.path.dirname(os.path.realpath(place) if os.path.islink(place) else place)
        elif part not in ("", "."):
            place = os.path.join(place, part)
    return place.replace(os.sep, "/")


def as_text(path: str) -> str:
    r"""A path as text: bytes that the file system's encoding does not have become "\xff".

    So two files whose names differ in such bytes are two locations.
    """
    return _UNDECODED.sub(lambda found: f"\\x{ord(found[0]) - 0xDC00:02x}", path)


def canonical(location: str) -> str:
    """The form in which a location is stored: "/news/../a.txt#7" -> "/a.txt#7".

    What is no path is returned as it is, and so is what follows the file: a row may be named by a
    URL.
    """
    location = as_text(location)
    file = _FILE.match(location)
    name = file[0] if file else ""
    if not is_local(name) or not _NOT_CANONICAL.search(name):
        return location
    return absolute_path(name) + location[len(name) :]


def is_local(location: str) -> bool:
    """Whether a location is a path of this machine: "/news/a.txt", "C:/news/a.txt"."""
    return _LOCAL.match(location) is not None


def at_or_below(locations: Iterable[str], roots: Collection[str]) -> Iterator[str]:
    """Those locations that are one of the roots or in it, by whatever name.

    Where /home/news is a link to /disk/news, "/home/news/a.txt" is below "/disk/news".
    """
    plain = {root.rstrip("/") for root in roots}
    real = {os.path.realpath(root).rstrip("/") for root in roots if is_local(root)}
    real_folder = lru_cache(maxsize=100_000)(os.path.realpath)
    for location in locations:
        if any(place in plain for place in _places_around(location)):
            yield location
        elif is_local(location):
            folder = location[: location.rindex("/", 0, _end_of_file(location)) + 1]
            name = os.path.join(real_folder(folder), location[len(folder) :])
            if any(place in real for place in _places_around(name)):
                yield location


def _end_of_file(location: str) -> int:
    """Where the path of the file ends and its row or table begins."""
    file = _FILE.match(location)
    return file.end() if file else 0


def _places_around(location: str) -> Iterator[str]:
    """ "/news/a.jsonl#7" -> itself, "/news/a.jsonl", "/news", ""."""
    yield location
    for step in _STEP.finditer(location):
        yield location[: step.start()]
