"""A new file has the tables of `schema.sql`; one of an earlier version is brought to this one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations

from quotedex.check import check
from quotedex.errors import DatabaseError
from quotedex.index import index
from quotedex.store import Store, schema
from tests.helpers import toy_extractor as toy

TEXT = (
    "“Rates stay in {0},” Ada Okafor said. “He said ‘no {0}’ to us,” an aide said."
    " “We will see.” “Rents rise,” Ms Okafor said."
)
DOCUMENTS = [
    toy.document(
        f"{day}.txt", TEXT.format(day), f"2024-05-{day:02}", language="en", outlet="Lantern"
    )
    for day in (1, 2, 3)
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of this version, with some articles."""
    path = tmp_path / "quotes.db"
    index(path, DOCUMENTS, extract=toy.extract)
    return path


@pytest.fixture
def next_version(path: Path, monkeypatch: pytest.MonkeyPatch) -> Migrations:
    """The next version of the schema, without a migration yet."""
    following = Migrations("quotedex")
    following._migrations = list(schema.migrations._migrations)
    monkeypatch.setattr(schema, "migrations", following)
    monkeypatch.setattr(schema, "SCHEMA_VERSION", schema.SCHEMA_VERSION + 1)
    return following


def definitions(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as conn:
        found = conn.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {name: sql for name, sql in found if not name.startswith("sqlite_stat")}


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as conn:
        (number,) = conn.execute("PRAGMA user_version").fetchone()
    return int(number)


def test_the_version_is_the_number_of_migrations(path: Path) -> None:
    names = [migration.name for migration in schema.migrations._migrations]
    assert [name[:4] for name in names] == [f"m{n + 1:03}" for n in range(schema.SCHEMA_VERSION)]
    assert version(path) == schema.SCHEMA_VERSION


def test_a_new_file_keeps_the_comments_of_the_schema(path: Path) -> None:
    tables = definitions(path)
    assert "-- the reporting expression" in tables["quotes"]
    assert [result for result in check(path) if not result.ok] == []


def test_no_foreign_key_joins_public_and_internal_tables(path: Path) -> None:
    """datasette-graphql fails on foreign keys from or to a table that Datasette hides."""
    with closing(sqlite3.connect(path)) as conn:
        references = conn.execute(
            """SELECT tables.name, keys."table"
            FROM sqlite_master AS tables, pragma_foreign_key_list(tables.name) AS keys
            WHERE tables.type = 'table'"""
        ).fetchall()
    assert ("quotes", "articles") in references
    assert ("_quote_links", "_wordings") in references
    assert [pair for pair in references if (pair[0][0] == "_") != (pair[1][0] == "_")] == []


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_a_file_of_a_development_version_is_refused(number: int, tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript(
            f"""PRAGMA application_id = {schema.APPLICATION_ID};
            PRAGMA user_version = {number};
            CREATE TABLE articles (id INTEGER PRIMARY KEY, publication TEXT);"""
        )
    before = path.read_bytes()
    sentence = (
        f"{path} was written by a development version of quotedex:"
        " index its articles into a new file"
    )
    for use in (Store, check):
        with pytest.raises(DatabaseError) as error:
            use(path)
        assert str(error.value) == sentence
    assert path.read_bytes() == before


def test_a_file_of_a_newer_version_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("PRAGMA user_version = 99")
    with pytest.raises(DatabaseError, match="schema version 99 from a newer version of quotedex"):
        Store(path)
    assert version(path) == 99


def test_file_of_the_last_version_is_migrated(path: Path, next_version: Migrations) -> None:
    @next_version()
    def add_party(db: Database) -> None:
        db.execute("ALTER TABLE speakers ADD COLUMN party TEXT")
        db.execute(f"PRAGMA user_version = {schema.SCHEMA_VERSION}")

    before = version(path)
    old = {result.name: result.detail for result in check(path) if not result.ok}
    assert old == {"schema": f"version {before}; the next indexing run migrates it to {before + 1}"}
    assert index(path, DOCUMENTS, extract=toy.extract).unchanged == 3
    assert version(path) == before + 1
    assert "party" in definitions(path)["speakers"]
    assert [result for result in check(path) if not result.ok] == []


def test_a_migration_that_fails_leaves_the_file_as_it_was(
    path: Path, next_version: Migrations
) -> None:
    @next_version()
    def break_off(db: Database) -> None:
        db.execute("DROP TABLE failures")
        db.execute("INSERT INTO nowhere VALUES (1)")

    before = definitions(path), version(path)
    with pytest.raises(DatabaseError, match="no such table: nowhere"):
        Store(path)
    assert (definitions(path), version(path)) == before
