"""Feeds are valid Atom, whatever text they hold."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from datasette.app import Datasette

from datasette_quotedex.render.atom import AtomEntry, atom_feed, tag_uri
from tests.helpers.site_client import get
from tests.helpers.site_fixture import CASES, build, hostile, many, register

register()

ATOM = "{http://www.w3.org/2005/Atom}"
_TIME = "2024-05-01T09:00:00.250+00:00"
PLACES = "https://quotes.example/feed", "https://quotes.example/"


def test_feed_has_the_elements_of_the_standard() -> None:
    entries = [
        AtomEntry(
            "tag:2", "https://quotes.example/2", "Two", "b", _TIME, "2024-03-14", "Ana Okafor"
        ),
        AtomEntry("tag:1", "https://quotes.example/1", "One", "a"),
    ]
    root = ElementTree.fromstring(atom_feed("tag:0", "All quotations", *PLACES, entries).encode())
    assert root.tag == f"{ATOM}feed"
    assert root.findtext(f"{ATOM}id") == "tag:0"
    assert root.findtext(f"{ATOM}updated") == _TIME
    assert root.findtext(f"{ATOM}author/{ATOM}name") == "All quotations"
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links == {"self": PLACES[0], "alternate": PLACES[1]}
    first, second = root.findall(f"{ATOM}entry")
    for name, value in (("id", "tag:2"), ("title", "Two"), ("content", "b")):
        assert first.findtext(ATOM + name) == value
    assert first.findtext(f"{ATOM}updated") == _TIME
    assert first.findtext(f"{ATOM}published") == "2024-03-14T00:00:00Z"
    assert first.findtext(f"{ATOM}author/{ATOM}name") == "Ana Okafor"
    assert second.find(f"{ATOM}published") is None
    assert second.findtext(f"{ATOM}updated") == "1970-01-01T00:00:00Z"


def test_ids_name_no_host() -> None:
    assert tag_uri("quotes", "3k9d") == "tag:quotedex,2026:quotes/3k9d"
    assert tag_uri("speakers", "ana-okafor", "rent & “pier”") == (
        "tag:quotedex,2026:speakers/ana-okafor?q=rent+%26+%E2%80%9Cpier%E2%80%9D"
    )


def test_empty_feed_is_valid() -> None:
    root = ElementTree.fromstring(atom_feed("tag:0", "Nothing", *PLACES, []).encode())
    assert root.findtext(f"{ATOM}updated")


@pytest.mark.parametrize("text", [*CASES["hostile"], "\x00\x1b\x0c\ufffe\uffff \ufdd0"])
def test_any_text_is_escaped(text: str) -> None:
    entries = [AtomEntry("tag:1", PLACES[1], text, text, text, text, text)]
    xml = atom_feed("tag:0", text, *PLACES, entries)
    (entry,) = ElementTree.fromstring(xml.encode()).findall(f"{ATOM}entry")
    assert [child.tag for child in entry if len(child)] == [f"{ATOM}author"]
    expected = "".join("\ufffd" if c in "\x00\x1b\x0c\ufffe\uffff" else c for c in text)
    assert entry.findtext(f"{ATOM}title") == expected.replace("\r\n", "\n")


@pytest.mark.asyncio
async def test_feed_of_a_search_has_the_last_indexed_first(tmp_path: Path) -> None:
    site = Datasette([str(build(tmp_path / "news.db"))], settings={"base_url": "/press/"})
    response = await get(site, "/-/quotes.atom", q="rent OR strike", sort="relevance", next="9_1")
    assert response.headers["content-type"] == "application/atom+xml; charset=utf-8"
    root = ElementTree.fromstring(response.content)
    assert root.findtext(f"{ATOM}title") == "rent OR strike – Quotations"
    moments = [moment.text or "" for moment in root.findall(f"{ATOM}entry/{ATOM}updated")]
    assert len(moments) == 11
    assert moments == sorted(moments, reverse=True)
    entry = root.find(f"{ATOM}entry")
    assert entry is not None
    id_ = entry.findtext(f"{ATOM}id") or ""
    assert id_.startswith("tag:quotedex,2026:quotes/")
    (link,) = entry.findall(f"{ATOM}link")
    assert link.get("href") == f"http://localhost/press/-/quotes/{id_.rpartition('/')[2]}"
    assert "Sit down and talk!" in (entry.findtext(f"{ATOM}content") or "")
    await get(site, "/-/quotes.atom", status=400, q='"rent')


@pytest.mark.asyncio
async def test_hostile_quotations_stay_valid_xml(tmp_path: Path) -> None:
    site = Datasette([str(build(tmp_path / "bad.db", hostile(CASES["hostile"])))])
    root = ElementTree.fromstring((await get(site, "/-/quotes.atom")).content)
    assert len(root.findall(f"{ATOM}entry")) == len(CASES["hostile"])


@pytest.mark.asyncio
async def test_feed_has_an_old_article_that_was_indexed_late(tmp_path: Path) -> None:
    new, old = many(2)
    new, old = {**new, "published": "2024-06-01"}, {**old, "published": "1987-02-03"}
    path = build(tmp_path / "news.db", [new])
    build(path, [old])
    site = Datasette([str(path)])
    for address in ("/-/quotes.atom", "/-/quotes.atom?q=lamp", "/-/speakers/ana-okafor.atom"):
        feed = ElementTree.fromstring((await get(site, address)).content)
        first, second = feed.findall(f"{ATOM}entry")
        assert first.findtext(f"{ATOM}published") == "1987-02-03T00:00:00Z"
        assert feed.findtext(f"{ATOM}updated") == first.findtext(f"{ATOM}updated")
        assert (first.findtext(f"{ATOM}updated") or "") > (second.findtext(f"{ATOM}updated") or "")


@pytest.mark.asyncio
async def test_indexing_an_article_again_makes_nothing_new(tmp_path: Path) -> None:
    first, second = many(2)
    path = build(tmp_path / "news.db", [first])
    build(path, [second])
    site = Datasette([str(path)])
    before = (await get(site, "/-/quotes.atom")).text
    longer = {**first, "text": first["text"] + " It was dark. “Lamp 7 burns, too,” she said."}
    build(path, [first])
    assert (await get(site, "/-/quotes.atom")).text == before
    longer["quotes"] = [*first["quotes"], ["Lamp 7 burns, too,", "Ana Okafor", "full", "she", None]]
    build(path, [longer])
    titles, known = (
        [entry.findtext(f"{ATOM}title") for entry in feed.findall(f"{ATOM}entry")]
        for feed in map(ElementTree.fromstring, ((await get(site, "/-/quotes.atom")).text, before))
    )
    assert titles == ["Ana Okafor: “Lamp 7 burns, too,”", *known]


@pytest.mark.asyncio
@pytest.mark.parametrize("q", ["", "lamp", "after:2023-05-03 before:2023-05-20"])
async def test_search_by_time_of_indexing_pages_without_gaps(tmp_path: Path, q: str) -> None:
    path = tmp_path / "news.db"
    for start in (0, 30, 60):
        build(path, many(90)[start : start + 30])
    site = Datasette([str(path)])
    url, seen = "/-/quotes.json", []
    data = (await get(site, url, q=q, sort="indexed")).json()
    while True:
        seen += [(hit["first_indexed"], hit["key"]) for hit in data["hits"]]
        if not data["next_url"]:
            break
        data = (await get(site, data["next_url"].removeprefix("http://localhost"))).json()
    assert len(set(seen)) == len(seen) == data["total"] > 40
    assert [time for time, _ in seen] == sorted((time for time, _ in seen), reverse=True)
