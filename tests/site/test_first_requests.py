"""The first requests of a site, when Datasette prepares what it knows of its databases."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from pathlib import Path

import pytest
from datasette.app import Datasette

from datasette_quotedex import databases
from tests.helpers.site_fixture import build, register

register()
SQL = "/news/-/query" if hasattr(Datasette, "set_resource_metadata") else "/news"
ADDRESSES = [
    *("/", "/-/quotes?q=rent", "/-/speakers", "/-/outlets", "/-/nothing", "/robots.txt"),
    *("/news", "/news/quotes", "/news/quotes.csv", f"{SQL}.json?sql=select+1"),
]


@pytest.mark.asyncio
async def test_many_first_requests_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Datasette 0.65 creates tables in memory then, which fails while anyone reads their schema."""
    has_tables = databases._has_tables

    def slowly(connection: sqlite3.Connection) -> bool:
        if not connection.execute("PRAGMA database_list").fetchone()[2]:  # no file
            cursor = connection.execute("SELECT 1 FROM sqlite_master UNION ALL SELECT 2")
            cursor.fetchone()
            time.sleep(0.3)  # with the schema locked
            cursor.close()
        return has_tables(connection)

    monkeypatch.setattr(databases, "_has_tables", slowly)
    site = Datasette([str(build(tmp_path / "news.db"))])
    answers = await asyncio.gather(*(site.client.get(each) for each in ADDRESSES * 2))
    statuses = [answer.status_code for answer in answers]
    assert statuses == [404 if each == "/-/nothing" else 200 for each in ADDRESSES * 2]
