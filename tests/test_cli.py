"""The commands: what they print, where, and their exit status."""

from __future__ import annotations

import asyncio
import csv
import json
import re
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlite_utils import Database

from datasette_quotedex.search import EXPORT_COLUMNS
from quotedex import Extractor, __version__
from quotedex.cli import main
from quotedex.cli.output import progress_bar
from quotedex.extract.flat import FLAT_COLUMNS
from quotedex.index import index
from quotedex.models import Document, Extraction, Quote
from quotedex.read import read
from quotedex.site.serve import SETTINGS, build_site
from tests.helpers import ROOT
from tests.helpers import toy_extractor as toy

SRC = ROOT / "src"
FLOOD = "“We lost the bridge,” said Mara Ilves. “It was old.”\n\nThe “bridge fund” is empty.\n"
RAIN = "“It rained all day,” a senior official said.\n"


def quotedex(*arguments: str | Path, stdin: str | None = None, terminal: bool = False) -> Result:
    """Run a command. With `terminal`, rich prints as on a terminal."""
    env = {"FORCE_COLOR": "1", "TERM": "xterm"} if terminal else {"FORCE_COLOR": None}
    return CliRunner(env=env).invoke(main, [str(one) for one in arguments], input=stdin)


@pytest.fixture
def news(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    (folder / "may").mkdir(parents=True)
    (folder / "flood.txt").write_text(FLOOD, encoding="utf-8")
    (folder / "may" / "rain.md").write_text(RAIN, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("indexed")
    (folder / "flood.txt").write_text(FLOOD, encoding="utf-8")
    (folder / "rain.txt").write_text(RAIN, encoding="utf-8")
    path = folder / "quotes.db"
    index(path, read([str(folder)]), extract=Extractor())  # without topics: they take seconds
    return path


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def summary(result: Result) -> dict[str, str]:
    lines = (line.strip().rsplit(maxsplit=1) for line in result.stdout.splitlines())
    return {name.strip(): value for name, value in lines}


def test_version() -> None:
    assert quotedex("--version").output == f"quotedex, version {__version__}\n"


def test_verbose_logs_what_is_skipped(news: Path) -> None:
    (news / "photo.png").write_bytes(b"")
    line = f"{news}/photo.png: skipped (unsupported format)\n"
    arguments = "extract", "--min-confidence", "1", news
    assert quotedex("--verbose", *arguments).stderr == line
    assert quotedex(*arguments).stderr == ""


def test_index_stores_and_prints_a_summary(news: Path, tmp_path: Path) -> None:
    path = tmp_path / "quotes.db"
    result = quotedex("index", path, news)
    assert result.exit_code == 0
    counts = summary(result)
    assert float(counts.pop("seconds")) >= 0
    assert counts == {
        "articles": "2",
        "quotations": "3",
        "high confidence": "3",
        "medium confidence": "0",
        "low confidence": "0",
        "speakers": "2",
        "failures": "0",
    }
    assert result.stderr == "loading models\n2 of 2 files processed\n"
    assert rows(path, "SELECT count(*) FROM quotes") == [(3,)]


@pytest.mark.slow
def test_index_again_changes_nothing(news: Path, tmp_path: Path) -> None:
    path = tmp_path / "quotes.db"
    quotedex("index", path, news)
    before = path.read_bytes()
    counts = summary(quotedex("index", path, news))
    assert (counts["articles"], counts["unchanged"], counts["quotations"]) == ("0", "2", "0")
    assert "high confidence" not in counts
    assert path.read_bytes() == before


@pytest.mark.slow
def test_index_shows_a_bar_on_a_terminal(news: Path, tmp_path: Path) -> None:
    result = quotedex("index", tmp_path / "quotes.db", news, terminal=True)
    assert result.exit_code == 0
    assert "files processed" not in result.stderr
    assert "2/2" in result.stderr
    assert "loading models" in result.stderr


def test_progress_of_topics(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with progress_bar(2) as view:
        for done in range(3):
            view.stage("topics", done, 1200)
    assert capsys.readouterr().err == "making topics of 1,200 speakers\n"
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    with progress_bar(2) as view:
        view.stage("topics", 700, 1200)
    shown = capsys.readouterr().err
    assert "making topics" in shown
    assert "700/1200" in shown


@pytest.mark.slow
def test_index_continues_after_a_bad_file_and_lists_it(news: Path, tmp_path: Path) -> None:
    (news / "bad.txt").write_bytes(b"\x00\x01")
    path = tmp_path / "quotes.db"
    result = quotedex("index", path, news)
    assert result.exit_code == 0
    assert (summary(result)["articles"], summary(result)["failures"]) == ("2", "1")
    message = f"Error: {news}/bad.txt: a binary file, not text\n"
    assert result.stderr.endswith(message)
    assert result.stderr.count("bad.txt") == 1
    again = quotedex("index", path, news)
    assert again.stderr.endswith(message)
    assert rows(path, "SELECT location FROM failures") == [(f"{news}/bad.txt",)]


@pytest.mark.slow
def test_index_lists_an_old_failure_again_with_new_articles(news: Path, tmp_path: Path) -> None:
    (news / "bad.txt").write_bytes(b"\x00\x01")
    path = tmp_path / "quotes.db"
    quotedex("index", path, news)
    (news / "new.txt").write_text("Nobody spoke at the pier.", encoding="utf-8")
    again = quotedex("index", path, news)
    assert (summary(again)["articles"], summary(again)["failures"]) == ("1", "1")
    assert again.stderr.endswith(f"Error: {news}/bad.txt: a binary file, not text\n")


def test_index_fails_when_nothing_could_be_read(tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_bytes(b"\x00")
    result = quotedex("index", tmp_path / "quotes.db", tmp_path / "bad.txt")
    assert result.exit_code == 1
    assert "bad.txt: a binary file" in result.stderr


@pytest.mark.parametrize("command", ["index", "extract"])
def test_missing_path(command: str, tmp_path: Path) -> None:
    path = tmp_path / "quotes.db"
    arguments: list[str | Path] = [
        command,
        *([path] if command == "index" else []),
        tmp_path / "nothing",
    ]
    result = quotedex(*arguments)
    assert result.exit_code == 1
    assert result.stderr == f"Error: {tmp_path}/nothing: no such file or folder\n"
    assert not path.exists()


def test_index_into_a_file_that_is_not_a_database(news: Path, tmp_path: Path) -> None:
    path = tmp_path / "letters.db"
    path.write_text("Dear Mara,", encoding="utf-8")
    result = quotedex("index", path, news)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert result.stderr == f"Error: {path} is not a SQLite database\n"
    assert path.read_text(encoding="utf-8") == "Dear Mara,"


def test_extract_continues_after_a_document_that_fails(
    news: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def as_given(self: object, document: Document) -> list[Quote]:
        if document.id == "flood.txt":
            raise ValueError("odd")
        time.sleep(9)
        return []

    monkeypatch.setattr(Extractor, "as_given", as_given)
    result = quotedex("extract", news, "--timeout", "0.05")
    assert (result.exit_code, result.stdout) == (1, "")
    first, second = result.stderr.splitlines()
    assert first == f"Error: {news}/flood.txt: ValueError: odd"
    assert second == f"Error: {news}/may/rain.md: it took longer than 0.05 seconds"


def test_extract_prints_one_line_per_document(news: Path) -> None:
    result = quotedex("extract", news)
    assert (result.exit_code, result.stderr) == (0, "")
    flood, rain = map(json.loads, result.stdout.splitlines())
    assert (flood["document"], rain["document"]) == ("flood.txt", "may/rain.md")
    first, second = flood["quotes"]
    confidence = first.pop("confidence")
    assert 0 < confidence <= 1
    assert first == {
        "text": "We lost the bridge,",
        "start_char": 1,
        "end_char": 20,
        "start": 1,
        "end": 20,
        "kind": "full",
        "utterance": 0,
        "parent": None,
        "repeats": None,
        "cue": {"text": "said", "start_char": 22, "end_char": 26, "start": 22, "end": 26},
        "mention": {
            "text": "Mara Ilves",
            "start_char": 27,
            "end_char": 37,
            "start": 27,
            "end": 37,
        },
        "why": "after the quotation, with “said”",
        "speaker": {
            "name": "Mara Ilves",
            "kind": "person",
            "description": None,
            "why": "named in full",
        },
    }
    assert second["utterance"] == 0
    assert rain["quotes"][0]["speaker"] == {
        "name": "a senior official",
        "kind": "anonymous",
        "description": None,
        "why": "no name was found for this source",
    }


def test_extract_from_standard_input() -> None:
    line = json.loads(quotedex("extract", "-", stdin=RAIN).stdout)
    assert line["document"] == "-"
    assert [quote["text"] for quote in line["quotes"]] == ["It rained all day,"]


def test_extract_keeps_line_breaks_and_non_ascii_letters(tmp_path: Path) -> None:
    text = "“Ça va,” said Zoë Łuk.\r\n\r\nThat was all.\r\n"
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode("utf-8"))
    result = quotedex("extract", path)
    assert "Ça va," in result.stdout
    (quote,) = json.loads(result.stdout)["quotes"]
    for words in (quote, quote["mention"], quote["cue"]):
        assert text[words["start_char"] : words["end_char"]] == words["text"]


def test_extract_reports_unreadable_files_and_prints_the_rest(news: Path) -> None:
    (news / "empty.txt").write_bytes(b"")
    result = quotedex("extract", news)
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 2
    assert result.stderr == f"Error: {news}/empty.txt: the file is empty\n"


def test_extract_with_a_minimum_confidence(news: Path) -> None:
    result = quotedex("extract", news, "--min-confidence", "1")
    assert [json.loads(line)["quotes"] for line in result.stdout.splitlines()] == [[], []]


def test_extract_with_a_missing_pipeline(news: Path) -> None:
    result = quotedex("extract", news, "--spacy-model", "no_such_pipeline")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: the spaCy pipeline 'no_such_pipeline' is not installed")
    assert result.stderr.count("\n") == 1


def test_search_prints_plain_text_when_piped(database: Path) -> None:
    result = quotedex("search", database, "bridge")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "“We lost the bridge,”\n    Mara Ilves, flood.txt\n\n"


def test_search_highlights_on_a_terminal(database: Path) -> None:
    result = quotedex("search", database, "bridge", terminal=True)
    assert "We lost the \x1b[1;33mbridge\x1b[0m" in result.stdout


def test_search_takes_several_words_and_a_limit(database: Path) -> None:
    assert "It was old." in quotedex("search", database, "speaker:ilves", "old").stdout
    assert quotedex("search", database, "it", "--limit", "1").stdout.count("“") == 1


def test_search_prints_json_lines(database: Path) -> None:
    hit = json.loads(quotedex("search", database, "bridge", "--json").stdout)
    assert (hit["text"], hit["speaker"]["name"]) == ("We lost the bridge,", "Mara Ilves")
    assert hit["article"]["location"].endswith("flood.txt")


def test_search_prints_rows(database: Path) -> None:
    """The columns are those of the site's CSV."""
    table = list(
        csv.DictReader(quotedex("search", database, "bridge", "--csv").stdout.splitlines())
    )
    (row,) = map(json.loads, quotedex("search", database, "bridge", "--nl").stdout.splitlines())
    assert tuple(row) == tuple(table[0]) == EXPORT_COLUMNS
    assert (row["text"], row["speaker"]) == ("We lost the bridge,", "Mara Ilves")
    assert [each["text"] for each in table] == [row["text"]]
    new = Database(memory=True)
    new.table("quotes").insert(row)
    assert new.table("quotes").count == 1


def test_search_for_spreadsheets(tmp_path: Path) -> None:
    text = "“=1+1 is two,” said Mara Ilves. “The bridge is gone,” she added."
    index(tmp_path / "q.db", [Document("@home", text, "@home")], extract=toy_with_formula)
    plain = quotedex("search", tmp_path / "q.db", "two", "--csv").stdout
    assert ",=1+1 is two," in plain.replace("\r", "").replace('"', "")
    safe = quotedex("search", tmp_path / "q.db", "two", "--spreadsheet").stdout
    assert safe.startswith("\ufeffkey,text,")
    assert ',"\'=1+1 is two,",' in safe
    assert "'@home" in safe


def toy_with_formula(document: Document) -> Extraction:
    extraction = toy.extract(document)
    return replace(extraction, quotes=extraction.quotes[:1])


def test_all_results_of_a_search_from_one_on(database: Path) -> None:
    every = quotedex("search", database, "it", "--limit", "0", "--nl").stdout.splitlines()
    assert len(every) > 1
    rest = quotedex("search", database, "it", "--limit", "0", "--offset", "1", "--nl")
    assert rest.stdout.splitlines() == every[1:]
    second = quotedex("search", database, "it", "--limit", "1", "--offset", "1", "--nl")
    assert second.stdout.splitlines() == every[1:2]


@pytest.mark.parametrize(
    "words", [("-bridge", "it"), ("it", "-bridge"), ("it -bridge",), ("--", "-bridge", "it")]
)
def test_a_word_with_a_minus_is_not_an_option(database: Path, words: tuple[str, ...]) -> None:
    result = quotedex("search", database, "--nl", *words)
    assert result.exit_code == 0
    found = [json.loads(line)["text"] for line in result.stdout.splitlines()]
    assert "It was old." in found
    assert not any("bridge" in text for text in found)


def test_options_of_search_are_still_options(database: Path) -> None:
    assert quotedex("search", "-h").stdout.startswith("Usage:")
    assert quotedex("search", database, "it", "--limt", "3").exit_code == 2
    negative = quotedex("search", database, "it", "--limit", "-30")
    assert negative.exit_code == 2
    assert "-30 is not in the range" in negative.stderr


def test_search_without_results(database: Path) -> None:
    result = quotedex("search", database, "volcano")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "No quotations found.\n"


def test_invalid_search(database: Path) -> None:
    result = quotedex("search", database, '"bridge')
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: The phrase that begins with “bridge” has no closing")


def test_search_never_sends_control_characters_to_a_terminal(tmp_path: Path) -> None:
    article = tmp_path / "a.txt"
    article.write_text("Flood in Ashby today\n\n“The \x9b2Jbridge\x85 is gone,” said Mara Ilves.")
    quotedex("index", tmp_path / "quotes.db", article)
    result = quotedex("search", tmp_path / "quotes.db", "gone")
    assert "is gone" in result.stdout
    assert all(c.isprintable() for c in result.stdout.replace("\n", ""))


@pytest.mark.parametrize("command", ["serve", "search", "check"])
@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "does not exist"), (b"", "empty"), (b"Dear Mara,", "is not a SQLite database")],
)
def test_files_that_are_not_an_index_are_rejected(
    command: str, content: bytes | None, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "quotes.db"
    if content is not None:
        path.write_bytes(content)
    result = quotedex(command, path, *(["bridge"] if command == "search" else []))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: ")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert path.exists() == (content is not None)


def test_check_prints_a_line_for_each_check(database: Path, tmp_path: Path) -> None:
    result = quotedex("check", database)
    assert result.exit_code == 0
    assert all(line.endswith(": ok") for line in result.stdout.splitlines())
    broken = tmp_path / "broken.db"
    broken.write_bytes(database.read_bytes())
    with closing(sqlite3.connect(broken)) as connection, connection:
        connection.execute("UPDATE quotes SET start_char = start_char + 1 WHERE id = 1")
    result = quotedex("check", broken)
    assert result.exit_code == 1
    failed = [line for line in result.stdout.splitlines() if ": FAILED: " in line]
    assert [line.partition(":")[0] for line in failed] == ["article hashes", "quotation offsets"]


def test_site_has_our_settings_and_is_read_only(database: Path) -> None:
    datasette = build_site(database)

    async def get(path: str) -> object:
        response = await datasette.client.get(path)
        assert response.status_code == 200
        return response.json()

    settings = asyncio.run(get("/-/settings.json"))
    assert isinstance(settings, dict)
    assert {name: settings[name] for name in SETTINGS} == dict(SETTINGS)
    served = asyncio.run(get("/-/databases.json"))
    assert isinstance(served, list)
    assert [one["name"] for one in served] == ["quotes"]
    response = asyncio.run(datasette.client.get("/quotes.json?sql=delete+from+quotes"))
    assert response.status_code == 400
    found = asyncio.run(get("/-/quotes.json?q=bridge"))
    assert isinstance(found, dict)
    assert [hit["text"] for hit in found["hits"]] == ["We lost the bridge,"]


def test_serve_answers_until_interrupted(database: Path) -> None:
    command = [sys.executable, "-m", "quotedex", "serve", str(database), "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": str(SRC)}
    ) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().split()[-4]
            assert url.startswith("http://127.0.0.1:")
            with urllib.request.urlopen(url) as page:
                assert b"uotation" in page.read()
            server.send_signal(signal.SIGINT)
            assert server.wait(60) == 0
        finally:
            server.kill()


def test_serve_on_an_address_in_use(database: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = quotedex("serve", database, "--port", str(port))
    assert result.exit_code == 1
    reason = f"cannot listen on 127.0.0.1:{port}: Address already in use"
    assert result.stderr == f"Error: {reason}\n"


def test_extract_prints_a_quotation_a_line(news: Path) -> None:
    options = "--title", "Wet", "--date", "3 May 2024", "--outlet", "Ashby Courier"
    more = "--url", "https://ashby.example/rain"
    result = quotedex("extract", "-", "--flat", *options, *more, stdin=RAIN)
    row = json.loads(result.stdout)
    assert row["text"] == "It rained all day,"
    assert (row["speaker"], row["speaker_kind"]) == ("a senior official", "anonymous")
    assert RAIN[row["mention_start_char"] : row["mention_end_char"]] == row["mention"]
    assert (row["title"], row["published"]) == ("Wet", "2024-05-03")
    assert (row["outlet"], row["url"]) == ("Ashby Courier", "https://ashby.example/rain")
    assert (row["document"], row["number"], row["language"]) == ("-", 0, "en")
    printed = quotedex("extract", news, "--csv").stdout
    table = list(csv.DictReader(printed.splitlines()))
    assert [each["number"] for each in table] == ["0", "1", "0"]
    assert tuple(table[0]) == tuple(row) == FLAT_COLUMNS
    assert quotedex("extract", news, "--spreadsheet").stdout == "\ufeff" + printed


def test_extract_prints_what_is_known_of_a_document(news: Path) -> None:
    (news / "may" / "rain.md").write_text(f"date 2024-05-03\n\n{RAIN}", encoding="utf-8")
    first, second = map(json.loads, quotedex("extract", news).stdout.splitlines())
    assert {"title", "byline", "outlet", "published", "language", "url"} < set(first)
    assert (second["document"], second["published"]) == ("may/rain.md", "2024-05-03")


def test_an_invalid_date_on_the_command_line() -> None:
    result = quotedex("extract", "-", "--date", "04/05/2024", stdin=RAIN)
    assert result.exit_code == 2
    assert "'04/05/2024' is not a date such as 2024-05-03" in result.stderr


def test_index_reads_records_from_standard_input(tmp_path: Path) -> None:
    table = "headline,body\nWet,“It rained all day.”\nDry,No rain today.\n"
    path = tmp_path / "quotes.db"
    result = quotedex("index", path, "-", "--csv", "--json", "--workers", "1", stdin=table)
    summary = json.loads(result.stdout)
    assert (summary["articles"], summary["failures"], summary["failed"]) == (2, 0, [])
    assert rows(path, "SELECT title FROM articles ORDER BY id") == [("Wet",), ("Dry",)]


def test_strict_indexing_fails_if_any_document_does(news: Path, tmp_path: Path) -> None:
    for file in news.rglob("*.*"):
        file.write_text("Nobody spoke.")
    (news / "bad.txt").write_bytes(b"\x00\x01")
    assert quotedex("index", tmp_path / "a.db", news).exit_code == 0
    result = quotedex("index", tmp_path / "b.db", news, "--strict", "--json")
    assert result.exit_code == 1
    (failed,) = json.loads(result.stdout)["failed"]
    assert (failed["location"], failed["error"]) == (f"{news}/bad.txt", "a binary file, not text")


def test_help_of_serve_and_its_short_options() -> None:
    text = quotedex("serve", "--help").stdout
    assert "appear without a restart" in " ".join(text.split())
    for option in ("-h, --host", "-p, --port", "-o, --open", "-s, --setting", "-m, --metadata"):
        assert option in text


@pytest.mark.slow
def test_an_unchanged_folder_takes_less_than_a_second(tmp_path: Path) -> None:
    """In processor time: the machine may have other work. Nothing large may be imported."""
    folder, path = tmp_path / "news", tmp_path / "quotes.db"
    folder.mkdir()
    for number in range(100):
        text = (
            f"It was quiet.\n\nThis is report {number} of what was said in the town and why.\n" * 20
        )
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    index(path, read([str(folder)]), extract=toy.extract, topics=False)
    command = [sys.executable, "-m", "quotedex", "index", str(path), str(folder)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command, capture_output=True, text=True, env={"PYTHONPATH": str(SRC)}, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert re.search(r"unchanged +100\n", done.stdout)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1
