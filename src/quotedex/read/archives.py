"""Archives and compressed files: .zip, .tar, .gz, .bz2 and .xz, read one member at a time.

Nothing is extracted to disk. Archive bombs, archives nested too deeply and members whose path
points outside the archive are rejected.
"""

from __future__ import annotations

import bz2
import gzip
import io
import logging
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import IO

from quotedex.errors import InputError
from quotedex.read.source import MEGABYTE, Source

# Up to this size any ratio is harmless: blank lines compress very well.
ALWAYS_ALLOWED = 10 * MEGABYTE
ZIP_ENCRYPTED = 0x1
BLOCK = 1 << 16

logger = logging.getLogger(__name__)


def read_zip(source: Source) -> Iterator[Source | InputError]:
    """The files in a .zip, in the archive's order."""
    check_depth(source)
    stream = source.stream if source.stream.seekable() else io.BytesIO(source.data())
    names = _MemberNames(source)
    with zipfile.ZipFile(stream) as archive:
        check_zip(archive, stream.seek(0, io.SEEK_END), source)
        for info in archive.infolist():
            if info.is_dir() or names.is_ignored(info.filename):
                continue
            locked = "password-protected" if info.flag_bits & ZIP_ENCRYPTED else None
            problem = names.problem(info.filename, locked)
            if problem:
                yield problem
                continue
            with archive.open(info) as member:
                yield source.member(normalize_path(info.filename), member)


def read_tar(source: Source) -> Iterator[Source | InputError]:
    """The files in a .tar, in the archive's order. Links and devices are rejected."""
    check_depth(source)
    names = _MemberNames(source)
    with tarfile.open(fileobj=source.stream, mode="r|") as archive:
        for number, info in enumerate(archive, 1):
            check_file_count(number, source)
            if info.isdir() or names.is_ignored(info.name):
                continue
            irregular = None if info.isreg() else "a link or device, not a regular file"
            problem = names.problem(info.name, irregular)
            member = None if problem else archive.extractfile(info)
            if problem:
                yield problem
            elif member:
                yield source.member(normalize_path(info.name), member)


def read_gzip(source: Source) -> Iterator[Source]:
    """The content of a .gz: one file, or the archive in a .tar.gz."""
    return _decompress(source, lambda compressed: gzip.GzipFile(fileobj=compressed))


def read_bzip2(source: Source) -> Iterator[Source]:
    """The content of a .bz2."""
    return _decompress(source, bz2.BZ2File)


def read_xz(source: Source) -> Iterator[Source]:
    """The content of an .xz."""
    return _decompress(source, lzma.LZMAFile)


def check_zip(archive: zipfile.ZipFile, size: int, source: Source) -> None:
    """Check the number of members and the declared sizes, which zipfile enforces.

    Also for files that are zip archives inside, such as .docx. Raises InputError.
    """
    infos = archive.infolist()
    check_file_count(len(infos), source)
    check_ratio(sum(info.file_size for info in infos), size, source)


def check_depth(source: Source) -> None:
    """Raise InputError for an archive inside `max_depth` others."""
    if source.depth >= source.options.max_depth:
        reason = (
            f"archives nested more than {source.depth} deep (see --max-depth)"
            if source.depth
            else "archives are excluded by --max-depth 0"
        )
        raise InputError(source.display_name, reason)


def check_file_count(files: int, source: Source) -> None:
    """Raise InputError for an archive of more than `max_files` files."""
    if files > source.options.max_files:
        allowed = f"{source.options.max_files:,}"
        reason = f"contains more than {allowed} files (see --max-files)"
        raise InputError(source.display_name, reason)


def check_ratio(expanded: int, compressed: int, source: Source) -> None:
    """Raise InputError for data that expands to more than `max_ratio` times its size."""
    if expanded > ALWAYS_ALLOWED and expanded > compressed * source.options.max_ratio:
        times = f"{source.options.max_ratio:,} times its size"
        raise InputError(source.display_name, f"expands to more than {times} (see --max-ratio)")


def normalize_path(name: str) -> str:
    """may\\a.txt and ./may/a.txt are may/a.txt."""
    return str(PurePosixPath(name.replace("\\", "/")))


class _MemberNames:
    """The names of the members of one archive, which become the locations of documents."""

    def __init__(self, source: Source) -> None:
        self._archive = source.display_name
        self._seen: set[str] = set()

    def is_ignored(self, name: str) -> bool:
        """Whether to skip a hidden file, as in folders, or one of the copies that macOS adds."""
        first, *_ = parts = PurePosixPath(normalize_path(name)).parts or ("",)
        hidden = any(part.startswith(".") and part != ".." for part in parts)
        if ignored := hidden or first == "__MACOSX":
            logger.debug("%s/%s: skipped (hidden)", self._archive, name)
        return ignored

    def problem(self, name: str, other: str | None) -> InputError | None:
        """Why to reject this member: because of its name, or the `other` reason if there is one."""
        path = normalize_path(name)
        reason = other
        if _points_outside(path):
            reason = "its path points outside the archive"
        elif path in self._seen:
            reason = "another file in the archive has the same path"
        self._seen.add(path)
        return InputError(f"{self._archive}/{name}", reason) if reason else None


def _points_outside(name: str) -> bool:
    """../../secret.txt, /etc/motd, C:/news.txt."""
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts or name[1:2] == ":"


def _decompress(
    source: Source, opener: Callable[[IO[bytes]], io.BufferedIOBase]
) -> Iterator[Source]:
    stream = _Decompressed(opener(source.stream), source)
    yield source.decompressed(io.BufferedReader(stream, BLOCK))


class _Decompressed(io.RawIOBase):
    """A decompressed stream that checks the ratio as it is read."""

    def __init__(self, stream: io.BufferedIOBase, source: Source) -> None:
        self._stream = stream
        self._source = source
        self._expanded = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self._expanded += len(data)
        check_ratio(self._expanded, max(self._source.stream.tell(), BLOCK), self._source)
        return len(data)
