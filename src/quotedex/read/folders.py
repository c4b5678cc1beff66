"""The files below a folder: which are read, in which order, and which links are followed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from quotedex.errors import InputError
from quotedex.read.formats import format_of
from quotedex.read.source import Settings


def files_below(folder: Path, settings: Settings) -> Iterator[Path | InputError]:
    """Files of known formats, each folder in the order of its names; a closed folder as error.

    Hidden files are passed over, and links within the folder, which lead to what is read anyway.
    A link out of it is an error: it leads to what the user did not give. With `follow_links` it
    is read like a file or folder, once.
    """
    root = folder.resolve()
    for number, file in enumerate(_walk(folder, root, settings, {root}), 1):
        if number > settings.max_files:
            reason = f"it holds more than {settings.max_files:,} files (--max-files allows more)"
            yield InputError(str(folder), reason)
            return
        yield file


def _walk(
    folder: Path, root: Path, settings: Settings, seen: set[Path]
) -> Iterator[Path | InputError]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield InputError(str(folder), f"the folder cannot be opened ({error.strerror})")
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        path = Path(entry.path)
        if entry.is_symlink():
            yield from _linked(path, root, settings, seen)
        elif entry.is_dir():
            yield from _walk(path, root, settings, seen)
        elif entry.is_file() and format_of(entry.name):
            yield path


def _linked(
    link: Path, root: Path, settings: Settings, seen: set[Path]
) -> Iterator[Path | InputError]:
    """What a link leads to, if it leads out of the folder and links are followed."""
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError):
        return
    is_read = target.is_dir() or (target.is_file() and format_of(link.name))
    if not is_read or target in seen or target.is_relative_to(root):
        return
    if not settings.follow_links:
        yield InputError(str(link), "it is a link out of the folder (--follow-links reads it)")
        return
    seen.add(target)
    if target.is_dir():
        yield from _walk(link, root, settings, seen)
    else:
        yield link
