"""The page about the database: its queries answer, and it leaves out no table and no column."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from quotedex.check import CHECKS
from quotedex.errors import InputError
from quotedex.index import index
from tests.helpers import ROOT
from tests.helpers import toy_extractor as toy

PAGE = (ROOT / "docs" / "database.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)

PUBLISHED = "2099-06-15"  # in this month or later, whenever the tests run
TEXT = (
    "Item {0}. Bo Lind was there. “Rents rise,” Ada Okafor said."
    " “We heard ‘never’ at {0},” Ms Okafor said."
    " “Rates stay at {0},” an aide said. “The quay will be dry by then.” Then it rained."
)


@pytest.fixture(scope="module")
def conn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("docs") / "quotes.db"
    documents = [
        toy.document(f"{n}.txt", TEXT.format(n), PUBLISHED, outlet=outlet)
        for n, outlet in enumerate(("Lantern", "Lantern", "Courier"))
    ]
    index(path, [*documents, InputError("c.bin", "the file is empty")], extract=toy.joined)
    with closing(sqlite3.connect(path)) as conn:
        conn.execute(
            "INSERT INTO topics SELECT id, 'rates', 0.5 FROM speakers WHERE quote_count > 5"
        )
        yield conn


def test_there_are_a_dozen_queries() -> None:
    assert len(QUERIES) >= 12


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: " ".join(query.split())[:40])
def test_each_query_finds_something(conn: sqlite3.Connection, query: str) -> None:
    assert conn.execute(query).fetchall()


@pytest.mark.parametrize(
    ("words", "rows"),
    [
        ("start of month", [("Ada Okafor", 9, 3)]),
        ("AS percent", [("Courier", 4, 1, 25.0), ("Lantern", 8, 2, 25.0)]),
        ("GROUP BY outlet, speaker", [("Lantern", "an aide", 2), ("Courier", "an aide", 1)]),
        ("MATCH", [("[Rents] rise,", "Ada Okafor", PUBLISHED)] * 3),
        ("failures JOIN", [("c.bin", "the file is empty")]),
        ("HAVING", [(n, 0, f"Rents rise, We heard ‘never’ at {n - 1},") for n in (1, 2, 3)]),
    ],
)
def test_queries_answer_their_question(
    conn: sqlite3.Connection, words: str, rows: list[tuple[object, ...]]
) -> None:
    (query,) = (query for query in QUERIES if words in query)
    answer = conn.execute(query).fetchall()
    assert [row[: len(rows[0])] for row in answer] == rows


def test_statements_that_three_articles_print(conn: sqlite3.Connection) -> None:
    (query,) = (query for query in QUERIES if "article_count >= 3" in query)
    answer = {text: (speaker, articles) for text, speaker, articles, *_ in conn.execute(query)}
    assert answer == {
        "Rents rise,": ("Ada Okafor", 3),
        "never": ("Ada Okafor", 3),
        "The quay will be dry by then.": (None, 3),
    }


def test_every_column_is_described(conn: sqlite3.Connection) -> None:
    described = {
        name: re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
        for name, section in re.findall(r"^### `(\w+)`\n(.*?)(?=^##)", PAGE, re.DOTALL | re.M)
    }
    (names,) = zip(
        *conn.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
            " AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name NOT LIKE '!_%' ESCAPE '!'"
            " AND name NOT LIKE 'quote!_search!_%' ESCAPE '!'"
        ),
        strict=True,
    )
    assert set(names) == set(described)
    for name in set(names) - {"quote_search"}:
        columns = conn.execute("SELECT name FROM pragma_table_info(?)", (name,)).fetchall()
        assert [column for (column,) in columns] == described[name], name


def test_every_check_is_described() -> None:
    _, _, checks = PAGE.partition("## Integrity")
    assert re.findall(r"^\| ([^|]+?) \|", checks, re.MULTILINE)[2:] == [name for name, _ in CHECKS]
