"""Parquet files that somebody has altered: a bad row is one failure, and the others are stored."""

from __future__ import annotations

import copy
import math
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from quotedex.check import check
from quotedex.cli import main
from quotedex.index import Summary
from quotedex.index.load import load
from quotedex.index.parquet import write_shards
from quotedex.models import Document
from tests.helpers import toy_extractor as toy

ROWS = 4
TEXT = (
    "“The ferry {0} stays,” Ada Okafor said. “He told us ‘no {0}’ and left,” an aide said."
    " “We will see {0}.” Bo Lind nodded."
)
Row = dict[str, Any]


@pytest.fixture
def rows(tmp_path: Path) -> list[Row]:
    return written(tmp_path / "whole", ROWS)


def written(folder: Path, number_of_rows: int) -> list[Row]:
    """The rows of a file with as many different articles."""
    documents = [
        Document(
            id=f"{number}.txt",
            text=TEXT.format(number),
            location=f"/news/{number}.txt",
            title=f"Ferry {number}",
            byline="Bo Lind",
            outlet="Lantern",
            published=f"2024-05-{number:02}",
            language="en",
            url=f"https://lantern.example/{number}",
            metadata=(("desk", "city"),),
            path=f"{number}.txt",
        )
        for number in range(1, number_of_rows + 1)
    ]
    write_shards(map(toy.extract, documents), folder)
    (shard,) = folder.iterdir()
    found: list[Row] = pq.read_table(shard).to_pylist()
    assert [quote["parent"] for quote in found[0]["quotes"]] == [None, None, 1, None]
    return found


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> pa.Schema:
    folder = tmp_path_factory.mktemp("schema")
    write_shards([toy.extract(Document("a", "“No,” Ada Okafor said.", "/a"))], folder)
    (shard,) = folder.iterdir()
    return pq.read_schema(shard)


def stored(folder: Path, table: pa.Table) -> tuple[Summary, list[str]]:
    """What loading a table gives, and the names of articles stored; the file passes `check`."""
    (folder / "altered").mkdir(exist_ok=True)
    pq.write_table(table, folder / "altered" / "a.parquet")
    return loaded(folder)


def loaded(folder: Path) -> tuple[Summary, list[str]]:
    path = folder / "quotes.db"
    path.unlink(missing_ok=True)
    summary = load(path, folder / "altered")
    if summary.run_id is None:
        return summary, []
    assert [result for result in check(path) if not result.ok] == []
    with closing(sqlite3.connect(path)) as conn:
        names = [name for (name,) in conn.execute("SELECT title FROM articles ORDER BY id")]
    return summary, names


def quotes_of(row: Row) -> list[Row]:
    quotes: list[Row] = row["quotes"]
    return quotes


def setting(*keys: str | int, to: Any) -> Callable[[Row], None]:
    """A function that sets one value in a row."""

    def alter(row: Row) -> None:
        *path, last = keys
        place: Any = row
        for key in path:
            place = place[key]
        place[last] = to

    return alter


def both_inside_each_other(row: Row) -> None:
    one, two, *_ = quotes_of(row)
    two.update(start=one["start"], end=one["end"], text=one["text"], parent=0, repeats=None)
    two.update(mention=None, cue=None, speaker=None)
    one["parent"] = 1
    del row["quotes"][2]


def a_cycle_of_pull_quotes(row: Row) -> None:
    quotes_of(row)[0]["repeats"] = 3
    quotes_of(row)[3]["repeats"] = 0


def other_text(row: Row) -> None:
    row["given"] = row["given"].replace(b"nodded", b"shrugs")


def other_cleaned_text(row: Row) -> None:
    row["text"] = row["text"].replace(b"nodded", b"shrugs")


