"""The files in a folder: which are read, in which order, and which links are followed."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

from quotedex.errors import InputError
from quotedex.locations import as_text
from quotedex.read.formats import format_of
from quotedex.read.source import ReadOptions

logger = logging.getLogger(__name__)


def files_in(
    folder: Path, options: ReadOptions, *, log_skipped: bool = False
) -> Iterator[Path | InputError]:
    """The files of supported formats in a folder and its subfolders, each sorted by name.

    Hidden files are skipped, and so are links within the folder, since their targets are read
    anyway. A link to outside the folder gives an InputError, or, with `follow_links`, the files
    that it leads to, each target once. A folder that cannot be opened gives an InputError.
    """
    files = _Walk(folder, options, log_skipped).files(folder)
    for number, file in enumerate(files, 1):
        if number > options.max_files:
            reason = f"contains more than {options.max_files:,} files (see --max-files)"
            yield InputError(as_text(str(folder)), reason)
            return
        yield file


class _Walk:
    """A walk through one folder, which remembers the links that it has followed."""

    def __init__(self, folder: Path, options: ReadOptions, log_skipped: bool) -> None:
        self._root = folder.resolve()
        self._options = options
        self._log_skipped = log_skipped
        self._seen = {self._root}

    def files(self, folder: Path) -> Iterator[Path | InputError]:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            yield InputError(as_text(str(folder)), f"cannot open the folder ({error.strerror})")
            return
        for entry in entries:
            path = Path(entry.path)
            if entry.name.startswith("."):
                self._skip(path, "hidden")
            elif entry.is_symlink():
                yield from self._follow(path)
            elif entry.is_dir():
                yield from self.files(path)
            elif entry.is_file() and format_of(entry.name):
                yield path
            else:
                self._skip(path, "unsupported format")

    def _follow(self, link: Path) -> Iterator[Path | InputError]:
        """The files that a link leads to, if it points outside and links are followed."""
        try:
            target = link.resolve(strict=True)
        except (OSError, RuntimeError):
            self._skip(link, "broken link")
            return
        if not target.is_dir() and not (target.is_file() and format_of(link.name)):
            self._skip(link, "unsupported format")
        elif target in self._seen or target.is_relative_to(self._root):
            self._skip(link, "its target is read anyway")
        elif not self._options.follow_links:
            yield InputError(
                as_text(str(link)), "a link to outside the folder (see --follow-links)"
            )
        else:
            self._seen.add(target)
            yield from self.files(link) if target.is_dir() else [link]

    def _skip(self, path: Path, reason: str) -> None:
        if self._log_skipped:
            logger.debug("%s: skipped (%s)", path, reason)
