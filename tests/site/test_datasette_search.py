"""Datasette's own search of our tables, that of sqlite-utils, and links in its cells."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from datasette.app import Datasette
from sqlite_utils import Database

from datasette_quotedex.search.letters import REPLACEMENTS, indexed_text, replace_letters
from quotedex.check import check
from quotedex.store import Store
from tests.helpers import ROOT
from tests.helpers.site_client import get
from tests.helpers.site_fixture import build, register

register()

FOREIGN = [
    ("Søren Kjær", "Vi bliver i Odense, said the ferry crew"),
    ("Łukasz Wójcik", "The mill stays shut until spring"),
    ("Đặng Văn Hòa", "Rice is dearer than in any year"),
    ("Jens Strauß", "Die Brücke bleibt zu, as we say here"),
    ("Nikos Petrou", "The κόσμος will come back, and so will Müller"),
]


def article(number: int, speaker: str, words: str) -> dict[str, object]:
    return {
        "title": f"Ferry news {number}",
        "outlet": "Lantern Weekly",
        "published": "2024-05-01",
        "location": f"https://lantern.example/ferry-{number}",
        "byline": None,
        "text": f"“{words},” {speaker} said.",
        "quotes": [[f"{words},", speaker, "full", speaker, "said"]],
    }


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    articles = [article(n, *each) for n, each in enumerate(FOREIGN)]
    return build(tmp_path_factory.mktemp("search") / "news.db", articles)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("town") / "town.db")


@pytest.mark.asyncio
@pytest.mark.parametrize("table", ["quotes", "quote_details"])
async def test_datasette_searches_quotations(town: Path, table: str) -> None:
    site = Datasette([str(town)])
    page = (await get(site, f"/town/{table}")).text
    assert re.search(r'<input[^>]* name="_search"', page)
    everything = (await get(site, f"/town/{table}.json", _shape="array")).json()
    found = (await get(site, f"/town/{table}.json", _search="freezes", _shape="array")).json()
    assert 0 < len(found) < len(everything)
    assert any("freeze" in row["text"].lower() for row in found)


def test_sqlite_utils_searches_quotations(town: Path) -> None:
    quotes = Database(town).table("quotes")
    assert quotes.detect_fts() == "quote_search"
    found = list(quotes.search("freezes"))
    assert 0 < len(found) < quotes.count


@pytest.mark.asyncio
async def test_facets_of_the_view(town: Path) -> None:
    site = Datasette([str(town)])
    url = "/town/quote_details.json"
    answer = (await get(site, url, _facet="byline", _search="rent")).json()["facet_results"]
    facets = answer.get("results", answer)
    assert {"outlet", "kind", "byline"} <= set(facets)
    assert facets["outlet"]["results"]
    chosen = (await get(site, url, kind="partial", _facet="kind", _shape="array")).json()
    assert chosen
    assert {row["kind"] for row in chosen} == {"partial"}


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("typed", "marked"),
    [
        ("soren", "Søren"),
        ("Søren", "Søren"),
        ("kjaer", "Kjær"),
        ("lukasz", "Łukasz"),
        ("wojcik", "Wójcik"),
        ("dang", "Đặng"),
        ("strauss", "Strauß"),
        ("STRAUẞ", "Strauß"),
        ("kosmos", "κόσμος"),
        ("ΚΌΣΜΟΣ", "κόσμος"),
        ("kosm*", "κόσμος"),
        ('"kosmos will"', "κόσμος will"),
        ("speaker:strauss", "Strauß"),
        ("muller", "Müller"),
    ],
)
async def test_letters_that_unicode_does_not_take_apart(
    path: Path, typed: str, marked: str
) -> None:
    page = (await get(Datasette([str(path)]), "/-/quotes", q=typed)).text
    assert page.count("<mark>") == 1
    assert f"<mark>{marked}</mark>" in page


@pytest.mark.asyncio
@pytest.mark.parametrize("typed", ["soren", "søren", "strauss", "strauß", "kosmos", "κόσμος"])
async def test_datasette_finds_both_spellings(path: Path, typed: str) -> None:
    rows = (await get(Datasette([str(path)]), "/news/quotes.json", _search=typed)).json()["rows"]
    assert len(rows) == 1


def test_a_renamed_speaker_is_found_under_the_new_name_alone(path: Path, tmp_path: Path) -> None:
    """The index is given the old words, with their other letters, before they go."""
    copy = Path(shutil.copy(path, tmp_path / "copy.db"))
    database = Database(copy)
    database.execute("UPDATE speakers SET name = 'Bjørn Ærlig' WHERE name LIKE 'Jens%'")
    database.conn.commit()
    quotes = database.table("quotes")
    assert [len(list(quotes.search(name))) for name in ("strauss", "Strauß", "bjorn aerlig")] == [
        *(0, 0, 1)
    ]
    database.close()
    (result,) = [result for result in check(copy) if "search" in result.name]
    assert result.ok


def test_the_index_can_be_repaired_with_its_letters(path: Path, tmp_path: Path) -> None:
    """As docs/database.md says."""
    copy = Path(shutil.copy(path, tmp_path / "copy.db"))
    database = Database(copy)
    database.execute("INSERT INTO quote_search (quote_search) VALUES ('rebuild')")
    assert list(database.table("quotes").search("strauss")) == []
    page = (ROOT / "docs" / "database.md").read_text(encoding="utf-8")
    (repair,) = re.findall(r"```text\n(INSERT INTO quote_search.*?)```", page, re.DOTALL)
    database.conn.executescript(repair)
    assert len(list(database.table("quotes").search("strauss"))) == 1
    database.close()
    (result,) = [result for result in check(copy) if "search" in result.name]
    assert result.ok


def test_the_file_replaces_the_letters_that_the_search_replaces(tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    Store(path).close()
    database = Database(path)
    rows = database.execute("SELECT letter, plain FROM _letters ORDER BY id").fetchall()
    assert dict(rows) == REPLACEMENTS
    (trigger,) = database.execute(
        "SELECT sql FROM sqlite_master WHERE name = 'search_changed'"
    ).fetchone()
    for pattern in set(re.findall(r"GLOB '(.*?)'", trigger)):
        for letter in REPLACEMENTS:
            assert database.execute("SELECT ? GLOB ?", [letter, pattern]).fetchone()[0], letter


def test_words_stay_as_many() -> None:
    for letter, plain in REPLACEMENTS.items():
        assert plain.isascii()
        assert plain.isalpha()
        assert letter.isalpha()
    assert replace_letters("Søren Kjær") == "Soren Kjaer"
    assert indexed_text("plain") == "plain"
    assert indexed_text(None) is None
    assert indexed_text("Øst") == "ost Øst"


@pytest.mark.asyncio
async def test_cells_of_the_view_and_of_queries_link_to_our_pages(town: Path) -> None:
    site = Datasette([str(town)])
    page = (await get(site, "/town/quote_details")).text
    for kind in ("quotes", "speakers", "articles", "statements"):
        assert re.search(rf'<td[^>]*>\s*<a href="/-/{kind}/\w', page), kind
    page = (await get(site, "/town/most-quoted")).text
    assert re.search(r'<a href="/-/speakers/ana-okafor">Ana Okafor</a>', page)
    sql = (
        "select key as quote_key, article_key, text, '<b>' as title, null as speaker_key"
        " from quote_details"
    )
    page = (await site.client.get("/town", params={"sql": sql}, follow_redirects=True)).text
    assert re.search(r'<a href="/-/articles/\w+">&lt;b&gt;</a>', page)
    assert re.search(r'<a href="/-/quotes/\w+">[^<]', page)
    assert "/-/speakers/" not in page


@pytest.mark.asyncio
async def test_our_home_page_comes_before_that_of_other_plugins(town: Path, tmp_path: Path) -> None:
    """But not before the publisher's."""
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "index.html").write_text("another plugin's")
    site = Datasette([str(town)])
    environment = getattr(site, "_jinja_env", None) or site.jinja_env
    environment.loader.loaders[0].searchpath.insert(0, str(theirs))
    assert "/-/quotes" in (await get(site, "/")).text
    published = Datasette([str(town)], template_dir=str(theirs))
    assert (await get(published, "/")).text == "another plugin's"


@pytest.mark.asyncio
async def test_other_plugins_have_the_home_page_of_a_site_without_quotations(
    tmp_path: Path,
) -> None:
    (tmp_path / "index.html").write_text("another plugin's")
    site = Datasette([], memory=True)
    environment = getattr(site, "_jinja_env", None) or site.jinja_env
    folders = environment.loader.loaders[0].searchpath
    folders.insert(len(folders) - 1, str(tmp_path))
    assert (await get(site, "/")).text == "another plugin's"
