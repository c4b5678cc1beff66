"""Addresses that last: the same in every file, and old ones lead on or say what was there."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from datasette.app import Datasette

from quotedex.index import index
from quotedex.link import ListedSpeaker
from quotedex.models import Document
from quotedex.read import read
from tests.helpers import toy_extractor as toy
from tests.helpers.site_client import Page, get
from tests.helpers.site_fixture import register

register()

ATOM = "{http://www.w3.org/2005/Atom}"
ROOF = "The roof of the old hall will not hold another winter"
WEIR = "Nobody told us that the weir had burst"
NEWS = {
    "2024/roof.txt": f"Una Reyes. “{ROOF},” Ada Okafor said. “A mess,” an aide said. “A mess.”",
    "2024/weir.txt": f"Bo Lind. “{WEIR},” Mr Lind said. “{ROOF}!” “Then ‘not now’ came,” he said.",
    "hall.txt": f"Old Mill. “{WEIR.upper()},” Ada Okafor said. “So be it,” an aide said.",
    "plumber.txt": "A plumber. “Pipes burst when nobody looks after them,” John Clark said.",
    "senator.txt": "A senator. “No,” John Clark said. “Not ever,” Ada Okafor said.",
}


def folder_of(where: Path) -> Path:
    for number, (name, text) in enumerate(NEWS.items()):
        (where / name).parent.mkdir(parents=True, exist_ok=True)
        dated = f"Hall news\n\n{number + 3} May 2024\n\n{text}\n"
        (where / name).write_text(dated, encoding="utf-8")
    return where


async def site_map(site: Datasette) -> dict[str, str]:
    """Every page that a reader can reach without a search, and its text."""
    pages: dict[str, str] = {}
    waiting = ["/"]
    while waiting:
        address = waiting.pop()
        pages[address] = ""
        page = Page((await get(site, address)).text)
        pages[address] = page.text
        for link in page.own_links():
            path = urlsplit(link).path if "?" not in link else ""
            is_page = path.startswith("/-/") and "." not in path and path != "/-/about"
            if is_page and path not in pages and path not in waiting:
                waiting.append(path)
    return pages


@pytest.mark.asyncio
async def test_two_machines_have_the_same_site(tmp_path: Path) -> None:
    """Another folder, another order, one article at a time, and a file that has seen changes."""
    here, there = folder_of(tmp_path / "here"), tmp_path / "other" / "machine"
    shutil.copytree(here, there)
    index(tmp_path / "one.db", read([here]), extract=toy.extract)
    expected = await site_map(Datasette([str(tmp_path / "one.db")]))
    kinds = [address.split("/")[2] for address in expected if address.count("/") == 3]
    assert {kind: kinds.count(kind) > 3 for kind in kinds} == dict.fromkeys(
        ("articles", "quotes", "speakers", "statements"), True
    )
    documents = [each for each in read([there]) if isinstance(each, Document)]
    random.Random(5).shuffle(documents)
    two = tmp_path / "two" / "one.db"
    two.parent.mkdir()
    for each in documents[::2]:
        index(
            two,
            [toy.document(each.location or "", "“No,” John Clark said.", path=each.path)],
            extract=toy.extract,
        )
    for each in documents:
        index(two, [each], extract=toy.extract)
    assert await site_map(Datasette([str(two)])) == expected


async def leads_to(site: Datasette, address: str) -> str:
    response = await get(site, address, status=302)
    await get(site, str(response.headers["location"]))
    return str(response.headers["location"])


def indexed(path: Path, *documents: Document, **more: Any) -> Datasette:
    index(path, documents, extract=toy.extract, **more)
    return Datasette([str(path)])


async def only_address(site: Datasette, q: str, of: str = "path") -> str:
    (hit,) = (await get(site, "/-/quotes.json", q=q)).json()["hits"]
    return str(hit["path"] if of == "path" else hit[of]["path"])


@pytest.mark.asyncio
async def test_a_copied_citation_works_after_the_article_grew(path: Path) -> None:
    site = indexed(path, toy.document("a.txt", f"“{ROOF},” Ada Okafor said."))
    quotation = await only_address(site, "roof")
    before = (await get(site, f"{quotation}.json")).json()["citations"]
    site = indexed(path, toy.document("a.txt", f"“No.” “{ROOF},” Ada Okafor said. It rained."))
    assert (await get(site, f"{quotation}.json")).json()["citations"] == before
    assert quotation in before["plain"]


@pytest.mark.asyncio
async def test_addresses_of_a_reworded_quotation_lead_on(path: Path) -> None:
    site = indexed(path, toy.document("a.txt", f"“{ROOF},” Ada Okafor said."))
    old, statement = await only_address(site, "roof"), ""
    statement = (await get(site, f"{old}.json")).json()["statement"]["path"]
    changed = ROOF.replace("old hall", "town hall in Ashby")
    site = indexed(path, toy.document("a.txt", f"“{changed},” Ada Okafor said."))
    new = await only_address(site, "roof")
    assert await leads_to(site, old) == new != old
    assert await leads_to(site, f"{old}.json") == f"{new}.json"
    now = (await get(site, f"{new}.json")).json()["statement"]["path"]
    assert await leads_to(site, statement) == now


@pytest.mark.asyncio
async def test_an_article_that_gets_a_url_leads_on(path: Path) -> None:
    site = indexed(path, toy.document("a.txt", f"“{ROOF},” Ada Okafor said."))
    article = await only_address(site, "roof", of="article")
    url = "https://ashby.example/roof"
    site = indexed(path, toy.document("a.txt", f"“{ROOF},” Ada Okafor said.", url=url))
    assert await leads_to(site, f"{article}?at=7") == (
        await only_address(site, "roof", of="article") + "?at=7"
    )


@pytest.mark.asyncio
async def test_what_is_gone_is_said(path: Path) -> None:
    more = {"outlet": "Lantern", "url": "https://ashby.example/roof"}
    first = toy.document("a.txt", f"“{ROOF},” Ada Okafor said. “{WEIR}.”", **more)
    site = indexed(path, first)
    old, article = await only_address(site, "roof"), await only_address(site, "roof", "article")
    site = indexed(path, toy.document("a.txt", f"“{WEIR}.”", **more))
    page = Page((await get(site, old, status=410)).text)
    assert f"a quotation by Ada Okafor: “{ROOF}" in page.text
    assert article in page.links()
    assert (
        "No article here quotes this speaker"
        in (await get(site, "/-/speakers/ada-okafor", status=410)).text
    )
    data = (await get(site, f"{old}.json", status=410)).json()
    assert (data["ok"], data["was"]["label"]) == (False, "Ada Okafor")
    assert data["article"]["path"] == article
    site = indexed(path, prune=["a.txt"])
    page = Page((await get(site, old, status=410)).text)
    assert "a quotation by Ada Okafor" in page.text
    assert "roof" not in page.text
    page = Page((await get(site, article, status=410)).text)
    assert "“News of a.txt”, Lantern" in page.text
    assert "https://ashby.example/roof" in page.links()


@pytest.mark.asyncio
async def test_every_form_of_a_name_is_an_address(path: Path) -> None:
    site = indexed(path, toy.document("a.txt", "Ada Okafor. “No,” Ms Okafor said."))
    assert await leads_to(site, "/-/speakers/ms-okafor") == "/-/speakers/ada-okafor"
    assert await leads_to(site, "/-/speakers/Ada-Okafor") == "/-/speakers/ada-okafor"
    assert await leads_to(site, "/-/speakers/ms-okafor.atom?q=no") == (
        "/-/speakers/ada-okafor.atom?q=no"
    )
    assert await leads_to(site, "/-/quotes?q=no&speaker=ms-okafor") == (
        "/-/quotes?q=no&speaker=ada-okafor"
    )
    names = (await get(site, "/-/compare.json", speakers="ms-okafor,x")).json()["speakers"]
    assert names[0]["key"] == "ada-okafor"


CLARKS = (
    toy.document("e", "e. “No,” John Clark said.", "2021-05-01", outlet="Lantern"),
    toy.document("f", "f. “Not yet,” John Clark said.", "2023-05-01", outlet="Herald"),
)
LANTERN, HERALD = "John Clark (Lantern, 2021)", "John Clark (Herald, 2023)"


@pytest.mark.asyncio
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_the_address_of_a_name_lists_all_who_have_it(
    path: Path, order: Sequence[int]
) -> None:
    for number in order:
        site = indexed(path, CLARKS[number])
    page = Page((await get(site, "/-/speakers/john-clark", status=300)).text)
    assert LANTERN in page.text
    assert HERALD in page.text
    speakers = (await get(site, "/-/speakers/john-clark.json", status=300)).json()["speakers"]
    assert {one["label"] for one in speakers} == {LANTERN, HERALD}
    for one in speakers:
        assert one["path"] in page.links()
        await get(site, one["path"])


@pytest.mark.asyncio
async def test_namesakes_that_turn_out_to_be_one_lead_on(path: Path) -> None:
    site = indexed(path, *CLARKS)
    speakers = (await get(site, "/-/speakers/john-clark.json", status=300)).json()["speakers"]
    site = indexed(path, people=[ListedSpeaker("Johnny Clark", ("John Clark",), "Q7")])
    for one in speakers:
        assert await leads_to(site, one["path"]) == "/-/speakers/johnny-clark"
    assert await leads_to(site, "/-/speakers/john-clark") == "/-/speakers/johnny-clark"


@pytest.mark.asyncio
async def test_every_list_tells_namesakes_apart(path: Path) -> None:
    site = indexed(path, *CLARKS)
    paths = (await get(site, "/-/speakers/john-clark.json", status=300)).json()["speakers"]
    of = {one["label"]: one["path"] for one in paths}
    home = Page((await get(site, "/")).text).text
    search = Page((await get(site, "/-/quotes", q="clark")).text).text
    for label in (LANTERN, HERALD):
        assert label in home
        assert search.count(label) == 3  # a hit, the filter, and its form
        assert label in Page((await get(site, "/quotes/quotes")).text).text
        page = Page((await get(site, of[label])).text)
        (other,) = {LANTERN, HERALD} - {label}
        assert f"Not the same as {other}" in page.text
        assert of[other] in page.links()
        data = (await get(site, f"{of[label]}.json")).json()
        assert [one["label"] for one in data["namesakes"]] == [other]
        chosen = Page((await get(site, "/-/quotes", speaker=of[label].rpartition("/")[2])).text)
        assert f"Speaker: {label}" in chosen.text
    compared = Page((await get(site, "/-/compare", first="John Clark")).text).text
    assert LANTERN in compared or HERALD in compared
    found = (await get(site, "/-/quotes.json", q="clark")).json()["hits"]
    assert {hit["speaker"]["label"] for hit in found} == {LANTERN, HERALD}


@pytest.mark.asyncio
async def test_feeds_name_no_host(path: Path) -> None:
    site = indexed(path, *CLARKS)
    for address in ("/-/quotes.atom", "/-/quotes.atom?q=clark&outlet=Herald"):
        root = ElementTree.fromstring((await get(site, address)).text)
        ids = [each.text or "" for each in root.iter(f"{ATOM}id")]
        assert len(ids) > 1
        assert all(each.startswith("tag:quotedex,2026:quotes") for each in ids)


@pytest.mark.asyncio
async def test_a_page_of_results_starts_at_a_quotation(path: Path) -> None:
    site = indexed(path, *(toy.document(f"{n}", f"“Lamp {n} burns on.”") for n in range(30)))
    data = (await get(site, "/-/quotes.json", q="lamp")).json()
    last = data["hits"][-1]["key"]
    assert f"next={last}_" in data["next_url"]
    after = (await get(site, data["next_url"].removeprefix("http://localhost"))).json()["hits"]
    assert len({hit["key"] for hit in (*data["hits"], *after)}) == 30
