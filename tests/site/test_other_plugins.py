"""Plugins that publishers often install beside ours: every page answers, and they find our tables.

Continuous integration installs them; elsewhere these tests are skipped.
"""

from __future__ import annotations

import html
import os
import re
from importlib.util import find_spec

import pytest
from datasette.app import Datasette

from tests.helpers.site_client import get
from tests.helpers.site_fixture import build, register

register()

PLUGINS = (
    *("datasette_graphql", "datasette_search_all"),
    *("datasette_cluster_map", "datasette_dashboards"),
)
MISSING = [name for name in PLUGINS if find_spec(name) is None]
START = ("/", "/-/search?q=rent", "/-/dashboards", "/graphql", "/-/plugins")
MAX_PAGES = 200

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        bool(MISSING) and not os.environ.get("QUOTEDEX_REQUIRE_PLUGINS"),
        reason=f"not installed: {', '.join(MISSING)}",
    ),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Datasette:
    return Datasette([str(build(tmp_path_factory.mktemp("site") / "news.db"))])


@pytest.mark.asyncio
async def test_every_page_answers(site: Datasette) -> None:
    waiting, seen, number = list(START), set(START), 0
    while waiting and number < MAX_PAGES:
        address, number = waiting.pop(0), number + 1
        answer = await site.client.get(
            address, headers={"accept": "text/html"}, follow_redirects=True
        )
        assert answer.status_code == 200, f"{address}: {answer.text[:300]}"
        for link in map(html.unescape, re.findall(r'href="(/[^/"#][^"#]*)', answer.text)):
            if link not in seen and link.count("&") < 2:
                seen.add(link)
                waiting.append(link)
    assert number > 100


@pytest.mark.asyncio
async def test_the_home_page_is_ours(site: Datasette) -> None:
    assert 'action="/-/quotes"' in (await get(site, "/")).text


@pytest.mark.asyncio
async def test_search_all_finds_quotations(site: Datasette) -> None:
    assert "/news/quotes.json" in (await get(site, "/-/search", q="rent")).text
    rows = (await get(site, "/news/quotes.json", _search="rent", _shape="array")).json()
    assert 0 < len(rows) < len((await get(site, "/news/quotes.json", _shape="array")).json())


@pytest.mark.asyncio
async def test_graphql_answers_with_speakers_and_articles(site: Datasette) -> None:
    query = """{
        quotes(search: "rent") { nodes { text speaker_id { name } article_id { title } } }
        quote_details { nodes { text speaker } }
        topics { nodes { term speaker_id { name } } }
    }"""
    answer = await site.client.post("/graphql/news", json={"query": query})
    assert answer.status_code == 200
    found = answer.json()
    assert "errors" not in found
    assert found["data"]["quotes"]["nodes"][0]["speaker_id"]["name"]
    assert found["data"]["quote_details"]["nodes"]
