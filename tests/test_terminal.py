"""Nothing that an article, a file name or a message contains can take over a terminal."""

from __future__ import annotations

import csv
import io
import json
import logging
import re
import sqlite3
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from quotedex.cli import main
from quotedex.errors import InputError
from quotedex.index import index
from quotedex.index.parquet import write_shards
from quotedex.link import ListedSpeaker, read_people, write_people
from quotedex.models import Document
from tests.helpers import toy_extractor as toy

ESC = "\x1b[31m\x1b]0;owned\x07\x9b2J\u202e\x7f"
NAME = f"Ferry{ESC}.txt"
ALLOWED = {"\n", "\r", "\t"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder whose name and files have control characters, and an index of it."""
    folder = tmp_path / f"news{ESC}"
    folder.mkdir()
    (folder / NAME).write_text(f"“Rents{ESC} rise,” Ada Okafor said.", encoding="utf-8")
    (folder / f"bad{ESC}.pdf").write_bytes(b"no PDF")
    document = Document(
        id=NAME,
        text=f"“Rents{ESC} rise,” Ada Okafor said.",
        location=str(folder / NAME),
        title=f"=1+1{ESC}",
        byline=ESC,
        outlet=f"Lantern{ESC}",
        path=NAME,
    )
    extraction = toy.extract(document)
    failure = InputError(f"{folder}/bad{ESC}.pdf", f"damaged{ESC}")
    index(tmp_path / "quotes.db", [document, failure], extract=lambda _: extraction)
    write_shards([extraction], tmp_path / "shards")
    (tmp_path / "shards" / f"{ESC}.parquet").write_bytes(b"no Parquet")
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))


def assert_harmless(text: str) -> None:
    assert not [c for c in text if not c.isprintable() and c not in ALLOWED]


def test_messages_and_results(tmp_path: Path, folder: Path) -> None:
    database = tmp_path / "quotes.db"
    for arguments in (
        ["search", database, "rents"],
        ["search", database, f"no{ESC}thing"],
        ["search", database, f"after:{ESC}"],
        ["search", database, "rents", "--json"],
        ["search", database, "rents", "--nl"],
        ["check", database],
        ["load", tmp_path / "new.db", tmp_path / "shards"],
        ["publish-config", database, "-o", tmp_path / f"site{ESC}"],
        ["check", folder / f"none{ESC}.db"],
        ["people", folder / f"none{ESC}.db"],
        ["search", folder, "rents"],
        ["index", database, folder / f"none{ESC}"],
        ["index", database, folder / f"bad{ESC}.pdf"],
        ["-v", "index", database, folder / f"bad{ESC}.pdf", "--json"],
        ["extract", folder / f"bad{ESC}.pdf"],
        ["serve", folder / f"none{ESC}.db"],
        ["serve", database, "-s", f"no{ESC}", "1"],
        [f"no{ESC}command"],
        ["index", database, folder, f"--no{ESC}option"],
        ["index", database, folder, "--people", folder / NAME],
    ):
        result = run(*arguments)
        assert result.output, arguments
        assert_harmless(result.output)


def test_failed_checks(tmp_path: Path, folder: Path) -> None:
    database = tmp_path / "quotes.db"
    with closing(sqlite3.connect(database)) as conn, conn:
        conn.execute("UPDATE speakers SET quote_count = 9, name = name || ?", (ESC,))
        conn.execute("UPDATE former_keys SET key = ?", (ESC,))
    result = run("check", database)
    assert "speaker counts: FAILED" in result.output
    assert_harmless(result.output)


def test_json_has_the_characters_themselves(tmp_path: Path, folder: Path) -> None:
    result = run("search", tmp_path / "quotes.db", "rents", "--nl")
    assert json.loads(result.stdout)["text"] == f"Rents{ESC} rise,"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    "arguments",
    [
        ["search", "{db}", "rents"],
        ["search", "{db}", "rents", "--csv"],
        ["search", "{db}", "rents", "--spreadsheet"],
        ["people", "{db}"],
        ["-v", "index", "{db}", "{folder}", "--prune"],
    ],
)
def test_on_a_terminal(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    (folder / NAME).unlink()
    given = [each.format(db=tmp_path / "quotes.db", folder=folder) for each in arguments]
    with suppress(SystemExit):
        main(given, standalone_mode=False, prog_name="quotedex")
    text = screen.getvalue()
    assert text.strip()
    # A bar and highlighted words are drawn with these alone.
    assert_harmless(re.sub(r"\x1b\[[\d;?]*[mKAlh]", "", text).replace("\ufeff", ""))
    assert "\x1b[31m" not in text


def test_csv_in_a_file_is_exact(tmp_path: Path, folder: Path) -> None:
    result = run("search", tmp_path / "quotes.db", "rents", "--csv")
    (row,) = csv.DictReader(io.StringIO(result.stdout, newline=""))
    assert row["text"] == f"Rents{ESC} rise,"
    assert row["title"].startswith("=1+1")
    result = run("search", tmp_path / "quotes.db", "rents", "--spreadsheet")
    (row,) = csv.DictReader(io.StringIO(result.stdout, newline=""))
    assert row["title"].startswith("'=1+1")


def test_log_messages(capsys: pytest.CaptureFixture[str]) -> None:
    from quotedex.cli.output import logging_to_stderr

    with logging_to_stderr():
        logging.getLogger("quotedex.read").info("fetching https://a.example/%s\nError: x", ESC)
    assert_harmless(capsys.readouterr().err)


def test_a_list_of_people_has_no_formulas(tmp_path: Path) -> None:
    """And is read as it was, also by those who have written their own."""
    names = ["=1+1", "-x", "+1 Ada", "@ada", "'=1+1", "''=1", "'quoted'", "Ada Okafor"]
    people = [ListedSpeaker(name, (f"@{name}", "other"), None, f"={name}") for name in names]
    text = write_people(people)
    for row in csv.reader(io.StringIO(text)):
        assert not [field for field in row if field.startswith(("=", "+", "-", "@"))]
    path = tmp_path / "people.csv"
    path.write_text(text, encoding="utf-8")
    assert read_people(path) == people
    path.write_text("name\n-x\n", encoding="utf-8")
    assert read_people(path) == [ListedSpeaker("-x")]
