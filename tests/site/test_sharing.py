"""What other programs see of a page: previews, data, pictures and CSV, whatever text they hold."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from datasette.app import Datasette

from datasette_quotedex.render.card import HEIGHT, MARGIN, WIDTH, card
from datasette_quotedex.render.sharing import script_json
from tests.helpers.site_client import Page, assert_only_our_scripts, get
from tests.helpers.site_fixture import CASES, build, hostile, register

register()

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def site(tmp_path: Path) -> Datasette:
    return Datasette([str(build(tmp_path / "news.db"))])


def data_of(response: Any) -> Any:
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', response.text)
    return json.loads(text)


def open_graph(response: Any) -> dict[str, str]:
    tags = [attrs for tag, attrs in Page(response.text).tags if tag == "meta"]
    return {a["property"] or "": a["content"] or "" for a in tags if "property" in a}


@pytest.mark.asyncio
async def test_quotation_says_who_said_what_where(site: Datasette) -> None:
    response = await get(site, "/-/quotes/@1")
    properties = open_graph(response)
    assert properties["og:title"].startswith("Ana Okafor: “A rent freeze is not a cure,")
    assert properties["og:description"].endswith(", Harborfield Herald, 14 March 2024")
    assert properties["og:site_name"] == "Quotations"
    data = data_of(response)
    assert data["@type"] == "Quotation"
    assert data["url"] == properties["og:url"]
    assert data["url"].startswith("http://localhost/-/quotes/")
    speaker = data["spokenByCharacter"]
    assert (speaker["@type"], speaker["name"]) == ("Person", "Ana Okafor")
    article = data["isPartOf"]
    assert (article["@type"], article["datePublished"]) == ("NewsArticle", "2024-03-14")
    assert article["publisher"]["name"] == "Harborfield Herald"


@pytest.mark.asyncio
async def test_statement_and_speaker_have_quotations(site: Datasette) -> None:
    statement = data_of(await get(site, "/-/statements/@1"))
    assert statement["@type"] == "Quotation"
    assert statement["datePublished"] == "2024-03-14"
    response = await get(site, "/-/speakers/ana-okafor")
    assert open_graph(response)["og:type"] == "profile"
    person, *quotations = data_of(response)["@graph"]
    assert person["alternateName"] == ["Okafor"]
    assert {one["spokenByCharacter"]["@id"] for one in quotations} == {person["@id"]}
    assert len(quotations) == 4


def test_no_text_ends_a_script_element() -> None:
    data = {"text": "</script><!--<script>&\u2028\ud800"}
    text = script_json(data)
    assert not set("<>&\u2028\ud800") & set(text)
    assert json.loads(text) == data


@pytest.mark.asyncio
async def test_hostile_text_stays_text_in_every_form(tmp_path: Path) -> None:
    strings = CASES["hostile"]
    site = Datasette([str(build(tmp_path / "bad.db", hostile(strings)))])
    for number in range(1, len(strings) + 1):
        for page in ("quotes", "speakers", "statements"):
            response = await get(site, f"/-/{page}/@{number}")
            assert_only_our_scripts(response)
            assert data_of(response)
        picture = await get(site, f"/-/quotes/@{number}.svg")
        tags = {one.tag for one in ElementTree.fromstring(picture.content).iter()}
        assert tags == {f"{SVG}{name}" for name in ("svg", "title", "rect", "text")}
        assert "href" not in re.sub(r">[^<]*<", "><", picture.text)
        for page in ("speakers", "articles"):
            response = await get(site, f"/-/{page}/@{number}.csv", spreadsheet="1")
            _, *rows = csv.reader(io.StringIO(response.text.removeprefix("\ufeff")))
            assert len(rows) == 1
            assert not [cell for cell in rows[0] if cell.startswith(("=", "+", "@"))]


@pytest.mark.asyncio
async def test_picture_loads_and_runs_nothing(site: Datasette) -> None:
    response = await get(site, "/-/quotes/@1.svg")
    assert response.headers["content-type"] == "image/svg+xml; charset=utf-8"
    assert response.headers["x-content-type-options"] == "nosniff"
    policy = response.headers["content-security-policy"]
    assert policy == "default-src 'none'; frame-ancestors 'none'; sandbox"
    lines = [one.text for one in ElementTree.fromstring(response.content).iter(f"{SVG}text")]
    assert lines == [
        "“A rent freeze is not a cure,",
        "but it buys the city a year,”",
        "Ana Okafor",
        "Harborfield Herald, 14 March 2024",
    ]
    await get(site, "/-/quotes/@999.svg", status=404)


@pytest.mark.parametrize(
    "text",
    [
        *("", "Short.", "word " * 400, "WE WILL NOT " * 60, "x" * 900),
        *("水" * 700, "e\u0301" * 900, "שלום " * 50),
    ],
)
def test_every_quotation_fits_its_picture(text: str) -> None:
    root = ElementTree.fromstring(card(text, "name " * 40, "outlet " * 40))
    lines = list(root.iter(f"{SVG}text"))
    *quoted, speaker, source = lines
    baselines = [int(line.get("y") or 0) for line in lines]
    assert baselines == sorted(set(baselines))
    assert int(quoted[-1].get("y") or 0) < HEIGHT - 150
    assert max(baselines) < HEIGHT
    joined = " ".join(line.text or "" for line in quoted)
    assert joined.startswith("“")
    assert joined.endswith("”")
    if len(text) > 600:
        assert joined.endswith("…”")
    assert (speaker.text or "").endswith("…")
    assert (source.text or "").endswith("…")


def test_words_from_right_to_left_begin_at_the_right() -> None:
    root = ElementTree.fromstring(card("שלום", "Ana Okafor", "Herald"))
    first, second, _ = root.iter(f"{SVG}text")
    assert (first.get("direction"), first.get("x")) == ("rtl", str(WIDTH - MARGIN))
    assert (second.get("direction"), second.get("x")) == (None, str(MARGIN))


@pytest.mark.asyncio
async def test_csv_of_a_speaker_and_of_an_article(site: Datasette) -> None:
    response = await get(site, "/-/speakers/ana-okafor.csv")
    assert response.headers["content-disposition"] == 'attachment; filename="ana-okafor.csv"'
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert [row["speaker"] for row in rows] == ["Ana Okafor"] * 4
    found = (await get(site, "/-/speakers/ana-okafor.csv", q='"every week"')).text
    assert [row["text"] for row in csv.DictReader(io.StringIO(found))] == [
        "We will use every week of it."
    ]
    article = (await get(site, "/-/articles/@1.json")).json()
    response = await get(site, "/-/articles/@1.csv")
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert {row["key"] for row in rows} == {one["key"] for one in article["quotations"]}
    assert {row["article_key"] for row in rows} == {article["key"]}
    for page in ("speakers", "articles"):
        await get(site, f"/-/{page}/none-at-all.csv", status=404)


def test_capitals_get_shorter_lines() -> None:
    def longest(text: str) -> int:
        root = ElementTree.fromstring(card(text, "Ana Okafor", "Herald"))
        return max(len(line.text or "") for line in list(root.iter(f"{SVG}text"))[:-2])

    assert longest("NOT FOR SALE " * 30) < 0.8 * longest("not for sale " * 30)
