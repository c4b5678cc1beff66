"""Corrections by hand outrank every guess, and outlast whatever happens to a file."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from evaluation.gold import from_json
from quotedex.check import check
from quotedex.cli import main
from quotedex.errors import CorrectionError, DatabaseError, InputError
from quotedex.index import index
from quotedex.link import ListedSpeaker, read_corrections, write_corrections
from quotedex.models import Correction, Document, Extraction
from quotedex.site.publish import publish
from quotedex.store import Store
from quotedex.store.people_list import list_people
from tests.helpers import toy_extractor as toy

FERRY = (
    "“The ferry sails at noon on Friday,” Ada Okafor said. “Nobody told the harbour office,”"
    " Bo Lind said. The film “Low Tide” opens. “We shall see what the winter brings,” an aide said."
)
OTHER = (
    "“The ferry sails at noon on Friday,” the mayor said. “Bring a coat and a lamp,” Ms Okafor"
    " said."
)
PIER = (
    "“The pier needs nine new planks,” Ada Okafor said. “We owe the divers a debt,” Bo Lind said."
)
DOCUMENTS = [
    toy.document("ferry.txt", FERRY, "2024-05-01", outlet="Lantern", language="en"),
    toy.document("other.txt", OTHER, "2024-05-02", outlet="Courier", language="en"),
    toy.document("pier.txt", PIER, "2024-05-03", outlet="Lantern", language="en"),
]
FILLED = "SELECT text, speaker, confidence, speaker_why FROM quote_details ORDER BY key"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return built(tmp_path / "quotes.db")


def built(path: Path, *more: Document, **options: Any) -> Path:
    index(path, [*DOCUMENTS, *more], extract=toy.extract, **options)
    return path


def rows(path: Path, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as conn:
        return conn.execute(sql, values).fetchall()


def key(path: Path, words: str) -> str:
    ((found,),) = rows(path, "SELECT key FROM quotes WHERE text LIKE ?", f"{words}%")
    return str(found)


def correct(path: Path, *corrections: Correction) -> list[Correction]:
    with Store(path) as store:
        return store.correct(corrections)


def corrections(path: Path) -> list[Correction]:
    with Store(path) as store:
        return store.corrections()


def speaker(path: Path, words: str) -> str | None:
    ((found,),) = rows(path, "SELECT speaker FROM quote_details WHERE text LIKE ?", f"{words}%")
    return None if found is None else str(found)


def sound(path: Path) -> bool:
    failed = [result for result in check(path) if not result.ok]
    assert failed == []
    return True


def site(path: Path) -> dict[str, Any]:
    """What readers see of a file, without the numbers of rows."""
    return {
        "quotes": rows(
            path,
            "SELECT key, text, speaker, speaker_key, statement_key, parent_key, confidence"
            " FROM quote_details ORDER BY key",
        ),
        "speakers": rows(
            path,
            "SELECT key, name, label, kind, quote_count, article_count FROM speakers ORDER BY key",
        ),
        "statements": rows(
            path, "SELECT key, text, quote_count, article_count FROM statements ORDER BY key"
        ),
        "aliases": rows(path, "SELECT name, article_count FROM aliases ORDER BY 1, 2"),
    }


def test_the_speaker_is_the_one_that_an_editor_names(path: Path) -> None:
    before = rows(path, "SELECT quote_count FROM speakers WHERE name = 'Bo Lind'")
    words = "The ferry sails at noon on Friday"
    (done,) = correct(
        path,
        Correction("speaker", key(path, "The pier"), "bo-lind", who="N. Reyes", why="read aloud"),
    )
    assert speaker(path, "The pier") == "Bo Lind"
    assert (done.state, done.leads_to, done.old_value) == ("applied", done.key, "Ada Okafor")
    assert (done.who, done.why) == ("N. Reyes", "read aloud")
    assert done.made_at is not None
    assert rows(path, "SELECT quote_count FROM speakers WHERE name = 'Bo Lind'") == [
        (before[0][0] + 1,)
    ]
    assert rows(
        path, "SELECT confidence, speaker_why FROM quote_details WHERE key = ?", done.key
    ) == [(1.0, "corrected by hand")]
    found = "SELECT count(*) FROM quote_search WHERE quote_search MATCH 'speaker:lind text:planks'"
    assert rows(path, found) == [(1,)]
    assert rows(path, "SELECT count(*) FROM quotes WHERE text LIKE ?", f"{words}%") == [(2,)]
    assert sound(path)


def test_a_speaker_may_be_new_to_the_file(path: Path) -> None:
    correct(path, Correction("speaker", key(path, "We owe"), "Cleo Marsh"))
    assert speaker(path, "We owe") == "Cleo Marsh"
    assert rows(path, "SELECT key, kind FROM speakers WHERE name = 'Cleo Marsh'") == [
        ("cleo-marsh", "person")
    ]
    correct(
        path, Correction("speaker", key(path, "The pier"), "the harbour board", kind="anonymous")
    )
    assert rows(path, "SELECT kind FROM speakers WHERE name = 'the harbour board'") == [
        ("anonymous",)
    ]
    assert sound(path)


def test_what_nobody_said_leaves_search_counts_and_statements(path: Path) -> None:
    gone = key(path, "Low Tide")
    (done,) = correct(path, Correction("nobody", gone, why="a film"))
    assert (done.state, done.leads_to, done.words) == ("applied", None, "Low Tide")
    assert rows(path, "SELECT count(*) FROM quotes WHERE text = 'Low Tide'") == [(0,)]
    assert rows(path, "SELECT count(*) FROM quote_search WHERE quote_search MATCH 'tide'") == [(0,)]
    assert rows(path, "SELECT count(*) FROM statements WHERE text = 'Low Tide'") == [(0,)]
    assert rows(path, "SELECT count(*) FROM former_keys WHERE page = 'quotes'") == [(1,)]
    assert rows(path, "SELECT key FROM former_keys WHERE page = 'quotes'") == [(gone,)]
    assert sound(path)


def test_nested_quotations_outlive_the_one_around_them(tmp_path: Path) -> None:
    path = tmp_path / "quotes.db"
    text = "“He told me ‘never again’ and left the hall,” Ada Okafor said."
    index(path, [toy.document("a.txt", text)], extract=toy.extract)
    correct(path, Correction("nobody", key(path, "He told me")))
    assert rows(path, "SELECT text, parent_id FROM quotes") == [("never again", None)]
    assert sound(path)


def test_the_right_words_are_found_near_the_wrong_ones(path: Path) -> None:
    old = key(path, "Nobody told")
    (done,) = correct(path, Correction("text", old, "told the\n harbour office"))
    assert rows(path, "SELECT text FROM quotes WHERE key = ?", done.leads_to) == [
        ("told the harbour office",)
    ]
    assert done.key == old != done.leads_to
    assert rows(path, "SELECT leads_to FROM former_keys WHERE key = ?", old) == [(done.leads_to,)]
    assert sound(path)


@pytest.mark.parametrize(
    ("correction", "reason"),
    [
        (("text", "Nobody told", "told the fire brigade"), "does not have these words near"),
        (("text", "Nobody told", "Low Tide"), "another quotation has just these words"),
        (("text", "Nobody told", ""), "needs a new value"),
        (("nobody", "Nobody told", "Ada Okafor"), "there can be no new value"),
        (("gibberish", "Nobody told", "x"), "'gibberish' is not one of speaker, nobody, text"),
    ],
)
def test_what_cannot_be_corrected_is_said_in_a_sentence(
    path: Path, correction: tuple[Any, str, str], reason: str
) -> None:
    what, words, value = correction
    before = site(path)
    with pytest.raises(CorrectionError, match=reason):
        correct(path, Correction(what, key(path, words), value))
    assert corrections(path) == []
    assert site(path) == before


def undone(path: Path) -> None:
    with Store(path) as store:
        for each in store.corrections():
            store.undo_correction(each.id or 0, "N. Reyes", "on second thought")


def all_kinds(path: Path) -> list[Correction]:
    """Corrections of every kind, made one after another."""
    keys = {words: key(path, words) for words in ("Low Tide", "We owe", "Nobody told", "The pier")}
    return [
        Correction("nobody", keys["Low Tide"], who="N. Reyes", made_at="2026-01-02T03:04:05Z"),
        Correction("speaker", keys["We owe"], "Cleo Marsh", why="she signs"),
        Correction("text", keys["Nobody told"], "told the harbour office"),
        Correction("speaker", keys["Nobody told"], "ada-okafor"),
        Correction("name", "ms-okafor", "Mila Okafor"),
        Correction("merge", "ada-okafor", "cleo-marsh"),
    ]


def test_undoing_gives_back_what_was_guessed(path: Path) -> None:
    before = site(path)
    correct(path, *all_kinds(path))
    assert site(path) != before
    assert sound(path)
    undone(path)
    assert site(path) == before
    assert {(each.state, each.undone_by, each.undone_why) for each in corrections(path)} == {
        ("undone", "N. Reyes", "on second thought")
    }
    assert rows(path, "SELECT count(*) FROM _guesses") == [(0,)]
    assert sound(path)
    with Store(path) as store, pytest.raises(CorrectionError, match="undone already"):
        store.undo_correction(1)
    with Store(path) as store, pytest.raises(CorrectionError, match="does not exist"):
        store.undo_correction(99)


def test_a_correction_makes_no_quotation_new(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("UPDATE articles SET indexed_at = '2024-06-01T00:00:00+00:00'")
        conn.execute("UPDATE quotes SET first_indexed = '2024-06-01T00:00:00.000+00:00'")
    correct(path, *all_kinds(path))
    undone(path)
    assert rows(path, "SELECT max(first_indexed) < '2025' FROM quotes") == [(1,)]


def test_undoing_in_any_order_gives_the_rest(path: Path, tmp_path: Path) -> None:
    made = correct(path, *all_kinds(path))
    for each in made[::-1]:
        with Store(path) as store:
            store.undo_correction(each.id or 0)
        assert sound(path)
    assert site(path) == site(built(tmp_path / "other.db"))


def test_a_file_built_from_nothing_is_corrected_alike(path: Path, tmp_path: Path) -> None:
    correct(path, *all_kinds(path))
    file = tmp_path / "corrections.csv"
    file.write_text(write_corrections(corrections(path)))
    read = read_corrections(file)
    for documents in (DOCUMENTS, DOCUMENTS[::-1]):
        again = tmp_path / f"{documents[0].id}.db"
        index(again, documents, extract=toy.extract, corrections=read)
        assert site(again) == site(path)
        assert [each.state for each in corrections(again)] == ["applied"] * 6
        assert sound(again)
    # Once more is no more.
    built(path, corrections=read)
    assert len(corrections(path)) == 6


def test_undoing_is_in_the_csv_too(path: Path, tmp_path: Path) -> None:
    correct(path, *all_kinds(path))
    other = built(tmp_path / "other.db", corrections=corrections(path))
    undone(path)
    built(other, corrections=corrections(path))
    assert site(other) == site(path)
    assert {each.state for each in corrections(other)} == {"undone"}
    assert sound(other)


def reworded(document: Document) -> Extraction:
    """Another model, which ends quotations without the comma and takes Bo Lind for Ada Okafor."""
    extraction = toy.extract(document)
    return replace(
        extraction,
        quotes=tuple(
            replace(quote, text=quote.text[:-1], end=quote.end - 1, confidence=0.4)
            if quote.text.endswith(",")
            else quote
            for quote in extraction.quotes
        ),
    )


EVENTS: dict[str, Callable[[Path], object]] = {
    "the articles indexed again": lambda path: (
        index(path, DOCUMENTS, extract=toy.extract, re_extract=True) and None
    ),
    "an article that changes": lambda path: (
        index(
            path,
            [replace(each, text=f"Corrected. {each.text}") for each in DOCUMENTS],
            extract=toy.extract,
        )
        and None
    ),
    "another title": lambda path: (
        index(path, [replace(each, title="Another") for each in DOCUMENTS], extract=toy.extract)
        and None
    ),
    "articles that get a URL": lambda path: (
        index(
            path,
            [replace(each, url=f"https://news.example/{each.id}") for each in DOCUMENTS],
            extract=toy.extract,
        )
        and None
    ),
    "a file that is opened again": lambda path: Store(path).close(),
}


@pytest.mark.parametrize("event", EVENTS)
def test_corrections_outlast(event: str, path: Path) -> None:
    correct(path, *all_kinds(path))
    names = "SELECT text, speaker, confidence FROM quote_details ORDER BY 1, 2"
    before = rows(path, names)
    EVENTS[event](path)
    assert rows(path, names) == before
    assert {each.state for each in corrections(path)} == {"applied"}
    assert sound(path)


def test_corrections_outlast_another_model(path: Path) -> None:
    correct(path, *all_kinds(path))
    index(path, DOCUMENTS, extract=reworded, re_extract=True)
    assert {each.state for each in corrections(path)} == {"applied"}
    assert speaker(path, "We owe the divers a debt") == "Ada Okafor"  # merged with Cleo Marsh
    assert speaker(path, "told the harbour office") == "Ada Okafor"
    assert rows(path, "SELECT count(*) FROM quotes WHERE text LIKE 'Low%'") == [(0,)]
    assert sound(path)


def test_a_correction_waits_for_an_article_that_is_gone(path: Path, tmp_path: Path) -> None:
    folder = tmp_path / "news"
    folder.mkdir()
    documents = [replace(each, location=str(folder / each.id), path=each.id) for each in DOCUMENTS]
    path = tmp_path / "pruned.db"
    index(path, documents, extract=toy.extract)
    correct(path, Correction("nobody", key(path, "Low Tide")), Correction("name", "bo-lind", "B"))
    index(path, documents[1:2], extract=toy.extract, prune=[str(folder)])
    assert [(each.state, each.leads_to) for each in corrections(path)] == [("waiting", None)] * 2
    assert sound(path)
    index(path, documents, extract=toy.extract)
    assert [each.state for each in corrections(path)] == ["applied"] * 2
    assert rows(path, "SELECT count(*) FROM quotes WHERE text = 'Low Tide'") == [(0,)]
    assert sound(path)


def test_a_correction_by_key_alone_waits_for_its_quotation(path: Path, tmp_path: Path) -> None:
    written = [
        Correction("nobody", key(path, "Low Tide")),
        Correction("speaker", key(path, "We owe"), "ada-okafor"),
        Correction("name", "bo-lind", "Bosse Lind"),
        Correction("nobody", "0123456789abc"),
    ]
    again = tmp_path / "again.db"
    with Store(again) as store:
        store.correct(written)
    built(again)
    assert [each.state for each in corrections(again)] == ["applied"] * 3 + ["waiting"]
    correct(path, *written)
    assert site(again) == site(path)
    assert sound(again)


def test_one_is_two_and_two_are_one(tmp_path: Path) -> None:
    path = tmp_path / "quotes.db"
    said = "“{0} is what we have in store for the town,” Nadia Okonkwo said."
    documents = [
        toy.document(f"{n}.txt", said.format(word), f"2024-01-0{n}", outlet="Lantern")
        for n, word in enumerate(("Plaster", "Granite", "Timber"), start=1)
    ]
    index(path, documents, extract=toy.extract)
    before = site(path)
    article = rows(path, "SELECT key FROM articles WHERE path = '2.txt'")[0][0]
    (split,) = correct(path, Correction("split", "nadia-okonkwo", article))
    assert rows(path, "SELECT name, quote_count FROM speakers ORDER BY 2") == [
        ("Nadia Okonkwo", 1),
        ("Nadia Okonkwo", 2),
    ]
    assert sound(path)
    assert split.leads_to is not None
    correct(path, Correction("name", split.leads_to, "Nadia B. Okonkwo"))
    assert rows(path, "SELECT name, quote_count FROM speakers ORDER BY 2") == [
        ("Nadia B. Okonkwo", 1),
        ("Nadia Okonkwo", 2),
    ]
    index(
        path,
        [replace(each, url=f"https://n.example/{each.id}") for each in documents],
        extract=toy.extract,
    )
    assert rows(path, "SELECT count(*) FROM speakers") == [(2,)]
    assert sound(path)
    correct(path, Correction("merge", "nadia-okonkwo", "nadia-b-okonkwo"))
    assert rows(path, "SELECT name, quote_count FROM speakers") == [("Nadia Okonkwo", 3)]
    assert sound(path)
    undone(path)
    index(path, documents, extract=toy.extract)
    assert [row[1:4] for row in site(path)["speakers"]] == [row[1:4] for row in before["speakers"]]
    assert sound(path)


@pytest.mark.parametrize(
    ("value", "reason"),
    [("0123456789abc", "no article with the key 0123456789abc quotes"), ("{all}", "all articles")],
)
def test_a_split_leaves_somebody(path: Path, value: str, reason: str) -> None:
    sql = "SELECT DISTINCT article_key FROM quote_details WHERE speaker_key = 'bo-lind'"
    value = value.format(all=" ".join(key for (key,) in rows(path, sql)))
    with pytest.raises(CorrectionError, match=reason):
        correct(path, Correction("split", "bo-lind", value))


def test_an_unnamed_source_is_no_person_of_the_list(path: Path) -> None:
    ((aide,),) = rows(path, "SELECT key FROM speakers WHERE name = 'an aide'")
    with pytest.raises(CorrectionError, match="say of each quotation who said it"):
        correct(path, Correction("name", aide, "Una Reyes"))


def test_the_speaker_may_be_one_of_two_of_a_name(tmp_path: Path) -> None:
    path = tmp_path / "quotes.db"
    said = "“{0} is what we have in store for the town,” {1} said."
    documents = [
        toy.document("1.txt", said.format("Plaster", "Nadia Okonkwo"), "2024-01-01"),
        toy.document("2.txt", said.format("Granite", "Nadia Okonkwo"), "2024-01-02"),
        toy.document("3.txt", said.format("Timber", "Bo Lind"), "2024-01-03"),
    ]
    index(path, documents, extract=toy.extract)
    article = rows(path, "SELECT key FROM articles WHERE path = '2.txt'")[0][0]
    (split,) = correct(path, Correction("split", "nadia-okonkwo", article))
    correct(path, Correction("speaker", key(path, "Timber"), split.leads_to))
    ((same,),) = rows(
        path,
        "SELECT count(DISTINCT speaker_id) FROM quotes WHERE text LIKE ?1 OR text LIKE ?2",
        "Timber%",
        "Granite%",
    )
    assert same == 1
    assert rows(path, "SELECT quote_count FROM speakers ORDER BY 1") == [(1,), (2,)]
    assert sound(path)


def test_corrections_and_the_list_of_people_agree(path: Path) -> None:
    listed = [ListedSpeaker("Ada Okafor", ("A. Okafor",), "Q42", "mayor of Ashby")]
    built(path, people=listed)
    correct(path, Correction("name", "ada-okafor", "Ada N. Okafor"))
    found = "SELECT key, wikidata, description FROM speakers WHERE name LIKE 'Ada%'"
    assert rows(path, found) == [("ada-n-okafor", "Q42", "mayor of Ashby")]
    built(path, people=[])
    assert rows(path, found) == [("ada-n-okafor", None, None)]
    assert sound(path)


def test_a_published_copy_cannot_be_corrected(path: Path, tmp_path: Path) -> None:
    correct(path, *all_kinds(path))
    copy = publish(path, tmp_path / "site", 3)
    assert rows(copy, "SELECT count(*) FROM _guesses") == [(0,)]
    assert site(copy)["quotes"] == site(path)["quotes"]
    assert sound(copy)
    with Store(copy) as store, pytest.raises(DatabaseError, match="only excerpts"):
        store.undo_correction(1)


def test_csv_gives_back_hostile_text(tmp_path: Path) -> None:
    nasty = Correction(
        "speaker",
        "0123456789abc",
        '<script>"x",y</script>',
        why="a\nb; '=cmd()'",
        who="=HYPERLINK(1)",
        names=("<b>Ada</b>", "Ada @ x|".rstrip("|")),
    )
    file = tmp_path / "corrections.csv"
    file.write_text(write_corrections([nasty]), newline="")
    assert read_corrections(file) == [nasty]


def test_each_bad_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "corrections.csv"
    file.write_text(
        'what,key,new_value\nnobody,a,\nmaybe,b,c\nspeaker,c,\n\ntext,,"x"\nname,a,b,c\n'
    )
    with pytest.raises(InputError) as error:
        read_corrections(file)
    assert [line.split(":")[0] for line in error.value.reason.splitlines()] == [
        "line 3",
        "line 4",
        "line 6",
        "line 7",
    ]
    file.write_text("key,new_value\n")
    with pytest.raises(InputError, match="needs the columns what and key"):
        read_corrections(file)


def test_check_notices_what_is_not_applied(path: Path) -> None:
    correct(path, Correction("speaker", key(path, "We owe"), "Cleo Marsh"))
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("UPDATE corrections SET names = '[\"Una Reyes\"]'")
    (failed,) = [each for each in check(path) if not each.ok and each.name == "corrections"]
    assert "are not as corrected" in failed.detail


def test_the_csv_has_every_column(path: Path) -> None:
    correct(path, *all_kinds(path))
    (columns, *_) = csv.reader(io.StringIO(write_corrections(corrections(path))))
    assert set(columns) == {
        name for (name,) in rows(path, "SELECT name FROM pragma_table_info('corrections')")
    }


def run(*arguments: str | Path) -> Any:
    return CliRunner().invoke(main, list(map(str, arguments)))


def test_the_command_adds_lists_and_undoes(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "corrections.csv"
    quote = key(path, "We owe")
    file.write_text(
        f'what,key,new_value,who,why\nspeaker,{quote},Cleo Marsh,N. Reyes,"she, herself"\n'
        "nobody,0123456789abc,,,\n"
    )
    added = run("corrections", path, "--add", file)
    assert added.exit_code == 0
    assert added.stderr.splitlines() == [
        f"correction 2 waits: {path} has nothing with the key 0123456789abc",
        "2 corrections, 1 of them waiting",
    ]
    assert speaker(path, "We owe") == "Cleo Marsh"
    listed = run("corrections", path)
    (tmp_path / "listed.csv").write_text(listed.stdout)
    assert read_corrections(tmp_path / "listed.csv")[0].why == "she, herself"
    lines = run("corrections", path, "--json").stdout.splitlines()
    assert [json.loads(line)["state"] for line in lines] == ["applied", "waiting"]
    assert run("corrections", path, "--undo", "1", "--who", "B. Osei").exit_code == 0
    assert speaker(path, "We owe") == "Bo Lind"
    assert corrections(path)[0].undone_by == "B. Osei"
    again = run("corrections", path, "--undo", "1")
    assert (again.exit_code, again.stderr) == (1, "Error: correction 1 has been undone already\n")


def test_the_command_names_bad_lines_and_uses_none(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "corrections.csv"
    quote = key(path, "Nobody told")
    file.write_text(f"what,key,new_value\nspeaker,{quote},Bo\ntext,{quote},other words\n")
    failed = run("corrections", path, "--add", file)
    assert failed.exit_code == 1
    assert failed.stderr == (
        "Error: line 3: the article does not have these words near the quotation: 'other words'\n"
    )
    assert corrections(path) == []


def test_corrections_are_examples_for_training(path: Path, tmp_path: Path) -> None:
    correct(path, *all_kinds(path))
    printed = run("corrections", path, "--format", "training").stdout
    file = tmp_path / "examples.json"
    file.write_text(printed)
    gold = from_json(file, "corrections")
    found = {
        document.text[quote.span.start : quote.span.end]: (quote.spoken, quote.speaker)
        for document in gold.documents
        for quote in document.quotes
    }
    assert found == {
        "“Low Tide”": (False, None),
        "told the harbour office": (True, "Ada Okafor"),
        "We owe the divers a debt,": (True, "Cleo Marsh"),
    }
    assert [len(document.ignored) for document in gold.documents] == [2, 1]
    mentions = {
        row["text"]: row["mention"] for each in json.loads(printed) for row in each["quotes"]
    }
    assert mentions == {"told the harbour office": "Ada Okafor", "We owe the divers a debt,": None}


def test_the_list_of_people_that_is_printed_agrees_with_corrections(path: Path) -> None:
    correct(path, *all_kinds(path))
    before = site(path)
    built(path, people=list_people(path))
    assert site(path) == before
    assert sound(path)
