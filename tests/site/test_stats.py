"""Counts of a whole file, kept until it changes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from datasette.app import Datasette

from datasette_quotedex.context import SiteContext
from datasette_quotedex.stats import file_stats
from tests.helpers.site_fixture import build, many, register

register()


@pytest.mark.asyncio
@pytest.mark.parametrize("fixed", [True, False])
async def test_counts_are_kept_while_the_file_is_unchanged(tmp_path: Path, fixed: bool) -> None:
    path = build(tmp_path / "news.db", many(30))
    site = Datasette([] if fixed else [str(path)], immutables=[str(path)] if fixed else [])
    await site.invoke_startup()
    context = SiteContext(site, "news")
    found = await context.read(file_stats)
    assert found.counts == {"articles": 30, "quotations": 30, "speakers": 1}
    assert found.months == {"2023-05": 30}
    assert await context.read(file_stats) is found


@pytest.mark.asyncio
async def test_counts_are_updated_after_a_change(tmp_path: Path) -> None:
    path = build(tmp_path / "news.db", many(30))
    site = Datasette([str(path)])
    await site.invoke_startup()
    context = SiteContext(site, "news")
    await context.read(file_stats)
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("PRAGMA journal_mode = WAL").fetchone()
        conn.execute("DELETE FROM quotes WHERE id = 1")
        conn.commit()
        assert (await context.read(file_stats)).counts["quotations"] == 29
