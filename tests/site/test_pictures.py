"""The charts' links, the network of speakers, and the table of outlets and speakers."""

from __future__ import annotations

import csv
import io
import itertools
import re
import sqlite3
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette

from datasette_quotedex.pages.pictures import counted
from tests.helpers import ROOT
from tests.helpers.press import press
from tests.helpers.site_client import Page, assert_only_our_scripts, get
from tests.helpers.site_fixture import build, register

register()

DOCS = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("pictures") / "town.db", press())


@pytest.fixture
def site(town: Path) -> Datasette:
    return Datasette([str(town)])


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("page", "kept"),
    [
        ("/", {}),
        ("/-/speakers/@1", {"speaker": "@1"}),
        ("/-/outlets/Harborfield+Herald", {"outlet": "Harborfield Herald"}),
        ("/-/compare?speakers=@1,@2&q=pier", {"speaker": "@1"}),
    ],
)
async def test_each_bar_leads_to_as_many_quotations_as_it_says(
    site: Datasette, page: str, kept: dict[str, str]
) -> None:
    bars = _bars((await get(site, page)).text)
    assert len(bars) > 3
    for address, name in (bars[0], bars[-1]):
        number = re.search(r": ([0-9]+) quotations?$", name)
        assert number
        answer = (await get(site, address.replace("/quotes?", "/quotes.json?"))).json()
        assert answer["total"] == int(number[1]), name
    speaker = (await get(site, "/-/speakers/@1.json")).json()["key"]
    filters = {name: speaker if value == "@1" else value for name, value in kept.items()}
    answer = (await get(site, bars[0][0].replace("/quotes?", "/quotes.json?"))).json()
    assert answer["filters"] == filters


@pytest.mark.asyncio
async def test_bars_of_a_comparison_name_their_speaker(site: Datasette) -> None:
    text = (await get(site, "/-/compare?speakers=@1,@2")).text
    names = [name for _, name in _bars(text)]
    first = (await get(site, "/-/speakers/@1.json")).json()
    second = (await get(site, "/-/speakers/@2.json")).json()
    for speaker in (first, second):
        own = [name for name in names if name.startswith(f"{speaker['name']}, ")]
        numbers = [int(name.rpartition(": ")[2].split()[0]) for name in own]
        assert sum(numbers) == speaker["quote_count"]


@pytest.mark.asyncio
async def test_comparison_counts_articles_that_quote_both(site: Datasette) -> None:
    speaker = (await get(site, "/-/speakers/@1.json")).json()
    other = speaker["co_quoted"][0]
    keys = f"{speaker['key']},{other['key']}"
    answer = (await get(site, f"/-/compare.json?speakers={keys}")).json()
    assert answer["articles_together"] == other["article_count"]
    boxes = f"speakers={speaker['key']}&speakers={other['key']}"
    assert (await get(site, f"/-/compare.json?{boxes}")).json() == answer
    alone = (await get(site, f"/-/compare.json?speakers={speaker['key']}")).json()
    assert alone["articles_together"] is None


@pytest.mark.asyncio
async def test_network_counts_articles_that_quote_both(site: Datasette, town: Path) -> None:
    data = (await get(site, "/-/network.json")).json()
    assert {row["kind"] for row in data["speakers"]} == {"person"}
    assert data["counted_articles"] is None
    expected = _pairs_by_sql(town)
    found = {
        frozenset((row["first_key"], row["second_key"])): row["article_count"]
        for row in data["pairs"]
    }
    assert found == expected
    numbers = [row["article_count"] for row in data["pairs"]]
    assert numbers == sorted(numbers, reverse=True)
    html = (await get(site, "/-/network")).text
    assert html.count('class="person-node') == len({key for pair in expected for key in pair})
    page = Page(html)
    for row in data["pairs"]:
        assert row["path"] in page.links()
    lines = list(csv.DictReader(io.StringIO((await get(site, "/-/network.csv")).text)))
    assert [line["path"] for line in lines] == [row["path"] for row in data["pairs"]]


def _pairs_by_sql(path: Path) -> dict[frozenset[str], int]:
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            """SELECT s.key, t.key, count(DISTINCT q.article_id) FROM quotes q
            JOIN quotes r ON r.article_id = q.article_id AND r.speaker_id > q.speaker_id
            JOIN speakers s ON s.id = q.speaker_id JOIN speakers t ON t.id = r.speaker_id
            WHERE s.kind = 'person' AND t.kind = 'person' GROUP BY 1, 2"""
        ).fetchall()
    return {frozenset((one, other)): number for one, other, number in rows}


