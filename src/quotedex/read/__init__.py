"""Read documents from files, folders, archives, tables and the web.

What is skipped without being an error (hidden files, unsupported formats in a folder) is logged at
level DEBUG under `quotedex.read`, each web request at level INFO.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from quotedex.errors import InputError
from quotedex.locations import absolute_path
from quotedex.models import Document
from quotedex.read.fetch import SCHEMES, Fetcher
from quotedex.read.folders import files_in
from quotedex.read.formats import format_of, read_source, supported_suffixes
from quotedex.read.metadata import with_inferred_metadata
from quotedex.read.source import ReadOptions, RowNames, Source
from quotedex.read.sqlite import SCHEME, parse_table_address, read_table
from quotedex.read.stdin import FORMATS, Given, recognize

__all__ = ["ReadOptions", "count_files", "may_hold_many_articles", "read"]

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
    given = [str(path) for path in paths]
    for path in given:
        _check(path, options)
    return _read_each(given, options)


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


def _read_each(paths: Sequence[str], options: ReadOptions) -> Iterator[Document | InputError]:
    fetcher = Fetcher(options)
    for path in paths:
        if path.startswith(SCHEMES):
            yield from fetcher.documents(path)
        elif path.startswith(SCHEME):
            yield from _read_table(path, options)
        elif path == STANDARD_INPUT:
            yield from _read_standard_input(options)
        elif os.path.isdir(path):
            folder = Path(absolute_path(path))
            yield from _read_folder(folder, path if len(paths) > 1 else "", options)
        else:
            file = Path(absolute_path(path))
            name = path if len(paths) > 1 else Path(path).name
            documents = _read_file(file, PurePosixPath(name).as_posix(), options)
            yield from _with_path(documents, file.parent)


def _with_path(
    documents: Iterable[Document | InputError], folder: Path
) -> Iterator[Document | InputError]:
    """The documents with their paths below a folder, which are the same on any machine."""
    root = f"{folder.as_posix().rstrip('/')}/"
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


def _read_folder(
    folder: Path, prefix: str, options: ReadOptions
) -> Iterator[Document | InputError]:
    for file in files_in(folder, options, log_skipped=True):
        if isinstance(file, InputError):
            yield file
        else:
            id_ = PurePosixPath(prefix, *file.relative_to(folder).parts)
            yield from _with_path(_read_file(file, id_.as_posix(), options), folder)


def _read_file(path: Path, id_: str, options: ReadOptions) -> Iterator[Document | InputError]:
    try:
        stream = path.open("rb")
    except OSError as error:
        yield InputError(str(path), f"cannot read the file ({error.strerror})")
        return
    with stream:
        name, given = path.name, options.input_format
        if given and format_of(name) is None:
            name += FORMATS[given]
        yield from read_source(Source(name, id_, path.as_posix(), stream, options))
