"""Entries of a search: one a statement, sure ones first, those found by headlines apart."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
from itertools import product
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from datasette.app import Datasette

from datasette_quotedex import search
from datasette_quotedex.pages.search import page as result_page
from datasette_quotedex.search import Hit, Selection, Sizes, plan
from datasette_quotedex.search.syntax import parse
from tests.helpers.site_client import Page, get
from tests.helpers.site_fixture import build, register

register()

FERRY = "The ferry will sail again before the ice is gone from the harbour"
KEEPER = "We counted every lantern on the quay and none of them was lit that night"
OUTLETS = ("Lantern Weekly", "Harbour Post", "Quay Times")


def article(number: int, title: str, *quotes: tuple[str, float], day: int = 0) -> dict[str, Any]:
    """An article of an outlet; each quotation is given with its confidence."""
    return {
        "title": title,
        "outlet": OUTLETS[number % 3],
        "published": f"2024-05-{day or number % 28 + 1:02}",
        "location": f"https://news.example/{number}",
        "byline": None,
        "text": " ".join(f"“{words},” Ada Holm said." for words, _ in quotes),
        "quotes": [
            [f"{words},", "Ada Holm", "full", "Ada Holm", "said", {"confidence": confidence}]
            for words, confidence in quotes
        ],
    }


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Datasette:
    articles = [
        article(1, "Winter news", (f"{FERRY}, whatever they say in the capital", 0.95), day=9),
        article(2, "Winter news again", (FERRY, 0.95), day=3),
        article(3, "Spring news", (FERRY, 0.5), day=20),
        article(4, "An old ferry", ("Nobody asked us about the price of bread this year", 0.95)),
        article(5, "Talk", ("ferry", 0.36)),
        article(6, "Lanterns", (KEEPER, 0.4)),
        article(7, "Boats", ("A boat is a promise that the water has to keep", 0.75)),
        article(8, "Boats", ("A boat is a danger that the water has to bear", 0.99)),
        article(9, "Hats", ("My ferry was a hat that floated over the sea", 0.5)),
    ]
    return Datasette([str(build(tmp_path_factory.mktemp("entries") / "news.db", articles))])


async def found(site: Datasette, **arguments: Any) -> dict[str, Any]:
    data: dict[str, Any] = (await get(site, "/-/quotes.json", **arguments)).json()
    return data


@pytest.mark.asyncio
async def test_an_entry_is_a_statement_in_its_fullest_wording(site: Datasette) -> None:
    html = (await get(site, "/-/quotes", q="ferry ice")).text
    page = Page(html)
    assert html.count('<article class="hit') == 1
    shown = re.sub("</?mark>", "", html).split('<details class="printings"')[0]
    assert "whatever they say in the capital" in shown
    assert "1 statement in 2 quotations" in page.text
    summary = "Printed by 3 outlets, first by Quay Times on 3 May 2024"
    assert summary in page.text
    printings = html.split('<details class="printings">')[1].split("</details>")[0]
    assert len(re.findall(r'href="/-/quotes/\w+"', printings)) == 3
    assert len(re.findall(r'href="/-/articles/\w+"', printings)) == 3
    assert re.search(r'href="/-/statements/\w+"', printings)


@pytest.mark.asyncio
async def test_a_switch_shows_every_printing(site: Datasette) -> None:
    html = (await get(site, "/-/quotes", q="ferry ice", printings="all")).text
    assert html.count('<article class="hit') == 3  # one of them folded
    assert "2 quotations" in Page(html).text
    assert '<details class="printings">' not in html
    addresses = re.findall(r'href="(/-/quotes(?:\.\w+)?\?[^"]*)"', html)
    kept = [address for address in addresses if "printings=all" in address]
    without = [address for address in addresses if "printings=all" not in address]
    assert len(kept) > 10
    assert without == ["/-/quotes?q=ferry+ice"]  # the switch
    assert '<input type="hidden" name="printings" value="all">' in html


@pytest.mark.asyncio
async def test_filters_choose_among_the_printings(site: Datasette) -> None:
    data = await found(site, q="ferry ice", outlet="Quay Times")
    (hit,) = data["hits"]
    assert hit["text"] == f"{FERRY},"
    assert hit["statement"]["quote_count"] == 3
    assert (data["total"], data["statements"]) == (1, 1)


@pytest.mark.asyncio
async def test_unsure_ones_are_folded_at_the_end(site: Datasette) -> None:
    data = await found(site, q="ferry")
    assert [hit["confidence_level"] for hit in data["hits"]] == ["high", "high"]
    assert data["left_out"] == {"total": 3, "statements": 2}
    html = (await get(site, "/-/quotes", q="ferry")).text
    shown, _, folded = html.partition('<details class="unsure-ones">')
    assert "2 more that the program is unsure of" in Page(folded).text
    assert shown.count('<article class="hit') == folded.count('<article class="hit') == 2
    alone = await found(site, q="ferry", unsure="only")
    assert sorted(hit["confidence"] for hit in alone["hits"]) == [0.36, 0.5]
    assert (alone["total"], alone["statements"], alone["left_out"]) == (2, 2, None)
    whole = await found(site, q="ferry", unsure="shown")
    assert len(whole["hits"]) == whole["statements"] == 4
    assert whole["hits"][0]["confidence"] > 0.9


@pytest.mark.asyncio
async def test_a_level_of_confidence_can_be_asked_for(site: Datasette) -> None:
    data = await found(site, q="ferry")
    counts = {entry["value"]: entry["count"] for entry in data["facets"]["confidence"]}
    assert counts == {"high": 3, "low": 3}
    low = await found(site, q="ferry", confidence="low", printings="all")
    assert low["total"] == 3
    assert {hit["confidence_level"] for hit in low["hits"]} == {"low"}


@pytest.mark.asyncio
async def test_only_unsure_ones_are_shown_if_there_are_no_others(site: Datasette) -> None:
    page = Page((await get(site, "/-/quotes", q="lantern quay")).text)
    assert KEEPER in page.text
    assert "1 quotation that the program is unsure of" in page.text
    assert "The program is unsure of everything it found." in page.text
    assert (await found(site, q="lantern quay"))["unsure"] == "only"
    feed = (await get(site, "/-/quotes.atom", q="lantern quay")).text
    assert "<entry>" not in feed


@pytest.mark.asyncio
async def test_ranks_weigh_confidence(site: Datasette) -> None:
    hits = (await found(site, q="boat water"))["hits"]
    assert [hit["confidence"] for hit in hits] == [0.99, 0.75]


@pytest.mark.asyncio
async def test_matches_in_headlines_are_a_group_of_their_own(site: Datasette) -> None:
    hits = (await found(site, q="ferry"))["hits"]
    assert [hit["matched"] for hit in hits] == ["words", "headline"]
    html = (await get(site, "/-/quotes", q="ferry")).text
    before, heading, after = html.partition('<h2 class="group">Only the headline matches</h2>')
    assert heading
    assert "price of bread" in after
    assert "price of bread" not in before
    for q, matched in (("holm ice", "words"), ("holm", "speaker"), ("", None)):
        assert (await found(site, q=q))["hits"][0]["matched"] == matched
    mixed = await found(site, q="winter ice")  # one word in each
    assert [hit["matched"] for hit in mixed["hits"]] == ["headline"]
    assert (await found(site, q="ferry", sort="indexed"))["hits"][0]["matched"] is not None


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "manner", [{}, {"printings": "all"}, {"unsure": "shown"}, {"unsure": "only"}]
)
async def test_exports_have_what_the_page_has(site: Datasette, manner: dict[str, str]) -> None:
    data = await found(site, q="ferry", **manner)
    statements = sorted(hit["statement"]["key"] for hit in data["hits"])
    text = (await get(site, "/-/quotes.csv", 200, q="ferry", **manner)).text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert sorted(row["statement_key"] for row in rows) == statements
    assert {row["confidence_level"] for row in rows} <= {"high", "medium", "low"}
    feed = (await get(site, "/-/quotes.atom", 200, q="ferry", **manner)).text
    assert feed.count("<entry>") == len(rows)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty statements, printed one to four times; some by headline, some unsure, some undated."""
    articles, number = [], 0
    for one in range(60):
        words = f"Item {one} of the list says that the lamps of street {one} are dark"
        if one % 4 == 3:
            words = words.replace("lamps", "doors")
        for printing in range(one % 4 + 1):
            number += 1
            confidence = (
                0.5 if one % 5 == 0 and (printing != 1 or one > 20) else 0.8 + printing / 100
            )
            title = "Lamps" if one % 3 == 0 or printing == 2 else "Streets"
            more = " tonight and every night" if printing == 1 else ""
            articles.append(article(number, title, (words + more, confidence)))
            if number % 7 == 0:
                articles[-1]["published"] = None
    return build(tmp_path_factory.mktemp("entries") / "large.db", articles)


