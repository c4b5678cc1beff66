"""The names that the search box completes, and its date fields."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette

from datasette_quotedex.lanes import SUGGESTIONS, TooBusy
from datasette_quotedex.pages import suggest as suggest_module
from datasette_quotedex.pages.search.dates import day_of, within_dates
from datasette_quotedex.search.syntax import parse
from tests.helpers.site_client import Page, get
from tests.helpers.site_fixture import CASES, build, hostile, many, register

register()

HOSTILE = '<b onclick="x">Mallory</b> \u202e'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return build(tmp_path / "news.db", CASES["articles"] + many(30) + hostile([HOSTILE]))


@pytest.fixture
def site(path: Path) -> Datasette:
    return Datasette([str(path)])


async def suggested(site: Datasette, q: str, **query: Any) -> tuple[list[str], list[str]]:
    found = (await get(site, "/-/suggest.json", q=q, **query)).json()
    return [one["name"] for one in found["speakers"]], [one["name"] for one in found["outlets"]]


@pytest.mark.asyncio
async def test_the_beginning_of_any_word_finds_speakers_and_outlets(site: Datasette) -> None:
    for q in ("Ana", "oka", "okafor a", "  ÓKA  "):
        assert "Ana Okafor" in (await suggested(site, q))[0], q
    assert "Lantern Weekly" in (await suggested(site, "week"))[1]
    assert await suggested(site, "kafor") == ([], [])
    assert await suggested(site, "oka", only="outlets") == ([], [])
    assert (await suggested(site, "lantern", only="speakers"))[1] == []


@pytest.mark.asyncio
async def test_the_most_quoted_come_first_and_anonymous_sources_never(
    site: Datasette, path: Path
) -> None:
    with closing(sqlite3.connect(path)) as db:
        sql = """SELECT count(*) FROM speakers s JOIN aliases a ON a.speaker_id = s.id
            WHERE s.kind = 'anonymous'"""
        db.execute("UPDATE speakers SET kind = 'anonymous' WHERE name = 'Luis Brandt'")
        assert db.execute(sql).fetchone()[0]
        db.commit()
    for letter in "abcdefghijklmnopqrstuvwxyz":
        found = (await get(site, "/-/suggest.json", q=letter)).json()["speakers"]
        numbers = [one["quote_count"] for one in found]
        assert numbers == sorted(numbers, reverse=True)
        assert len(found) <= suggest_module.MAX_SPEAKERS
        assert {one["kind"] for one in found} <= {"person", "organization", "group"}


@pytest.mark.asyncio
async def test_speakers_that_are_not_among_the_most_quoted(
    site: Datasette, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = await suggested(site, "l")
    monkeypatch.setattr(suggest_module, "MOST_QUOTED", 0)
    assert await suggested(site, "l") == expected
    assert expected[0]


@pytest.mark.asyncio
async def test_another_form_of_a_name_is_said(site: Datasette, path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        (row,) = db.execute("SELECT id FROM speakers WHERE name = 'Ana Okafor'")
        db.execute("INSERT INTO aliases VALUES (?, 'Councillor Zubrova', 1, 'zubrova')", row)
        db.commit()
    (found,) = (await get(site, "/-/suggest.json", q="zub")).json()["speakers"]
    assert (found["name"], found["alias"]) == ("Ana Okafor", "Councillor Zubrova")
    assert (await get(site, found["path"])).status_code == 200
    (found,) = (await get(site, "/-/suggest.json", q="okafor")).json()["speakers"]
    assert found["alias"] is None


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "q", ["", "   ", "-", "\0", "%", "_", "x" * 5000, '"', "é" * 101, "' OR 1"]
)
async def test_what_is_no_name_finds_nothing(site: Datasette, q: str) -> None:
    assert await suggested(site, q) == ([], [])


@pytest.mark.asyncio
async def test_hostile_names_are_data(site: Datasette) -> None:
    response = await get(site, "/-/suggest.json", q="mallory")
    assert response.headers["content-type"].startswith("application/json")
    (name,) = [one["name"] for one in json.loads(response.text)["speakers"]]
    assert "onclick" in name


@pytest.mark.asyncio
async def test_suggestions_may_be_cached_and_need_permission(path: Path) -> None:
    open_site = Datasette([str(path)])
    assert "max-age" in (await get(open_site, "/-/suggest.json?q=an")).headers["cache-control"]
    closed = Datasette([str(path)], **closed_to_all())
    assert "Okafor" not in (await get(closed, "/-/suggest.json?q=oka", status=403)).text


def closed_to_all() -> dict[str, Any]:
    """How to close the database, in Datasette 0.65 and 1.0."""
    rule = {"databases": {"news": {"allow": False}}}
    return {"config": rule} if hasattr(Datasette, "allowed") else {"metadata": rule}


@pytest.mark.asyncio
async def test_too_many_at_once_are_sent_away(
    site: Datasette, monkeypatch: pytest.MonkeyPatch
) -> None:
    lanes: list[Any] = []

    async def full(lane: Any, *_: Any) -> None:
        lanes.append(lane)
        raise TooBusy

    await suggested(site, "ana")
    monkeypatch.setattr("datasette_quotedex.context.run_in_lane", full)
    response = await get(site, "/-/suggest.json?q=ana", status=503)
    assert response.headers["retry-after"]
    assert lanes == [SUGGESTIONS]


@pytest.mark.asyncio
async def test_both_days_are_included_everywhere(site: Datasette) -> None:
    days: dict[str, Any] = {"from": "2023-05-03", "to": "2023-05-05"}
    body = (await get(site, "/-/quotes.json", q="lamp", **days)).json()
    dates = {hit["published"] for hit in body["hits"]}
    assert dates == {"2023-05-03", "2023-05-04", "2023-05-05"}
    assert body["filters"] == days
    typed = await get(site, "/-/quotes.json", q="lamp after:2023-05-03 before:2023-05-06")
    assert [one["key"] for one in typed.json()["hits"]] == [one["key"] for one in body["hits"]]
    csv = (await get(site, "/-/quotes.csv", q="lamp", **days)).text
    assert len(csv.splitlines()) == len(body["hits"]) + 1
    assert (await get(site, "/-/quotes.atom", q="lamp", **days)).text.count("<entry>") == len(
        body["hits"]
    )


@pytest.mark.asyncio
async def test_links_keep_the_days(site: Datasette) -> None:
    days: dict[str, Any] = {"from": "2023-05-01", "to": "2023-05-28"}
    response = await get(site, "/-/quotes", q="lamp", sort="date", **days)
    links = [one for one in Page(response.text).own_links() if one.startswith("/-/quotes")]
    kept = [one for one in links if "from=2023-05-01" in one and "to=2023-05-28" in one]
    assert any("next=" in one for one in kept)
    assert any(one.startswith("/-/quotes.csv") for one in kept)
    assert any(one.startswith("/-/quotes.atom") for one in kept)
    assert any("speaker=" in one for one in kept)
    assert 'value="2023-05-01"' in response.text
    assert "From: 1 May 2023" in " ".join(Page(response.text).text.split())


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("days", "message"),
    [
        ({"from": "yesterday"}, "“yesterday” in From is not a date."),
        ({"to": "2023-02-30"}, "“2023-02-30” in To is not a date."),
        ({"to": "<script>"}, "“<script>” in To is not a date."),
        ({"from": "2023-06-02", "to": "2023-06-01"}, "is after the last day"),
        ({"q": "lamp before:2023", "from": "2023-05-01"}, "No day is within both"),
    ],
)
async def test_wrong_days_have_one_message(
    site: Datasette, days: dict[str, Any], message: str
) -> None:
    body = (await get(site, "/-/quotes.json", status=400, **days)).json()
    assert message in body["problem"]
    assert body["hits"] == []
    for form in ("csv", "atom"):
        assert message in (await get(site, f"/-/quotes.{form}", status=400, **days)).text
    page = Page((await get(site, "/-/quotes", **days)).text)
    assert page.text.count(message) == 1


@pytest.mark.asyncio
async def test_empty_days_leave_the_address(site: Datasette) -> None:
    response = await get(site, "/-/quotes", status=302, **{"q": "lamp", "from": "", "to": "2023"})
    assert response.headers["location"] == "/-/quotes?q=lamp&to=2023"


@pytest.mark.parametrize(
    ("given", "days", "after", "before"),
    [
        ("", {"from": "2024-03-01", "to": "2024-04-30"}, "2024-03", "2024-05"),
        ("", {"from": "2024-01-01", "to": "2024-12-31"}, "2024", "2025"),
        ("", {"from": "2024-03-02", "to": "2024-03-02"}, "2024-03-02", "2024-03-03"),
        ("", {"from": "2024-02", "to": "2024-02"}, "2024-02", "2024-03"),
        ("", {"to": "9999-12-31"}, None, None),
        ("after:2024-05", {"from": "2024-03-02"}, "2024-05", None),
        ("before:2024-05", {"to": "2024-03-02"}, None, "2024-03-03"),
    ],
)
def test_bounds(given: str, days: dict[str, str], after: str | None, before: str | None) -> None:
    query = within_dates(parse(given), days)
    assert (query.problem, query.after, query.before) == (None, after, before)


@pytest.mark.parametrize("text", ["0000-01-01", "2024-00", "2024-13", "20240101", "٢٠٢٤-01-01"])
def test_no_days(text: str) -> None:
    assert day_of("from", text) is None
    assert day_of("to", text) is None
