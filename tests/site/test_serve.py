"""The site that `quotedex serve` runs."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import socket
import sqlite3
import time
from contextlib import closing
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest
from datasette.app import Datasette

from quotedex.errors import DatabaseError, QuotedexError
from quotedex.index import index
from quotedex.models import Document
from quotedex.site import serve
from quotedex.site.serve import SiteOptions, build_site
from tests.helpers import toy_extractor as toy
from tests.helpers.site_client import get

SECONDS_OF_GROWTH = 60
PAGES = (
    *("/", "/-/quotes", "/-/quotes?q=rents", "/-/quotes?q=rents&sort=date&outlet=Herald"),
    *("/-/quotes.json?q=tide", "/-/quotes.csv?q=okafor", "/-/quotes.atom"),
    *("/-/quotes/{quote}", "/-/quotes/{quote}.json", "/-/articles/{article}"),
    *("/-/articles/{article}.json", "/-/speakers/{speaker}", "/-/speakers/{speaker}.json"),
    *("/-/speakers/{speaker}.atom", "/-/statements/{statement}", "/-/statements/{statement}.json"),
    *("/-/compare?speakers={speaker},{other}&q=rents", "/-/home.json", "/-/about"),
    *("/-/about.json", "/robots.txt", "/live", "/live/quotes", "/live/quote_details"),
    *("/live/quotes?_search=rents", "/live/speakers/1", "/live/most-quoted"),
    "/live/quotes.json?_shape=array&_size=5",
)
"""Every kind of page."""


def document(number: int, version: int = 0) -> Document:
    name = f"Ada Okafor{'abcdefghij'[number % 10]}"
    text = (
        f"“Rents rise {number} times with tide {version},” {name} said.\n\n"
        f"“We lost street {number} for good,” Bo Lindqvist said."
    )
    day = f"2024-03-{number % 28 + 1:02}"
    return toy.document(f"https://news.example/{number}", text, day, outlet="Herald")


def grow(path: Path, stop: Event) -> None:
    """Index new articles and reword old ones, in one run after another."""
    number = 20
    while not stop.is_set():
        documents = [document(n) for n in range(number, number + 40)]
        documents += [document(n, version=number) for n in range(15)]
        index(path, documents, extract=toy.slow)
        number += 40


@pytest.mark.slow
def test_a_site_follows_a_file_that_grows(tmp_path: Path) -> None:
    path = tmp_path / "live.db"
    index(path, [document(number) for number in range(20)], extract=toy.extract)
    site = build_site(path)
    processes = multiprocessing.get_context("spawn")
    stop = processes.Event()
    writer = processes.Process(target=grow, args=(path, stop))
    writer.start()
    try:
        totals = asyncio.run(ask_for_everything(site, time.monotonic() + SECONDS_OF_GROWTH))
    finally:
        stop.set()
        writer.join(60)
    assert writer.exitcode == 0
    assert totals == sorted(totals)
    assert len(set(totals)) > 10
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM quotes").fetchone()[0] >= totals[-1]


async def ask_for_everything(site: Datasette, until: float) -> list[int]:
    """The number of quotations that the search reported, round after round."""
    totals = []
    while time.monotonic() < until:
        # All of them, which are counted exactly.
        found = (await get(site, "/-/quotes.json?printings=all&unsure=shown")).json()
        totals.append(found["total"])
        hit = found["hits"][0]
        quotation = (await get(site, hit["path"] + ".json")).json()
        speakers = [each["value"] for each in found["facets"]["speaker"]]
        ids = {
            "quote": hit["path"].rpartition("/")[2],
            "article": hit["article"]["path"].rpartition("/")[2],
            "speaker": speakers[0],
            "other": speakers[1],
            "statement": quotation["statement"]["path"].rpartition("/")[2],
        }
        for page in PAGES:
            await get(site, page.format(**ids))
    return totals


def test_a_file_that_nobody_may_write_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file left in WAL mode in such a folder is served as one that does not change."""
    path = tmp_path / "quotes.db"
    index(path, [document(1)], extract=toy.extract)
    monkeypatch.setattr(serve, "reading_mode", lambda path: "immutable=1")
    assert not build_site(path).get_database("quotes").is_mutable
    monkeypatch.undo()
    assert build_site(path).get_database("quotes").is_mutable


def test_a_file_that_another_program_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "quotes.db"
    index(path, [document(1)], extract=toy.extract)
    monkeypatch.setattr("quotedex.store.file.WAIT_SECONDS", 0.1)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseError, match=r"quotes\.db cannot be used: .* is writing to it$"):
            build_site(path)


