"""Runs that are killed, run out of disk or meet another: nothing is lost, nothing is half done.

QUOTEDEX_KILLS is how often runs are killed in all, 12 by default.
"""

from __future__ import annotations

import ctypes
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from quotedex.check import check
from quotedex.errors import InputError
from quotedex.index import index
from quotedex.models import Document
from tests.helpers import ROOT
from tests.helpers import toy_extractor as toy
from tests.index.test_index import BINARY, news

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("QUOTEDEX_KILLS", "12"))
KILLS_OF_A_FILE = 4
OF_RUNS = {"runs", "_checksums", "_sqlite_migrations"}
"""Tables that depend on when and how often a file was written to, which a kill changes."""

RUN = """
import sys
sys.path[:0] = sys.argv[1:3]
from tests.helpers import toy_extractor
from tests.index import test_survival
from quotedex.index import index
if __name__ == "__main__":
    print("begun", flush=True)
    index(sys.argv[3], test_survival.documents(int(sys.argv[4])), workers=int(sys.argv[5]),
          extract=toy_extractor.slow)
"""
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1
COMMAND = [sys.executable, "-c", "from quotedex.cli import main; main()"]


def documents(number: int) -> Iterator[Document | InputError]:
    """Articles with people and statements in common, some that fail or are copies."""
    for n in range(number):
        yield news(n)
        if n % 40 == 7:
            yield toy.document(f"copy/{n}", news(n).text)
            yield toy.document(f"odd/{n}", f"#odd {n}")
    yield BINARY


