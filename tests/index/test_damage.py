"""Damaged files: every command answers in a sentence, and `check` notices or nothing is lost.

QUOTEDEX_DAMAGES is how many files are damaged in each way, 8 by default.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sqlite3
import struct
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from click.testing import CliRunner
from datasette.app import Datasette

from quotedex.cli import main
from quotedex.errors import DatabaseError
from quotedex.index import index
from quotedex.index.parquet import write_shards
from quotedex.read import read
from quotedex.site.serve import build_site
from quotedex.store.counts import register_functions
from tests.helpers import toy_extractor as toy
from tests.helpers.checksums import renew

TEXT = (
    "“Rates stay in {0},” Ada Okafor said. “He said ‘no {0}’ to us,” an aide said."
    " “We will see.” “Rents rise,” Ms Okafor said. Bo Lind nodded at number {0}."
)
PAGE = 4096
DAMAGES = int(os.environ.get("QUOTEDEX_DAMAGES", "8"))
COMMANDS = {
    "check": ["check", "{db}"],
    "search": ["search", "{db}", "rents"],
    "search --csv": ["search", "{db}", "rates OR rents", "--csv"],
    "people": ["people", "{db}"],
    "publish-config": ["publish-config", "{db}", "-o", "{top}/site"],
    "load": ["load", "{db}", "{top}/shards"],
    "load --again": ["load", "{db}", "{top}/shards", "--again"],
    "index": ["index", "{db}", "{top}/news"],
    "index --prune": ["index", "{db}", "{top}/news", "--prune"],
    "index --people": ["index", "{db}", "{top}/news", "--people", "{top}/people.csv"],
}
Damage = Callable[[random.Random, bytearray], None]


@pytest.fixture(scope="module")
def top(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small index, what it was made from, and the same as Parquet files."""
    top = tmp_path_factory.mktemp("damage")
    (top / "news").mkdir()
    for day in range(1, 13):
        (top / "news" / f"{day}.txt").write_text(TEXT.format(day), encoding="utf-8")
    index(top / "whole.db", read([top / "news"]), extract=toy.extract)
    write_shards(map(toy.extract, read([top / "news"])), top / "shards")  # type: ignore[arg-type]
    with closing(sqlite3.connect(top / "whole.db")) as conn:
        assert conn.execute("SELECT description FROM speakers WHERE id = 1").fetchall() == [(None,)]
    (top / "people.csv").write_text("name,aliases\nAda Okafor,Ms Okafor\n", encoding="utf-8")
    with closing(sqlite3.connect(top / "whole.db")) as conn:
        assert conn.execute("PRAGMA page_size").fetchone() == (PAGE,)
    return top


def header(rnd: random.Random, data: bytearray) -> None:
    data[rnd.randrange(100)] = rnd.randrange(256)


def magic(rnd: random.Random, data: bytearray) -> None:
    data[:16] = rnd.choice([b"SQLite format 4\0", b"PK\3\4" + bytes(12), b"\xff" * 16])


def schema(rnd: random.Random, data: bytearray) -> None:
    """A byte that is not UTF-8 in the SQL of a table."""
    start = data.find(b"CREATE", rnd.randrange(3 * PAGE))
    data[start + rnd.randrange(60)] = rnd.choice([0xFF, 0, 0x41])


def first_page(rnd: random.Random, data: bytearray) -> None:
    data[rnd.randrange(100, PAGE)] = 0xFF


def some_bytes(rnd: random.Random, data: bytearray) -> None:
    for _ in range(rnd.choice([1, 3, 20])):
        data[rnd.randrange(len(data))] = rnd.randrange(256)


