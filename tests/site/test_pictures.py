"""The charts' links, the network of speakers, and the table of outlets and speakers."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from datasette.app import Datasette

from tests.helpers.press import press
from tests.helpers.site_client import get
from tests.helpers.site_fixture import build, register

register()


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


def _bars(html: str) -> list[tuple[str, str]]:
    """The address and the accessible name of each bar."""
    found = re.findall(r'<a class="period" href="([^"]*)" aria-label="([^"]*)">', html)
    return [(unescape(address), unescape(name)) for address, name in found]