BAD: dict[str, tuple[Callable[[Row], None], str]] = {
    "no text": (setting("given", to=None), "text as given is missing"),
    "no cleaned text": (setting("text", to=None), "cleaned text is missing"),
    "no id": (setting("id", to=None), "the id is missing"),
    "empty id": (setting("id", to=" "), "the id is empty"),
    "empty location": (setting("location", to=""), "the location is empty"),
    "no metadata": (setting("metadata", to=None), "metadata are not a list"),
    "no name of metadata": (setting("metadata", 0, "name", to=None), "metadata is missing"),
    "no value of metadata": (setting("metadata", 0, "value", to=None), "metadata is missing"),
    "null in metadata": (setting("metadata", 0, to=None), "metadata are not a list"),
    "no quotations": (setting("quotes", to=None), "quotes are not a list"),
    "null in quotations": (setting("quotes", 0, to=None), "quotes are not a list"),
    "text not UTF-8": (setting("given", to=b"No \xff"), "not UTF-8"),
    "cleaned text not UTF-8": (setting("text", to=b"No \xff"), "not UTF-8"),
    "other text": (other_text, "not what this version of quotedex makes"),
    "other cleaned text": (other_cleaned_text, "not what this version of quotedex makes"),
    "empty text": (setting("given", to=b""), "not what this version"),
    "empty cleaned text": (setting("text", to=b""), "not inside the text"),
    "no date": (setting("published", to="yesterday"), "is not one such as 2024-05-03"),
    "odd date": (setting("published", to="2024-13-45"), "is not one such as 2024-05-03"),
    "week date": (setting("published", to="2024-W05-1"), "is not one such as 2024-05-03"),
    "empty date": (setting("published", to=""), "is not one such as 2024-05-03"),
    "time": (setting("published", to="2024-05-03T10:00"), "is not one such as 2024-05-03"),
    "no start": (setting("quotes", 0, "start", to=None), "not inside the text"),
    "no end": (setting("quotes", 0, "end", to=None), "not inside the text"),
    "negative start": (setting("quotes", 0, "start", to=-4), "not inside the text"),
    "negative span": (
        lambda row: quotes_of(row)[0].update(start=-9, end=-1),
        "not inside the text",
    ),
    "end before start": (setting("quotes", 0, "end", to=0), "not inside the text"),
    "end after text": (setting("quotes", 0, "end", to=9_999), "not inside the text"),
    "huge end": (setting("quotes", 0, "end", to=2**62), "not inside the text"),
    "other words": (setting("quotes", 0, "text", to="Other"), "differs from the text"),
    "moved": (setting("quotes", 0, "start", to=5), "differs from the text"),
    "no words": (setting("quotes", 0, "text", to=None), "differs from the text"),
    "unknown kind": (setting("quotes", 0, "kind", to="song"), "kind of a quotation cannot be"),
    "no kind": (setting("quotes", 0, "kind", to=None), "kind of a quotation cannot be"),
    "no utterance": (setting("quotes", 0, "utterance", to=None), "utterance None is not"),
    "negative utterance": (setting("quotes", 0, "utterance", to=-1), "utterance -1 is not"),
    "huge utterance": (setting("quotes", 0, "utterance", to=2**62), "is not a number from 0"),
    "no confidence": (setting("quotes", 0, "confidence", to=None), "not between 0 and 1"),
    "confidence nan": (setting("quotes", 0, "confidence", to=math.nan), "not between 0 and 1"),
    "confidence inf": (setting("quotes", 0, "confidence", to=math.inf), "not between 0 and 1"),
    "confidence -1": (setting("quotes", 0, "confidence", to=-1.0), "not between 0 and 1"),
    "confidence 2": (setting("quotes", 0, "confidence", to=2.0), "not between 0 and 1"),
    "no reason": (setting("quotes", 0, "why", to=None), "the reason for quotation 1 is missing"),
    "own parent": (setting("quotes", 0, "parent", to=0), "inside itself"),
    "parents in a circle": (both_inside_each_other, "inside itself"),
    "parent beside it": (setting("quotes", 0, "parent", to=3), "not within its parent"),
    "no such parent": (setting("quotes", 2, "parent", to=9), "parent that does not exist"),
    "negative parent": (setting("quotes", 2, "parent", to=-3), "parent that does not exist"),
    "repeats itself": (setting("quotes", 0, "repeats", to=0), "repeats a pull-quote"),
    "pull-quotes in a circle": (a_cycle_of_pull_quotes, "repeats a pull-quote"),
    "repeats nothing": (setting("quotes", 0, "repeats", to=4), "repeats one that does not exist"),
    "repeats -1": (setting("quotes", 0, "repeats", to=-1), "repeats one that does not exist"),
    "cue after text": (setting("quotes", 0, "cue", "end", to=9_999), "the cue of quotation 1 is"),
    "cue negative": (setting("quotes", 0, "cue", "start", to=-1), "the cue of quotation 1 is not"),
    "half a cue": (setting("quotes", 0, "cue", "end", to=None), "the cue of quotation 1 is not"),
    "mention after text": (setting("quotes", 0, "mention", "start", to=9_998), "the mention of"),
    "half a mention": (setting("quotes", 0, "mention", "start", to=None), "the mention of"),
    "no name": (setting("quotes", 0, "speaker", "name", to=None), "speaker of quotation 1 is miss"),
    "empty name": (setting("quotes", 0, "speaker", "name", to=" "), "speaker of quotation 1 is em"),
    "speaker without kind": (setting("quotes", 0, "speaker", "kind", to=None), "kind of a speaker"),
    "speaker of odd kind": (setting("quotes", 0, "speaker", "kind", to="dog"), "kind of a speaker"),
    "speaker without reason": (setting("quotes", 0, "speaker", "why", to=None), "reason for the s"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_row_is_one_failure(
    tmp_path: Path, rows: list[Row], schema: pa.Schema, name: str
) -> None:
    alter, reason = BAD[name]
    alter(rows[1])
    summary, names = stored(tmp_path, pa.Table.from_pylist(rows, schema))
    assert names == ["Ferry 1", "Ferry 3", "Ferry 4"]
    (failure,) = summary.failed
    assert failure.error.startswith("not written by quotedex extract: ")
    assert reason in failure.error
    assert failure.location in ("/news/2.txt", f"{tmp_path}/altered/a.parquet#2")


GOOD: dict[str, Callable[[Row], None]] = {
    "no location": setting("location", to=None),
    "no title": setting("title", to=None),
    "odd URL": setting("url", to="javascript:alert(1)"),
    "broken URL": setting("url", to="http://[::1"),
    "empty URL": setting("url", to=""),
    "odd language": setting("language", to="Klingon \x1b[31m"),
    "long title": setting("title", to="Ferry " * 20_000),
    "odd title": setting("title", to="=1+1\x1b]0;x\x07\u202e\0"),
    "odd path": setting("path", to="../../etc/passwd"),
    "empty path": setting("path", to=""),
    "odd row": setting("row", to="x y#z"),
    "odd location": setting("location", to="/news/../\x1b[2J#?.txt"),
    "relative location": setting("location", to="a/../b"),
    "odd guid": setting("guid", to="urn:x:" + "y" * 3_000),
    "no quotations": setting("quotes", to=[]),
    "no speaker": setting("quotes", 0, "speaker", to=None),
    "odd name": setting("quotes", 0, "speaker", "name", to="— ’ \N{PILE OF POO}"),
    "long name": setting("quotes", 0, "speaker", "name", to="Ada " * 5_000),
    "name of signs": setting("quotes", 0, "speaker", "name", to="|"),
    "empty description": setting("quotes", 0, "speaker", "description", to=""),
    "no cue": setting("quotes", 0, "cue", to=None),
    "no mention": setting("quotes", 0, "mention", to=None),
    "empty mention": lambda row: quotes_of(row)[0]["mention"].update(start=3, end=3),
    "whole mention": lambda row: quotes_of(row)[0]["mention"].update(start=0, end=50),
    "empty quotation": lambda row: quotes_of(row)[0].update(start=3, end=3, text=""),
    "overlapping": lambda row: quotes_of(row).append(
        {**quotes_of(row)[0], "start": 5, "end": 60, "text": row["text"].decode()[5:60]}
    ),
    "twice": lambda row: quotes_of(row).append(quotes_of(row)[0]),
    "other order": lambda row: quotes_of(row).__setitem__(
        slice(None), [{**quote, "parent": None} for quote in reversed(quotes_of(row))]
    ),
    "a pull-quote": setting("quotes", 0, "repeats", to=3),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_odd_but_possible_is_stored(
    tmp_path: Path, rows: list[Row], schema: pa.Schema, name: str
) -> None:
    GOOD[name](rows[1])
    summary, names = stored(tmp_path, pa.Table.from_pylist(rows, schema))
    assert summary.failed == ()
    assert len(names) == ROWS


@pytest.mark.parametrize(
    "column", ["id", "location", "given", "text", "quotes", "metadata", "published", "row"]
)
def test_a_missing_or_renamed_column(
    tmp_path: Path, rows: list[Row], schema: pa.Schema, column: str
) -> None:
    table = pa.Table.from_pylist(rows, schema)
    names = [f"{name}s" if name == column else name for name in table.column_names]
    for altered in (table.drop_columns([column]), table.rename_columns(names)):
        summary, stored_names = stored(tmp_path, altered)
        assert stored_names == []
        (failure,) = summary.failed
        assert failure.error.endswith(f"it has no column '{column}'")


@pytest.mark.parametrize("field", ["start", "kind", "speaker", "repeats"])
def test_quotations_without_a_field(tmp_path: Path, rows: list[Row], field: str) -> None:
    for row in rows:
        for quote in quotes_of(row):
            del quote[field]
    summary, names = stored(tmp_path, pa.Table.from_pylist(rows))
    assert names == []
    assert len(summary.failed) == ROWS
    assert all(each.error.endswith(f"it has no '{field}'") for each in summary.failed)


@pytest.mark.parametrize("column", ["id", "given", "quotes", "metadata", "published", "url"])
@pytest.mark.parametrize("value", [5, 1.5, True, ["x"], {"x": "y"}, b"\xff"])
def test_a_column_of_another_type(tmp_path: Path, rows: list[Row], column: str, value: Any) -> None:
    for row in rows:
        row[column] = value
    summary, names = stored(tmp_path, pa.Table.from_pylist(rows))
    assert (names, len(summary.failed)) == ([], ROWS)


@pytest.mark.parametrize("field", ["start", "utterance", "confidence", "kind", "why", "parent"])
@pytest.mark.parametrize("value", ["x", True, 0.5, b"\xff", ["x"]])
def test_a_field_of_another_type(tmp_path: Path, rows: list[Row], field: str, value: Any) -> None:
    for row in rows:
        for quote in quotes_of(row):
            quote[field] = value
    summary, names = stored(tmp_path, pa.Table.from_pylist(rows))
    possible = (field, value) in [("confidence", 0.5), ("confidence", True), ("why", "x")]
    assert len(names) == ROWS * possible
    assert len(summary.failed) == ROWS * (not possible)


def test_large_and_dictionary_types(tmp_path: Path, rows: list[Row], schema: pa.Schema) -> None:
    table = pa.Table.from_pylist(rows, schema)
    kinds = {
        "title": pa.dictionary(pa.int32(), pa.string()),
        "location": pa.large_string(),
        "given": pa.large_binary(),
    }
    for name, kind in kinds.items():
        table = table.set_column(table.column_names.index(name), name, table[name].cast(kind))
    summary, names = stored(tmp_path, table)
    assert (summary.failed, len(names)) == ((), ROWS)


def test_text_that_is_no_utf_8(tmp_path: Path, rows: list[Row], schema: pa.Schema) -> None:
    """One row of a text column: the others can be read."""
    table = pa.Table.from_pylist(rows, schema)
    titles = pa.array([b"Ferry 1", b"Ferry \xff", b"Ferry 3", b"Ferry 4"], pa.binary())
    broken = pa.StringArray.from_buffers(ROWS, titles.buffers()[1], titles.buffers()[2])
    table = table.set_column(table.column_names.index("title"), "title", broken)
    summary, names = stored(tmp_path, table)
    assert names == ["Ferry 1", "Ferry 3", "Ferry 4"]
    (failure,) = summary.failed
    assert failure.error == "not written by quotedex extract: a text is not UTF-8"
    assert failure.location == f"{tmp_path}/altered/a.parquet#2"


@pytest.mark.parametrize("name", ["empty", "cut off", "garbled", "no Parquet", "a folder"])
def test_a_file_that_is_none(tmp_path: Path, rows: list[Row], schema: pa.Schema, name: str) -> None:
    folder = tmp_path / "altered"
    folder.mkdir()
    pq.write_table(pa.Table.from_pylist(rows, schema), folder / "z.parquet")
    data = (folder / "z.parquet").read_bytes()
    bad = folder / "a.parquet"
    middle = len(data) // 2
    content = {
        "empty": b"",
        "cut off": data[:middle],
        "garbled": data[:middle] + bytes(200) + data[middle + 200 :],
        "no Parquet": b"PAR1 and no more PAR1",
    }
    if name == "a folder":
        bad.mkdir()
    else:
        bad.write_bytes(content[name])
    summary, names = loaded(tmp_path)
    assert len(names) == ROWS
    assert 1 <= len(summary.failed) <= ROWS
    assert all("not " in each.error and "\n" not in each.error for each in summary.failed)


def test_a_file_without_rows(tmp_path: Path, schema: pa.Schema) -> None:
    summary, names = stored(tmp_path, pa.Table.from_pylist([], schema))
    assert (summary.documents, summary.failed, names) == (0, (), [])


def test_the_command_names_the_row(tmp_path: Path, rows: list[Row], schema: pa.Schema) -> None:
    setting("quotes", 0, "confidence", to=2.0)(rows[1])
    stored(tmp_path, pa.Table.from_pylist(rows, schema))
    result = CliRunner().invoke(main, ["load", f"{tmp_path}/new.db", f"{tmp_path}/altered"])
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: /news/2.txt: not written by quotedex extract:"
        " the confidence 2.0 is not between 0 and 1\n"
    )


ODD_VALUES: tuple[Any, ...] = (
    *(None, "", " ", "x", "\x1b[31m", "\0", "\u202e", "=1+1", "2024-05-03", "https://a.example/b"),
    *("person", "full", "a" * 3_000, b"\xff", b"", b"No.", -1, 0, 1, 2, 7, 50, 2**31, 2**62),
    *(0.5, -0.5, 2.0, math.nan, math.inf, [], {}),
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths to everything in a row."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        yield (*path, key)
        if isinstance(inner, dict | list):
            yield from places(inner, (*path, key))


def alter_at_random(rnd: random.Random, row: Row) -> None:
    """Change one to four values, to others of the row or to odd ones."""
    for _ in range(rnd.randint(1, 4)):
        path = rnd.choice(list(places(row)))
        if rnd.random() < 0.2 and isinstance(row["quotes"], list) and len(row["quotes"]) > 1:
            rnd.shuffle(row["quotes"])
        else:
            setting(*path, to=copy.deepcopy(rnd.choice(ODD_VALUES)))(row)


def fitting(rnd: random.Random, row: Row, schema: pa.Schema) -> Row:
    """The row, altered so that it still fits into the columns."""
    while True:
        altered = copy.deepcopy(row)
        alter_at_random(rnd, altered)
        try:
            fitted: Row = pa.Table.from_pylist([altered, row], schema).to_pylist()[0]
        except (pa.ArrowException, TypeError, ValueError, OverflowError, AttributeError):
            continue
        return fitted


@pytest.mark.parametrize(
    "seed", [*range(3), *(pytest.param(n, marks=pytest.mark.slow) for n in range(3, 60))]
)
def test_rows_altered_at_random(tmp_path: Path, schema: pa.Schema, seed: int) -> None:
    """Whatever is altered: a row is stored or one failure, and the file passes `check`."""
    rnd = random.Random(seed)
    *rows, last = written(tmp_path / "many", 25)
    altered = [fitting(rnd, row, schema) for row in rows]
    summary, names = stored(tmp_path, pa.Table.from_pylist([*altered, last], schema))
    assert "Ferry 25" in names
    assert summary.documents == len(altered) + 1
    done = summary.articles + summary.duplicates + summary.unchanged + summary.failures
    assert done == summary.documents
    assert summary.failures < summary.documents