def swapped_pages(rnd: random.Random, data: bytearray) -> None:
    one, other = (slice(n * PAGE, (n + 1) * PAGE) for n in rnd.sample(range(len(data) // PAGE), 2))
    data[one], data[other] = data[other], data[one]


def zero_page(rnd: random.Random, data: bytearray) -> None:
    start = rnd.randrange(len(data) // PAGE) * PAGE
    data[start : start + PAGE] = bytes(PAGE)


def cut_off(rnd: random.Random, data: bytearray) -> None:
    del data[rnd.randrange(1, len(data)) :]


def cut_off_page(rnd: random.Random, data: bytearray) -> None:
    del data[rnd.randrange(1, len(data) // PAGE) * PAGE :]


def words(rnd: random.Random, data: bytearray) -> None:
    """A letter of an article: another one, NUL, or one that is no text."""
    start = data.find(rnd.choice([b"Rates stay", b"nodded at", b"toy", b"News of"]), PAGE)
    data[start + rnd.randrange(3)] = rnd.choice([0xFF, 0x41, 0, 0xC3])


DAMAGE: dict[str, Damage] = {
    each.__name__: each
    for each in (
        *(header, magic, schema, first_page, some_bytes, swapped_pages, zero_page, cut_off),
        *(cut_off_page, words),
    )
}

SCHEMA_EDITS = [
    "UPDATE sqlite_master SET sql = 'CREATE TABLE quotes (id)' WHERE name = 'quotes'",
    "UPDATE sqlite_master SET sql = replace(sql, 'key TEXT', 'key INT') WHERE name = 'speakers'",
    "UPDATE sqlite_master SET sql = 'nonsense' WHERE name = 'quote_details'",
    "UPDATE sqlite_master SET sql = CAST(x'43524541544520ff' AS TEXT) WHERE name = 'articles'",
    "UPDATE sqlite_master SET rootpage = 2 WHERE name = 'articles'",
    "UPDATE sqlite_master SET rootpage = 99999 WHERE name = 'quotes_by_cue'",
    "DELETE FROM sqlite_master WHERE name = 'statements'",
    "DELETE FROM sqlite_master WHERE name = 'quotes_deleted'",
    "DELETE FROM sqlite_master WHERE name = '_checksums'",
]

FORGERIES = [
    "UPDATE articles SET text = replace(text, 'nodded', 'shrugs')",
    "UPDATE articles SET text = replace(text, 'Rates stay', 'Rates fall')",
    "UPDATE articles SET title = 'Other news' WHERE id = 3",
    "UPDATE quotes SET text = 'Rents fall,' WHERE text = 'Rents rise,'",
    "UPDATE quotes SET confidence = 0.1 WHERE id = 1",
    "UPDATE quotes SET speaker_id = 2 WHERE id = 1",
    "UPDATE speakers SET name = 'Ada Lind', label = 'Ada Lind' WHERE id = 1",
    "UPDATE statements SET text = 'Rents fall,' WHERE text = 'Rents rise,'",
    "DELETE FROM articles WHERE id = 2",
    "DELETE FROM quotes WHERE id = 2",
    "UPDATE runs SET article_count = 1000",
]


def rows(path: Path) -> dict[str, list[str]]:
    """All rows of all tables, as far as they are not statistics for the query planner."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as conn:
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'quote_search'"
        return {
            name: sorted(map(repr, conn.execute(f'SELECT * FROM "{name}"')))
            for (name,) in conn.execute(tables).fetchall()
            if not name.startswith("sqlite_stat")
        }


def assert_noticed_or_whole(top: Path, path: Path, commands: list[str]) -> None:
    """`check` notices, or nothing has been lost, and each command ends in a sentence."""
    original = path.read_bytes()
    logs = {log: log.read_bytes() for log in path.parent.glob(f"{path.name}-*")}
    for name in commands:
        shutil.rmtree(path.parent / "run", ignore_errors=True)
        (path.parent / "run").mkdir()
        copy = path.parent / "run" / path.name
        copy.write_bytes(original)
        for log, content in logs.items():
            (copy.parent / log.name).write_bytes(content)
        given = [part.format(db=copy, top=top) for part in COMMANDS[name]]
        result = CliRunner().invoke(main, given)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise AssertionError(f"{name}: a traceback") from result.exception
        if result.exit_code and name not in ("check", "load", "load --again"):
            last = result.stderr.splitlines()[-1]
            assert last.startswith("Error: "), result.output
        if name == "check" and result.exit_code == 0:
            assert rows(copy) == rows(top / "whole.db"), "silent damage"


async def statuses(site: Datasette, name: str) -> list[int]:
    addresses = ("/", f"/{name}", "/-/quotes?q=rents", "/-/speakers", f"/{name}/articles")
    return [(await site.client.get(address)).status_code for address in addresses]


def assert_site_answers(path: Path) -> None:
    """Whatever is wrong with the file: the site does not start, or each page is an answer."""
    with suppress(DatabaseError):
        site = build_site(path)
        assert all(200 <= status <= 503 for status in asyncio.run(statuses(site, path.stem)))


def damaged(top: Path, folder: Path, kind: str, seed: int) -> Path:
    data = bytearray((top / "whole.db").read_bytes())
    DAMAGE[kind](random.Random(seed), data)
    path = folder / "damaged.db"
    path.write_bytes(data)
    return path


def edited(top: Path, folder: Path, sql: str) -> Path:
    path = folder / "edited.db"
    shutil.copy(top / "whole.db", path)
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute("PRAGMA writable_schema = ON")
        assert conn.execute(sql).rowcount > 0
        conn.execute("PRAGMA writable_schema = OFF")
    return path


def test_the_whole_file_passes(top: Path, tmp_path: Path) -> None:
    path = tmp_path / "whole.db"
    shutil.copy(top / "whole.db", path)
    assert CliRunner().invoke(main, ["check", str(path)]).exit_code == 0
    for name, command in COMMANDS.items():
        result = CliRunner().invoke(main, [part.format(db=path, top=top) for part in command])
        assert result.exit_code == 0, f"{name}: {result.output}"


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_file(top: Path, tmp_path: Path, kind: str) -> None:
    path = damaged(top, tmp_path, kind, 1)
    assert_noticed_or_whole(top, path, ["check", "search", "people", "index"])


@pytest.mark.slow
@pytest.mark.parametrize("kind", DAMAGE)
def test_files_damaged_in_many_ways(top: Path, tmp_path: Path, kind: str) -> None:
    for seed in range(DAMAGES):
        path = damaged(top, tmp_path, kind, seed)
        assert_noticed_or_whole(top, path, list(COMMANDS) if seed < 4 else ["check"])
        assert_site_answers(path)


@pytest.mark.parametrize("sql", SCHEMA_EDITS)
def test_an_edited_schema_is_noticed(top: Path, tmp_path: Path, sql: str) -> None:
    path = edited(top, tmp_path, sql)
    result = CliRunner().invoke(main, ["check", str(path)])
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert_noticed_or_whole(top, path, ["search", "people"])


@pytest.mark.slow
@pytest.mark.parametrize("sql", [*SCHEMA_EDITS, *FORGERIES])
def test_all_commands_on_an_edited_file(top: Path, tmp_path: Path, sql: str) -> None:
    path = edited(top, tmp_path, sql)
    assert_noticed_or_whole(top, path, list(COMMANDS))
    assert_site_answers(path)


@pytest.mark.parametrize("sql", FORGERIES)
def test_a_forged_row_is_noticed(top: Path, tmp_path: Path, sql: str) -> None:
    result = CliRunner().invoke(main, ["check", str(edited(top, tmp_path, sql))])
    assert result.exit_code == 1
    assert ": FAILED: " in result.output


# What contradicts the rest of the file, even if somebody renews the hashes.
CONTRADICTIONS = ("Rates fall", "Rents fall", "speaker_id", "Ada Lind", "DELETE")


@pytest.mark.parametrize("sql", [sql for sql in FORGERIES if any(w in sql for w in CONTRADICTIONS)])
def test_a_forger_who_renews_the_hashes_is_noticed_too(top: Path, tmp_path: Path, sql: str) -> None:
    path = edited(top, tmp_path, sql)
    with closing(sqlite3.connect(path)) as conn, conn:
        renew(conn)
    assert CliRunner().invoke(main, ["check", str(path)]).exit_code == 1


def half_written_log(rnd: random.Random, data: bytearray) -> None:
    """What a killed process leaves: the last frames are cut off, or their pages garbled."""
    if rnd.random() < 0.5:
        del data[rnd.randrange(len(data)) :]
    else:
        some_bytes(rnd, data)


def with_log(top: Path, folder: Path, seed: int) -> Path:
    """A copy with a write-ahead log that was never checkpointed, of a change and back."""
    source, path = folder / "source.db", folder / "logged.db"
    shutil.copy(top / "whole.db", source)
    with closing(sqlite3.connect(source, isolation_level=None)) as conn:
        conn.execute("PRAGMA journal_mode = WAL").fetchall()
        conn.execute("PRAGMA wal_autocheckpoint = 0").fetchall()
        for description in ("x", None):
            conn.execute("UPDATE speakers SET description = ? WHERE id = 1", (description,))
        log = bytearray(source.with_name("source.db-wal").read_bytes())
        half_written_log(random.Random(seed), log)
        shutil.copy(source, path)
    path.with_name("logged.db-wal").write_bytes(log)
    return path


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_half_written_log(top: Path, tmp_path: Path, seed: int) -> None:
    assert_noticed_or_whole(top, with_log(top, tmp_path, seed), list(COMMANDS)[: 4 * seed])


def test_a_byte_in_the_schema_and_swapped_pages_give_a_sentence(top: Path, tmp_path: Path) -> None:
    data = bytearray((top / "whole.db").read_bytes())
    (pages,) = struct.unpack(">I", data[28:32])
    assert pages == len(data) // PAGE
    data[data.find(b"CREATE TABLE") + 3] = 0xFF
    path = tmp_path / "byte.db"
    path.write_bytes(data)
    for name in ("check", "search", "people", "index", "load", "publish-config"):
        command = [part.format(db=path, top=top) for part in COMMANDS[name]]
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 1, name
        assert result.stderr.startswith(f"Error: {path} "), name
        assert len(result.stderr.splitlines()) == 1
    with pytest.raises(DatabaseError):
        build_site(path)


@pytest.mark.parametrize("value", [None, b"\xff", 1.5])
def test_functions_in_sql_take_what_a_damaged_file_has(value: object) -> None:
    with closing(sqlite3.connect(":memory:")) as conn:
        register_functions(conn)
        assert conn.execute("SELECT slug(?)", (value,)).fetchone() == (None,)
        for place in range(3):
            given: list[object] = ["DOT", "Department of Transport", "organization"]
            assert conn.execute("SELECT name_form(?, ?, ?)", given).fetchone() == ("DOT",)
            given[place] = value
            assert conn.execute("SELECT name_form(?, ?, ?)", given).fetchone() == (None,)
