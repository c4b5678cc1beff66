"""Reading files and folders, rejecting unreadable ones, and inferring metadata."""

from __future__ import annotations

import errno
import io
import logging
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read import ReadOptions, count_files, read
from quotedex.read.metadata import infer_byline, infer_date, infer_outlet, infer_title
from tests.helpers import ROOT, case_params, load_cases

HEADINGS = load_cases("headings")
TEXT = "“No,” said Zoë.\r\n\r\nThat was all.\n"


def write(folder: Path, **files: bytes | str) -> None:
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def documents(*paths: str | Path) -> list[Document]:
    found = list(read(paths))
    assert all(isinstance(one, Document) for one in found)
    return [one for one in found if isinstance(one, Document)]


def reason(path: Path) -> str:
    (error,) = read([path])
    assert isinstance(error, InputError)
    assert error.location == str(path)
    return error.reason


def test_folders_are_read_in_order(tmp_path: Path) -> None:
    write(tmp_path, b_txt="two", a__z_md="one", c__a_TXT="three")
    found = documents(tmp_path)
    assert [one.id for one in found] == ["a/z.md", "b.txt", "c/a.TXT"]
    assert [one.location for one in found] == [str(tmp_path / one.id) for one in found]
    assert count_files([tmp_path]) == 3


def test_id_of_a_single_file(tmp_path: Path) -> None:
    write(tmp_path, a__b_txt="one")
    assert [one.id for one in documents(tmp_path / "a" / "b.txt")] == ["b.txt"]


def test_ids_of_several_paths_differ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, one__a_txt="x", two__a_txt="y")
    monkeypatch.chdir(tmp_path)
    found = documents("one", "two", "one/a.txt")
    assert [one.id for one in found] == ["one/a.txt", "two/a.txt", "one/a.txt"]
    assert found[0].location == str(tmp_path / "one" / "a.txt")


def test_hidden_files_other_formats_and_inner_links_are_skipped(tmp_path: Path) -> None:
    write(tmp_path, a_txt="x", b_png="x", _hidden_txt="x", _git__c_txt="x")
    (tmp_path / "again").symlink_to(tmp_path)
    (tmp_path / "link.txt").symlink_to(tmp_path / "a.txt")
    (tmp_path / "broken.txt").symlink_to(tmp_path / "nothing.txt")
    assert [one.id for one in documents(tmp_path)] == ["a.txt"]


def test_skipped_files_are_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write(tmp_path, a_txt="x", b_png="x", _hidden_txt="x")
    (tmp_path / "broken.txt").symlink_to(tmp_path / "nothing.txt")
    caplog.set_level(logging.DEBUG, "quotedex.read")
    (tmp_path / "link.txt").symlink_to(tmp_path / "a.txt")
    count_files([tmp_path])
    assert caplog.messages == []
    documents(tmp_path)
    assert caplog.messages == [
        f"{tmp_path}/.hidden.txt: skipped (hidden)",
        f"{tmp_path}/b.png: skipped (unsupported format)",
        f"{tmp_path}/broken.txt: skipped (broken link)",
        f"{tmp_path}/link.txt: skipped (its target is read anyway)",
    ]


def test_links_out_of_the_folder(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    write(outside, secret_txt="x")
    write(folder, a_txt="x")
    (folder / "link.txt").symlink_to(outside / "secret.txt")
    (folder / "out").symlink_to(outside)
    (outside / "back").symlink_to(outside)
    messages = [str(one) for one in read([folder]) if isinstance(one, InputError)]
    refused = "a link to outside the folder (see --follow-links)"
    assert messages == [f"{folder}/link.txt: {refused}", f"{folder}/out: {refused}"]
    followed = list(read([folder], ReadOptions(follow_links=True)))
    assert [one.id for one in followed if isinstance(one, Document)] == [
        *("a.txt", "link.txt", "out/secret.txt")
    ]
    assert len(followed) == 3


def test_too_many_files(tmp_path: Path) -> None:
    write(tmp_path, a_txt="x", b_txt="x", c_txt="x")
    *read_, error = read([tmp_path], ReadOptions(max_files=2))
    assert len(read_) == 2
    assert "contains more than 2 files (see --max-files)" in str(error)


def test_too_large(tmp_path: Path) -> None:
    write(tmp_path, a_txt="x" * 20, b_txt="x" * 21)
    fits, error = read([tmp_path], ReadOptions(max_size=20))
    assert isinstance(fits, Document)
    assert "larger than 2e-05 MB (see --max-size)" in str(error)


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode("utf-8"),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
        TEXT.encode("windows-1252"),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16", "utf-16-be", "utf-32", "windows-1252"],
)
def test_encodings(tmp_path: Path, data: bytes) -> None:
    write(tmp_path, a_txt=data)
    assert documents(tmp_path)[0].text == TEXT


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b" \n\t\r\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "binary"),
        (b"%PDF-1.7\n\x01\x02", "binary"),
        ("Это не тот алфавит".encode("windows-1251"), "neither UTF-8 nor Windows-1252"),
        ("“No,” said Zoë".encode()[:-3] + b"\xeb,\x81", "neither UTF-8 nor Windows-1252"),
        (b"\xff\xfe\x00\xd8\x41", "is not valid utf-16-le"),
    ],
    ids=["empty", "blank", "mark only", "png", "pdf", "russian", "spoiled utf-8", "spoiled utf-16"],
)
def test_data_that_is_not_text_is_rejected(tmp_path: Path, data: bytes, message: str) -> None:
    write(tmp_path, a_txt=data)
    assert message in reason(tmp_path / "a.txt")


