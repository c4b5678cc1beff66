"""Paths -> documents: what is read, and what is refused with a reason."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read.formats import READERS, plain_text

STANDARD_INPUT = "-"


def read(paths: Iterable[str | Path]) -> Iterator[Document | InputError]:
    """The documents in files, in folders (with all folders below, sorted) and in "-".

    A document that cannot be read comes as the InputError that says why, so that the others go on.
    Raises InputError at once for a path that does not exist and for a folder without a file of a
    known format. In folders, hidden files and links are passed over.

    `Document.id` is the path below the folder given, or the file's name; where several paths are
    given it starts with the path as given. Text is as given, newlines kept, but for a byte order
    mark.
    """
    given = [str(path) for path in paths]
    for path in given:
        if path != STANDARD_INPUT and not os.path.exists(path):
            raise InputError(path, "there is no such file or folder")
        if os.path.isdir(path) and not any(_files_below(Path(path))):
            raise InputError(path, f"no file in this folder is {_known_formats()}")
    return _read_each(given)


def count(paths: Iterable[str | Path]) -> int:
    """How many files `read` will open, for a progress bar; nothing is read."""
    return sum(
        sum(1 for _ in _files_below(Path(path))) if os.path.isdir(path) else 1 for path in paths
    )


def _read_each(paths: Sequence[str]) -> Iterator[Document | InputError]:
    for path in paths:
        if path == STANDARD_INPUT:
            yield from plain_text(sys.stdin.buffer.read(), STANDARD_INPUT, None)
        elif os.path.isdir(path):
            yield from _read_folder(Path(path), prefix=path if len(paths) > 1 else "")
        else:
            name = path if len(paths) > 1 else Path(path).name
            yield from _read_file(Path(path), PurePosixPath(name).as_posix())


def _read_folder(folder: Path, prefix: str) -> Iterator[Document | InputError]:
    for found in _files_below(folder):
        if isinstance(found, InputError):
            yield found
        else:
            below = PurePosixPath(prefix, *found.relative_to(folder).parts)
            yield from _read_file(found, below.as_posix())


def _files_below(folder: Path) -> Iterator[Path | InputError]:
    """Files of known formats, each folder in the order of its names; a closed folder as error.

    Links are passed over: those out of the folder lead to what the user did not give, those within
    it to what is read anyway.
    """
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield InputError(str(folder), f"the folder cannot be opened ({error.strerror})")
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.is_symlink():
            continue
        if entry.is_dir():
            yield from _files_below(Path(entry.path))
        elif entry.is_file() and Path(entry.name).suffix.lower() in READERS:
            yield Path(entry.path)


def _read_file(path: Path, id_: str) -> Iterator[Document | InputError]:
    """One file; a name without a suffix ("article", "/dev/stdin") is taken for plain text."""
    suffix = path.suffix.lower()
    reader = READERS.get(suffix) if suffix else plain_text
    if reader is None:
        yield InputError(str(path), f"{suffix} files are not read, it should be {_known_formats()}")
        return
    try:
        data = path.read_bytes()
    except OSError as error:
        yield InputError(str(path), f"the file cannot be read ({error.strerror})")
        return
    yield from reader(data, id_, str(path.absolute()))


def _known_formats() -> str:
    """The formats in words: ".md or .txt"."""
    *others, last = sorted(READERS)
    return f"{', '.join(others)} or {last}"
