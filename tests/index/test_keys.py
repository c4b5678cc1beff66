"""Keys that outlast a new file, another order and another machine, and what became of old ones."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from quotedex.index import index
from quotedex.link import ListedSpeaker
from quotedex.models import Document
from quotedex.read import read
from quotedex.read.source import RowNames
from quotedex.store import Store
from quotedex.store.identity import Identity, distinct_paths, identify
from quotedex.store.speaker_keys import name_slug
from tests.helpers.toy_extractor import document, extract

ROOF = "The roof of the old hall will not hold another winter"
WEIR = "Nobody told us that the weir had burst"


def write(path: Path, *documents: Document) -> None:
    with Store(path) as store:
        store.write([extract(each) for each in documents], store.start_run())


def rows(path: Path, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as conn:
        return conn.execute(sql, values).fetchall()


def keys(path: Path, page: str) -> list[str]:
    return [key for (key,) in rows(path, f"SELECT key FROM {page} ORDER BY key")]


def all_keys(path: Path) -> dict[str, list[str]]:
    return {page: keys(path, page) for page in ("articles", "quotes", "speakers", "statements")}


def former(path: Path, page: str) -> dict[str, str | None]:
    return dict(rows(path, "SELECT key, leads_to FROM former_keys WHERE page = ?", page))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"url": "http://A.example/b/?utm_medium=x"}, ("url", "https://a.example/b")),
        ({"url": "https://a.example/", "path": "b.txt"}, ("path", "b.txt")),
        ({"guid": "urn:x:7", "row": "urn:x:7"}, ("id", "urn:x:7")),
        (
            {"guid": "7", "row": "7", "path": "t.csv#3", "location": "/n/t.csv#3"},
            ("path", "t.csv#7"),
        ),
        ({"path": "b.txt", "location": "/news/b.txt"}, ("path", "b.txt")),
        ({"location": "https://a.example/rss"}, ("path", "https://a.example/rss")),
        ({}, ("path", "here")),
    ],
    ids=["url", "home page", "guid", "id of a table", "file", "location", "id"],
)
def test_identity(more: dict[str, Any], expected: tuple[str, str]) -> None:
    assert identify(Document("here", "text", **more)) == Identity(*expected)  # type: ignore[arg-type]


def test_paths_are_told_apart_by_folders() -> None:
    assert distinct_paths("1.txt", ["/news/herald/1.txt"]) == {"/news/herald/1.txt": "1.txt"}
    places = ["/n/a/x/1.txt", "/n/b/x/1.txt"]
    assert distinct_paths("1.txt", places) == {
        places[0]: "…/a/x/1.txt",
        places[1]: "…/b/x/1.txt",
    }


NEWS = {
    "2024/a.txt": f"Una Reyes. “{ROOF},” Ada Okafor said. “A mess,” an aide said. “A mess.”",
    "2024/b.txt": f"“{WEIR},” Bo Lind said. “{ROOF}!” “A mess,” Mr Lind said. “A mess,” he said.",
    "c.txt": f"Old Mill. “{WEIR.upper()},” Ada Okafor said. “So be it,” an aide said.",
    "d.txt": f"Una Reyes met Ada Okafor. “… {ROOF} …” “No,” Ms Okafor said.",
    "e.txt": "A plumber. “No,” Cy Moss said.",
    "f.txt": "A senator. “No,” Cy Moss said.",
}


def folder_of(where: Path) -> Path:
    for name, text in NEWS.items():
        (where / name).parent.mkdir(parents=True, exist_ok=True)
        (where / name).write_text(text, encoding="utf-8")
    return where


def test_another_machine_and_another_order_give_the_same_keys(tmp_path: Path) -> None:
    here, there = folder_of(tmp_path / "here"), folder_of(tmp_path / "other" / "machine")
    index(tmp_path / "one.db", read([here]), extract=extract)
    expected = all_keys(tmp_path / "one.db")
    assert {page: len(some) > 3 for page, some in expected.items()} == dict.fromkeys(expected, True)
    found = list(read([there]))
    for seed in range(3):
        random.Random(seed).shuffle(found)
        path = tmp_path / f"{seed}.db"
        for start in range(0, len(found), seed + 1):
            index(path, found[start : start + seed + 1], extract=extract)
        assert all_keys(path) == expected
    files = sorted(there.rglob("*.txt"), reverse=True)
    index(tmp_path / "files.db", read([*files, there]), extract=extract)
    assert len(keys(tmp_path / "files.db", "articles")) == len(NEWS)


def test_appending_a_sentence_keeps_every_key(path: Path) -> None:
    write(path, document("a.txt", NEWS["2024/a.txt"]))
    before = all_keys(path)
    write(path, document("a.txt", NEWS["2024/a.txt"] + " It rained. “So be it,” an aide said."))
    after = all_keys(path)
    for page, some in before.items():
        assert set(some) <= set(after[page]), page
    assert rows(path, "SELECT * FROM former_keys") == []


def test_equal_words_of_an_article_are_numbered(path: Path) -> None:
    write(path, document("a.txt", "“No.” “NO!” “Yes.”"))
    assert len(set(keys(path, "quotes"))) == 3


def test_a_row_may_move_in_its_table(tmp_path: Path, path: Path) -> None:
    table = tmp_path / "news.jsonl"
    lines = [f'{{"id": {n}, "text": "“It was number {n},” Ada Okafor said."}}\n' for n in range(4)]
    nameless = [line.replace('"id"', '"desk"') for line in lines]
    for some in (lines, nameless):
        path.unlink(missing_ok=True)
        table.write_text("".join(some[1:]))
        assert index(path, read([table]), extract=extract).articles == 3
        before = all_keys(path)
        table.write_text("".join(some))
        assert index(path, read([table]), extract=extract).unchanged == 3
        assert set(before["quotes"]) < set(keys(path, "quotes"))
        table.write_text("".join(reversed(some)))
        summary = index(path, read([table]), extract=extract, prune=[str(table)])
        assert (summary.unchanged, summary.pruned) == (4, 0)


def test_texts_from_standard_input_are_kept_side_by_side(path: Path) -> None:
    for number in (1, 2, 1):
        one = Document("-", f"“It was number {number},” Ada Okafor said.", row=None)
        index(path, map(RowNames().name, [one]), extract=extract)
    assert rows(path, "SELECT count(*), count(DISTINCT identity) FROM articles") == [(2, 2)]
    assert rows(path, "SELECT DISTINCT identified_by FROM articles") == [("text",)]


def test_the_newest_of_one_url_is_kept(path: Path) -> None:
    url = "https://ashby.example/weir"
    versions = [
        document(place, f"“It was {place},” Ada Okafor said.", day, url=url)
        for place, day in (("a", "2024-05-03"), ("b", "2024-05-01"), ("c", "2024-05-03"))
    ]
    for order in (versions, versions[::-1]):
        path.unlink(missing_ok=True)
        for version in order:
            index(path, [version], extract=extract)
        assert rows(path, "SELECT location, identity FROM articles") == [("c", url)]
        summary = index(path, versions, extract=extract)
        assert (summary.unchanged, summary.duplicates) == (1, 2)


def test_a_text_that_takes_the_place_of_another_is_counted(path: Path) -> None:
    url = "https://ashby.example/weir"
    first, second, other = (
        document("a", f"“{ROOF},” Ada Okafor said.", url=url),
        document("b", f"“{WEIR},” Ada Okafor said.", url=url),
        document("c", f"“{WEIR} again,” Ada Okafor said."),
    )
    summary = index(path, [first, second, other], extract=extract)
    assert (summary.articles, summary.replaced) == (3, 1)
    assert rows(path, "SELECT location FROM articles ORDER BY 1") == [("b",), ("c",)]
    longer = document("c", f"{other.text} The weir was closed.")
    assert index(path, [longer], extract=extract).replaced == 1
    assert index(path, [longer], extract=extract).replaced == 0


def test_one_text_is_kept_under_its_url(path: Path) -> None:
    file = document("a.txt", NEWS["c.txt"])
    page = document("page", NEWS["c.txt"], url="https://ashby.example/weir")
    for order in ([file, page], [page, file]):
        path.unlink(missing_ok=True)
        write(path, order[0])
        write(path, order[1])
        assert rows(path, "SELECT location FROM articles") == [("page",)]


def test_files_of_one_path_have_both_their_folders(path: Path, tmp_path: Path) -> None:
    papers = [folder_of(tmp_path / name) for name in ("herald", "courier")]
    for name in NEWS:
        (papers[1] / name).write_text("Late: " + NEWS[name])
    index(path, read([papers[0]]), extract=extract)
    before = all_keys(path)
    index(path, read([papers[1]]), extract=extract)
    names = [name for (name,) in rows(path, "SELECT identity FROM articles WHERE path = 'c.txt'")]
    assert sorted(names) == ["…/courier/c.txt", "…/herald/c.txt"]
    assert set(former(path, "articles")) == set(before["articles"])
    assert None not in former(path, "articles").values()
    assert None not in former(path, "quotes").values()
    both = path.with_name("both.db")
    index(both, read(reversed(papers)), extract=extract)
    assert all_keys(both) == all_keys(path)
    assert rows(both, "SELECT * FROM former_keys") == []
    shutil.rmtree(papers[1])
    index(path, read([papers[0]]), extract=extract, prune=[str(papers[1])])
    assert all_keys(path) == before


def test_an_article_that_gets_a_url_leads_on(path: Path) -> None:
    write(path, document("a.txt", NEWS["c.txt"]))
    before = all_keys(path)
    write(path, document("a.txt", NEWS["c.txt"], url="https://ashby.example/weir"))
    assert former(path, "articles") == {before["articles"][0]: keys(path, "articles")[0]}
    led = former(path, "quotes")
    assert sorted(led) == before["quotes"]
    assert sorted(map(str, led.values())) == keys(path, "quotes")
    write(path, document("a.txt", NEWS["c.txt"]))
    assert all_keys(path) == before
    assert set(former(path, "quotes")) == set(led.values())


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("“The roof of the old hall will hold no other winter,” Ada Okafor said.", "hold no other"),
        (f"“We know that {ROOF.lower()} of rain and snow,” Ada Okafor said.", "We know that"),
    ],
    ids=["reworded", "begun earlier"],
)
def test_a_reworded_quotation_leads_on(path: Path, new: str, words: str) -> None:
    write(path, document("a.txt", f"“{ROOF},” Ada Okafor said. “{WEIR}.”"))
    (old,) = rows(
        path,
        "SELECT quotes.key, statement_key FROM quote_details AS quotes WHERE text LIKE 'The roof%'",
    )
    write(path, document("a.txt", f"{new} “{WEIR}.”"))
    (now,) = rows(
        path, "SELECT key, statement_key FROM quote_details WHERE text LIKE ?", f"%{words}%"
    )
    assert former(path, "quotes") == {old[0]: now[0]}
    assert former(path, "statements").get(old[1], now[1]) == now[1]


def test_what_is_gone_is_remembered(path: Path) -> None:
    write(path, document("a.txt", f"“{ROOF},” Ada Okafor said. “{WEIR}.”", outlet="Lantern"))
    (old,) = rows(path, "SELECT key, article_key FROM quote_details WHERE text LIKE 'The roof%'")
    write(path, document("a.txt", f"“{WEIR}.”", outlet="Lantern"))
    gone = "SELECT leads_to, label, words, article_key FROM former_keys WHERE key = ?"
    assert rows(path, gone, old[0]) == [(None, "Ada Okafor", f"{ROOF},", old[1])]
    assert former(path, "speakers") == {"ada-okafor": None}
    labels = "SELECT label FROM former_keys WHERE page = 'statements'"
    assert rows(path, labels) == [("Ada Okafor",)]
    index(path, [], extract=extract, prune=["a.txt"])
    assert rows(path, gone, old[0]) == [(None, "Ada Okafor", None, old[1])]
    assert rows(path, gone, old[1]) == [(None, "“News of a.txt”, Lantern", None, None)]
    words = "SELECT count(*) FROM former_keys WHERE words IS NOT NULL"
    assert rows(path, words) == [(0,)]


def test_a_key_that_comes_back_is_no_former_key(path: Path) -> None:
    first, second = (document("a.txt", NEWS[name]) for name in ("c.txt", "d.txt"))
    write(path, first)
    before = all_keys(path)
    write(path, second)
    assert former(path, "quotes")
    write(path, first)
    assert all_keys(path) == before
    assert not set(former(path, "quotes")) & set(before["quotes"])


def test_namesakes_have_what_tells_them_apart(path: Path) -> None:
    def smith(place: str, day: str, said: str, **more: Any) -> Document:
        return document(place, f"{place}. “{said},” John Smith said.", day, **more)

    write(path, smith("e", "2021-05-01", "No", outlet="Lantern"))
    assert rows(path, "SELECT key, label FROM speakers") == [("john-smith", "John Smith")]
    with Store(path) as store:
        run = store.start_run()
        store.write([extract(smith("f", "2023-01-02", "Yes", outlet="Herald"))], run)
    found = dict(rows(path, "SELECT label, key FROM speakers"))
    assert list(map(str, sorted(found))) == [
        "John Smith (Herald, 2023)",
        "John Smith (Lantern, 2021)",
    ]
    assert all(key.startswith("john-smith_") for key in found.values())
    assert former(path, "speakers") == {}
    with Store(path) as store:
        store.use_people([ListedSpeaker("John Smith", (), "Q7")])
    assert rows(path, "SELECT key, label FROM speakers") == [("john-smith", "John Smith")]
    assert former(path, "speakers") == dict.fromkeys(found.values(), "john-smith")


def test_names_in_another_script_are_told_apart(path: Path) -> None:
    write(path, document("a", "“No,” Петр Орлов said. “Go,” Νίκη Δήμου said."))
    assert rows(path, "SELECT key, label FROM speakers ORDER BY name") == [
        (name_slug("Νίκη Δήμου"), "Νίκη Δήμου"),
        (name_slug("Петр Орлов"), "Петр Орлов"),
    ]
    assert name_slug("Νίκη Δήμου") == name_slug("ΝΙΚΗ ΔΗΜΟΥ") == "speaker-sghbctrc"


def test_labels_of_namesakes_always_differ(path: Path) -> None:
    days = ["2021-05-01", "2021-05-02", "2021-05-02"]
    write(
        path,
        *(
            document(f"{n}", f"{n}. “No,” Moss said.", day, outlet="Lantern")
            for n, day in enumerate(days)
        ),
    )
    labels = [label for (label,) in rows(path, "SELECT label FROM speakers ORDER BY label")]
    assert labels[0] == "Moss (Lantern, 2021-05-01)"
    assert labels[1].startswith("Moss (Lantern, 2021-05-02) ")
    assert len(set(labels)) == 3


def test_a_name_that_changes_its_case_changes_its_label(path: Path) -> None:
    with Store(path) as store:
        store.use_people([ListedSpeaker("Cy Moss")])
        store.write([extract(document("e", "“No,” Cy Moss said."))], store.start_run())
        store.use_people([ListedSpeaker("CY MOSS")])
    assert rows(path, "SELECT key, label FROM speakers") == [("cy-moss", "CY MOSS")]


def test_every_form_of_a_name_leads_to_the_speaker(path: Path) -> None:
    write(path, document("a", "Ada Okafor. “No,” Ms Okafor said. “Yes,” an aide said."))
    assert rows(path, "SELECT slug FROM aliases ORDER BY 1") == [("ada-okafor",), ("ms-okafor",)]


def test_an_older_printing_changes_the_key_of_a_statement_and_the_words_lead_on(path: Path) -> None:
    write(path, document("a", f"“{ROOF}.”", "2024-05-02"))
    (old,) = keys(path, "statements")
    write(path, document("b", f"“We say that {ROOF.lower()}.”", "2024-05-01"))
    (new,) = keys(path, "statements")
    assert new != old
    wordings = (
        "SELECT statements.key FROM _wordings JOIN statements ON statements.id = statement_id"
    )
    assert rows(path, f"{wordings} WHERE _wordings.key = ?", old) == [(new,)]
    assert former(path, "statements") == {old: new}


@pytest.mark.parametrize("documents", [[], [document("b", "Nothing.")]])
def test_a_new_file_remembers_nothing(path: Path, documents: Sequence[Document]) -> None:
    index(path, [*(document(n, NEWS[n]) for n in NEWS), *documents], extract=extract)
    assert rows(path, "SELECT count(*) FROM former_keys") == [(0,)]
