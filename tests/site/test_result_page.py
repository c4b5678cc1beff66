"""Pages of hits: forwards and backwards, nothing is left out, even if many hits tie."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from datasette.app import Datasette

from datasette_quotedex.search import facet_counts, plan
from tests.helpers.site_client import Page, get
from tests.helpers.site_fixture import CASES, build, many, register

register()

SEARCHES: list[dict[str, Any]] = [
    {"q": "lamp OR rent", "kind": "full"},
    {"q": "lamp OR rent", "kind": "full", "printings": "all"},
    {"q": "lamp OR rent", "sort": "date"},
    {"q": "report OR father"},  # most only in headlines
    {"q": "report OR father", "sort": "date", "printings": "all"},
    {"q": "", "outlet": "Lantern Weekly"},
    {"q": "", "outlet": "Lantern Weekly", "printings": "all"},
]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    undated = [{**article, "published": None} for article in many(30)]
    articles = [*CASES["articles"], *many(50), *undated]
    for number, article in enumerate(undated):
        article["location"] += f"/undated/{number}"
    return build(tmp_path_factory.mktemp("found") / "news.db", articles)


@pytest.mark.asyncio
@pytest.mark.parametrize("search", SEARCHES, ids=str)
async def test_next_and_previous_reach_every_hit(path: Path, search: dict[str, Any]) -> None:
    site = Datasette([str(path)])
    there = [shown := await _ids(site, "/-/quotes", **search)]
    pages = [shown[0]]
    while "Next" in shown[1]:
        shown = await _ids(site, shown[1]["Next"])
        pages.append(shown[0])
    ids = [id_ for page in pages for id_ in page]
    assert len(ids) == len(set(ids)) == there[0][2]
    back = [shown[0]]
    while "Previous" in shown[1]:
        shown = await _ids(site, shown[1]["Previous"])
        back.append(shown[0])
    assert back[::-1] == pages


@pytest.mark.asyncio
async def test_sorts_newest_first_and_undated_last(path: Path) -> None:
    site = Datasette([str(path)])
    dates: list[str | None] = []
    url: str | None = "/-/quotes.json?q=lamp&sort=date&printings=all"
    while url:
        data = (await get(site, url)).json()
        dates += [hit["published"] for hit in data["hits"]]
        url = (data["next_url"] or "").removeprefix("http://localhost")
    assert len(dates) == 81
    assert dates == sorted(dates, key=lambda date: date or "", reverse=True)
    assert dates[-1] is None


@pytest.mark.asyncio
@pytest.mark.parametrize("where", ["x", "1_x", "_", "1_nan", "9_inf", "9" * 30 + "_1", "5_\x00"])
async def test_invalid_position_is_ignored(path: Path, where: str) -> None:
    site = Datasette([str(path)])
    for name in ("next", "previous"):
        for sort in ("relevance", "date"):
            search = urlencode({"q": "lamp", "sort": sort, name: where})
            await get(site, f"/-/quotes?{search}")


@pytest.mark.asyncio
async def test_too_many_hits_are_sorted_by_date_and_estimated(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name in (
        *((plan, "MAX_EXACT"), (plan, "MAX_RANKED")),
        *((facet_counts, "SAMPLE_SIZE"), (facet_counts, "FILTERED_SAMPLE_SIZE")),
    ):
        monkeypatch.setattr(module, name, 30)
    site = Datasette([str(path)])
    data = (await get(site, "/-/quotes.json?q=lam*&kind=full")).json()
    dates = [hit["published"] for hit in data["hits"]]
    assert dates == sorted(dates, reverse=True)
    assert (data["total"], data["at_least"]) == (None, 20)
    assert 40 < data["about"] < 120
    assert all(entry["estimated"] for entry in data["facets"]["outlet"])
    page = Page((await get(site, "/-/quotes?q=lam*&kind=full")).text)
    assert f"About {data['about']} quotations" in page.text
    assert "newest first" in page.text
    whole = (await get(site, "/-/quotes.json?q=lam*&unsure=shown")).json()
    assert whole["total"] == 81
    assert whole["statements"] is None


@pytest.mark.asyncio
async def test_page_says_why_a_phrase_is_not_ranked(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Datasette([str(path)])
    url = "/-/quotes?q=%22the+lamp%22"
    assert "newest first" not in (await get(site, url)).text
    monkeypatch.setattr(plan, "MAX_COMPARED", 0)
    page = Page((await get(site, url)).text)
    assert "The words of this phrase are too common to rank the matches; newest first." in page.text


async def _ids(site: Datasette, url: str, **search: Any) -> tuple[list[str], dict[str, str], int]:
    """The quotations of a page by their words and articles, its links to others, and the total."""
    html = (await get(site, url, **search)).text
    page = Page(html)
    total = re.search(r"([\d,]+) (statement|quotation)s?\b", page.text)
    links = {
        label: href.replace("&amp;", "&")
        for href, label in re.findall(r'<a rel="\w+" href="([^"]+)">\W*(\w+)', html)
    }
    hits = re.findall(r'<article class="hit.*?</article>', html, re.DOTALL)
    return hits, links, int(total[1].replace(",", "")) if total else 0
