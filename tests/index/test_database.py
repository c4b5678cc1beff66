"""Opening a file to read it; anything that is not an index gives a clear error."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from quotedex.errors import DatabaseError
from quotedex.index import index
from quotedex.store import schema
from quotedex.store.file import open_index
from tests.helpers import toy_extractor as toy


def test_file_is_opened_read_only(tmp_path: Path) -> None:
    path = tmp_path / "quotes.db"
    index(path, [toy.document("a.txt", "“Rents rise,” Ada Okafor said.")], extract=toy.extract)
    with closing(open_index(path)) as connection:
        (row,) = connection.execute("SELECT name, quote_count FROM speakers").fetchall()
        assert (row["name"], row["quote_count"]) == ("Ada Okafor", 1)
        with pytest.raises(Exception, match="readonly"):
            connection.execute("DELETE FROM quotes")


def test_file_of_an_earlier_version_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "quotes.db"
    index(path, [toy.document("a.txt", "“Rents rise,” Ada Okafor said.")], extract=toy.extract)
    monkeypatch.setattr(schema, "SCHEMA_VERSION", schema.SCHEMA_VERSION + 1)
    with pytest.raises(
        DatabaseError, match="written by an earlier version of quotedex: `quotedex index "
    ):
        open_index(path)


def test_missing_or_empty_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="does not exist"):
        open_index(tmp_path / "none.db")
    (tmp_path / "empty.db").touch()
    with pytest.raises(DatabaseError, match="is empty"):
        open_index(tmp_path / "empty.db")