def test_the_file_is_complete_while_a_site_reads_it(tmp_path: Path) -> None:
    """Whoever copies it need not know of a log beside it."""
    path = tmp_path / "quotes.db"
    index(path, [document(1)], extract=toy.extract)
    with closing(sqlite3.connect(path)) as reader:
        reader.execute("SELECT * FROM quotes").fetchall()
        index(path, [document(2)], extract=toy.extract)
        reader.execute("SELECT * FROM quotes").fetchall()
        index(path, [document(3)], extract=toy.extract)
        copy = tmp_path / "copy.db"
        copy.write_bytes(path.read_bytes())
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM articles").fetchone() == (3,)


def test_missing_pages_are_cheap(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No error is printed with all its variables, which takes seconds."""
    path = tmp_path / "quotes.db"
    index(path, [toy.document("a.txt", "“Rents rise,” Ada Okafor said.")], extract=toy.joined)
    served = build_site(path)
    for address in ("/nothing/here", "/-/quotes/99"):
        response = asyncio.run(served.client.get(address))
        assert response.status_code == 404
    printed = capsys.readouterr()
    assert "locals" not in printed.out + printed.err
    assert len(printed.out + printed.err) < 200


def test_options_of_datasette(tmp_path: Path) -> None:
    paths = [tmp_path / "one.db", tmp_path / "two.db"]
    for path in paths:
        index(path, [document(1)], extract=toy.extract)
    metadata, plugins = tmp_path / "metadata.yaml", tmp_path / "plugins"
    metadata.write_text("title: Harbor news\n")
    plugins.mkdir()
    (plugins / "hello.py").write_text(
        "from datasette import hookimpl, Response\n"
        "@hookimpl\n"
        "def register_routes():\n"
        "    return [('^/-/hello$', lambda: Response.text('good morning'))]\n"
    )
    settings = {"sql_time_limit_ms": "777", "suggest_facets": "on"}
    options = SiteOptions(settings, str(metadata), str(plugins), cors=True)
    site = build_site(paths, options)
    assert set(site.databases) >= {"one", "two"}
    assert site.setting("sql_time_limit_ms") == 777
    assert site.setting("suggest_facets") is True
    assert site.setting("default_page_size") == serve.SETTINGS["default_page_size"]

    async def ask(path: str) -> tuple[str, str | None]:
        answer = await get(site, path)
        return answer.text, answer.headers.get("access-control-allow-origin")

    assert "Harbor news" in asyncio.run(ask("/"))[0]
    assert asyncio.run(ask("/-/hello"))[0] == "good morning"
    assert asyncio.run(ask("/-/quotes.json?database=two"))[1] == "*"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"colour": "red"}, "Datasette has no setting 'colour'"),
        ({"suggest_facets": "maybe"}, "must be on or off, not 'maybe'"),
        ({"sql_time_limit_ms": "long"}, "must be a whole number, not 'long'"),
    ],
)
def test_invalid_settings(tmp_path: Path, settings: dict[str, str], message: str) -> None:
    path = tmp_path / "quotes.db"
    index(path, [document(1)], extract=toy.extract)
    with pytest.raises(QuotedexError, match=message):
        build_site(path, SiteOptions(settings))


@pytest.mark.parametrize("content", ["{", "- [", "\udcff"])
def test_invalid_metadata(tmp_path: Path, content: str) -> None:
    path, metadata = tmp_path / "quotes.db", tmp_path / "metadata.json"
    index(path, [document(1)], extract=toy.extract)
    metadata.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(QuotedexError, match=r"metadata\.json is neither JSON nor YAML"):
        build_site(path, SiteOptions(metadata=str(metadata)))


def test_the_next_port_if_the_default_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(serve, "DEFAULT_PORT", taken.getsockname()[1])
        with serve._listen("127.0.0.1", None) as listening:
            assert listening.getsockname()[1] > serve.DEFAULT_PORT
        monkeypatch.setattr(serve, "PORTS_TRIED", 1)
        with pytest.raises(QuotedexError, match="are all in use"):
            serve._listen("127.0.0.1", None)
        with pytest.raises(QuotedexError, match=f"{os.strerror(98)}"):
            serve._listen("127.0.0.1", serve.DEFAULT_PORT)


def test_a_host_that_does_not_exist() -> None:
    with pytest.raises(QuotedexError, match=r"no\.such\.invalid:8001: (?!Unknown error)\w"):
        serve._listen("no.such.invalid", 8001)
