"""A public site: no SQL writes, attaches files, fills the memory or runs forever."""

from __future__ import annotations

import re
import sqlite3
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from datasette import handle_exception
from datasette.app import Datasette

from datasette_quotedex import safety
from tests.helpers.site_client import get
from tests.helpers.site_fixture import build, register

register()
LINE = "1.0" if hasattr(Datasette, "set_resource_metadata") else "0.65"
SQL = "/news/-/query" if LINE == "1.0" else "/news"

WRITES = [
    "DELETE FROM quotes",
    "INSERT INTO speakers (id, name) VALUES (99, 'x')",
    "UPDATE quotes SET text = 'x'",
    "DROP TABLE quotes",
    "CREATE TABLE t (x)",
    "WITH x AS (SELECT 1) DELETE FROM quotes",
    "INSERT INTO quote_search (quote_search) VALUES ('delete-all')",
    "ATTACH DATABASE '/tmp/x.db' AS x",
    "VACUUM INTO '/tmp/x.db'",
    "PRAGMA writable_schema = 1",
    "PRAGMA journal_mode = DELETE",
    "SELECT load_extension('x')",
    "SELECT 1; DROP TABLE quotes",
]
GREEDY = [
    "SELECT zeroblob(900000000)",
    "SELECT length(zeroblob(900000000))",
    "SELECT hex(zeroblob(60000000))",
    "SELECT hex(zeroblob(1000)) LIKE hex(zeroblob(5000))",
    "SELECT replace(hex(zeroblob(9000000)), '0', '0123456789')",
    "SELECT group_concat(hex(zeroblob(1000000))) FROM (SELECT 1 FROM quotes, quotes AS b)",
]
ENDLESS = [
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    "SELECT count(*) FROM quotes, quotes AS b, quotes AS c, quotes AS d, quotes AS e, quotes AS f,"
    " quotes AS g, quotes AS h",
]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("safety") / "news.db")


@pytest.fixture
def site(path: Path) -> Datasette:
    """A mutable file, as plain `datasette` opens it."""
    return Datasette([str(path)], settings={"sql_time_limit_ms": 500})


@pytest.mark.asyncio
@pytest.mark.parametrize("sql", WRITES)
async def test_sql_cannot_write_or_attach(site: Datasette, path: Path, sql: str) -> None:
    before = path.read_bytes()
    response = await _ask(site, sql)
    assert response.status_code >= 400, response.text
    assert path.read_bytes() == before
    assert sorted(path.parent.iterdir()) == [path]


@pytest.mark.asyncio
async def test_connection_cannot_attach(site: Datasette) -> None:
    await site.invoke_startup()

    def attach(connection: sqlite3.Connection) -> None:
        connection.execute("ATTACH DATABASE ':memory:' AS other")

    with pytest.raises(sqlite3.OperationalError, match="too many attached databases"):
        await site.get_database("news").execute_fn(attach)


@pytest.mark.asyncio
@pytest.mark.parametrize("sql", GREEDY)
async def test_sql_cannot_fill_the_memory(site: Datasette, sql: str) -> None:
    response = await _ask(site, sql)
    assert response.status_code >= 400, response.text[:200]
    assert len(response.content) < 10_000


@pytest.mark.slow
@pytest.mark.asyncio
@pytest.mark.parametrize("sql", ENDLESS, ids=range(len(ENDLESS)))
async def test_sql_ends_in_time(site: Datasette, sql: str) -> None:
    began = time.monotonic()
    response = await _ask(site, sql)
    assert response.status_code >= 400, response.text[:200]
    assert time.monotonic() - began < 10


@pytest.mark.asyncio
@pytest.mark.parametrize("url", ["/-/quotes?q=rent", "/-/quotes.json", "/-/quotes.csv", "/"])
async def test_pages_can_be_cached(path: Path, url: str) -> None:
    site = Datasette([str(path)], settings={"default_cache_ttl": 77})
    assert (await get(site, url)).headers["cache-control"] == "max-age=77"


@pytest.mark.asyncio
async def test_pages_of_signed_in_readers_are_not_cached(path: Path) -> None:
    site = Datasette([str(path)])
    cookies = {"ds_actor": site.sign({"a": {"id": "mira"}}, "actor")}
    response = await site.client.get("/-/quotes?q=rent", cookies=cookies)
    assert "max-age" not in response.headers["cache-control"]


@pytest.mark.asyncio
async def test_errors_are_printed_without_local_variables(
    site: Datasette, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which takes seconds, in which no page is answered."""
    monkeypatch.setattr(handle_exception, "rich", "installed")
    await site.invoke_startup()
    assert handle_exception.rich is None


@pytest.mark.asyncio
async def test_errors_are_not_cached(path: Path) -> None:
    site = Datasette([str(path)])
    response = await get(site, "/-/quotes.json", status=400, q='"')
    assert "cache-control" not in response.headers


@pytest.mark.asyncio
async def test_robots_are_kept_from_searches(path: Path) -> None:
    response = await get(Datasette([str(path)]), "/robots.txt")
    assert response.headers["content-type"].startswith("text/plain")
    rules = re.findall(r"^Disallow: (\S+)$", response.text, re.MULTILINE)
    for open_ in ("/", "/-/quotes", "/-/quotes/3k9d", "/-/speakers/x", "/news/quotes", "/-/about"):
        assert not _closed(rules, open_), open_
    for closed in ("/-/quotes?q=rent", "/-/quotes.csv", "/-/compare", "/news?sql=select+1"):
        assert _closed(rules, closed), closed


def _closed(rules: list[str], address: str) -> bool:
    """Whether a rule of RFC 9309 matches: from the start, `*` for anything, `$` for the end."""
    patterns = [re.escape(rule).replace(r"\*", ".*").replace(r"\$", "$") for rule in rules]
    return any(re.match(pattern, address) for pattern in patterns)


@pytest.mark.asyncio
async def test_no_robots_txt_without_quotations(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    sqlite3.connect(other).executescript("CREATE TABLE quotes (id)")
    await get(Datasette([str(other)]), "/robots.txt", status=404)


def test_size_limit_is_above_any_article() -> None:
    assert safety.MAX_VALUE_BYTES >= 20_000_000


async def _ask(site: Datasette, sql: str) -> Any:
    return await site.client.get(f"{SQL}.json?{urlencode({'sql': sql, '_shape': 'objects'})}")