def test_a_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    write(tmp_path, a_txt="one", b_txt=b"\x00", c_txt="three")
    kinds = [type(one) for one in read([tmp_path])]
    assert kinds == [Document, InputError, Document]


def test_unsupported_suffix(tmp_path: Path) -> None:
    write(tmp_path, a_xyz="one")
    assert "unsupported format .xyz; supported are .atom, " in reason(tmp_path / "a.xyz")


def test_a_name_without_suffix_is_text(tmp_path: Path) -> None:
    (tmp_path / "article").write_text("one", encoding="utf-8")
    assert documents(tmp_path / "article")[0].text == "one"


def test_missing_permissions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Permission errors are simulated, since root may read every file."""
    write(tmp_path, a_txt="x", closed__b_txt="y", d_txt="z")
    scandir, open_ = os.scandir, Path.open

    def refusing_scandir(path: Path) -> object:
        if path == tmp_path or Path(path).name != "closed":
            return scandir(path)
        raise PermissionError(errno.EACCES, "Permission denied")

    def refusing_open(path: Path, mode: str) -> object:
        if path.name != "a.txt":
            return open_(path, mode)
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "scandir", refusing_scandir)
    monkeypatch.setattr(Path, "open", refusing_open)
    found = list(read([tmp_path]))
    assert [str(one) for one in found[:2]] == [
        f"{tmp_path}/a.txt: cannot read the file (Permission denied)",
        f"{tmp_path}/closed: cannot open the folder (Permission denied)",
    ]
    assert isinstance(found[2], Document)


def test_missing_path_is_reported_before_reading(tmp_path: Path) -> None:
    write(tmp_path, a_txt="one")
    with pytest.raises(InputError, match="no such file or folder"):
        read([tmp_path, tmp_path / "nothing"])


def test_urls_of_other_schemes() -> None:
    with pytest.raises(InputError, match="only http:// and https:// URLs can be fetched"):
        read(["ftp://ashby.example/news.txt"])


def test_folder_without_supported_files(tmp_path: Path) -> None:
    write(tmp_path, a_png="x")
    with pytest.raises(
        InputError, match=r"no supported file in this folder \(\.atom, .* and \.zip\)"
    ):
        read([tmp_path])


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    (document,) = documents("-")
    assert (document.id, document.location, document.text) == ("-", None, TEXT)
    assert count_files(["-"]) == 1


@pytest.mark.parametrize("case", case_params(HEADINGS))
def test_heading(case: dict[str, Any]) -> None:
    assert infer_title(case["text"]) == case["title"]
    assert infer_date(case["text"]) == case["published"]
    assert infer_byline(case["text"]) == case.get("byline")
    assert infer_outlet(case["text"]) == case.get("outlet")


def test_headings_of_the_seeds() -> None:
    found = documents(ROOT / "seeds")
    assert [(one.id[:3], one.published) for one in found] == [
        ("000", "2019-04-12"),
        ("001", "2019-04-12"),
        ("002", None),
        ("003", None),
        ("004", "2020-09-30"),
    ]
    assert [one.byline for one in found] == [None] * 4 + ["Nick Miroff, Devlin Barrett"]
    assert {one.language for one in found} == {"en"}
    titles = [one.title or "" for one in found]
    assert [title[:13] for title in titles] == [
        *("", "Report: Offic", "", "REPORT: Donal", "Trump admin, ")
    ]