@pytest.mark.asyncio
@pytest.mark.parametrize("sort", ["relevance", "date", "indexed"])
@pytest.mark.parametrize("q", ["lamps", "la*", "street", ""])
@pytest.mark.parametrize("unsure", ["hidden", "shown", "only"])
async def test_no_statement_is_shown_twice(
    large: Path, sort: str, q: str, unsure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over all pages, and as many as are counted; the pages back are the same."""
    monkeypatch.setattr(result_page, "PAGE_SIZE", 7)
    site = Datasette([str(large)])
    data = await found(site, q=q, sort=sort, unsure=unsure)
    statements, groups = [], []
    total = data["statements"]
    while True:
        statements += [hit["statement"]["key"] for hit in data["hits"]]
        groups += [hit["matched"] == "headline" for hit in data["hits"]]
        if not data["next_url"]:
            break
        data = (await get(site, data["next_url"].removeprefix("http://localhost"))).json()
    assert len(statements) == len(set(statements)) == total >= 5
    if sort != "indexed":
        assert groups == sorted(groups)


@pytest.mark.parametrize(
    "limits",
    [
        {},
        {"MAX_EXACT": 0, "MAX_RANKED": 0},
        {"MAX_EXACT": 20, "MAX_RANKED": 20, "MAX_SORTED": 0, "_LIST_COST": 0},
        {"MAX_EXACT": 20, "MAX_RANKED": 20, "MAX_SORTED": 0, "MIN_TRIED": 30, "_TRIED": 0},
    ],
    ids=str,
)
def test_every_plan_shows_the_first_printing(
    large: Path, limits: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compared with a choice made in Python among all that the search finds."""
    connection = sqlite3.connect(large)
    connection.row_factory = sqlite3.Row
    for name, value in limits.items():
        monkeypatch.setattr(plan, name, value)
    searches = ("lamps", "lam*", "street -doors", "")
    filters: tuple[dict[str, str], ...] = ({}, {"outlet": "Quay Times"}, {"year": "2024"})
    for q, chosen in product(searches, filters):
        query = parse(q)
        row = connection.execute(*search.size_query(query, chosen)).fetchone()
        sizes = search.parse_sizes(query, chosen, tuple(row))
        for unsure in ("shown", "hidden", "only"):
            wanted = _first_printings(_all(connection, q, chosen, Selection(), sizes), unsure)
            found = _all(connection, q, chosen, Selection(False, unsure), sizes)
            assert sorted(row["place_id"] for row in found) == sorted(wanted), (q, chosen, unsure)
            page = _all(connection, q, chosen, Selection(False, unsure), sizes, limit=3)
            assert [tuple(row) for row in page] == [tuple(row) for row in found[:3]]
            for row in found:
                same = [hit for hit in wanted.values() if hit.statement_key == row["statement_key"]]
                assert len(same) == 1


def _all(
    connection: sqlite3.Connection,
    q: str,
    filters: dict[str, str],
    shown: Selection,
    sizes: Sizes,
    limit: int = 500,
) -> list[sqlite3.Row]:
    sql = search.hits_query(parse(q), filters, sort="date", limit=limit, sizes=sizes, shown=shown)
    return connection.execute(*sql).fetchall()


def _first_printings(rows: list[sqlite3.Row], unsure: str) -> dict[int, Hit]:
    """Of each statement the sure printing, or else the unsure one, that was published first."""
    firsts: dict[str, tuple[tuple[bool, str, int], Hit]] = {}
    for hit in (search.hit_from_row(dict(row)) for row in rows):
        is_unsure = (hit.confidence or 0) < 0.7
        if unsure == "hidden" and is_unsure:
            continue
        place = (is_unsure and unsure == "only", hit.published or "", hit.id)
        if hit.statement_key not in firsts or place < firsts[hit.statement_key][0]:
            firsts[hit.statement_key] = (place, hit)
    return {
        hit.id: hit for (is_unsure, _, _), hit in firsts.values() if unsure != "only" or is_unsure
    }


@pytest.mark.asyncio
async def test_text_of_printings_is_escaped(tmp_path: Path) -> None:
    words = "<script>alert(1)</script> is what the harbour master wrote on the wall"
    articles = [article(n, "<b>Walls</b>", (words, 0.9)) for n in range(3)]
    for one in articles:
        one["outlet"] += "<i>"
    site = Datasette([str(build(tmp_path / "news.db", articles))])
    html = (await get(site, "/-/quotes", q="harbour")).text
    assert "Printed by 3 outlets" in html
    assert not re.search(r"<script>alert|<b>Walls|<i>", html)


def speaker_site(tmp_path: Path, *, unsure: int, sure: int) -> Datasette:
    """A site on which Ada Holm said this many things, of some of which the program is unsure."""
    said = ["ferries", "harbours", "lanterns", "orchards", "turnpikes"]
    levels = [0.4] * unsure + [0.95] * sure
    quotes = [(f"We are proud of our {word}", at) for word, at in zip(said, levels, strict=False)]
    return Datasette([str(build(tmp_path / "one.db", [article(1, "A day out", *quotes)]))])


@pytest.mark.asyncio
async def test_unsure_quotations_of_a_speaker_are_folded(tmp_path: Path) -> None:
    site = speaker_site(tmp_path, unsure=3, sure=2)
    page = (await get(site, "/-/speakers/ada-holm")).text
    listed, _, folded = page.partition('<details class="unsure-ones"')
    assert "3 more that the program is unsure of" in folded
    assert listed.count('<article class="hit') == 2
    assert folded.count('<article class="hit') == 3
    data = (await get(site, "/-/speakers/ada-holm.json")).json()
    assert [one["confidence_level"] for one in data["unsure"]] == ["low"] * 3
    assert (len(data["quotations"]), data["unsure_count"]) == (2, 3)
    for parameters, number in (("", 2), ("?unsure=shown", 5)):
        feed = ElementTree.fromstring(
            (await get(site, f"/-/speakers/ada-holm.atom{parameters}")).text
        )
        assert len(feed.findall("{http://www.w3.org/2005/Atom}entry")) == number
    csv_lines = (await get(site, "/-/speakers/ada-holm.csv")).text.strip().splitlines()
    assert len(csv_lines) == 1 + 5


@pytest.mark.asyncio
async def test_articles_and_statements_mark_unsure_quotations(tmp_path: Path) -> None:
    site = speaker_site(tmp_path, unsure=1, sure=1)
    data = (await get(site, "/-/quotes.json?printings=all&unsure=shown")).json()
    keys = {hit["confidence_level"]: hit["statement"]["key"] for hit in data["hits"]}
    article = f"/-/articles/{data['hits'][0]['article']['key']}"
    assert (await get(site, article)).text.count('class="tag unsure"') == 1
    quotations = (await get(site, f"{article}.json")).json()["quotations"]
    assert [one["confidence_level"] for one in quotations] == ["low", "high"]
    for level, number in (("low", 1), ("high", 0)):
        page = (await get(site, f"/-/statements/{keys[level]}")).text
        assert page.count('class="tag unsure"') == number


@pytest.mark.asyncio
async def test_words_lead_to_the_glossary(tmp_path: Path) -> None:
    site = speaker_site(tmp_path, unsure=2, sure=1)
    terms = set(re.findall(r'id="(term-[\w-]+)"', (await get(site, "/-/about")).text))
    hit = (await get(site, "/-/quotes.json")).json()["hits"][0]
    pages = ("/-/quotes", "/-/speakers/ada-holm", hit["article"]["path"], hit["statement"]["path"])
    for page in pages:
        linked = set(re.findall(r"/-/about#(term-[\w-]+)", (await get(site, page)).text))
        assert linked, page
        assert linked <= terms


@pytest.mark.asyncio
async def test_page_of_a_quotation_explains_its_words(tmp_path: Path) -> None:
    given = [article(n, "Boats", (f"Boat {n} is away", 0.5)) for n in range(1, 3)]
    given[0]["quotes"][0][2] = "partial"
    given[1]["quotes"][0][2] = "turn"
    site = Datasette([str(build(tmp_path / "news.db", given))])
    terms = set(re.findall(r'id="term-([\w-]+)"', (await get(site, "/-/about")).text))
    for number, kind in ((1, "partial"), (2, "turn")):
        page = (await get(site, f"/-/quotes/@{number}")).text
        linked = set(re.findall(r"/-/about#term-([\w-]+)", page))
        assert linked >= {kind, "mention", "speaker", "confidence", "unsure"}
        assert linked <= terms


@pytest.mark.asyncio
async def test_headings_of_filters_lead_to_the_glossary(site: Datasette) -> None:
    html = (await get(site, "/-/quotes", q="ferry")).text
    headings = re.findall(r"<h2><a [^>]*#term-([\w-]+)\">([^<]*)</a></h2>", html)
    assert headings == [
        ("speaker", "Speaker"),
        ("speaker", "Type of speaker"),
        ("outlet", "Outlet"),
        ("partial", "Type of quote"),
        ("confidence", "Confidence"),
    ]


@pytest.mark.asyncio
async def test_speaker_with_unsure_quotations_alone(tmp_path: Path) -> None:
    site = speaker_site(tmp_path, unsure=2, sure=0)
    page = (await get(site, "/-/speakers/ada-holm")).text
    assert '<details class="unsure-ones" open>' in page
    assert "2 that the program is unsure of" in page
    compared = (await get(site, "/-/compare?speakers=ada-holm")).text
    assert "The program is unsure of all of these." in compared
    assert compared.count('<article class="hit') == 2
