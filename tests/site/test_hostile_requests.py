"""Hostile addresses and parameters, sent as they are, which a client would tidy up first."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlencode

import pytest
from datasette.app import Datasette

from tests.helpers.site_client import Page, with_keys
from tests.helpers.site_fixture import build, register

register()

SCRIPT = "\"'><svg/onload=alert(7)><script>alert(7)</script>"
HEADER = "\r\nSet-Cookie: a=7\r\n\r\n<svg/onload=alert(7)>"
ADDRESSES = [
    *(f"/-/{kind}/{quote(SCRIPT)}" for kind in ("quotes", "speakers", "articles", "statements")),
    *(f"/-/{kind}/{quote(HEADER)}" for kind in ("quotes", "speakers", "articles", "statements")),
    *(f"/-/speakers/{name}" for name in ("%00", "%ff", "%ed%a0%80", "..", "%2e%2e%2f", "a" * 9000)),
    *("/-/quotes/../../../../etc/passwd", "/-/quotes/%2e%2e/%2e%2e/etc/passwd", "/%2e%2e/news.db"),
    *("//evil.example/-/quotes", "/\\evil.example", "/-/quotes/", "/-/quotes//", "/-/quotes%0a"),
    *("/-/quotes.exe", "/-/quotes.csv.json", "/-/static-plugins/datasette_quotedex/..%2fsafety.py"),
    *("/-/static-plugins/datasette_quotedex/../safety.py", "/-/static/../app.py", "/news.db"),
    *(f"/{quote(SCRIPT)}", f"/news/{quote(SCRIPT)}", f"/news/quotes/{quote(SCRIPT)}"),
    *("/news/quotes/-1", "/news/quotes/99999999999999999999", "/-/compare/", "/-/about.atom"),
]
VALUES = [
    SCRIPT,
    HEADER,
    "\x00",
    "\ud800",
    "-1",
    "9" * 400,
    "' OR 1=1 --",
    "*",
    '"',
    "%",
    "a" * 5000,
]
PARAMETERS = [
    *(("/-/quotes", name) for name in ("q", "speaker", "outlet", "year", "kind", "sort", "next")),
    *(("/-/quotes", name) for name in ("database", "after", "before", "confidence", "language")),
    *(("/-/quotes.json", name) for name in ("q", "speaker", "outlet", "year", "next", "sort")),
    *(("/-/quotes.csv", name) for name in ("q", "speaker", "spreadsheet")),
    *(("/-/quotes.atom", name) for name in ("q", "speaker")),
    *(("/-/compare", name) for name in ("speakers", "first", "second", "q", "database")),
    *(("/-/speakers/@1", name) for name in ("q", "next", "database")),
    *(("/-/articles/@1", name) for name in ("at", "database")),
    *(("/-/statements/@1", name) for name in ("next", "database")),
    *(("/-/about", name) for name in ("database",)),
    *(("/", name) for name in ("q", "database")),
    *(("/news/quotes", name) for name in ("_search", "_sort", "_facet", "_next", "_size")),
]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: str


async def ask(site: Datasette, path: str, query: str = "") -> Answer:
    """The answer to a path as it would arrive over the network."""
    sent: list[MutableMapping[str, Any]] = []
    received = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        if not received:
            await asyncio.Event().wait()  # until the client goes away, which it never does
        return received.pop()

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": unquote(path, errors="replace"),
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": [(b"host", b"news.example")],
        "client": ("127.0.0.1", 9),
        "server": ("127.0.0.1", 80),
    }
    await site.invoke_startup()
    await site.app()(scope, receive, send)
    start = sent[0]
    headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return Answer(start["status"], headers, body.decode("utf-8", "replace"))


def assert_harmless(answer: Answer, address: str) -> None:
    if not address.startswith("/news"):  # Datasette's own pages have errors of their own
        assert answer.status < 500, address
    assert "Traceback" not in answer.body, address
    assert "root:" not in answer.body, address
    assert "set-cookie" not in answer.headers or "a=7" not in answer.headers["set-cookie"]
    assert not any(c in value for value in answer.headers.values() for c in "\r\n"), address
    place = answer.headers.get("location", "/")
    assert place.startswith("/"), address
    assert not place.startswith(("//", "/\\")), address
    if "html" in answer.headers.get("content-type", ""):
        page = Page(answer.body)
        assert not [name for _, attrs in page.tags for name in attrs if name.startswith("onload")]
        assert "<script>alert(7)" not in answer.body, address


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Datasette:
    return Datasette([str(build(tmp_path_factory.mktemp("requests") / "news.db"))])


def test_there_are_enough_requests() -> None:
    assert len(set(ADDRESSES)) >= 30
    assert len(set(PARAMETERS)) >= 38


@pytest.mark.asyncio
@pytest.mark.parametrize("address", ADDRESSES, ids=lambda address: address[:40])
async def test_hostile_addresses(site: Datasette, address: str) -> None:
    assert_harmless(await ask(site, address), address)


@pytest.mark.asyncio
@pytest.mark.parametrize(("page", "name"), PARAMETERS)
async def test_hostile_parameters(site: Datasette, page: str, name: str) -> None:
    path = with_keys(site, page)
    assert (await ask(site, path)).status in (200, 302)
    for value in VALUES:
        query = urlencode({name: value.encode("utf-8", "surrogatepass")})
        assert_harmless(await ask(site, path, query), f"{path}?{query}")
    twice = urlencode([(name, SCRIPT), (name, HEADER)])
    assert_harmless(await ask(site, path, twice), f"{path}?{twice}")
