"""Archives: reading their members, and rejecting what could do harm."""

from __future__ import annotations

import gzip
import io
import lzma
import os
import random
import tarfile
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read import ReadOptions, read
from tests.helpers import news_files as news

BOMB = 14_000_000
TIMES = "expands to more than 200 times its size (see --max-ratio)"


def outcomes(folder: Path, name: str, data: bytes, **settings: Any) -> list[Document | InputError]:
    path = folder / name
    path.write_bytes(data)
    return list(read([path], ReadOptions(**settings)))


def results(folder: Path, name: str, data: bytes, **settings: Any) -> list[str]:
    """The ids of the documents and the error messages, without the folder."""
    return [
        one.id if isinstance(one, Document) else str(one).removeprefix(f"{folder}/")
        for one in outcomes(folder, name, data, **settings)
    ]


def test_members_are_read_in_order_with_nested_archives_and_tables(tmp_path: Path) -> None:
    inner = news.tarred(
        {"c.txt": b"three", "d.jsonl": b'{"text": "four"}\n{"text": "five"}'}, "w:gz"
    )
    outer = news.zipped(
        {"may/b.txt": b"one", "a.md": b"two", "in.tar.gz": inner, "e.png": b"x", "LICENSE": b"x"}
    )
    assert results(tmp_path, "a.zip", outer) == [
        "a.zip/may/b.txt",
        "a.zip/a.md",
        "a.zip/in.tar.gz/c.txt",
        "a.zip/in.tar.gz/d.jsonl#1",
        "a.zip/in.tar.gz/d.jsonl#2",
    ]


@pytest.mark.parametrize("pack", [news.zipped, news.tarred], ids=["zip", "tar"])
def test_no_article(tmp_path: Path, pack: Any) -> None:
    name = "a.zip" if pack is news.zipped else "a.tar"
    assert results(tmp_path, name, pack({"e.png": b"x"})) == [f"{name}: contains no article"]


@pytest.mark.parametrize("pack", [news.zipped, news.tarred], ids=["zip", "tar"])
def test_member_paths(tmp_path: Path, pack: Any) -> None:
    files = {"../out.txt": b"x", "/etc/out.txt": b"x", "C:\\out.txt": b"x", "in\\a.txt": b"x"}
    files |= {"./b.txt": b"x", ".hidden.txt": b"x", "__MACOSX/._b.txt": b"x", "c/../../d.txt": b"x"}
    out = "its path points outside the archive"
    suffix = "zip" if pack is news.zipped else "tar"
    assert results(tmp_path, f"a.{suffix}", pack(files)) == [
        f"a.{suffix}/../out.txt: {out}",
        f"a.{suffix}//etc/out.txt: {out}",
        f"a.{suffix}/C:\\out.txt: {out}",
        f"a.{suffix}/in/a.txt",
        f"a.{suffix}/b.txt",
        f"a.{suffix}/c/../../d.txt: {out}",
    ]


def test_links_are_rejected(tmp_path: Path) -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo(f"{kind.decode()}.txt")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    refused = [f"a.tar/{kind}.txt: a link or device, not a regular file" for kind in "216"]
    assert results(tmp_path, "a.tar", file.getvalue()) == refused


