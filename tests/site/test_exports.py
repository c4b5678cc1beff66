"""Searches as CSV and JSON, with the keys that docs/json.md documents."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette

from datasette_quotedex.pages.search import exports
from datasette_quotedex.search import EXPORT_COLUMNS
from tests.helpers import ROOT
from tests.helpers.site_client import get
from tests.helpers.site_fixture import CASES, build, many, register

register()

DOCS = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")


@pytest.mark.asyncio
@pytest.mark.parametrize("q", ["", "lamp", "outlet:lantern"])
async def test_csv_is_sent_in_steps_and_is_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, q: str
) -> None:
    monkeypatch.setattr(exports, "CSV_STEP", 7)
    site = Datasette([str(build(tmp_path / "many.db", many(50)))])
    sent: list[bytes] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message.get("body", b""))

    app, query = site.app(), f"q={q}".encode()
    await site.invoke_startup()
    scope = {
        **{"type": "http", "method": "GET", "path": "/-/quotes.csv", "query_string": query},
        **{"raw_path": b"/-/quotes.csv", "headers": [], "scheme": "http", "http_version": "1.1"},
    }
    await app(scope, asyncio.Event().wait, send)
    assert len([part for part in sent if part]) == 8
    rows = list(csv.DictReader(io.StringIO(b"".join(sent).decode())))
    assert len({row["key"] for row in rows}) == len(rows) == 50


@pytest.mark.asyncio
async def test_empty_csv_has_a_header(tmp_path: Path) -> None:
    site = Datasette([str(build(tmp_path / "news.db"))])
    response = await get(site, "/-/quotes.csv", q="zzzz")
    assert response.text.strip() == ",".join(EXPORT_COLUMNS)
    assert response.headers["content-type"] == "text/csv; charset=utf-8"


@pytest.mark.asyncio
async def test_json_has_the_documented_keys(tmp_path: Path) -> None:
    """Stable: a key that is taken away or renamed breaks the programs of others."""
    site = Datasette([str(build(tmp_path / "news.db", [*CASES["articles"], *many(30)]))])
    data = (await get(site, "/-/quotes.json", q="rent OR lamp")).json()
    assert list(data) == _documented("answer")
    assert list(data["hits"][0]) == _documented("hit")
    assert data["next_url"].startswith("http://localhost/-/quotes.json?q=rent+OR+lamp&next=")
    assert list(data["hits"][0]["speaker"]) == [
        *("key", "name", "label", "kind", "description", "path")
    ]
    of_article = ["key", "title", "outlet", "location", "url", "path"]
    assert list(data["hits"][0]["article"]) == of_article
    assert [set(facet[0]) for facet in data["facets"].values()] == [
        {"value", "label", "count", "estimated"}
    ] * 6
    problem = (await get(site, "/-/quotes.json", status=400, q='"rent')).json()
    assert list(problem) == list(data)


def test_csv_columns_are_documented() -> None:
    (line,) = re.findall(r"^Columns of the CSV: (.*?)\.$", DOCS, re.MULTILINE | re.DOTALL)
    assert re.findall(r"`(\w+)`", line) == list(EXPORT_COLUMNS)


def _documented(table: str) -> list[str]:
    """The keys of the first column of the table behind `<!-- keys: answer -->`."""
    (rows,) = re.findall(rf"<!-- keys: {table} -->\n(.*?)\n\n", DOCS, re.DOTALL)
    cells = re.findall(r"^\| (`[^|]+?) \|", rows, re.MULTILINE)
    return [key for cell in cells for key in re.findall(r"`(\w+)`", cell)]
