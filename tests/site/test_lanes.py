"""Requests of one kind keep no others waiting, and too many are sent away."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette
from datasette.plugins import pm
from pluggy import HookimplMarker

from datasette_quotedex import lanes
from datasette_quotedex.lanes import Lane, TooBusy, run_in_lane
from tests.helpers.site_client import get
from tests.helpers.site_fixture import build, register

register()

NARROW = Lane("narrow", threads=1, waiting=1)
OTHER = Lane("other", threads=1, waiting=1)


@pytest.fixture
def site(tmp_path: Path) -> Datasette:
    return Datasette([str(build(tmp_path / "quotes.db"))])


def one(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT 1").fetchone()[0])


@pytest.mark.asyncio
async def test_a_full_lane_sends_away_and_lets_others_pass(site: Datasette) -> None:
    release = threading.Event()

    def held(connection: sqlite3.Connection) -> int:
        release.wait(10)
        return one(connection)

    running = [asyncio.ensure_future(run_in_lane(NARROW, site, "quotes", held)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(TooBusy):
        await run_in_lane(NARROW, site, "quotes", one)
    assert await run_in_lane(OTHER, site, "quotes", one) == 1
    release.set()
    assert await asyncio.gather(*running) == [1, 1]
    assert await run_in_lane(NARROW, site, "quotes", one) == 1


@pytest.mark.asyncio
async def test_a_function_that_fails_gives_its_place_back(site: Datasette) -> None:
    for _ in range(5):
        with pytest.raises(sqlite3.OperationalError):
            await run_in_lane(NARROW, site, "quotes", lambda db: db.execute("SELEC"))
    assert await run_in_lane(NARROW, site, "quotes", one) == 1


@pytest.mark.asyncio
async def test_connections_are_prepared_as_datasettes_own(site: Datasette) -> None:
    limit = await run_in_lane(
        NARROW, site, "quotes", lambda db: db.getlimit(sqlite3.SQLITE_LIMIT_ATTACHED)
    )
    assert limit == 0


@pytest.mark.asyncio
async def test_a_site_without_threads_has_no_lanes(tmp_path: Path) -> None:
    path = build(tmp_path / "quotes.db")
    site = Datasette([str(path)], settings={"num_sql_threads": 0})
    assert await run_in_lane(NARROW, site, "quotes", one) == 1


@pytest.fixture
def full_page() -> Iterator[None]:
    """A page `/-/full` that is always too busy."""

    class Plugin:
        __name__ = "full"

        @HookimplMarker("datasette")
        def register_routes(self) -> list[tuple[str, Any]]:
            async def full(datasette: Any, request: Any) -> None:
                raise TooBusy

            return [(r"/-/full(?P<format>\..+)?$", full)]

    pm.register(Plugin(), "full")
    yield
    pm.unregister(name="full")


@pytest.mark.asyncio
@pytest.mark.usefixtures("full_page")
@pytest.mark.parametrize("url", ["/-/full", "/-/full.json", "/-/full.csv"])
async def test_a_busy_site_says_when_to_come_back(site: Datasette, url: str) -> None:
    response = await get(site, url, status=503)
    assert response.headers["retry-after"] == str(lanes.RETRY_SECONDS)
    assert "busy" in response.text
    if url.endswith(".json"):
        assert response.json()["status"] == 503


@pytest.mark.asyncio
async def test_a_reader_who_goes_away_waits_for_nothing(site: Datasette) -> None:
    """A search that waits for a thread is given up, so that others get the thread earlier."""
    await site.invoke_startup()
    release = threading.Event()
    lane = lanes.SEARCHES
    held = [
        asyncio.ensure_future(run_in_lane(lane, site, "quotes", lambda _: release.wait(10)))
        for _ in range(lane.threads)
    ]
    await asyncio.sleep(0)
    sent: list[Any] = []

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        **{"type": "http", "method": "GET", "path": "/-/quotes", "query_string": b"q=rent"},
        **{"raw_path": b"/-/quotes", "headers": [], "scheme": "http", "http_version": "1.1"},
    }
    await asyncio.wait_for(site.app()(scope, receive, send), 5)
    assert sent == []
    release.set()
    await asyncio.gather(*held)
