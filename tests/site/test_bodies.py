"""What clients send is bounded, and a client that sends it slowly keeps nobody waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette

from datasette_quotedex import bodies
from datasette_quotedex.bodies import MEGABYTE, with_bounds
from tests.helpers.site_fixture import build, register

register()


@pytest.fixture
def site(tmp_path: Path) -> Datasette:
    path = tmp_path / "news.db"
    build(path)
    return Datasette([str(path)])


async def post(site: Datasette, parts: Iterator[bytes], wait: float = 0) -> tuple[int, bytes, int]:
    """The status of the answer, the body as an application gets it, and the bytes taken."""
    await site.invoke_startup()
    received = b""
    taken = 0
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        nonlocal taken
        await asyncio.sleep(wait)
        part = next(parts, None)
        taken += len(part or b"")
        return {"type": "http.request", "body": part or b"", "more_body": part is not None}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal received
        more = True
        while more:
            message = await receive()
            received += message["body"]
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})

    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    await with_bounds(app, site)(scope, receive, send)
    return sent[0]["status"], received, taken


@pytest.mark.asyncio
async def test_an_ordinary_body_arrives_whole(site: Datasette) -> None:
    assert (await post(site, iter([b"a=1", b"&b=2"])))[:2] == (200, b"a=1&b=2")


@pytest.mark.asyncio
async def test_the_server_stops_reading_a_long_body(site: Datasette) -> None:
    endless = iter(lambda: b"a" * MEGABYTE, b"")
    status, received, taken = await post(site, endless)
    assert (status, received, taken) == (413, b"", 3 * MEGABYTE)


@pytest.mark.asyncio
async def test_a_body_must_arrive_in_time(site: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "SECONDS", 0.2)
    assert (await post(site, iter(lambda: b"a", b""), wait=0.05))[0] == 408


@pytest.mark.asyncio
async def test_all_bodies_together_are_bounded(site: Datasette) -> None:
    await site.invoke_startup()
    done = asyncio.Event()
    statuses: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await done.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"a" * 2 * MEGABYTE, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    bounded = with_bounds(app, site)
    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    requests = asyncio.gather(*(bounded(scope, receive, send) for _ in range(10)))
    await asyncio.sleep(0.05)
    assert statuses == [503, 503]
    done.set()
    await requests
    await bounded(scope, receive, send)
    assert statuses == [503, 503] + [200] * 9


@pytest.mark.asyncio
async def test_datasette_gets_no_long_form(site: Datasette) -> None:
    """Datasette 0.65 would read it whole, to look for its token against forged requests."""
    await site.invoke_startup()
    cookies = {"ds_csrftoken": "a"}
    data = {"a": "b" * 3 * MEGABYTE}
    answer = await site.client.post("/-/messages", data=data, cookies=cookies)
    assert answer.status_code == 413
