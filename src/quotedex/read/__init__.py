"""Read documents from files, folders, archives, tables and the web.

What is skipped without being an error (hidden files, unsupported formats in a folder) is logged at
level DEBUG under `quotedex.read`, each web request at level INFO.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from quotedex.errors import InputError
from quotedex.locations import absolute_path, as_text
from quotedex.models import Document
from quotedex.read.fetch import SCHEMES, Fetcher
from quotedex.read.folders import files_in
from quotedex.read.formats import format_of, read_source, supported_suffixes
from quotedex.read.metadata import with_inferred_metadata
from quotedex.read.source import Opening, ReadOptions, RowNames, Source, check_size
from quotedex.read.sqlite import SCHEME, parse_table_address, read_table
from quotedex.read.stdin import FORMATS, Given, recognize

__all__ = [
    "Entry",
    "Opener",
    "ReadOptions",
    "count_files",
    "entries",
    "may_hold_many_articles",
    "read",
]

STANDARD_INPUT = "-"
OTHER_SCHEME = re.compile(r"(?!https?:)[a-zA-Z][\w+.-]*://")


def read(
    paths: Iterable[str | Path], options: ReadOptions | None = None
) -> Iterator[Document | InputError]:
    """Read every document at `paths`, one after another.

    A path is a file, a folder (read with its subfolders, sorted), a URL of a page, file or feed
    (https://...), a table of an SQLite file (sqlite:news.db?table=articles), or "-" for standard
    input. Yields an InputError in place of a document that cannot be read. Raises InputError at
    once for a path that does not exist and for a folder without a supported file.

    `Document.id` is the path below the given folder, or the file's name; if there are several
    paths, it starts with the path as given. `Document.text` is the text as given, including its
    line endings but without a byte order mark.
    """
    options = options or ReadOptions()
    return _read_each(entries(paths, options), options)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is opened at once: a file, a URL, a database table or standard input.

    A file has an absolute path, an `id`, that of its document, and a `folder`, which
    `Document.path` is below.
    """

    path: str
    id: str | None = None
    folder: str | None = None

    @property
    def location(self) -> str:
        """As that of its document, or the start of those of its documents."""
        return parse_table_address(self.path).location if self.is_table else as_text(self.path)

    @property
    def is_table(self) -> bool:
        return self.id is None and self.path.startswith(SCHEME)


def entries(paths: Iterable[str | Path], options: ReadOptions) -> Iterator[Entry | InputError]:
    """What `read` opens, in its order. No file is opened. Raises InputError as `read` does."""
    given = [str(path) for path in paths]
    for path in given:
        _check(path, options)
    return _entries(given, options)


class Opener:
    """Opens entries, and remembers what it knows of web servers."""

    def __init__(self, options: ReadOptions) -> None:
        self._options = options
        self._fetcher = Fetcher(options)

    def documents(
        self, entry: Entry, opening: Opening | None = None
    ) -> Iterator[Document | InputError]:
        """The documents of one entry, and an InputError in place of each unreadable one.

        `opening` is called with the name of a file and of each one in it before it is read.
        """
        for document in self._documents(entry, opening):
            try:
                _check_expanded(document, self._options)
            except InputError as error:
                yield error
            else:
                yield document

    def _documents(self, entry: Entry, opening: Opening | None) -> Iterator[Document | InputError]:
        if entry.id is not None:
            documents = _read_file(Path(entry.path), entry.id, self._options, opening)
            return _with_path(documents, Path(entry.folder or ""))
        if entry.path.startswith(SCHEMES):
            return self._fetcher.documents(entry.path)
        if entry.is_table:
            return _read_table(entry.path, self._options)
        return _read_standard_input(self._options)


def count_files(paths: Iterable[str | Path], options: ReadOptions | None = None) -> int:
    """The number of files that `read` will open, for a progress bar. No file is opened."""
    options = options or ReadOptions()
    return sum(
        sum(1 for _ in files_in(Path(path), options)) if os.path.isdir(path) else 1
        for path in paths
    )


def may_hold_many_articles(path: str | Path) -> bool:
    """Whether a path may hold any number of articles: a folder, table, archive, mailbox or feed."""
    if os.path.isdir(path) or str(path).startswith(SCHEME):
        return True
    known = format_of(str(path))
    return known is not None and known.many


def _check(path: str, options: ReadOptions) -> None:
    """Raise InputError for a path that cannot be read at all."""
    if path.startswith(SCHEME):
        parse_table_address(path)
    elif OTHER_SCHEME.match(path) and not os.path.exists(path):
        raise InputError(path, "only http:// and https:// URLs can be fetched")
    elif path == STANDARD_INPUT or path.startswith(SCHEMES):
        return
    elif not os.path.exists(path):
        raise InputError(path, "no such file or folder")
    elif os.path.isdir(path) and not any(files_in(Path(path), options)):
        raise InputError(path, f"no supported file in this folder ({supported_suffixes()})")


def _read_each(
    found: Iterable[Entry | InputError], options: ReadOptions
) -> Iterator[Document | InputError]:
    opener = Opener(options)
    for entry in found:
        if isinstance(entry, Entry):
            yield from opener.documents(entry)
        else:
            yield entry


def _entries(paths: Sequence[str], options: ReadOptions) -> Iterator[Entry | InputError]:
    for path in paths:
        if path == STANDARD_INPUT or path.startswith((*SCHEMES, SCHEME)):
            yield Entry(path)
        elif os.path.isdir(path):
            folder = Path(absolute_path(path))
            yield from _files_of_folder(folder, path if len(paths) > 1 else "", options)
        else:
            file = Path(absolute_path(path))
            name = path if len(paths) > 1 else Path(path).name
            yield _file_entry(file, PurePosixPath(name), file.parent)


def _file_entry(file: Path, id_: PurePosixPath, folder: Path) -> Entry:
    return Entry(file.as_posix(), as_text(id_.as_posix()), folder.as_posix())


def _check_expanded(document: Document | InputError, options: ReadOptions) -> None:
    """Raise InputError for a text that is larger than its file may be.

    The file was compressed, or its format repeats parts of it.
    """
    if isinstance(document, Document):
        metadata = sum(len(name) + len(value) for name, value in document.metadata)
        check_size(len(document.text) + metadata, document.location or document.id, options)


def _with_path(
    documents: Iterable[Document | InputError], folder: Path
) -> Iterator[Document | InputError]:
    """The documents with their paths below a folder, which are the same on any machine."""
    root = as_text(f"{folder.as_posix().rstrip('/')}/")
    for document in documents:
        if isinstance(document, Document):
            yield replace(document, path=(document.location or "").removeprefix(root))
        else:
            yield document


def _read_standard_input(options: ReadOptions) -> Iterator[Document | InputError]:
    """Documents from standard input. Without URL or id they are named by their texts."""
    format_, stream = options.input_format, sys.stdin.buffer
    if format_ is None:
        format_, stream = recognize(stream, options)
    name = STANDARD_INPUT + FORMATS[format_]
    documents = read_source(Source(name, STANDARD_INPUT, None, stream, options))
    yield from map(RowNames().name, Given.of(options).added(documents))


def _read_table(path: str, options: ReadOptions) -> Iterator[Document | InputError]:
    empty = True
    try:
        address = parse_table_address(path)
        for document in _with_path(read_table(address, options), address.file.parent):
            empty = False
            yield with_inferred_metadata(document)
        if empty:
            raise InputError(path, "the table has no rows")
    except InputError as error:
        yield error


def _files_of_folder(
    folder: Path, prefix: str, options: ReadOptions
) -> Iterator[Entry | InputError]:
    for file in files_in(folder, options, log_skipped=True):
        if isinstance(file, InputError):
            yield file
        else:
            id_ = PurePosixPath(prefix, *file.relative_to(folder).parts)
            yield _file_entry(file, id_, folder)


def _read_file(
    path: Path, id_: str, options: ReadOptions, opening: Opening | None
) -> Iterator[Document | InputError]:
    try:
        stream = path.open("rb")
    except OSError as error:
        yield InputError(as_text(str(path)), f"cannot read the file ({error.strerror})")
        return
    with stream:
        name, given = path.name, options.input_format
        if given and format_of(name) is None:
            name += FORMATS[given]
        source = Source(name, id_, as_text(path.as_posix()), stream, options, opening=opening)
        yield from read_source(source)
