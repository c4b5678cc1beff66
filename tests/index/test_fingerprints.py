"""The fingerprints of new wordings wait during a run, and nothing depends on how long they do."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from quotedex.check import check
from quotedex.cli import main
from quotedex.models import Correction, Extraction
from quotedex.store import Store, fingerprints
from tests.helpers import toy_extractor as toy
from tests.index.test_linking import article, contents, in_batches, rows, write

WEIR = "nobody told us that the weir had burst before the morning"
ROOF = "the roof of the old hall will not hold another winter of rain"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "quotes.db"


def said(location: str, *words: str) -> Extraction:
    text = f"{location}: " + " ".join(f"“{each},” Mara Ilves said." for each in words)
    return toy.extract(toy.document(location, text))


def waiting(path: Path) -> int:
    return int(rows(path, "SELECT count(*) FROM _new_fingerprints")[0][0])


def in_place(path: Path) -> int:
    return int(rows(path, "SELECT count(*) FROM _wording_fingerprints")[0][0])


def statements(path: Path) -> list[tuple[int]]:
    """How often each statement is printed."""
    return rows(path, "SELECT article_count FROM statements ORDER BY 1")


def copy(path: Path, name: str) -> Path:
    """What would be left of a file if its writer were killed now."""
    for end in ("", "-wal"):
        if (log := path.with_name(path.name + end)).exists():
            shutil.copy(log, path.with_name(name + end))
    return path.with_name(name)


def whole(path: Path) -> bool:
    return [each for each in check(path) if not each.ok] == []


def test_they_wait_until_the_end_of_the_run(path: Path) -> None:
    with Store(path) as store:
        run = store.start_run()
        store.write([said("a", WEIR)], run)
        assert waiting(path) > 5
        store.write([said("b", WEIR.upper()), said("c", f"We ask why {WEIR}")], run)
        assert in_place(path) == 0
        assert statements(path) == [(3,)]
        assert whole(path)
        number = waiting(path)
        store.finish_run(run, "completed")
    assert (waiting(path), in_place(path)) == (0, number)
    assert whole(path)


def test_many_move_during_the_run(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprints, "MAX_WAITING", 12)
    with Store(path) as store:
        run = store.start_run()
        store.write([said("a", WEIR)], run)
        assert (waiting(path) > 0, in_place(path)) == (True, 0)
        store.write([said("b", ROOF, "the dock board has voted to close the lower mill")], run)
        assert (waiting(path), in_place(path) > 12) == (0, True)
        store.write([said("c", WEIR), said("d", f"We ask why {WEIR}")], run)
        assert 0 < waiting(path) <= 12
    assert statements(path) == [(1,), (1,), (3,)]
    assert whole(path)


@pytest.mark.parametrize("max_waiting", [0, 25, 10**6])
@pytest.mark.parametrize("seed", range(2))
def test_the_result_does_not_depend_on_how_many_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, max_waiting: int
) -> None:
    """Articles come, change and go, in one process or another."""
    chance = random.Random(seed)
    found = [article(f"{n % 9}", chance) for n in range(24)]
    write(tmp_path / "usual.db", [[each] for each in found])
    monkeypatch.setattr(fingerprints, "MAX_WAITING", max_waiting)
    for batch in in_batches(found, chance):
        write(tmp_path / "other.db", [batch])
        assert whole(tmp_path / "other.db")
    assert contents(tmp_path / "other.db") == contents(tmp_path / "usual.db")


def test_those_of_a_changed_article_go_wherever_they_are(path: Path) -> None:
    with Store(path) as store:
        run = store.start_run()
        store.write([said("a", WEIR), said("b", ROOF)], run)
        store.finish_run(run, "completed")
        run = store.start_run()
        store.write([said("c", f"We ask why {WEIR}")], run)
        assert (waiting(path) > 0, in_place(path) > 0) == (True, True)
        store.write([said("a", "No"), said("c", "No")], run)
        assert waiting(path) == 0
        assert statements(path) == [(1,), (2,)]
        assert whole(path)
        store.mark_seen(said("a").document)
        assert store.prune(["b", "c"], run) == 2
    assert (waiting(path), in_place(path)) == (0, 0)
    assert whole(path)


def test_a_batch_that_fails_leaves_none(path: Path) -> None:
    bad = said("b", ROOF)
    quote = bad.quotes[0]
    wrong = type(quote)(**{n: getattr(quote, n) for n in quote.__slots__} | {"confidence": 2.0})
    bad = Extraction(bad.document, bad.text, (wrong,))
    with Store(path) as store:
        run = store.start_run()
        for number in range(2):  # also where the failed transaction was the first
            with pytest.raises(sqlite3.IntegrityError):
                store.write([said(f"x{number}", f"We ask why {WEIR}"), bad], run)
            store.write([said(f"a{number}", WEIR)], run)
            assert whole(path)
        store.write([said("c", ROOF)], run)
        store.finish_run(run, "completed")
    assert statements(path) == [(1,), (2,)]
    assert whole(path)


def test_two_writers_find_what_the_other_has_written(path: Path) -> None:
    with Store(path) as one, Store(path) as other:
        runs = one.start_run(), other.start_run()
        one.write([said("a", WEIR)], runs[0])
        other.write([said("b", WEIR), said("c", ROOF)], runs[1])
        one.write([said("d", f"We ask why {WEIR}"), said("e", ROOF)], runs[0])
        assert waiting(path) > 0
        other.finish_run(runs[1], "completed")
        assert waiting(path) == 0
        one.write([said("f", WEIR), said("a", "No")], runs[0])
        other.write([said("g", f"We hear that {ROOF}")], runs[1])
        one.finish_run(runs[0], "completed")
        assert (waiting(path), statements(path)) == (0, [(1,), (3,), (3,)])
        assert whole(path)


def test_a_run_that_was_killed(path: Path, tmp_path: Path) -> None:
    """Everything reads the file as it is, and the next run goes on where this one ended."""
    with Store(path) as store:
        run = store.start_run()
        store.write([said("a", WEIR)], run)
        store.finish_run(run, "completed")
        run = store.start_run()
        store.write([said("b", ROOF)], run)
        killed, read = copy(path, "killed.db"), copy(path, "read.db")
    assert waiting(read) > 0
    for command in (
        ["check", str(read)],
        ["search", str(read), "roof"],
        ["people", str(read)],
        ["publish-config", str(read), "-o", str(tmp_path / "site")],
        ["check", str(tmp_path / "site" / "read.db")],
    ):
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 0, result.output
        assert "roof of the old hall" in result.output or command[0] != "search"
    write(killed, [[said("c", f"We hear that {ROOF}"), said("d", f"We ask why {WEIR}")]])
    assert statements(killed) == [(2,), (2,)]
    assert whole(killed)
    with Store(killed) as store:
        run = store.start_run()
        store.write([said("e", "No")], run)
        store.finish_run(run, "completed")
    assert (waiting(killed), in_place(killed) > 0) == (0, True)


def test_a_correction_leaves_none_waiting(path: Path) -> None:
    with Store(path) as store:
        store.write([said("a", f"{WEIR}. And so on")], store.start_run())
        ((key,),) = rows(path, "SELECT key FROM quotes")
        store.correct([Correction("text", key, WEIR)])
        assert (waiting(path), in_place(path) > 0) == (0, True)
    assert rows(path, "SELECT text FROM quotes") == [(WEIR,)]
    assert whole(path)


def test_a_file_without_the_table(path: Path) -> None:
    with Store(path) as store:
        run = store.start_run()
        store.write([said("a", WEIR)], run)
        store.finish_run(run, "completed")
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("DROP TABLE _new_fingerprints")
    assert whole(path)
    write(path, [[said("b", f"We ask why {WEIR}")]])
    assert statements(path) == [(2,)]
    assert whole(path)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM _new_fingerprints WHERE fingerprint ="
        " (SELECT min(fingerprint) FROM _new_fingerprints)",
        "INSERT INTO _new_fingerprints VALUES (1, 1)",
        "INSERT INTO _wording_fingerprints SELECT fingerprint, wording_id FROM _new_fingerprints",
    ],
)
def test_check_notices_wrong_ones(path: Path, sql: str) -> None:
    write(path, [[said("a", WEIR), said("b", f"We ask why {WEIR}")]])
    with closing(sqlite3.connect(path)) as conn, conn:
        assert conn.execute(sql).rowcount > 0
    assert "wordings" in [each.name for each in check(path) if not each.ok]
