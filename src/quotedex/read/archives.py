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
from dataclasses import replace
from pathlib import PurePosixPath
from typing import IO, Any, Self, cast

from quotedex.errors import InputError
from quotedex.locations import as_text
from quotedex.read.source import MEGABYTE, ExpandedError, Source, as_input_errors

ZIP_ENCRYPTED = 0x1
BLOCK = 1 << 16
COMPRESSED = (".gz", ".tgz", ".bz2", ".xz")
# Bytes of a name or of other metadata in a .tar, which tarfile reads into memory.
MAX_HEADER = MEGABYTE
EXTENDED_HEADERS = frozenset(
    {
        tarfile.GNUTYPE_LONGNAME,
        tarfile.GNUTYPE_LONGLINK,
        tarfile.XHDTYPE,
        tarfile.XGLTYPE,
        tarfile.SOLARIS_XHDTYPE,
    }
)
# At the end of a .tar, tarfile reads on a few times.
MAX_EMPTY_READS = 100

logger = logging.getLogger(__name__)


def read_zip(source: Source) -> Iterator[Source | InputError]:
    """The files in a .zip, in the archive's order."""
    check_depth(source)
    source = _seekable(source)
    names = _MemberNames(source)
    with zipfile.ZipFile(source.stream) as archive:
        check_zip(archive, source)
        for info in archive.infolist():
            if info.is_dir() or names.is_ignored(info.filename):
                continue
            locked = "password-protected" if info.flag_bits & ZIP_ENCRYPTED else None
            problem = names.problem(info.filename, locked)
            if problem:
                yield problem
                continue
            try:
                with as_input_errors(f"{source.display_name}/{info.filename}"):
                    member = archive.open(info)
            except ExpandedError:
                raise
            except InputError as error:
                yield error
                continue
            with member:
                yield source.member(normalize_path(info.filename), _counted(member, source))


def read_tar(source: Source) -> Iterator[Source | InputError]:
    """The files in a .tar, in the archive's order. Links, devices and sparse files are rejected."""
    check_depth(source)
    names = _MemberNames(source)
    with _open_tar(source) as archive:
        for number, info in enumerate(iter(archive.next, None), 1):
            archive.members.clear()  # type: ignore[attr-defined]  # or it remembers all of them
            check_file_count(number, source)
            if info.isdir() or names.is_ignored(info.name):
                continue
            problem = names.problem(info.name, _irregular(info))
            member = None if problem else archive.extractfile(info)
            if problem:
                yield problem
            elif member:
                if not source.stream.seekable():
                    member = io.BufferedReader(_Unseekable(member), BLOCK)
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


def decompressed_stream(
    source: Source, opener: Callable[[IO[bytes]], io.BufferedIOBase]
) -> IO[bytes]:
    """What a compressed file contains, checked against `max_ratio` as it is read."""
    compressed = cast(IO[bytes], _Read(source))
    return io.BufferedReader(_Counted(_Unseekable(opener(compressed)), source), BLOCK)


def check_zip(archive: zipfile.ZipFile, source: Source) -> int:
    """Check the number of members and the declared sizes, which zipfile enforces.

    Also for files that are zip archives inside, such as .docx. Returns the sum of the sizes.
    Raises InputError.
    """
    infos = archive.infolist()
    check_file_count(len(infos), source)
    source.expansion.start(source)
    declared = sum(info.file_size for info in infos)
    source.expansion.check(declared, source.options)
    return declared


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


def normalize_path(name: str) -> str:
    """may\\a.txt and ./may/a.txt are may/a.txt."""
    return as_text(str(PurePosixPath(name.replace("\\", "/"))))


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
        return InputError(as_text(f"{self._archive}/{name}"), reason) if reason else None


def _points_outside(name: str) -> bool:
    """../../secret.txt, /etc/motd, C:/news.txt."""
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts or name[1:2] == ":"


def _decompress(
    source: Source, opener: Callable[[IO[bytes]], io.BufferedIOBase]
) -> Iterator[Source]:
    content = source.decompressed(decompressed_stream(source, opener))
    if content.name.lower().endswith(COMPRESSED):
        # A .gz in a .gz is an archive in an archive; a .tar in a .gz is one archive.
        content = replace(content, depth=content.depth + 1)
        check_depth(content)
    yield content


def _seekable(source: Source) -> Source:
    """The source with its stream, in memory if that can only be read on."""
    if source.stream.seekable():
        return source
    return replace(source, stream=io.BytesIO(source.data()))


def _open_tar(source: Source) -> tarfile.TarFile:
    if source.stream.seekable():
        source.expansion.start(source)
        return tarfile.open(fileobj=source.stream, mode="r:", tarinfo=_TarHeader)
    stream: Any = _UntilEnd(source)
    return tarfile.open(fileobj=stream, mode="r|", tarinfo=_TarHeader)


def _irregular(info: tarfile.TarInfo) -> str | None:
    if info.issparse():
        return "a sparse file"
    return None if info.isreg() else "a link or device, not a regular file"


def _counted(stream: IO[bytes], source: Source) -> IO[bytes]:
    return io.BufferedReader(_Counted(stream, source), BLOCK)


class _Unseekable(io.RawIOBase):
    """A stream that is only read on: going back would mean to decompress all of it again."""

    def __init__(self, stream: io.BufferedIOBase | IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class _Counted(_Unseekable):
    """A decompressed stream that checks the ratio as it is read.

    In a .zip in a .zip, seeking decompresses what it skips, and that counts too.
    """

    def __init__(self, stream: io.RawIOBase | IO[bytes], source: Source) -> None:
        super().__init__(cast(IO[bytes], stream))
        self._source = source

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        size = super().readinto(buffer)
        self._source.expansion.add(size, self._source.options)
        return size

    def seekable(self) -> bool:
        return self._stream.seekable()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        before = self._stream.tell()
        after = self._stream.seek(offset, whence)
        skipped = after - before if after >= before else after
        self._source.expansion.add(skipped, self._source.options)
        return after

    def tell(self) -> int:
        return self._stream.tell()


class _Read(_Unseekable):
    """A compressed file or a .tar, read from its beginning to its end."""

    def __init__(self, source: Source) -> None:
        super().__init__(source.stream)
        self._source = source
        self._is_measured = source.expansion.start(source)

    def read(self, size: int = -1) -> bytes:
        data = self._source.stream.read(size)
        if self._is_measured:
            self._source.expansion.grow(len(data))
        return data


class _UntilEnd(_Read):
    """A .tar that ends with its file. tarfile would go on looking for a member that it lacks."""

    _empty_reads = 0

    def read(self, size: int = -1) -> bytes:
        data = super().read(size)
        self._empty_reads += not data
        if self._empty_reads > MAX_EMPTY_READS:
            raise InputError(self._source.display_name, "ends in the middle of a file")
        return data


class _TarHeader(tarfile.TarInfo):
    """A header of a .tar, which must be valid. tarfile takes a damaged one for the end."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        try:
            header = super().frombuf(buf, encoding, errors)
        except (tarfile.InvalidHeaderError, tarfile.TruncatedHeaderError) as error:  # type: ignore[attr-defined]
            raise tarfile.ReadError("damaged, the rest is lost") from error
        if header.type in EXTENDED_HEADERS and not 0 <= header.size <= MAX_HEADER:
            raise tarfile.ReadError("the name or metadata of a file are too long")
        return header
