"""Archives: .zip, .tar and what is packed with gzip, bzip2 or xz, a file in them at a time.

Nothing is unpacked to disk. A bomb (a small file that unpacks to a huge one), an archive in too
many others and a name that leads out of the archive are refused.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import IO

from quotedex.errors import InputError
from quotedex.read.source import MEGABYTE, Source

# What is unpacked up to this is harmless whatever the ratio: blank lines pack very well.
HARMLESS = 10 * MEGABYTE
ENCRYPTED = 0x1
BLOCK = 1 << 16


def zip_file(source: Source) -> Iterator[Source | InputError]:
    """The files in a .zip, in its order."""
    check_depth(source)
    stream = source.stream if source.stream.seekable() else io.BytesIO(source.data())
    names = _Names(source)
    with zipfile.ZipFile(stream) as archive:
        check_zip(archive, stream.seek(0, io.SEEK_END), source)
        for info in archive.infolist():
            if info.is_dir() or is_passed_over(info.filename):
                continue
            locked = "it is locked with a password" if info.flag_bits & ENCRYPTED else None
            problem = names.problem(info.filename, locked)
            if problem:
                yield problem
                continue
            with archive.open(info) as member:
                yield source.member(plain_name(info.filename), member)


def check_zip(archive: zipfile.ZipFile, size: int, source: Source) -> None:
    """Hold what a zip says that it unpacks to, and zipfile keeps it to, against the limits."""
    infos = archive.infolist()
    check_number(len(infos), source)
    check_ratio(sum(info.file_size for info in infos), size, source)


def tar_file(source: Source) -> Iterator[Source | InputError]:
    """The files in a .tar, in its order; links and devices are refused."""
    check_depth(source)
    names = _Names(source)
    with tarfile.open(fileobj=source.stream, mode="r|") as archive:
        for number, info in enumerate(archive, 1):
            check_number(number, source)
            if info.isdir() or is_passed_over(info.name):
                continue
            other = None if info.isreg() else "it is a link or a device, not a file"
            problem = names.problem(info.name, other)
            member = None if problem else archive.extractfile(info)
            if problem:
                yield problem
            elif member:
                yield source.member(plain_name(info.name), member)


def gzip_packed(source: Source) -> Iterator[Source]:
    """What a .gz holds: the one file, or the archive in .tar.gz."""
    return _unpacked(source, lambda packed: gzip.GzipFile(fileobj=packed))


def bzip2_packed(source: Source) -> Iterator[Source]:
    """What a .bz2 holds."""
    return _unpacked(source, bz2.BZ2File)


def xz_packed(source: Source) -> Iterator[Source]:
    """What an .xz holds."""
    return _unpacked(source, lzma.LZMAFile)


def check_depth(source: Source) -> None:
    """Raise InputError for an archive that stands in too many others."""
    if source.depth >= source.settings.max_depth:
        reason = (
            f"it is an archive within {source.depth} others (--max-depth allows more)"
            if source.depth
            else "archives are not read with --max-depth 0"
        )
        raise InputError(source.place, reason)


def check_number(files: int, source: Source) -> None:
    """Raise InputError for an archive with more files than the settings allow."""
    if files > source.settings.max_files:
        allowed = f"{source.settings.max_files:,}"
        raise InputError(source.place, f"it holds more than {allowed} files (--max-files)")


def check_ratio(unpacked: int, packed: int, source: Source) -> None:
    """Raise InputError for what unpacks to many times its size."""
    if unpacked > HARMLESS and unpacked > packed * source.settings.max_ratio:
        times = f"{source.settings.max_ratio:,} times its size"
        raise InputError(source.place, f"it unpacks to more than {times} (--max-ratio allows more)")


def leads_out(name: str) -> bool:
    """../../secret.txt, /etc/motd, C:/news.txt: a name that is not below the archive."""
    path = PurePosixPath(plain_name(name))
    return path.is_absolute() or ".." in path.parts or name[1:2] == ":"


def plain_name(name: str) -> str:
    """may\\a.txt, ./may/a.txt: may/a.txt."""
    return str(PurePosixPath(name.replace("\\", "/")))


def is_passed_over(name: str) -> bool:
    """Hidden files, as in folders, and what macOS adds beside each file."""
    first, *_ = parts = PurePosixPath(plain_name(name)).parts or ("",)
    return first == "__MACOSX" or any(part.startswith(".") and part != ".." for part in parts)


class _Names:
    """The names in one archive, each of which is one document's place."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._seen: set[str] = set()

    def problem(self, name: str, other: str | None) -> InputError | None:
        """Why this member is not read: `other`, or what is wrong with its name."""
        reason = other
        if leads_out(name):
            reason = "its name leads out of the archive"
        elif plain_name(name) in self._seen:
            reason = "the archive holds another file of this name"
        self._seen.add(plain_name(name))
        return InputError(f"{self._source.place}/{name}", reason) if reason else None


def _unpacked(source: Source, opener: Callable[[IO[bytes]], io.BufferedIOBase]) -> Iterator[Source]:
    stream = _Unpacking(opener(source.stream), source)
    yield source.unpacked(io.BufferedReader(stream, BLOCK))


class _Unpacking(io.RawIOBase):
    """The unpacked bytes, held against the packed ones as they come."""

    def __init__(self, stream: io.BufferedIOBase, source: Source) -> None:
        self._stream = stream
        self._source = source
        self._unpacked = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self._unpacked += len(data)
        check_ratio(self._unpacked, max(self._source.stream.tell(), BLOCK), self._source)
        return len(data)
