"""A file of every schema version opens in this one; `databases/` keeps one of each."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database, Migrations

from quotedex.check import check
from quotedex.errors import DatabaseError
from quotedex.index import index
from quotedex.store import Store, schema
from tests.helpers import TESTS
from tests.helpers import toy_extractor as toy

KEPT = TESTS / "databases"
VERSIONS = range(1, schema.SCHEMA_VERSION + 1)
TEXT = (
    "“Rates stay in {0},” Ada Okafor said. “He said ‘no {0}’ to us,” an aide said."
    " “We will see.” “Rents rise,” Ms Okafor said."
)
DOCUMENTS = [
    toy.document(
        f"{day}.txt", TEXT.format(day), f"2024-05-{day:02}", language="en", publication="Lantern"
    )
    for day in (1, 2, 3)
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The kept file of the last version, free to be changed."""
    return Path(shutil.copy(KEPT / f"version-{VERSIONS[-1]}.db", tmp_path / "quotes.db"))


@pytest.fixture
def next_version(monkeypatch: pytest.MonkeyPatch) -> Migrations:
    """One version more than there is; what it does is for the test to add."""
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


@pytest.mark.parametrize("number", VERSIONS)
def test_a_file_of_each_version_becomes_one_of_this(number: int, tmp_path: Path) -> None:
    path = Path(shutil.copy(KEPT / f"version-{number}.db", tmp_path / "old.db"))
    assert version(path) == number
    with Store(tmp_path / "new.db"), Store(path):
        pass
    assert version(path) == schema.SCHEMA_VERSION
    assert definitions(path) == definitions(tmp_path / "new.db")
    assert [promise for promise in check(path) if not promise.ok] == []
    assert index(path, DOCUMENTS, extract=toy.extract).unchanged == 3
    changed = toy.document("1.txt", "“Rents fall,” Ada Okafor said.")
    assert index(path, [changed], extract=toy.extract).articles == 1
    assert [promise for promise in check(path) if not promise.ok] == []


def test_the_version_is_the_number_of_migrations() -> None:
    names = [migration.name for migration in schema.migrations._migrations]
    assert [name[:4] for name in names] == [f"m{number:03}" for number in VERSIONS]


def test_a_migration_is_not_edited_any_more(tmp_path: Path) -> None:
    """A change to the tables is a further migration: there are files that have this one."""
    with Store(tmp_path / "new.db"):
        pass
    assert definitions(tmp_path / "new.db") == definitions(KEPT / f"version-{VERSIONS[-1]}.db")


def test_a_file_of_the_last_version_is_brought_to_the_next(
    path: Path, next_version: Migrations
) -> None:
    @next_version()
    def add_topics(db: Database) -> None:
        db.execute("ALTER TABLE speakers ADD COLUMN topics TEXT")
        db.execute(f"PRAGMA user_version = {schema.SCHEMA_VERSION}")

    old = {promise.name: promise.detail for promise in check(path) if not promise.ok}
    assert old == {
        "schema": f"version {VERSIONS[-1]}; the next indexing run brings it to {VERSIONS[-1] + 1}"
    }
    assert index(path, DOCUMENTS, extract=toy.extract).unchanged == 3
    assert version(path) == VERSIONS[-1] + 1
    assert "topics" in definitions(path)["speakers"]
    assert [promise for promise in check(path) if not promise.ok] == []


def test_a_migration_that_fails_leaves_the_file_as_it_was(
    path: Path, next_version: Migrations
) -> None:
    @next_version()
    def break_off(db: Database) -> None:
        db.execute("DROP TABLE failures")
        db.execute("INSERT INTO nowhere VALUES (1)")

    before = definitions(path)
    with pytest.raises(DatabaseError, match="no such table: nowhere"):
        Store(path)
    assert definitions(path) == before
    assert version(path) == VERSIONS[-1]
