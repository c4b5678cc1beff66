"""Paths, addresses and tables -> documents: what is read, and what is refused with a reason."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read.documents import documents_of
from quotedex.read.fetch import SCHEMES, Web
from quotedex.read.folders import files_below
from quotedex.read.formats import format_of, known_suffixes
from quotedex.read.metadata import completed
from quotedex.read.source import Settings, Source
from quotedex.read.sqlite import SCHEME, rows_of, table_of

__all__ = ["Settings", "count", "holds_many", "read"]

STANDARD_INPUT = "-"
OTHER_SCHEME = re.compile(r"(?!https?:)[a-zA-Z][\w+.-]*://")


def read(
    paths: Iterable[str | Path], settings: Settings | None = None
) -> Iterator[Document | InputError]:
    """The documents in files, in folders (with all folders below, sorted), and in "-".

    A path may be an address as well (https://..., of a page, a file or a feed), and a table of an
    SQLite file (sqlite:news.db?table=articles). A document that cannot be read comes as the
    InputError that says why, so that the others go on. Raises InputError at once for a path that
    does not exist and for a folder without a file of a known format. In folders, hidden files and
    links are passed over.

    `Document.id` is the path below the folder given, or the file's name; where several paths are
    given it starts with the path as given. Text is as given, newlines kept, but for a byte order
    mark.
    """
    settings = settings or Settings()
    given = [str(path) for path in paths]
    for path in given:
        if path.startswith(SCHEME):
            table_of(path)
        elif OTHER_SCHEME.match(path) and not os.path.exists(path):
            raise InputError(path, "only http:// and https:// addresses are fetched")
        elif not _is_elsewhere(path) and not os.path.exists(path):
            raise InputError(path, "there is no such file or folder")
        elif os.path.isdir(path) and not any(files_below(Path(path), settings)):
            raise InputError(path, f"no file in this folder is {known_suffixes()}")
    return _read_each(given, settings)


def count(paths: Iterable[str | Path], settings: Settings | None = None) -> int:
    """How many files `read` will open, for a progress bar; nothing is read."""
    settings = settings or Settings()
    return sum(
        sum(1 for _ in files_below(Path(path), settings)) if os.path.isdir(path) else 1
        for path in paths
    )


def holds_many(path: str | Path) -> bool:
    """Whether this one path may hold any number of articles: a folder, a table, an archive."""
    if os.path.isdir(path) or str(path).startswith(SCHEME):
        return True
    known = format_of(str(path))
    return known is not None and known.many


def _is_elsewhere(path: str) -> bool:
    return path == STANDARD_INPUT or path.startswith((SCHEME, *SCHEMES))


def _read_each(paths: Sequence[str], settings: Settings) -> Iterator[Document | InputError]:
    web = Web(settings)
    for path in paths:
        if path.startswith(SCHEMES):
            yield from web.documents(path)
        elif path.startswith(SCHEME):
            yield from _read_table(path, settings)
        elif path == STANDARD_INPUT:
            name, stream = STANDARD_INPUT, sys.stdin.buffer
            yield from documents_of(Source(name, name, None, stream, settings))
        elif os.path.isdir(path):
            yield from _read_folder(Path(path), path if len(paths) > 1 else "", settings)
        else:
            name = path if len(paths) > 1 else Path(path).name
            yield from _read_file(Path(path), PurePosixPath(name).as_posix(), settings)


def _read_table(path: str, settings: Settings) -> Iterator[Document | InputError]:
    held = False
    try:
        for row in rows_of(table_of(path), settings):
            held = True
            yield completed(row)
        if not held:
            raise InputError(path, "there is no row in this table")
    except InputError as error:
        yield error


def _read_folder(folder: Path, prefix: str, settings: Settings) -> Iterator[Document | InputError]:
    for found in files_below(folder, settings):
        if isinstance(found, InputError):
            yield found
        else:
            below = PurePosixPath(prefix, *found.relative_to(folder).parts)
            yield from _read_file(found, below.as_posix(), settings)


def _read_file(path: Path, id_: str, settings: Settings) -> Iterator[Document | InputError]:
    try:
        stream = path.open("rb")
    except OSError as error:
        yield InputError(str(path), f"the file cannot be read ({error.strerror})")
        return
    with stream:
        yield from documents_of(Source(path.name, id_, str(path.absolute()), stream, settings))
