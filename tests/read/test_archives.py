"""Archives: reading their members, and rejecting what could do harm."""

from __future__ import annotations

import gzip
import io
import tarfile
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
