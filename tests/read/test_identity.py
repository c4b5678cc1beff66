"""What the readers say of an article besides its text, by which it is known again."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read import ReadOptions, read
from tests.helpers import news_files as news

TEXT = "The ferry runs until May. “We lost the bridge,” said Mara Ilves."
OTHER = "The bridge opens in June. “It is a good bridge,” said Mara Ilves."


def documents(*paths: str | Path, **options: Any) -> list[Document]:
    found = list(read(paths, ReadOptions(**options)))
    assert not [each for each in found if isinstance(each, InputError)]
    return [each for each in found if isinstance(each, Document)]


def write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_path_is_the_same_wherever_the_folder_is(tmp_path: Path) -> None:
    (tmp_path / "here" / "2024").mkdir(parents=True)
    (tmp_path / "here" / "2024" / "a.txt").write_text(TEXT)
    (tmp_path / "here" / "b.zip").write_bytes(news.zipped({"may/c.txt": TEXT.encode()}))
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    here, there = (documents(tmp_path / name) for name in ("here", "there"))
    assert [one.path for one in here] == ["2024/a.txt", "b.zip/may/c.txt"]
    assert [one.path for one in there] == [one.path for one in here]
    assert [one.location for one in there] != [one.location for one in here]
    (alone,) = documents(tmp_path / "here" / "2024" / "a.txt")
    assert alone.path == "a.txt"


@pytest.mark.parametrize("column", ["id", "guid", "GUID"])
def test_rows_have_the_ids_of_their_table(tmp_path: Path, column: str) -> None:
    rows = [{column: number, "text": text} for number, text in ((7, TEXT), (9, OTHER))]
    found = documents(write_lines(tmp_path / "a.jsonl", rows))
    assert [(one.guid, one.row) for one in found] == [("7", "7"), ("9", "9")]
    moved = documents(write_lines(tmp_path / "a.jsonl", reversed(rows)))
    assert [one.row for one in moved] == ["9", "7"]
    assert dict(found[0].metadata)[column] == "7"


def test_id_column_can_be_named(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "a.jsonl", [{"id": 1, "nr": "x7", "text": TEXT}])
    assert [one.guid for one in documents(path, id_column="nr")] == ["x7"]
    (error,) = read([path], ReadOptions(id_column="number"))
    assert isinstance(error, InputError)
    assert error.reason == "no column 'number'; columns: id, nr, text"


def test_url_names_a_row_before_its_id(tmp_path: Path) -> None:
    rows = [
        {"id": 1, "url": "https://Ashby.example/a?utm_source=x#top", "text": TEXT},
        {"id": 2, "url": "https://ashby.example/", "text": OTHER},
    ]
    found = documents(write_lines(tmp_path / "a.jsonl", rows))
    assert [one.row for one in found] == ["https://ashby.example/a", "2"]


def test_nameless_rows_are_named_by_their_texts(tmp_path: Path) -> None:
    found = documents(write_lines(tmp_path / "a.jsonl", [{"text": TEXT}, {"text": OTHER}]))
    again = documents(write_lines(tmp_path / "b.jsonl", [{"text": "“No.”"}, {"text": TEXT}]))
    assert found[0].row == again[1].row != found[1].row
    assert found[0].id == "a.jsonl#1"


def test_repeated_ids_are_numbered(tmp_path: Path) -> None:
    rows = [{"id": 1, "text": TEXT}, {"id": 1, "text": OTHER}]
    found = documents(write_lines(tmp_path / "a.jsonl", rows))
    assert [one.row for one in found] == ["1", "1 (2)"]


def test_rows_of_an_sqlite_table_keep_their_rowid(tmp_path: Path) -> None:
    path = tmp_path / "news.db"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE articles (body)")
        db.execute("INSERT INTO articles (rowid, body) VALUES (7, ?)", [TEXT])
        db.execute("CREATE VIEW latest AS SELECT 'n' || rowid AS id, body FROM articles")
    (one,) = documents(f"sqlite:{path}?table=articles")
    assert (one.row, one.path) == ("7", "news.db?table=articles#7")
    assert [one.row for one in documents(f"sqlite:{path}?table=latest")] == ["n7"]


def test_mails_have_message_ids(tmp_path: Path) -> None:
    letter = news.LETTER.replace("Subject:", "Message-ID: <7@ashby.example>\nSubject:")
    (tmp_path / "a.eml").write_text(letter, encoding="utf-8")
    (tmp_path / "b.mbox").write_text(f"From - Tue May  3 09:30:00 2022\n{letter}")
    one, many = documents(tmp_path)
    assert one.guid == many.guid == many.row == "<7@ashby.example>"
    assert one.row is None


def test_entries_of_a_feed_without_link_have_their_guid(tmp_path: Path) -> None:
    feed = news.FEED.replace(f"<link>{news.URL}</link>", "<guid isPermaLink='false'>urn:x:7</guid>")
    (tmp_path / "a.rss").write_text(feed, encoding="utf-8")
    (found,) = documents(tmp_path)
    assert (found.guid, found.row) == ("urn:x:7", "urn:x:7")


def test_pages_of_a_crawl_are_named_by_their_urls(tmp_path: Path) -> None:
    html = news.HTML.replace(f'<link rel="canonical" href="{news.URL}">', "")
    url = "https://a.example/1"
    (tmp_path / "a.warc").write_bytes(news.warc([(url, "200 OK", html)] * 2, packed=False))
    assert [one.row for one in documents(tmp_path)] == [url, f"{url} (2)"]


def test_standard_input_is_named_by_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = []
    for text in (TEXT, OTHER):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
        (one,) = documents("-")
        assert (one.id, one.location, one.path) == ("-", None, None)
        rows.append(one.row)
    assert rows[0] != rows[1]
