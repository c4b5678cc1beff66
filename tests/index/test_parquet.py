"""Extractions in Parquet files: nothing is lost, and the database is the same."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from quotedex.api import Index
from quotedex.check import check
from quotedex.cli import main
from quotedex.errors import InputError, QuotedexError
from quotedex.index import index
from quotedex.index.load import load
from quotedex.index.parquet import read_shards, write_shards
from quotedex.models import Extraction
from tests.helpers import toy_extractor as toy
from tests.index.test_index import contents, news

ODD = replace(
    toy.document("odd.txt", "“No \ud800 end\0,” Ada Okafor said.", "2024-05-01"),
    url="https://example.org/odd",
    metadata=(("desk", "sport"), ("desk", "news")),
)


def test_extractions_are_read_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quotedex.index.parquet.MAX_ARTICLES_OF_SHARD", 4)
    extractions = [toy.extract(document) for document in [ODD, *map(news, range(9))]]
    (quote, *others) = extractions[1].quotes
    extractions[1] = replace(extractions[1], quotes=(quote, *others, replace(quote, repeats=0)))
    assert write_shards(extractions, tmp_path / "new" / "shards") == 10
    found = list(read_shards(tmp_path / "new" / "shards"))
    places = [each.document.location for each in found if isinstance(each, Extraction)]
    assert sorted(map(str, places)) == sorted(str(e.document.location) for e in extractions)
    assert set(map(repr, found)) == set(map(repr, extractions))
    assert len(list((tmp_path / "new" / "shards").iterdir())) == 3
    write_shards(extractions, tmp_path / "new" / "shards")
    assert len(list((tmp_path / "new" / "shards").iterdir())) == 3


def test_loading_gives_the_same_database_as_indexing(tmp_path: Path) -> None:
    documents = [ODD, *map(news, range(40))]
    index(tmp_path / "one.db", documents, topics=True, extract=toy.extract)
    write_shards(map(toy.extract, documents), tmp_path / "shards")
    two = tmp_path / "two.db"
    assert load(two, tmp_path / "shards").articles == 41
    assert contents(two) == contents(tmp_path / "one.db")
    assert [result for result in check(two) if not result.ok] == []
    again = Index(two).load(tmp_path / "shards")
    assert (again.unchanged, again.run_id) == (41, None)


def test_a_damaged_file_is_a_failure(tmp_path: Path) -> None:
    write_shards([toy.extract(news(1))], tmp_path)
    (tmp_path / "0.parquet").write_bytes(b"PAR1 and no more")
    damaged, whole = read_shards(tmp_path)
    assert isinstance(damaged, InputError)
    assert "not a file written by quotedex extract" in damaged.reason
    assert isinstance(whole, Extraction)
    summary = load(tmp_path / "quotes.db", tmp_path)
    assert (summary.articles, summary.failures) == (1, 1)


def test_a_folder_without_shards(tmp_path: Path) -> None:
    with pytest.raises(QuotedexError, match="contains no"):
        list(read_shards(tmp_path))


def test_commands(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("No marks at all.", encoding="utf-8")
    shards, database = str(tmp_path / "shards"), str(tmp_path / "quotes.db")
    run = CliRunner().invoke
    extract = ["extract", str(tmp_path / "a.txt")]
    line = json.loads(run(main, extract).output)
    assert (line["document"], line["quotes"]) == ("a.txt", [])
    assert run(main, [*extract, "-o", shards]).exit_code == 2
    done = run(main, [*extract, "--format", "parquet", "-o", shards])
    assert (done.exit_code, done.stderr) == (0, "1 documents written\n")
    done = run(main, ["load", database, shards])
    assert done.exit_code == 0, done.output
    assert ["articles", "1"] in [line.split() for line in done.output.splitlines()]
