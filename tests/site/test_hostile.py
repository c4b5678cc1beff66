"""Text that looks like markup, scripts or templates, or turns its direction, is shown as text."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from datasette.app import Datasette

from tests.helpers import load_cases
from tests.helpers.site_client import Page, assert_only_our_scripts, get
from tests.helpers.site_fixture import build, hostile, register

register()

STRINGS: list[str] = load_cases("xss")["strings"]
PER_ROW = 24
ROWS = [" ¦ ".join(STRINGS[n : n + PER_ROW]) for n in range(0, len(STRINGS), PER_ROW)]
KEYS = {"id", "sha256", "key", "location", "identity", "identified_by"}
INDEXED = {("speakers", "name"), ("articles", "title"), ("quotes", "text"), ("articles", "text")}
"""Hostile already when the file is built; the index and the offsets are theirs."""

PAGES = [
    *(
        "/",
        "/-/quotes",
        "/-/quotes?q=rent&sort=date",
        "/-/about",
        *("/-/speakers", "/-/speakers?kind=anonymous&sort=number", "/-/outlets", "/-/articles"),
        *("/-/topics", "/-/topics?sort=name", "/-/speakers?q=%22%3E%3Cscript%3E"),
        "/-/articles?outlet=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "/-/compare?speakers=@1,@2&q=rent",
    ),
    *(
        f"/-/{kind}/@{number}"
        for kind in ("quotes", "speakers", "statements", "articles")
        for number in range(1, len(ROWS) + 1)
    ),
]
TAGS = {
    *("html", "head", "meta", "title", "link", "body", "a", "header", "nav", "main", "footer"),
    *("h1", "h2", "h3", "h4", "p", "div", "span", "section", "article", "aside", "details"),
    *("fieldset", "legend", "kbd"),
    *("form", "label", "input", "button", "select", "option", "summary", "table", "thead", "tbody"),
    *(
        "tr",
        "th",
        "td",
        "caption",
        "datalist",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "blockquote",
        "q",
        "cite",
    ),
    *("mark", "b", "i", "em", "strong", "small", "time", "code", "pre", "bdi", "br", "hr", "ins"),
    *("del", "figure", "figcaption", "svg", "g", "rect", "line", "path", "text", "desc", "abbr"),
}
ADDRESSES = re.compile(
    r"/|#|\?|http://localhost/|https?://(news\.example|www\.wikidata|datasette\.io)/"
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_database(tmp_path_factory.mktemp("hostile") / "bad.db")


def hostile_database(path: Path) -> Path:
    """A file with the strings in every text column of every table, some in each row."""
    build(path, hostile(ROWS))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.create_function("hostile", 1, lambda rowid: ROWS[rowid % len(ROWS)])
        connection.execute("INSERT INTO failures VALUES (hostile(1), 'x', 'x', 1)")
        connection.execute("INSERT INTO aliases SELECT id, hostile(id), 1, 'x' FROM speakers")
        connection.execute("INSERT INTO topics SELECT id, hostile(id), 1 FROM speakers")
        tables = connection.execute(
            "SELECT name FROM pragma_table_list"
            " WHERE strict AND NOT wr AND name NOT LIKE '!_%' ESCAPE '!'"
        ).fetchall()
        for (table,) in tables:
            for _, column, type_, *_ in connection.execute(
                f"PRAGMA table_info({table})"
            ).fetchall():
                if type_ == "TEXT" and column not in KEYS and (table, column) not in INDEXED:
                    connection.execute(f"UPDATE {table} SET {column} = hostile(rowid)")
        connection.commit()
    return path


def test_there_are_enough_strings() -> None:
    assert len(STRINGS) == len(set(STRINGS)) >= 200


@pytest.mark.asyncio
@pytest.mark.parametrize("url", PAGES)
async def test_pages_show_hostile_strings_as_text(path: Path, url: str) -> None:
    response = await get(Datasette([str(path)]), url)
    page = Page(response.text)
    assert {tag for tag, _ in page.tags} <= TAGS | {"script"}
    assert_only_our_scripts(response)
    attributes = [(name, value or "") for _, attrs in page.tags for name, value in attrs.items()]
    assert [name for name, _ in attributes if name.startswith("on") or name == "style"] == []
    for name, value in attributes:
        if name in ("href", "src", "action", "formaction", "xlink:href"):
            assert ADDRESSES.match(value), value


@pytest.mark.asyncio
async def test_pages_and_exports_keep_every_character(path: Path) -> None:
    site = Datasette([str(path)])
    for number, text in enumerate(ROWS, start=1):
        page = Page((await get(site, f"/-/quotes/@{number}")).text)
        assert _plain(f"rent {text}") in _plain(page.text)
        page = Page((await get(site, f"/-/articles/@{number}")).text)
        for line in f"rent {text}".splitlines():
            assert _plain(line).strip() in _plain(page.text)
    data: list[dict[str, Any]] = (await get(site, "/-/quotes.json", q="rent")).json()["hits"]
    assert {hit["text"] for hit in data} == {f"rent {text}" for text in ROWS}
    rows = csv.DictReader(io.StringIO((await get(site, "/-/quotes.csv")).text, newline=""))
    assert {row["text"] for row in rows} == {f"rent {text}" for text in ROWS}


@pytest.mark.asyncio
@pytest.mark.parametrize("url", ["/-/quotes.atom", "/-/speakers/@1.atom"])
async def test_feeds_are_valid_xml(path: Path, url: str) -> None:
    response = await get(Datasette([str(path)]), url)
    root = ElementTree.fromstring(response.content)
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {
        *("feed", "title", "id", "link", "updated", "author", "name", "entry", "content"),
        *("summary", "published"),
    }


@pytest.mark.asyncio
@pytest.mark.parametrize("url", [url for url in PAGES if url.endswith(("/@1", "/@2", "about"))])
async def test_page_data_is_valid_json(path: Path, url: str) -> None:
    assert (await get(Datasette([str(path)]), f"{url}.json")).json()["ok"]


@pytest.mark.asyncio
async def test_searches_for_hostile_strings_give_pages(path: Path) -> None:
    site = Datasette([str(path)])
    for string in STRINGS[::5]:
        response = await get(site, "/-/quotes", q=string, outlet=string, year=string)
        page = Page(response.text)
        assert {tag for tag, _ in page.tags} <= TAGS | {"script"}
        assert_only_our_scripts(response)


LONG = "lamp " * 20_000 + "wick"


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One article with 2,000 quotations, and one that is a single quotation of 100 kB."""
    words = [f"Sentence {n} of the hearing <b>{n}</b>." for n in range(2000)]
    common = {"outlet": "Lantern Weekly", "published": "2024-05-01", "byline": None}
    said = [[text, f"Witness {n % 40}", "full", "she", "said"] for n, text in enumerate(words)]
    hearing = {
        **common,
        "title": "A long hearing",
        "location": "https://lantern.example/hearing",
        "text": "\n\n".join(f"“{text}” she said." for text in words),
        "quotes": said,
    }
    speech = {
        **common,
        "title": "A long speech",
        "location": "https://lantern.example/speech",
        "text": f"“{LONG}” she said.",
        "quotes": [[LONG, "Ana Okafor", "full", "she", "said"]],
    }
    return build(tmp_path_factory.mktemp("large") / "large.db", [hearing, speech])


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "url",
    [
        *(
            "/",
            "/-/quotes",
            "/-/quotes?q=sentence",
            "/-/quotes?q=wick",
            "/-/quotes?q=sentence+1999",
        ),
        *(
            "/-/quotes/@1000",
            "/-/quotes/@2001",
            "/-/articles/@1",
            "/-/articles/@2",
            "/-/speakers/@1",
        ),
        *("/-/statements/@2001", "/-/compare?speakers=@1,@2&q=hearing", "/-/quotes.csv"),
    ],
)
async def test_pages_with_long_articles_and_quotations(large: Path, url: str) -> None:
    response = await get(Datasette([str(large)]), url)
    if not url.endswith("csv"):
        assert "<b>1" not in response.text.replace("<b>1</b>", "").replace("<b>1,0", "")
        assert "</html>" in response.text


@pytest.mark.asyncio
async def test_list_of_hits_shows_part_of_a_long_quotation(large: Path) -> None:
    site = Datasette([str(large)])
    response = await get(site, "/-/quotes", q="wick")
    assert "<mark>wick</mark>" in response.text
    assert len(response.content) < 20_000
    assert (await get(site, "/-/quotes.json", q="wick")).json()["hits"][0]["text"] == LONG


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)
