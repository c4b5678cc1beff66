"""Suggested spellings for a search that finds nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from datasette.app import Datasette

from datasette_quotedex.search.spelling import suggestions
from datasette_quotedex.search.syntax import parse
from tests.helpers.site_client import Page, get
from tests.helpers.site_fixture import build, register

register()

NEAR = [
    ("freze", "freeze"),
    ("fReZe RENT", "freeze RENT"),
    ("buget holds", "budget holds"),
    ("speaker:Okafr", "speaker:okafor"),
    ('speaker:"Ana Okafr" rent', 'speaker:"Ana okafor" rent'),
    ("speaker:etxebería", "speaker:etxeberria"),
    ('"rent freze"', '"rent freeze"'),
    ("outlet:hearld rent", "outlet:herald rent"),
    ("rent freeze -strike freze", "rent freeze -strike freeze"),
    ("counil vots", "council votes"),
    ("ouncil", "council"),
]
NOTHING = [
    "zzzzzzzz",
    "rent lamps",
    "xyz",
    "freze zzzzzzzz",
    "rnt*",
    "-freze rent",
    "'",
    "12345678",
]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("spelling") / "site.db")


@pytest.mark.parametrize(("typed", "near"), NEAR)
def test_suggests_a_similar_search_that_finds_something(path: Path, typed: str, near: str) -> None:
    assert _suggestions(path, typed)[:1] == [near]


@pytest.mark.parametrize("typed", NOTHING)
def test_suggests_nothing_for_unknown_or_correct_words(path: Path, typed: str) -> None:
    assert _suggestions(path, typed) == []


def test_suggestions_respect_filters(path: Path) -> None:
    assert _suggestions(path, "freze", year="2024")
    assert not _suggestions(path, "freze", year="1999")


@pytest.mark.asyncio
async def test_suggestions_respect_and_keep_the_date_fields(path: Path) -> None:
    site = Datasette([str(path)])
    for day, found in (("2024", ["freeze"]), ("2030", [])):
        asked = f"q=freze&kind=full&from={day}"
        assert (await get(site, f"/-/quotes.json?{asked}")).json()["suggestions"] == found
        links = Page((await get(site, f"/-/quotes?{asked}")).text).links()
        kept = f"/-/quotes?q=freeze&kind=full&from={day}"
        assert (kept in links) == bool(found)
    assert (await get(site, "/-/quotes.json?q=freeze&kind=full&from=2024")).json()["hits"]


def test_works_on_a_read_only_file(path: Path) -> None:
    connection = sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)
    assert list(suggestions(connection, parse("freze"), {})) == ["freeze"]


@pytest.mark.asyncio
async def test_page_and_json_show_suggestions(path: Path) -> None:
    site = Datasette([], immutables=[str(path)])
    page = Page((await get(site, "/-/quotes", q="rent freze", sort="date")).text)
    assert "Did you mean rent freeze?" in page.text
    assert "/-/quotes?q=rent+freeze&sort=date" in page.links()
    data = (await get(site, "/-/quotes.json", q="rent freze")).json()
    assert data["suggestions"] == ["rent freeze"]


def _suggestions(path: Path, typed: str, **filters: str) -> list[str]:
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    return list(suggestions(connection, parse(typed), filters))
