"""The files in a folder: which are read, in which order, and which links are followed."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

from quotedex.errors import InputError
from quotedex.read.formats import format_of
from quotedex.read.source import ReadOptions

logger = logging.getLogger(__name__)


def files_in(folder: Path, options: ReadOptions) -> Iterator[Path | InputError]:
    """The files of supported formats in a folder and its subfolders, each sorted by name.

    Hidden files are skipped, and so are links within the folder, since their targets are read
    anyway. A link to outside the folder gives an InputError, or, with `follow_links`, the files
    that it leads to, each target once. A folder that cannot be opened gives an InputError.
    """
    root = folder.resolve()
    for number, file in enumerate(_walk(folder, root, options, {root}), 1):
        if number > options.max_files:
            reason = f"contains more than {options.max_files:,} files (see --max-files)"
            yield InputError(str(folder), reason)
            return
        yield file


def _walk(
    folder: Path, root: Path, options: ReadOptions, seen: set[Path]
) -> Iterator[Path | InputError]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield InputError(str(folder), f"cannot open the folder ({error.strerror})")
        return
    for entry in entries:
        path = Path(entry.path)
        if entry.name.startswith("."):
            logger.debug("%s: skipped, a hidden file", path)
        elif entry.is_symlink():
            yield from _follow(path, root, options, seen)
        elif entry.is_dir():
            yield from _walk(path, root, options, seen)
        elif entry.is_file() and format_of(entry.name):
            yield path
        else:
            logger.debug("%s: skipped, not a supported format", path)


def _follow(
    link: Path, root: Path, options: ReadOptions, seen: set[Path]
) -> Iterator[Path | InputError]:
    """The files that a link leads to, if it points outside the folder and links are followed."""
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError):
        logger.debug("%s: skipped, a broken link", link)
        return
    is_supported = target.is_dir() or (target.is_file() and format_of(link.name))
    if not is_supported or target in seen or target.is_relative_to(root):
        logger.debug("%s: skipped, a link to %s", link, target)
        return
    if not options.follow_links:
        yield InputError(str(link), "a link to outside the folder (see --follow-links)")
        return
    seen.add(target)
    if target.is_dir():
        yield from _walk(link, root, options, seen)
    else:
        yield link
