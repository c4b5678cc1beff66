"""The lists of speakers, outlets, articles and topics, the page of an outlet, and "not found"."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from datasette.app import Datasette

from datasette_quotedex.pages.browse import LISTINGS, listing
from datasette_quotedex.pages.browse.speakers import name_words
from tests.helpers import ROOT
from tests.helpers.press import press
from tests.helpers.site_client import Page, get
from tests.helpers.site_fixture import build, hostile, register

register()

DOCS = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
SORTED = [(one.name, sort) for one in LISTINGS for sort in one.sorts]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = build(tmp_path_factory.mktemp("browse") / "town.db", press() + _village())
    with sqlite3.connect(path) as connection:
        speakers = [id_ for (id_,) in connection.execute("SELECT id FROM speakers LIMIT 4")]
        terms = [(one, term, 0.1) for one in speakers for term in ("harbour wall", "Alms", "bees")]
        connection.executemany("INSERT INTO topics VALUES (?, ?, ?)", terms[:-2])
    return path


@pytest.fixture
def site(town: Path) -> Datasette:
    return Datasette([str(town)])


def _village() -> list[dict[str, Any]]:
    """Articles with names and outlets of many kinds, some without a date."""
    names = ("Søren Kjær", "Zoë Adair", "zadie north", "Émile Roux", "Mary O’Hara", "Ольга Ким")
    return [
        {
            "title": None if number == 2 else f"Village report {number}",
            "outlet": ("Fen/Marsh Post", "a.b weekly", "Ely+Wash ~ Times", None)[number % 4],
            "published": None if number > 3 else f"202{number}-02-03",
            "location": f"https://fen.example/{number}",
            "byline": None,
            "text": f"“Report {number},” said {name}.",
            "quotes": [[f"Report {number},", name, "full", name, "said"]],
        }
        for number, name in enumerate(names)
    ]


@pytest.mark.asyncio
@pytest.mark.parametrize(("name", "sort"), SORTED)
async def test_pages_have_every_row_once_and_in_order(
    site: Datasette, monkeypatch: pytest.MonkeyPatch, name: str, sort: str
) -> None:
    url = f"/-/{name}.json?sort={sort}"
    whole = (await get(site, url)).json()
    assert whole["next_url"] is None
    assert len(whole[name]) > 2
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    rows: list[dict[str, Any]] = []
    following: str | None = url
    while following:
        page = (await get(site, following.removeprefix("http://localhost"))).json()
        assert 0 < len(page[name]) <= 2
        rows += page[name]
        following = page["next_url"]
    assert rows == whole[name]


@pytest.mark.asyncio
@pytest.mark.parametrize(("name", "sort"), SORTED)
async def test_csv_has_the_rows_of_json(
    site: Datasette, monkeypatch: pytest.MonkeyPatch, name: str, sort: str
) -> None:
    url = f"/-/{name}.{{}}?sort={sort}"
    expected = (await get(site, url.format("json"))).json()[name]
    for snapshot_seconds in (10.0, 0.0):
        monkeypatch.setattr(listing, "CSV_STEP", 2)
        monkeypatch.setattr("datasette_quotedex.context.SNAPSHOT_SECONDS", snapshot_seconds)
        rows = list(csv.DictReader(io.StringIO((await get(site, url.format("csv"))).text)))
        shown = [{k: "" if v is None else str(v) for k, v in row.items()} for row in expected]
        assert rows == shown


@pytest.mark.asyncio
async def test_the_next_page_begins_where_a_row_has_gone(site: Datasette) -> None:
    rows = (await get(site, "/-/speakers.json?next=m")).json()["speakers"]
    assert rows
    assert all(row["key"] > "m" for row in rows)
    for invalid in ("zzz_ana", "99999999999999999999_a", "_", "²_a"):
        page = await get(site, "/-/speakers.json", sort="number", next=invalid)
        assert page.json() == (await get(site, "/-/speakers.json?sort=number")).json()


@pytest.mark.asyncio
async def test_speakers_by_name_number_kind_and_letter(site: Datasette) -> None:
    async def names(**query: str) -> list[str]:
        return [
            row["name"]
            for row in (await get(site, "/-/speakers.json", 200, **query)).json()["speakers"]
        ]

    keys = [row["key"] for row in (await get(site, "/-/speakers.json")).json()["speakers"]]
    *latin, other = keys
    assert latin == sorted(latin)
    assert other.startswith("speaker-")
    by_number = (await get(site, "/-/speakers.json?sort=number")).json()["speakers"]
    counts = [row["quote_count"] for row in by_number]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1]
    assert await names(letter="z") == ["zadie north", "Zoë Adair"]
    assert await names(letter="e") == ["Émile Roux"]
    assert await names(q="kjaer") == await names(q="SØREN Kj") == ["Søren Kjær"]
    assert await names(q="o'hara") == await names(q="ohara mary") == ["Mary O’Hara"]
    assert await names(q="Ольга") == ["Ольга Ким"]
    assert await names(letter="other") == ["Ольга Ким"]
    assert "Ольга Ким" not in await names(letter="s")
    assert await names(letter="0-9") == []
    assert await names(next=other) == []
    assert await names(next=latin[-1]) == ["Ольга Ким"]
    every = (await get(site, "/-/speakers.json")).json()["speakers"]
    letters = {row["name"]: row["letter"] for row in every}
    assert (letters["Ольга Ким"], letters["Émile Roux"]) == ("other", "e")
    assert await names(q="adai north") == await names(q="¿?", letter="q") == []
    everyone = (await get(site, "/-/speakers.json?kind=organization")).json()["speakers"]
    assert {row["kind"] for row in everyone} <= {"organization"}
    page = Page((await get(site, "/-/speakers?letter=z")).text)
    assert "/-/speakers?letter=e" in page.links()
    assert "/-/speakers?letter=q" not in page.links()
    assert "/-/speakers?letter=other" in page.links()
    assert "Other scripts" in page.text


def test_words_of_names() -> None:
    assert name_words("Zoë  d’Arcy-Łódź") == [
        ("zoe", "Zoë"), ("darcy", "d’Arcy-Łódź"), ("lodz", "d’Arcy-Łódź"),
    ]  # fmt: skip
    assert name_words("… -- ¿") == []
    assert len(name_words("a " * 100)) == 8


@pytest.mark.asyncio
async def test_articles_of_an_outlet_and_a_year(site: Datasette) -> None:
    def titles(answer: Any) -> list[str]:
        return [row["title"] for row in answer.json()["articles"]]

    fen = await get(site, "/-/articles.json", outlet="Fen/Marsh Post")
    assert titles(fen) == ["Village report 0", "Village report 4"]
    dated = await get(site, "/-/articles.json", outlet="Fen/Marsh Post", year="2020")
    assert titles(dated) == ["Village report 0"]
    untitled = await get(site, "/-/articles.json", year="2022", outlet="Ely+Wash ~ Times")
    assert titles(untitled) == ["“Report 2,” said zadie north…"]
    links = Page((await get(site, "/-/articles")).text).links()
    assert "/-/articles?year=2020" in links
    assert "/-/articles?year=2019" not in links


@pytest.mark.asyncio
async def test_every_outlet_has_a_page(site: Datasette) -> None:
    outlets = (await get(site, "/-/outlets.json")).json()["outlets"]
    names = [outlet["name"] for outlet in outlets]
    assert names == sorted(names, key=str.lower)
    assert {"Fen/Marsh Post", "a.b weekly", "Ely+Wash ~ Times"} <= set(names)
    for outlet in outlets:
        page = Page((await get(site, outlet["path"])).text)
        assert outlet["name"] in page.text
        data = (await get(site, outlet["path"] + ".json")).json()
        assert data["article_count"] == outlet["article_count"]
        assert sum(year["article_count"] for year in data["years"]) <= outlet["article_count"]
    typed = f"/-/outlets/{quote('Ely+Wash ~ Times')}.json"
    assert (await get(site, typed)).json()["name"] == "Ely+Wash ~ Times"
    await get(site, "/-/outlets/Nobody+Reads+This", status=404)
    await get(site, "/-/outlets/Nobody+Reads+This.json", status=404)


@pytest.mark.asyncio
async def test_an_outlet_counts_sources_without_a_name(tmp_path: Path) -> None:
    article = {
        **_village()[0],
        "text": "“One,” said Ida Lund. “Two,” said Ida Lund. “Three,” said a voice. “Four.”",
        "quotes": [
            ["One,", "Ida Lund", "full", "Ida Lund", "said"],
            ["Two,", "Ida Lund", "full", "Ida Lund", "said"],
            ["Four.", None, "full", None, None],
        ],
    }
    path = build(tmp_path / "one.db", [article])
    site = Datasette([str(path)])
    url = "/-/outlets/Fen~2FMarsh+Post"
    data = (await get(site, url + ".json")).json()
    counts = {"quote_count": 3, "anonymous_count": 0, "unknown_count": 1, "unnamed_percent": 33}
    assert data["sources"] == counts
    assert data["years"] == [{"year": "2020", "article_count": 1, **counts}]
    assert [(one["name"], one["quote_count"]) for one in data["speakers"]] == [("Ida Lund", 2)]
    assert "33%" in Page((await get(site, url)).text).text


@pytest.mark.asyncio
async def test_topics_lead_to_searches(site: Datasette) -> None:
    topics = (await get(site, "/-/topics.json")).json()["topics"]
    counts = {topic["term"]: topic["speaker_count"] for topic in topics}
    assert (counts["harbour wall"], counts["Alms"], counts["bees"]) == (4, 3, 3)
    assert [t["term"] for t in topics if t["speaker_count"] == 3] == ["Alms", "bees"]
    path = {topic["term"]: topic["path"] for topic in topics}["harbour wall"]
    assert path == "/-/quotes?q=%22harbour+wall%22"
    assert path in Page((await get(site, "/-/topics")).text).links()


@pytest.mark.asyncio
async def test_an_unknown_address_has_our_page_and_the_way_back(site: Datasette) -> None:
    for url in ("/nonsense", "/nonsense/more", "/-/nonsense", "/town/no-such-table"):
        answer = await get(site, url, status=404)
        page = Page(answer.text)
        assert "Page not found" in page.text
        assert {"/", "/-/speakers", "/-/quotes"} <= set(page.links())
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    for url in ("/nonsense.json", "/-/nonsense.json", "/town/no-such-table.json"):
        answer = await get(site, url, status=404)
        assert answer.json()["ok"] is False


@pytest.mark.asyncio
async def test_an_unknown_address_without_quotations_is_datasettes(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as connection:
        connection.execute("CREATE TABLE birds (name)")
    site = Datasette([str(tmp_path / "other.db")])
    assert "quotedex" not in (await get(site, "/nonsense", status=404)).text


@pytest.mark.asyncio
async def test_lists_without_a_row(tmp_path: Path) -> None:
    site = Datasette([str(build(tmp_path / "empty.db", []))])
    for name in ("speakers", "outlets", "articles", "topics"):
        answer = (await get(site, f"/-/{name}.json")).json()
        assert (answer[name], answer["next_url"]) == ([], None)
        assert (await get(site, f"/-/{name}.csv")).text.count("\n") == 1
        assert 'role="status"' in (await get(site, f"/-/{name}")).text


@pytest.mark.asyncio
async def test_a_spreadsheet_runs_no_formula(tmp_path: Path) -> None:
    site = Datasette([str(build(tmp_path / "formula.db", hostile(["=1+1"])))])
    rows = (await get(site, "/-/articles.csv?spreadsheet=1")).text
    assert not re.search(r"(^|,)=", rows)


@pytest.mark.asyncio
async def test_home_page_and_menu_lead_to_the_lists(site: Datasette) -> None:
    for url in ("/", "/-/about", "/town"):
        links = Page((await get(site, url)).text).links()
        assert {f"/-/{one.name}" for one in LISTINGS} <= set(links), url


@pytest.mark.asyncio
@pytest.mark.parametrize("name", [*(one.name for one in LISTINGS), "outlet"])
async def test_json_is_documented(site: Datasette, name: str) -> None:
    (section,) = re.findall(rf"<!-- keys: list of {name} -->\n(.*?)\n\n", DOCS, re.DOTALL)
    documented = {key for cell in re.findall(r"^\| (`.*?) \|", section, re.M)
                  for key in re.findall(r"`(\w+)`", cell)}  # fmt: skip
    if name == "outlet":
        data = (await get(site, "/-/outlets/Fen~2FMarsh+Post.json")).json()
    else:
        data = (await get(site, f"/-/{name}.json")).json()[name][0]
    assert set(data) - {"ok"} == documented
