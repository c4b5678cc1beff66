"""Opening a finished file to read it: what is none is told in a sentence."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from quotedex.errors import DatabaseError
from quotedex.index import index
from quotedex.store.file import open_index
from quotedex.store.schema import SCHEMA_VERSION
from tests.helpers import TESTS
from tests.helpers import toy_extractor as toy

KEPT = TESTS / "databases"


def test_a_file_is_opened_and_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "quotes.db"
    index(path, [toy.document("a.txt", "“Rents rise,” Ada Okafor said.")], extract=toy.extract)
    with closing(open_index(path)) as connection:
        (row,) = connection.execute("SELECT name, quotes FROM speakers").fetchall()
        assert (row["name"], row["quotes"]) == ("Ada Okafor", 1)
        with pytest.raises(Exception, match="readonly"):
            connection.execute("DELETE FROM quotes")


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_a_file_of_an_earlier_version_is_told_apart(version: int) -> None:
    with pytest.raises(DatabaseError, match="written by an earlier quotedex: `quotedex index "):
        open_index(KEPT / f"version-{version}.db")


def test_what_is_missing_or_empty_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="does not exist"):
        open_index(tmp_path / "none.db")
    (tmp_path / "empty.db").touch()
    with pytest.raises(DatabaseError, match="is empty"):
        open_index(tmp_path / "empty.db")