@pytest.mark.asyncio
async def test_table_of_outlets_has_the_numbers_of_its_searches(site: Datasette) -> None:
    data = (await get(site, "/-/outlets-and-speakers.json?kind=all")).json()
    assert len(data["outlets"]) == 4
    assert len(data["cells"]) > 5
    for cell in data["cells"][::5]:
        answer = (await get(site, cell["path"].replace("/quotes?", "/quotes.json?"))).json()
        assert answer["total"] == cell["quote_count"]
    totals = {row["name"]: row["quote_count"] for row in data["outlets"]}
    for cell in data["cells"]:
        share = 100 * cell["quote_count"] / totals[cell["outlet"]]
        assert cell["percent"] == pytest.approx(share, abs=0.06)
    html = (await get(site, "/-/outlets-and-speakers?kind=all")).text
    links = Page(html).links()
    assert all(cell["path"] in links for cell in data["cells"])
    assert html.count('<th scope="col">') == 4
    text = (await get(site, "/-/outlets-and-speakers.csv?kind=all&spreadsheet=1")).text
    lines = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [int(line["quote_count"]) for line in lines] == [
        cell["quote_count"] for cell in data["cells"]
    ]


@pytest.mark.asyncio
@pytest.mark.parametrize("page", ["network", "outlets-and-speakers"])
async def test_pictures_follow_the_file_and_bound_what_they_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    articles = press(12)
    path = build(tmp_path / "town.db", articles[:6])
    site = Datasette([str(path)])
    before = (await get(site, f"/-/{page}.json")).json()
    assert (await get(site, f"/-/{page}.json")).json() == before
    with monkeypatch.context() as patch:
        patch.setattr(counted, "RECENT_ARTICLES", 3)
        other = Datasette([str(path)])
        some = (await get(other, f"/-/{page}.json")).json()
        assert some["counted_articles"] == 3
        assert _sum(some) < _sum(before)
        assert "articles indexed last, at most 3." in (await get(other, f"/-/{page}")).text
    more = build(tmp_path / "more.db", articles)
    path.write_bytes(more.read_bytes())
    after = (await get(Datasette([str(path)]), f"/-/{page}.json")).json()
    assert _sum(after) > _sum(before)


def _sum(data: dict[str, Any]) -> int:
    if "pairs" in data:
        return sum(row["article_count"] for row in data["pairs"])
    return sum(row["quote_count"] for row in data["cells"])


@pytest.mark.asyncio
@pytest.mark.parametrize("page", ["network", "outlets-and-speakers"])
async def test_pictures_of_nothing_say_so(tmp_path: Path, page: str) -> None:
    article = {**press(1)[0], "outlet": None, "text": "“One,” said Ida Lund."}
    article["quotes"] = [["One,", "Ida Lund", "full", "Ida Lund", "said"]]
    site = Datasette([str(build(tmp_path / "one.db", [article]))])
    for kind in ("", "?kind=organization", "?kind=nonsense", "?kind=all&show=share"):
        text = Page((await get(site, f"/-/{page}{kind}")).text).text
        assert "No article here quotes two" in text or "No article with a named outlet" in text
        for form in (".json", ".csv"):
            await get(site, f"/-/{page}{form}{kind}")


@pytest.mark.asyncio
async def test_hostile_names_of_speakers_and_outlets_stay_text(tmp_path: Path) -> None:
    names = ["<script>alert(1)</script>", '"><img src=x>', "=1+1", "\u202eknarf", "Ида & <b>"]
    articles = [
        {
            **press(1)[0],
            "location": f"https://fen.example/{number}",
            "outlet": f"{name} Post",
            "text": f"“One {number},” said {name}. “Two {number},” said {other}.",
            "quotes": [
                [f"One {number},", name, "full", name, "said"],
                [f"Two {number},", other, "full", other, "said"],
            ],
        }
        for number, (name, other) in enumerate(itertools.combinations(names, 2))
    ]
    site = Datasette([str(build(tmp_path / "hostile.db", articles))])
    for page in ("network", "outlets-and-speakers"):
        response = await get(site, f"/-/{page}?kind=all")
        assert_only_our_scripts(response)
        assert "<script>" not in response.text
        assert "<img" not in response.text
        assert "<b>" not in response.text
        lines = (await get(site, f"/-/{page}.csv?kind=all&spreadsheet=1")).text
        assert "'=1+1" in lines
        data = (await get(site, f"/-/{page}.json?kind=all")).json()
        assert {row["name"] for row in data["speakers"]} == set(names)


@pytest.mark.asyncio
@pytest.mark.parametrize("page", ["network", "outlets-and-speakers"])
async def test_json_has_the_documented_keys(site: Datasette, page: str) -> None:
    (section,) = re.findall(rf"<!-- keys: {page} -->\n(.*?)\n\n", DOCS, re.DOTALL)
    rows = re.findall(r"^\| (`[^|]*) \|", section, re.MULTILINE)
    documented = [key for row in rows for key in re.findall(r"`(\w+)`", row)]
    data = (await get(site, f"/-/{page}.json")).json()
    assert set(data) == {"ok", *documented}
    for name in ("pairs", "cells"):
        for row in data.get(name, [])[:1]:
            assert all(f"`{key}`" in section for key in row)


def _bars(html: str) -> list[tuple[str, str]]:
    """The address and the accessible name of each bar."""
    found = re.findall(r'<a class="period" href="([^"]*)" aria-label="([^"]*)">', html)
    return [(unescape(address), unescape(name)) for address, name in found]
