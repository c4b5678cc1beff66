"""The example queries."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from datasette.app import Datasette

from datasette_quotedex.example_queries import QUERIES
from tests.helpers.press import press
from tests.helpers.site_client import get
from tests.helpers.site_fixture import build, register

register()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    newcomer = {
        **press()[-1],
        "location": "https://news.example/newcomer",
        "quotes": [["I came on the last boat,", "Ida Lund", "full", "Ida", "said"]],
    }
    newcomer["text"] = "“I came on the last boat,” Ida said."
    path = build(tmp_path_factory.mktemp("queries") / "town.db", [*press(), newcomer])
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO failures VALUES ('fog.pdf', 'the file is empty', NULL, 1)")
        connection.execute("UPDATE speakers SET kind = 'anonymous' WHERE name LIKE 'a member%'")
    return path


def test_queries_have_title_description_and_sql() -> None:
    assert len(QUERIES) >= 12
    for name, query in QUERIES.items():
        assert "-" in name, "a table may have this name"
        assert set(query) == {"title", "description", "sql"}


@pytest.mark.asyncio
@pytest.mark.parametrize("name", QUERIES)
async def test_each_query_finds_something(path: Path, name: str) -> None:
    site = Datasette([str(path)], settings={"sql_time_limit_ms": 5000})
    response = await get(site, f"/town/{name}.json", outlet="herald", speaker="Ana Okafor")
    assert response.json()["rows"]
    assert QUERIES[name]["title"] in (await get(site, "/")).text


def test_statements_in_three_outlets(path: Path) -> None:
    sql = QUERIES["statements-in-three-outlets"]["sql"]
    with sqlite3.connect(path) as connection:
        rows = connection.execute(sql).fetchall()
    assert {row[2] for row in rows} <= {3, 4}
    assert any(row[1].startswith("We did not come here") for row in rows)
