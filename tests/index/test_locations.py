"""Every location has one form, however the user names a folder; old forms are mapped."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import subprocess
import sys
import tarfile
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from quotedex.check import check
from quotedex.cli import _local_roots
from quotedex.errors import InputError
from quotedex.index import Summary, index
from quotedex.locations import absolute_path, at_or_below, canonical, is_local
from quotedex.models import Document
from quotedex.read import read
from tests.helpers.toy_extractor import extract
from tests.index.test_keys import all_keys, former, rows


@pytest.fixture
def news(tmp_path: Path) -> Path:
    """A folder with three articles, and a link to it."""
    folder = tmp_path / "disk" / "news"
    (folder / "may").mkdir(parents=True)
    for name in ("a.txt", "may/b.txt", "may/c.txt"):
        (folder / name).write_text(f"“The ferry of {name} was late,” Ada Okafor said.")
    (tmp_path / "link").symlink_to(folder)
    return folder


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "quotes.db"


def run(db: Path, *given: str, prune: bool = True) -> Summary:
    return index(
        db, read(given), extract=extract, prune=_local_roots(given) if prune else (), topics=False
    )


def locations(db: Path) -> list[str]:
    return [place for (place,) in rows(db, "SELECT location FROM articles ORDER BY location")]


def failing(db: Path) -> list[str]:
    return [each.name for each in check(db) if not each.ok]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("/news/../a.txt", "/a.txt"),
        ("/news//may/./a.txt", "/news/may/a.txt"),
        ("//news/a.txt", "/news/a.txt"),
        ("/news/may/", "/news/may"),
        ("/../../a.txt", "/a.txt"),
        ("/news/.../..a/.b", "/news/.../..a/.b"),
        ("/", "/"),
    ],
)
def test_absolute_paths(given: str, expected: str) -> None:
    assert absolute_path(given) == canonical(given) == expected


def test_a_relative_path_is_below_the_working_folder(
    news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(news / "may")
    assert absolute_path("../a.txt") == str(news / "a.txt")
    assert absolute_path(".") == str(news / "may")


def test_links_are_kept_unless_the_path_leaves_them_again(news: Path, tmp_path: Path) -> None:
    assert absolute_path(tmp_path / "link" / "a.txt") == str(tmp_path / "link" / "a.txt")
    # What the system opens: the folder around the target.
    (news.parent / "other.txt").write_text("Other.")
    place = absolute_path(f"{tmp_path}/link/../other.txt")
    assert place == str(news.parent / "other.txt")
    assert os.path.samefile(place, f"{tmp_path}/link/../other.txt")


@pytest.mark.parametrize(
    "location",
    [
        "https://ashby.example//may/../a",
        "a/../b.txt",
        "-",
        "-/may//a.txt#2",
        "/news/may.jsonl#https://ashby.example//a/../b",
        "/news/may.db?table=a//b#7",
    ],
)
def test_what_is_no_path_stays_as_it_is(location: str) -> None:
    assert canonical(location) == location


def test_rows_and_tables_follow_the_file() -> None:
    assert canonical("/news/x/../may.jsonl#https://a.example//b") == (
        "/news/may.jsonl#https://a.example//b"
    )
    assert canonical("/news//may.db?table=a#7") == "/news/may.db?table=a#7"


def test_local_locations() -> None:
    assert [
        place for place in ("/a", "C:/a", "https://a/b", "-", "a/b", "") if is_local(place)
    ] == [
        "/a",
        "C:/a",
    ]


def test_locations_at_or_below_a_root() -> None:
    places = ["/n", "/n/a", "/n#1", "/n?table=t#1", "/newsroom/a", "/n2", "https://n/a", "n/a"]
    assert list(at_or_below(places, ["/n"])) == places[:4]
    assert list(at_or_below(places, ["/n?table=t"])) == ["/n?table=t#1"]
    assert list(at_or_below(places, ["/"])) == places[:6]
    assert list(at_or_below(places, [])) == []


WAYS = [
    ("{top}/disk/news", "{top}/disk/news"),
    ("{top}/disk/news", "{top}/disk/news/"),
    ("{top}/disk/news", "{top}/disk//news/may/.."),
    ("{top}/disk/../disk/news", "{top}/disk/news"),
    ("{top}/disk/../disk/./news", "{top}/disk/news/../news"),
    ("{top}/disk/news", "."),
    ("../news", "{top}/disk/news"),
    ("may/..", "../../disk/news"),
    # By another name of the same folder.
    ("{top}/link", "{top}/disk/news"),
    ("{top}/disk/news", "{top}/link"),
    ("{top}/link/may/..", "."),
]


@pytest.mark.parametrize(("first", "then"), WAYS)
def test_removed_articles_are_pruned_however_the_folder_is_named(
    news: Path, db: Path, first: str, then: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(news)
    top = news.parent.parent
    assert run(db, first.format(top=top)).articles == 3
    before = all_keys(db)
    (news / "may" / "b.txt").unlink()
    summary = run(db, then.format(top=top))
    assert summary.pruned == 1
    assert [Path(place).name for place in locations(db)] == ["a.txt", "c.txt"]
    assert not any(".." in place or "//" in place for place in locations(db))
    assert set(all_keys(db)["quotes"]) < set(before["quotes"])
    again = run(db, then.format(top=top))
    assert (again.run_id, again.articles, again.pruned) == (None, 0, 0)
    assert failing(db) == []


def test_a_linked_working_folder(news: Path, db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(news.parent.parent / "link")
    assert run(db, ".").articles == 3
    (news / "a.txt").unlink()
    assert run(db, str(news.parent.parent / "link")).pruned == 1
    assert failing(db) == []


def test_another_folder_is_left_alone(news: Path, db: Path, tmp_path: Path) -> None:
    other = tmp_path / "disk" / "newsroom"
    other.mkdir()
    (other / "d.txt").write_text("“The pier is shut,” Bo Lind said.")
    run(db, str(news), str(other))
    (news / "a.txt").unlink()
    (other / "d.txt").unlink()
    assert run(db, f"{other}/../news").pruned == 1
    assert str(other / "d.txt") in locations(db)


def test_a_file_that_is_given_itself(news: Path, db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = news / "rows.jsonl"
    lines = [f'{{"id": {n}, "text": "“It was ferry {n},” Ada Okafor said."}}\n' for n in range(4)]
    table.write_text("".join(lines))
    monkeypatch.chdir(news / "may")
    assert run(db, "../rows.jsonl").articles == 4
    table.write_text("".join(lines[1:]))
    assert run(db, "./../may/../rows.jsonl").pruned == 1
    assert locations(db) == [f"{table}#{n}" for n in (1, 2, 3)]
    assert failing(db) == []


def test_archives_and_their_members(news: Path, db: Path) -> None:
    with zipfile.ZipFile(news / "june.zip", "w") as archive:
        for name in ("./x/1.txt", "x//2.txt", "x\\3.txt"):
            archive.writestr(name, f"“We saw {name[-5]} boats,” Ada Okafor said.")
    with tarfile.open(news / "july.tar", "w") as tar:
        data = "“We saw no boat,” Ada Okafor said.".encode()
        info = tarfile.TarInfo("./x/4.txt")
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
    run(db, f"{news}/may/../june.zip", f"{news}//july.tar")
    assert locations(db) == [
        f"{news}/july.tar/x/4.txt",
        *(f"{news}/june.zip/x/{n}.txt" for n in (1, 2, 3)),
    ]
    with zipfile.ZipFile(news / "june.zip", "w") as archive:
        archive.writestr("x/1.txt", "“We saw 1 boats,” Ada Okafor said.")
    assert run(db, f"{news}/./june.zip").pruned == 2


def test_rows_of_a_database_are_pruned(
    news: Path, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(news / "news.db")) as source, source:
        for table in ("may", "may2"):
            source.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, text TEXT)")
            texts = [(f"“The {table} boat {n} sank,” Ada Okafor said.",) for n in range(3)]
            source.executemany(f"INSERT INTO {table} (text) VALUES (?)", texts)
    monkeypatch.chdir(news / "may")
    run(db, "sqlite:../news.db?table=may", "sqlite:../news.db?table=may2")
    assert len(locations(db)) == 6
    with closing(sqlite3.connect(news / "news.db")) as source, source:
        source.execute("DELETE FROM may WHERE id = 2")
        source.execute("DELETE FROM may2")
    assert run(db, f"sqlite:{news}/news.db?table=may").pruned == 1
    assert len(locations(db)) == 5
    # A table that cannot be read keeps its articles.
    (news / "news.db").write_bytes(b"no database")
    assert run(db, f"sqlite:{news}//news.db?table=may").pruned == 0


def test_a_root_that_is_gone_is_an_error_and_removes_nothing(news: Path, db: Path) -> None:
    run(db, str(news))
    with pytest.raises(InputError, match="no such file or folder"):
        run(db, f"{news}/../gone")
    news.rename(news.with_name("moved"))
    with pytest.raises(InputError, match="no such file or folder"):
        run(db, str(news))
    assert len(locations(db)) == 3


def test_an_unreadable_folder_keeps_its_articles(
    news: Path, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(db, str(news))
    really = os.scandir

    def scandir(folder: Path) -> object:
        if Path(folder).name == "may":
            raise PermissionError(13, "Permission denied")
        return really(folder)

    monkeypatch.setattr("quotedex.read.folders.os.scandir", scandir)
    monkeypatch.chdir(news)
    (news / "a.txt").write_text("“The ferry is back,” Ada Okafor said.")
    summary = run(db, "may/..")
    assert (summary.pruned, summary.failures) == (0, 1)
    assert len(locations(db)) == 3
    assert rows(db, "SELECT location FROM failures") == [(str(news / "may"),)]


def with_old_forms(db: Path) -> None:
    """The file as an earlier version would have written it after `quotedex index DB x/../news`."""
    with closing(sqlite3.connect(db)) as conn, conn:
        conn.create_function("old", 1, lambda place: place.replace("/disk/", "/x/.././disk//"))
        conn.execute("UPDATE articles SET location = old(location)")
        conn.execute("UPDATE failures SET location = old(location)")


def test_old_forms_are_mapped(news: Path, db: Path) -> None:
    (news / "may" / "empty.txt").touch()
    run(db, str(news))
    before, places = all_keys(db), locations(db)
    with_old_forms(db)
    assert all(".." in place for place in locations(db))
    summary = run(db, str(news))
    assert (summary.articles, summary.unchanged, summary.pruned) == (0, 3, 0)
    assert locations(db) == places
    assert all_keys(db) == before
    assert rows(db, "SELECT * FROM former_keys") == []
    assert rows(db, "SELECT location FROM failures") == [(str(news / "may" / "empty.txt"),)]
    assert failing(db) == []
    assert run(db, str(news)).run_id is None


def test_old_forms_of_articles_with_the_same_path(news: Path, db: Path, tmp_path: Path) -> None:
    other = tmp_path / "disk" / "courier"
    other.mkdir()
    (other / "a.txt").write_text("“The pier is shut,” Bo Lind said.")
    run(db, str(news), str(other))
    before = all_keys(db)
    with_old_forms(db)
    run(db, str(news), str(other))
    assert all_keys(db) == before
    assert failing(db) == []


def test_an_article_under_both_forms_is_one(db: Path) -> None:
    old = "/news/x/../a.txt"
    first = Document("a", "“The ferry was late,” Ada Okafor said.", "/news/b.txt")
    second = Document("a", "“The ferry was late again,” Ada Okafor said.", "/news/a.txt")
    index(db, [first], extract=extract)
    with closing(sqlite3.connect(db)) as conn, conn:
        conn.execute(
            "UPDATE articles SET location = ?, path = 'a.txt', identity = 'a.txt', key = ?",
            (old, "0" * 13),
        )
    before = all_keys(db)
    index(db, [], extract=extract)
    assert locations(db) == ["/news/a.txt"]
    index(db, [second], extract=extract)
    with closing(sqlite3.connect(db)) as conn, conn:
        conn.execute("UPDATE articles SET location = ?", (old,))
    index(db, [second], extract=extract)
    assert locations(db) == ["/news/a.txt"]
    assert len(former(db, "quotes")) == len(before["quotes"])
    assert None not in former(db, "quotes").values()


def test_an_old_form_beside_the_canonical_one(db: Path) -> None:
    texts = ["“The ferry was late today,” Ada Okafor said.", "“The pier is shut,” Bo Lind said."]
    one, two = (
        Document(p, t, p) for p, t in zip(("/news/a.txt", "/old/a.txt"), texts, strict=True)
    )
    index(db, [one, two], extract=extract)
    with closing(sqlite3.connect(db)) as conn, conn:
        conn.execute(
            "UPDATE articles SET location = '/x/../news/a.txt' WHERE location = '/old/a.txt'"
        )
    gone = rows(db, "SELECT key FROM articles WHERE location LIKE '/x/%'")
    (stays,) = rows(db, "SELECT id FROM articles WHERE location = '/news/a.txt'")
    index(db, [], extract=extract)
    assert rows(db, "SELECT id, location FROM articles") == [(*stays, "/news/a.txt")]
    assert {key for (key,) in gone} <= set(former(db, "articles"))
    assert set(former(db, "articles").values()) == set(all_keys(db)["articles"])
    assert failing(db) == []


def test_an_article_that_moves_keeps_its_keys(db: Path, tmp_path: Path) -> None:
    """The copy whose location comes first in the alphabet takes the place of the other."""
    text = "“The ferry was late,” Ada Okafor said."
    for number, folder in enumerate(("/z", "/b", "/a")):
        index(db, [Document("1.txt", text, f"{folder}/1.txt", path="1.txt")], extract=extract)
        assert locations(db) == [f"{folder}/1.txt"]
        if not number:
            before = all_keys(db)
        assert all_keys(db) == before
        assert failing(db) == []


@pytest.fixture
def undecodable(tmp_path: Path) -> Path:
    """A folder whose name, and those of its files, are not valid UTF-8."""
    folder = os.fsencode(tmp_path) + b"/n\xffws"
    try:
        os.mkdir(folder)
    except OSError:
        pytest.skip("file names are Unicode here")
    for name in (b"caf\xe8.txt", b"caf\xe9.txt"):
        with open(folder + b"/" + name, "wb") as file:
            file.write(b"\xe2\x80\x9cThe ferry %d was late,\xe2\x80\x9d Ada Okafor said." % name[3])
    return Path(os.fsdecode(folder))


def test_names_that_differ_in_bytes_that_are_no_text(undecodable: Path, db: Path) -> None:
    assert run(db, str(undecodable)).articles == 2
    shown = f"{undecodable.parent}/n\\xffws/caf"
    assert locations(db) == [rf"{shown}\xe8.txt", rf"{shown}\xe9.txt"]
    assert run(db, str(undecodable)).unchanged == 2
    (undecodable / os.fsdecode(b"caf\xe8.txt")).unlink()
    assert run(db, str(undecodable)).pruned == 1
    assert locations(db) == [rf"{shown}\xe9.txt"]
    assert failing(db) == []


def test_failures_of_names_that_are_no_text(undecodable: Path, db: Path) -> None:
    for name in (b"caf\xe8.txt", b"caf\xe9.txt"):
        (undecodable / os.fsdecode(name)).write_bytes(b"\0\1")
    summary = run(db, str(undecodable))
    assert sorted(failed.location[-8:] for failed in summary.failed) == [r"\xe8.txt", r"\xe9.txt"]


def test_the_command_line_with_names_that_are_no_text(undecodable: Path) -> None:
    command: list[str | bytes] = [sys.executable, "-m", "quotedex", "extract"]
    command.append(os.fsencode(undecodable))
    found = subprocess.run(command, capture_output=True, check=True)
    ids = [json.loads(line)["document"] for line in found.stdout.splitlines()]
    assert ids == [r"caf\xe8.txt", r"caf\xe9.txt"]


def test_members_of_a_tar_whose_names_are_no_text(news: Path, db: Path) -> None:
    with tarfile.open(news / "x.tar", "w", encoding="utf-8", errors="surrogateescape") as archive:
        for name in ("caf\udce8.txt", "caf\udce9.txt"):
            info = tarfile.TarInfo(name)
            text = f"“The ferry {ord(name[3])} was late,” Ada Okafor said.".encode()
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text))
    assert run(db, str(news / "x.tar")).articles == 2
    assert [place.rpartition("/")[2] for place in locations(db)] == [r"caf\xe8.txt", r"caf\xe9.txt"]