def rows(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of all tables of a file, with their ids and keys; without times and runs."""
    found = {}
    with closing(sqlite3.connect(path)) as db:
        names = "SELECT name FROM pragma_table_list WHERE type = 'table' AND schema = 'main'"
        for (table,) in db.execute(names).fetchall():
            if table in OF_RUNS or table.startswith("sqlite_"):
                continue
            columns = [
                f'"{column}"'
                for (column,) in db.execute("SELECT name FROM pragma_table_info(?)", (table,))
                if not column.endswith("_at") and column not in ("run_id", "first_indexed")
            ]
            found[table] = sorted(db.execute(f"SELECT {', '.join(columns)} FROM {table}"), key=repr)
    # Fingerprints wait in a table of their own until the end of a run that was not killed.
    late = [(fingerprint, wording) for wording, fingerprint in found.pop("_new_fingerprints")]
    found["_wording_fingerprints"] = sorted([*found["_wording_fingerprints"], *late], key=repr)
    return found


def start(path: Path, number: int, workers: int = 0) -> subprocess.Popen[bytes]:
    """A process that indexes this many articles."""
    places = [str(ROOT), str(ROOT / "src")]
    script = path.with_name("run.py")
    script.write_text(RUN, encoding="utf-8")
    command = [sys.executable, str(script), *places, str(path), str(number), str(workers)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish(path: Path, number: int) -> None:
    index(path, documents(number), extract=toy.extract)


def kill(run: subprocess.Popen[bytes], seconds: float) -> None:
    """Kill a run this long after it has said that it begins."""
    with run:
        assert run.stdout
        run.stdout.readline()
        time.sleep(seconds)
        run.send_signal(signal.SIGKILL)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], float]:
    """The rows of an undisturbed run, and how long it takes."""
    path = tmp_path_factory.mktemp("whole") / "quotes.db"
    began = time.monotonic()
    index(path, documents(150), extract=toy.slow)
    return rows(path), time.monotonic() - began


@pytest.mark.parametrize("seed", range(-(-KILLS // KILLS_OF_A_FILE)))
def test_killed_runs_end_with_the_rows_of_an_undisturbed_one(
    tmp_path: Path, whole: tuple[dict[str, Any], float], seed: int
) -> None:
    undisturbed, seconds = whole
    chance, path, stored = random.Random(seed), tmp_path / "quotes.db", 0
    workers = seed % 2  # which take some time to start
    for number in range(KILLS_OF_A_FILE):
        left = seconds * (1 - stored / 150) + workers
        kill(start(path, 150, workers), chance.uniform(0, left))
        if not _has_tables(path):
            continue
        assert [result for result in check(path) if not result.ok] == []
        now = _articles(path)
        assert now >= stored, f"articles lost by kill {number}"
        stored = now
    finish(path, 150)
    result = rows(path)
    assert {table for table in result if result[table] != undisturbed[table]} == set()
    assert result.keys() == undisturbed.keys()


def test_a_killed_command_resumes(tmp_path: Path) -> None:
    """The whole program, with its models and workers, on the articles that come with it."""
    paths = tmp_path / "whole.db", tmp_path / "killed.db"
    whole, killed = (
        [*COMMAND, "index", str(path), str(ROOT / "seeds"), "--workers", "2"] for path in paths
    )
    began = time.monotonic()
    subprocess.run(whole, check=True, capture_output=True)
    seconds = time.monotonic() - began
    with subprocess.Popen(killed, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        time.sleep(0.8 * seconds)
        run.send_signal(signal.SIGKILL)
    subprocess.run(killed, check=True, capture_output=True)
    assert [result for result in check(paths[1]) if not result.ok] == []
    assert rows(paths[1]) == rows(paths[0])
    assert len(keys(paths[1])["quotes"]) > 20


def test_a_full_disk_is_one_sentence_and_loses_nothing(tmp_path: Path) -> None:
    """A limit to the size of files stands for a disk: it does not need the rights of the system."""
    path = tmp_path / "quotes.db"
    finish(path, 40)
    before, size = _articles(path), path.stat().st_size

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20_000, size + 20_000))

    articles = tmp_path / "articles"
    articles.mkdir()
    for n in range(40, 80):
        (articles / f"{n}.txt").write_text(news(n).text * 5, encoding="utf-8")
    told = _command(["index", str(path), str(articles), "--workers", "1"], small_disk)
    assert told.returncode != 0
    assert "Traceback" not in told.stderr
    assert str(path) in told.stderr.splitlines()[-1]
    assert [result for result in check(path) if not result.ok] == []
    assert _articles(path) >= before
    finish(path, 150)
    undisturbed = tmp_path / "undisturbed.db"
    finish(undisturbed, 150)
    assert keys(undisturbed)["articles"] <= keys(path)["articles"]


@pytest.mark.parametrize("command", ["index", "load", "people", "check", "search"])
def test_a_file_that_nobody_may_write_to(tmp_path: Path, command: str) -> None:
    """Reading works; writing is one sentence and changes nothing."""
    folder = Path(tempfile.mkdtemp(dir=tmp_path))
    path = folder / "quotes.db"
    finish(path, 10)
    (tmp_path / "a.txt").write_text(news(99).text, encoding="utf-8")
    more = {"index": [str(tmp_path / "a.txt")], "load": [str(tmp_path)], "search": ["rates"]}
    before = path.read_bytes()
    path.chmod(0o444)
    folder.chmod(0o555)
    try:
        told = _command([command, str(path), *more.get(command, [])], _without_privileges)
    finally:
        folder.chmod(0o755)
    assert "Traceback" not in told.stderr
    assert path.read_bytes() == before
    if command == "index":
        assert told.returncode != 0
        assert str(path) in told.stderr.splitlines()[-1]
    elif command != "load":
        assert told.returncode == 0, told.stderr


def test_a_locked_file_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "quotes.db"
    finish(path, 10)
    (tmp_path / "a.txt").write_text(news(99).text, encoding="utf-8")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        code = "import quotedex.store.file as f; f.WAIT_SECONDS = 0.2\n" + COMMAND[2]
        told = subprocess.run(
            [sys.executable, "-c", code, "index", str(path), str(tmp_path / "a.txt")],
            capture_output=True,
            text=True,
            check=False,
        )
        other.execute("ROLLBACK")
    assert told.returncode != 0
    assert "Traceback" not in told.stderr
    assert str(path) in told.stderr.splitlines()[-1]
    assert _articles(path) == 10


def test_two_runs_into_one_file(tmp_path: Path) -> None:
    """Both finish, or one says that the other writes; a last run finds the rest."""
    path = tmp_path / "quotes.db"
    finish(path, 1)
    runs = [start(path, 150, workers) for workers in (0, 1)]
    told = [run.communicate(timeout=120)[1].decode() for run in runs]
    for run, text in zip(runs, told, strict=True):
        assert run.returncode == 0 or "DatabaseError" in text, text
    assert 0 in [run.returncode for run in runs]
    assert [result for result in check(path) if not result.ok] == []
    finish(path, 150)
    undisturbed = tmp_path / "undisturbed.db"
    finish(undisturbed, 150)
    assert keys(path) == keys(undisturbed)


def keys(path: Path) -> dict[str, set[str]]:
    """What pages and citations are named by."""
    with closing(sqlite3.connect(path)) as db:
        return {
            table: {key for (key,) in db.execute(f"SELECT key FROM {table}")}
            for table in ("articles", "quotes", "speakers", "statements")
        }


def _command(
    arguments: Sequence[str], prepare: Callable[[], None]
) -> subprocess.CompletedProcess[str]:
    """The command, in a process that `prepare` has restricted."""
    return subprocess.run(
        [*COMMAND, *arguments],
        preexec_fn=prepare,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _without_privileges() -> None:
    """Root too has to heed the permissions of files, as soon as it runs another program."""
    ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)


def _has_tables(path: Path) -> bool:
    if not path.exists():
        return False
    with closing(sqlite3.connect(path)) as db:
        return bool(db.execute("SELECT 1 FROM sqlite_master WHERE name = 'articles'").fetchone())


def _articles(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("SELECT count(*) FROM articles").fetchone()[0])