def test_duplicate_paths_are_rejected(tmp_path: Path) -> None:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for text in (b"one", b"two"):
            info = tarfile.TarInfo("a.txt")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text))
    one, two = results(tmp_path, "a.tar", file.getvalue())
    assert (one, two) == (
        "a.tar/a.txt",
        "a.tar/a.txt: another file in the archive has the same path",
    )


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.zip", news.zipped({"a.txt": b" " * BOMB})),
        ("a.zip", news.zipped({f"{number}.txt": b" " * (BOMB // 10) for number in range(10)})),
        ("a.txt.gz", gzip.compress(b" " * BOMB)),
        ("a.tar.gz", news.tarred({"a.txt": b" " * BOMB}, "w:gz")),
        ("a.tar.xz", news.tarred({"a.txt": b" " * BOMB}, "w:xz")),
        ("a.tar.bz2", news.tarred({"a.txt": b" " * BOMB}, "w:bz2")),
    ],
    ids=["zip", "zip of many", "gz", "tar.gz", "tar.xz", "tar.bz2"],
)
def test_bombs(tmp_path: Path, name: str, data: bytes) -> None:
    assert any(TIMES in one for one in results(tmp_path, name, data, max_size=2 * BOMB))
    allowed = results(tmp_path, name, data, max_size=2 * BOMB, max_ratio=1_000_000)
    assert all("empty" in one for one in allowed)


def test_a_word_file_that_is_a_bomb(tmp_path: Path) -> None:
    bomb = news.zipped({"word/document.xml": b" " * BOMB})
    assert results(tmp_path, "a.docx", bomb) == [f"a.docx: {TIMES}"]


def nested_bombs(number: int) -> bytes:
    """Archives that each expand to 8 MB, less than what is always allowed."""
    bomb = news.zipped({"a.txt": b" " * 8_000_000})
    return news.zipped({f"{n}.zip": bomb for n in range(number)})


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz"])
def test_archives_in_an_archive_are_counted_together(tmp_path: Path, name: str) -> None:
    bombs = {f"{number}.zip": nested_bombs(20) for number in range(3)}
    pack = news.zipped if name == "a.zip" else news.tarred
    data = pack(bombs) if name != "a.tar.gz" else news.tarred(bombs, "w:gz")
    found = results(tmp_path, name, data, max_depth=3)
    assert found[-1] == f"{name}: {TIMES}"
    assert sum(TIMES in one for one in found) == 1
    assert len(found) < 60


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
@pytest.mark.parametrize("name", ["a.tar", "a.zip", "a.jsonl.gz", "a.txt.xz"])
def test_archives_from_a_pipe(tmp_path: Path, name: str) -> None:
    large = random.Random(1).randbytes(3_000_000).hex().encode()
    harmless = news.zipped({"a.txt": b"one", "b.jsonl": large})
    data = {
        "a.tar": news.tarred({"b.zip": harmless, "c.zip": harmless}),
        "a.zip": news.zipped({"a.txt": b"one"}),
        "a.jsonl.gz": gzip.compress(b'{"text": "one"}\n' * 3),
        "a.txt.xz": lzma.compress(b" " * BOMB),
    }[name]
    pipe = tmp_path / name
    os.mkfifo(pipe)
    threading.Thread(target=pipe.write_bytes, args=(data,), daemon=True).start()
    found = [str(one) if isinstance(one, InputError) else one.id for one in read([pipe])]
    if name == "a.txt.xz":
        assert found == [f"{pipe}: {TIMES}"]
    else:
        assert not any(TIMES in one for one in found)
        assert any(one.startswith("a.") for one in found)


def test_a_word_file_in_an_archive_counts_too(tmp_path: Path) -> None:
    word = news.zipped({"word/document.xml": b" " * 8_000_000})
    data = news.zipped({f"{number}.docx": word for number in range(4)})
    assert results(tmp_path, "a.zip", data)[-1] == f"a.zip: {TIMES}"


def test_a_compressed_file_in_a_compressed_file(tmp_path: Path) -> None:
    data = b"It is shut."
    for name in ("a.txt.gz", "a.txt.gz.gz"):
        data = gzip.compress(data)
        assert results(tmp_path, name, data) == [name]
    deep = "archives nested more than 2 deep (see --max-depth)"
    thrice = gzip.compress(data)
    assert results(tmp_path, "a.txt.gz.gz.gz", thrice) == [f"a.txt.gz.gz.gz: {deep}"]
    bomb = gzip.compress(gzip.compress(b" " * BOMB))
    found = results(tmp_path, "b.txt.gz.gz", bomb, max_size=2 * BOMB)
    assert found == [f"b.txt.gz.gz: {TIMES}"]


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_zip_in_a_tar(tmp_path: Path, mode: str) -> None:
    data = news.tarred({"b.zip": news.zipped({"c.txt": b"one"}), "d.txt": b"two"}, mode)
    name = "a.tar" if mode == "w" else "a.tar.gz"
    assert results(tmp_path, name, data) == [f"{name}/b.zip/c.txt", f"{name}/d.txt"]


def test_a_tar_that_ends_within_a_file(tmp_path: Path) -> None:
    for size in (1_000_000, 2**40):
        info = tarfile.TarInfo("huge.bin")
        info.size = size
        data = info.tobuf(tarfile.GNU_FORMAT) + b"x" * 20_000
        start = time.monotonic()
        (said,) = results(tmp_path, "a.tar", news.tarred({"a.txt": b"one"})[:1024] + data)[1:]
        assert "ends in the middle of a file" in said or "unexpected end of data" in said
        assert time.monotonic() - start < 2


def test_a_sparse_file_is_rejected(tmp_path: Path) -> None:
    header = bytearray(tarfile.TarInfo("a.jsonl").tobuf(tarfile.GNU_FORMAT))
    header[156:157] = tarfile.GNUTYPE_SPARSE
    header[386:410] = b"00000000000\0" * 2  # no data at all
    header[483:495] = b"\x80" + (2**40).to_bytes(11, "big")  # yet a terabyte
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    data = bytes(header) + b"\0" * 1024
    assert results(tmp_path, "a.tar", data) == ["a.tar/a.jsonl: a sparse file"]


def test_the_metadata_of_a_tar_is_bounded(tmp_path: Path) -> None:
    header = tarfile.TarInfo("PaxHeader")
    header.type, header.size = tarfile.XHDTYPE, 2**31
    data = news.tarred({"a.txt": b"one"})[:1024] + header.tobuf()
    first, said = results(tmp_path, "a.tar", data + b"x" * 100_000)
    assert first == "a.tar/a.txt"
    assert "the name or metadata of a file are too long" in said


def test_a_damaged_tar_says_that_files_are_missing(tmp_path: Path) -> None:
    data = bytearray(news.tarred({"a.txt": b"one", "b.txt": b"two"}))
    data[1024 + 150] ^= 1  # in the checksum of the second file
    first, said = results(tmp_path, "a.tar", bytes(data))
    assert first == "a.tar/a.txt"
    assert "damaged, the rest is lost" in said


def test_a_damaged_member_does_not_lose_the_others(tmp_path: Path) -> None:
    files = {"a.txt": b"one one", "b.txt": b"two two", "c.txt": b"three"}
    data = bytearray(news.zipped(files, compress_type=zipfile.ZIP_STORED))
    data[data.index(b"two two")] ^= 1  # so that its checksum is wrong
    data[data.rindex(b"PK\x03\x04") + 30] ^= 1  # and c.txt has another name in its own header
    first, second, third = results(tmp_path, "a.zip", bytes(data))
    assert first == "a.zip/a.txt"
    assert second.startswith("a.zip/b.txt: cannot be read (BadZipFile: Bad CRC-32")
    assert third.startswith("a.zip/c.txt: cannot be read (BadZipFile: File name in directory")


def test_small_files_may_have_any_ratio(tmp_path: Path) -> None:
    (document,) = outcomes(tmp_path, "a.zip", news.zipped({"a.txt": b"The end. " * 400_000}))
    assert isinstance(document, Document)


def test_depth(tmp_path: Path) -> None:
    data = news.zipped({"a.txt": b"one"})
    nested = news.zipped({"c.zip": news.zipped({"b.zip": data})})
    deep = "a.zip/c.zip/b.zip: archives nested more than 2 deep (see --max-depth)"
    assert results(tmp_path, "a.zip", nested) == [deep]
    assert results(tmp_path, "a.zip", nested, max_depth=3) == ["a.zip/c.zip/b.zip/a.txt"]
    assert results(tmp_path, "a.zip", data, max_depth=0) == [
        "a.zip: archives are excluded by --max-depth 0"
    ]


@pytest.mark.parametrize("pack", [news.zipped, news.tarred], ids=["zip", "tar"])
def test_too_many_files(tmp_path: Path, pack: Any) -> None:
    files = {f"{number}.txt": b"x" for number in range(5)}
    name = "a.zip" if pack is news.zipped else "a.tar"
    *_, last = results(tmp_path, name, pack(files), max_files=4)
    assert last == f"{name}: contains more than 4 files (see --max-files)"


def test_a_member_that_is_too_large(tmp_path: Path) -> None:
    data = news.zipped({"a.txt": b"x" * 101, "b.txt": b"x" * 100})
    large, fits = results(tmp_path, "a.zip", data, max_size=100)
    assert "a.zip/a.txt: larger than" in large
    assert fits == "a.zip/b.txt"


def test_a_password_protected_member(tmp_path: Path) -> None:
    data = bytearray(news.zipped({"a.txt": b"one"}))
    data[6] |= 1  # in the member's header
    data[data.index(b"PK\x01\x02") + 8] |= 1  # and in the central directory
    assert results(tmp_path, "a.zip", bytes(data)) == ["a.zip/a.txt: password-protected"]
