"""Indexing runs: what is extracted, what is stored, and what survives an interruption."""

from __future__ import annotations

import logging
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from quotedex._version import __version__
from quotedex.check import check
from quotedex.errors import DatabaseError, InputError, ModelError
from quotedex.extract.parse.parser import Parser, shared_parser
from quotedex.index import Progress, index
from quotedex.limits import TookTooLong, outside_time_limit, time_limit
from quotedex.models import Document, Extraction
from quotedex.store import Failure, Store
from quotedex.store.identity import text_hash
from tests.helpers import ROOT
from tests.helpers import toy_extractor as toy

RATES = "Ada Okafor spoke. “We will see,” Ms Okafor said. “Rates stay,” an aide said."
# And "checksum", which is made from them too.
TIMES = {
    *("started_at", "finished_at", "indexed_at", "first_indexed", "applied_at", "checksum"),
}
BINARY = InputError("c.bin", "this is a binary file, not text")


Documents = list[Document | InputError]


def news(number: int) -> Document:
    """Article `number` of an endless supply with speakers and statements in common."""
    names = ("Ada Okafor", "Bo Lind", "Cy Moss")
    text = (
        f"Item {number}. “Rates stay as in {number % 7},” {names[number % 3]} said."
        f" “He said ‘no {number % 5}’ to {number},” an aide said. “We will see.”"
    )
    return toy.document(f"news/{number:03}.txt", text, f"2024-05-{number % 28 + 1:02}")


def contents(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, including those of the search index, without times."""
    with closing(sqlite3.connect(path)) as conn:
        tables = conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {table: _rows(conn, table) for (table,) in tables if table != "quote_search"}


def _rows(conn: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    columns = [name for (name,) in conn.execute("SELECT name FROM pragma_table_info(?)", (table,))]
    kept = ", ".join(f'"{name}"' for name in columns if name not in TIMES)
    return conn.execute(f"SELECT {kept} FROM {table} ORDER BY {kept}").fetchall()


def locations(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as conn:
        return [place for (place,) in conn.execute("SELECT location FROM articles")]


def runs(path: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as conn:
        return conn.execute(
            "SELECT outcome, finished_at IS NOT NULL, article_count, quote_count,"
            " failure_count FROM runs"
        ).fetchall()


def test_summary_counts_quotations_by_confidence(path: Path) -> None:
    def extract(document: Document) -> Extraction:
        extraction = toy.extract(document)
        confidences = (0.95, 0.9, 0.8, 0.1)
        quotes = zip(extraction.quotes, confidences, strict=True)
        return replace(extraction, quotes=tuple(replace(q, confidence=c) for q, c in quotes))

    summary = index(path, [toy.document("a", "“A.” “B.” “C.” “D.”")], extract=extract)
    levels = summary.high_confidence, summary.medium_confidence, summary.low_confidence
    assert levels == (2, 1, 1)
    assert summary.quotes == 4


def test_summary(path: Path) -> None:
    documents: Documents = [toy.document("a", RATES), BINARY, toy.document("b", RATES), news(1)]
    summary = index(path, documents, extract=toy.extract)
    assert (summary.documents, summary.articles, summary.duplicates) == (4, 2, 1)
    assert (summary.quotes, summary.attributed, summary.speakers) == (6, 5, 4)
    assert (summary.failures, summary.unchanged, summary.run_id) == (1, 0, 1)
    assert 0 < summary.seconds < 60
    assert runs(path) == [("completed", 1, 2, 6, 1)]


def test_indexing_the_same_input_twice_changes_no_byte(path: Path) -> None:
    odd = toy.document("odd", "#odd")
    documents: Documents = [news(1), news(2), BINARY, toy.document("copy", news(1).text), odd]
    index(path, documents, extract=toy.extract)
    before = path.read_bytes()
    summary = index(path, documents, extract=toy.extract)
    assert path.read_bytes() == before
    assert (summary.unchanged, summary.duplicates, summary.failures) == (2, 1, 2)
    assert (summary.articles, summary.run_id) == (0, None)


def test_known_documents_are_not_extracted_again(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = tmp_path / "calls"
    monkeypatch.setenv("TOY_CALLS", str(calls))
    index(path, map(news, range(5)), extract=toy.counted)
    calls.unlink()
    changed = toy.document(news(2).id, RATES)
    index(path, [news(0), news(1), changed, news(3), news(9)], extract=toy.counted)
    assert calls.read_text().split() == ["news/002.txt", "news/009.txt"]


def test_articles_of_another_version_or_model_are_extracted_again_if_asked(path: Path) -> None:
    with Store(path) as store:
        run = store.start_run("small")
        store.write([toy.extract(news(1))], run)
        store.finish_run(run, "completed")
        assert store.known(news(1)) == "unchanged"
        assert store.known(news(1), extracted_by=(__version__, "small")) == "unchanged"
        assert store.known(news(1), extracted_by=(__version__, "default")) is None
        assert store.known(news(1), extracted_by=("0.0.1", "small")) is None
    before = contents(path)
    assert index(path, [news(1)], extract=toy.extract).articles == 0
    assert index(path, [news(1)], extract=toy.extract, re_extract=True).articles == 1
    after = contents(path)
    for table in ("speakers", "aliases", "statements", "_wordings", "quote_search_docsize"):
        assert [row[1:] for row in after[table]] == [row[1:] for row in before[table]]
    assert len(after["quotes"]) == len(before["quotes"])


def test_a_run_over_known_documents_needs_no_model(path: Path) -> None:
    def missing(document: Document) -> Extraction:
        raise ModelError("there is no model")

    index(path, [news(1)], extract=toy.extract)
    assert index(path, [news(1)], extract=missing).unchanged == 1
    with pytest.raises(ModelError, match="there is no model"):
        index(path, [news(1), news(2)], extract=missing)
    assert [outcome for outcome, *_ in runs(path)] == ["completed", "failed"]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_bad_document_does_not_stop_the_run(path: Path, workers: int) -> None:
    documents: Documents = [BINARY, news(1), toy.document("odd", "#odd"), news(2)]
    summary = index(path, documents, extract=toy.extract, workers=workers)
    assert summary.articles == 2
    assert [(row[0], row[1], row[3]) for row in contents(path)["failures"]] == [
        ("c.bin", "this is a binary file, not text", 1),
        ("odd", "ValueError: odd text", 1),
    ]


def test_listed_failure_is_reported_again(path: Path) -> None:
    odd = toy.document("odd", "#odd")
    digest = text_hash(odd)
    told = (Failure(BINARY.location, BINARY.reason), Failure("odd", "ValueError: odd text", digest))
    assert index(path, [BINARY, odd], extract=toy.extract).failed == told
    assert index(path, [BINARY, odd, news(1)], extract=toy.extract).failed == told


def test_failure_is_removed_when_the_document_can_be_read(path: Path) -> None:
    gone = InputError(news(1).id, "the file is empty")
    index(path, [news(1), BINARY], extract=toy.extract)
    index(path, [gone], extract=toy.extract)
    assert [location for location, *_ in contents(path)["failures"]] == ["c.bin", news(1).id]
    assert len(contents(path)["articles"]) == 1, "the stored article stays"
    index(path, [news(1)], extract=toy.extract)
    assert [location for location, *_ in contents(path)["failures"]] == ["c.bin"]


def test_an_inconsistent_extraction_is_a_failure(path: Path) -> None:
    def shifted(document: Document) -> Extraction:
        extraction = toy.extract(document)
        return Extraction(document, " " + extraction.text, extraction.quotes)

    assert index(path, [news(1)], extract=shifted).failures == 1
    ((_, error, _, _),) = contents(path)["failures"]
    assert error == "ValueError: the quotation at 9 differs from the text at its offsets"


@pytest.mark.slow
def test_number_of_workers_does_not_change_the_file(tmp_path: Path) -> None:
    """Even with duplicates, changes and failures among documents in flight at the same time."""
    documents: Documents = [news(number) for number in range(70)]
    documents[10:10] = [BINARY, toy.document("odd", "#odd"), toy.document("a", news(20).text)]
    documents[15:15] = [toy.document(news(3).id, RATES), toy.document("z", news(3).text)]
    documents += [toy.document("wait", "#wait"), news(3), toy.document(news(4).id, RATES)]
    files = []
    for workers in (0, 1, 2):
        path = tmp_path / f"{workers}.db"
        for _ in range(2):
            index(path, documents, extract=toy.extract, workers=workers)
        assert all(result.ok for result in check(path))
        files.append(contents(path))
    assert files[0] == files[1] == files[2]


def test_failed_document_is_tried_again_if_changed_or_asked_for(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = tmp_path / "calls"
    monkeypatch.setenv("TOY_CALLS", str(calls))
    odd = toy.document("odd", "#odd")
    for retry in (False, False, True, True):
        summary = index(path, [news(1), odd], extract=toy.counted, retry=retry)
        assert [failure.error for failure in summary.failed] == ["ValueError: odd text"]
    assert calls.read_text().split() == [news(1).id, "odd", "odd", "odd"]
    assert runs(path) == [("completed", 1, 1, 4, 1)]
    index(path, [toy.document("odd", RATES)], extract=toy.counted)
    assert contents(path)["failures"] == []


@pytest.mark.parametrize("workers", [0, 1])
def test_document_that_takes_too_long_is_a_failure(path: Path, workers: int) -> None:
    documents = [news(1), toy.document("poison", "#stuck"), news(2)]
    summary = index(path, documents, extract=toy.extract, workers=workers, timeout=0.3)
    assert summary.articles == 2
    assert [failure.error for failure in summary.failed] == ["it took longer than 0.3 seconds"]


def test_loading_models_takes_none_of_the_time_of_a_document(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load, wait = Parser.__init__, 3.0

    def slowly(self: Parser, name: str) -> None:
        time.sleep(wait)
        load(self, name)

    monkeypatch.setattr(Parser, "__init__", slowly)
    shared_parser.cache_clear()
    began = time.monotonic()
    summary = index(path, [toy.document("first", RATES)], timeout=wait)
    assert time.monotonic() - began > wait, "the parser was loaded"
    assert (summary.articles, summary.failed) == (1, ())


@pytest.mark.parametrize("before", [0.1, 0.4])
def test_time_limit_counts_before_and_after_what_is_outside_it(before: float) -> None:
    def work() -> None:
        time.sleep(before)
        with outside_time_limit():
            time.sleep(0.7)
        time.sleep(0.7 - before)

    with time_limit(0.9):
        work()
    with pytest.raises(TookTooLong), time_limit(0.5):
        work()


@pytest.mark.slow
def test_stuck_worker_ends_itself(path: Path) -> None:
    documents = [news(1), toy.document("poison", "#deaf"), news(2)]
    summary = index(path, documents, extract=toy.extract, workers=1, timeout=0.3)
    assert summary.articles == 2
    assert [failure.error for failure in summary.failed] == ["it took longer than 0.3 seconds"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux limits memory there")
def test_document_that_takes_too_much_memory_is_a_failure(path: Path) -> None:
    documents = [news(0), toy.document("hungry", "#hog"), news(1)]
    summary = index(path, documents, extract=toy.extract, max_memory=300_000_000)
    assert summary.articles == 2
    assert summary.failed[0].error == "it needed more than 300 MB of memory"
    assert len(bytearray(500_000_000)) == 500_000_000, "the limit ends with the document"


@pytest.mark.parametrize("text", ["#hog", "#pile", pytest.param("#shared", marks=pytest.mark.slow)])
def test_worker_that_takes_too_much_memory(path: Path, text: str) -> None:
    documents = [*map(news, range(3)), toy.document("hungry", text), *map(news, range(3, 9))]
    summary = index(path, documents, extract=toy.extract, workers=1, max_memory=300_000_000)
    assert summary.articles == 9
    assert [failure.error for failure in summary.failed] == ["it needed more than 300 MB of memory"]


def test_articles_of_deleted_files_are_pruned(path: Path) -> None:
    kept = ["/news/a.txt", "/news/b.zip/1.txt", "/newsroom/x.txt", "/other.txt", "/news/t.jsonl#1"]
    gone = ["/news/c.txt", "/news/sub/d.txt", "/news/t.jsonl#2"]
    texts = {place: news(number).text for number, place in enumerate(kept + gone)}
    documents = [toy.document(place, text) for place, text in texts.items()]
    index(path, [*documents, InputError("/news/e.bin", "binary")], extract=toy.extract)
    here = [toy.document(place, texts[place]) for place in ("/news/a.txt", "/news/t.jsonl#1")]
    locked = InputError("/news/b.zip", "the archive needs a password")
    assert index(path, [*here, locked], extract=toy.extract).pruned == 0
    summary = index(path, [*here, locked], extract=toy.extract, prune=["/news"])
    assert summary.pruned == 3
    assert sorted(locations(path)) == sorted(kept)
    assert [location for location, *_ in contents(path)["failures"]] == ["/news/b.zip"]
    fresh = path.with_name("fresh.db")
    index(fresh, [d for d in documents if d.location in kept], extract=toy.extract)
    speakers = [[row[1:] for row in contents(p)["speakers"]] for p in (path, fresh)]
    assert sorted(speakers[0]) == sorted(speakers[1])


def test_article_with_a_copy_elsewhere_moves_there(path: Path) -> None:
    here, copy = toy.document("/news/a.txt", RATES), toy.document("/news/b.txt", RATES)
    index(path, [here, copy], extract=toy.extract)
    summary = index(path, [copy], extract=toy.extract, prune=["/news"])
    assert summary.pruned == 0
    assert locations(path) == ["/news/b.txt"]


@pytest.mark.slow
def test_documents_are_not_read_far_ahead(path: Path) -> None:
    taken: list[int] = []
    ahead: list[int] = []

    def supply() -> Iterator[Document]:
        for number in range(60):
            taken.append(number)
            yield news(number)

    def progress(so_far: Progress) -> None:
        ahead.append(len(taken) - so_far.documents)

    index(path, supply(), extract=toy.extract, workers=2, progress=progress)
    assert max(ahead) <= 10


def test_runs_and_failures_are_logged(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="quotedex"):
        index(path, [news(1), toy.document("odd", "#odd")], extract=toy.extract)
    messages = [(record.name, record.levelname, record.getMessage()) for record in caplog.records]
    assert messages[:-1] == [
        ("quotedex.index", "INFO", f"indexing into {path}"),
        ("quotedex.index", "WARNING", "odd: ValueError: odd text"),
    ]
    assert messages[-1][2].startswith(f"finished {path}: 2 documents, 1 articles stored, 1 fail")


def test_dead_workers_are_logged(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="quotedex"):
        index(path, [toy.document("poison", "#crash")], extract=toy.extract, workers=1)
    messages = [record.getMessage() for record in caplog.records]
    assert "a worker process died; extracting poison on its own" in messages
    assert "poison: the process that extracted it died" in messages


def test_progress_is_reported_after_each_document(path: Path) -> None:
    seen: list[Progress] = []
    index(path, [news(1), BINARY, news(2)], extract=toy.extract, progress=seen.append)
    assert [(p.documents, p.failures) for p in seen] == [(1, 0), (2, 1), (3, 1)]


@pytest.mark.slow
def test_only_the_document_that_kills_its_worker_is_lost(path: Path) -> None:
    documents = [*map(news, range(4)), toy.document("poison", "#crash"), *map(news, range(4, 20))]
    summary = index(path, documents, extract=toy.extract, workers=2)
    assert (summary.articles, summary.failures) == (20, 1)
    ((location, error, _, _),) = contents(path)["failures"]
    assert (location, error) == ("poison", "the process that extracted it died")


@pytest.mark.parametrize("workers", [0, 2])
def test_an_interrupted_run_keeps_what_it_has(path: Path, workers: int) -> None:
    def progress(so_far: Progress) -> None:
        if so_far.documents == 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        index(path, map(news, range(99)), extract=toy.extract, workers=workers, progress=progress)
    assert runs(path) == [("interrupted", 1, 40, 160, 0)]
    assert index(path, map(news, range(99)), extract=toy.extract).articles == 59


def test_a_run_that_ends_in_an_error_says_so(path: Path) -> None:
    def supply() -> Iterator[Document]:
        yield news(1)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        index(path, supply(), extract=toy.extract)
    assert runs(path) == [("failed", 1, 1, 4, 0)]


@pytest.mark.slow
def test_a_full_disk_loses_nothing_committed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index(path, map(news, range(40)), extract=toy.extract)
    (pages,) = _pragma(path, "page_count")
    real = sqlite3.connect

    def small(*args: Any, **more: Any) -> sqlite3.Connection:
        conn: sqlite3.Connection = real(*args, **more)
        conn.execute(f"PRAGMA max_page_count = {pages + 2}")
        return conn

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", small)
        with pytest.raises(DatabaseError, match="full"):
            index(path, map(news, range(400)), extract=toy.extract)
    assert index(path, map(news, range(400)), extract=toy.extract).unchanged >= 40


def _pragma(path: Path, name: str) -> tuple[Any, ...]:
    with closing(sqlite3.connect(path)) as conn:
        row: tuple[Any, ...] = conn.execute(f"PRAGMA {name}").fetchone()
    return row


KILLED = """
import sys
sys.path[:0] = sys.argv[2:4]
from tests.helpers import toy_extractor
from tests.index import test_index
from quotedex.index import index
if __name__ == "__main__":
    index(sys.argv[1], map(test_index.news, range(300)), workers=int(sys.argv[4]),
          extract=toy_extractor.slow)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("workers", "after"), [(0, 0.5), (2, 1.9)])
def test_kill_9_loses_nothing_committed(
    path: Path, tmp_path: Path, workers: int, after: float
) -> None:
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    places = [str(ROOT), str(ROOT / "src")]
    command = [sys.executable, str(script), str(path), *places, str(workers)]
    with subprocess.Popen(command) as run:
        for _ in range(1000):
            if path.exists():
                break
            time.sleep(0.01)
        time.sleep(after * random.uniform(0.5, 1))
        children = _children(run.pid)
        run.send_signal(signal.SIGKILL)
    assert not workers or children
    if path.exists() and path.stat().st_size and _tables(path):
        assert [result for result in check(path) if not result.ok] == []
    assert all(_has_ended(child) for child in children), "workers end with the run"
    summary = index(path, map(news, range(300)), extract=toy.extract)
    assert summary.articles + summary.unchanged == 300
    assert len(contents(path)["articles"]) == 300


OFTEN_KILLED = """
import os, random, signal, sqlite3, sys, time
sys.path[:0] = sys.argv[2:4]
from tests.helpers import toy_extractor
from tests.index import test_index
from pathlib import Path
from quotedex._version import __version__
from quotedex.check import check
from quotedex.index import index
from quotedex.store import Store
path, chance, stored = Path(sys.argv[1]), random.Random(7), 0


def run(path, first):
    # The process that indexes 100 articles.
    child = os.fork()
    if child:
        return child
    index(path, map(test_index.news, range(first, first + 100)), extract=toy_extractor.extract)
    os._exit(0)


began = time.monotonic()
os.waitpid(run(path.with_name("whole.db"), 0), 0)
whole = time.monotonic() - began
Store(path).close()
for kill in range(50):
    child = run(path, kill // 10 * 100)
    time.sleep(chance.uniform(0, whole))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    broken = [result for result in check(path) if not result.ok]
    with sqlite3.connect(path) as conn:
        (now,) = conn.execute("SELECT count(*) FROM articles").fetchone()
    assert not broken and now >= stored, (kill, broken, stored, now)
    stored = now
print(stored)
"""


@pytest.mark.slow
def test_kill_9_at_fifty_moments(path: Path, tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(OFTEN_KILLED)
    places = [str(ROOT), str(ROOT / "src")]
    command = [sys.executable, str(script), str(path), *places]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 32, "some batches were stored before their run was killed"


def test_error_names_the_process_that_writes_to_the_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index(path, [news(1)], extract=toy.extract)
    holder = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.read()"
    )
    monkeypatch.setattr("quotedex.store.file.WAIT_SECONDS", 0.2)
    command = [sys.executable, "-c", holder, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        assert run.stdout
        run.stdout.readline()
        with pytest.raises(DatabaseError, match=f"process {run.pid} .*python.* is writing to it"):
            index(path, [news(2)], extract=toy.extract)
        run.kill()


def _tables(path: Path) -> int:
    with closing(sqlite3.connect(path)) as conn:
        (number,) = conn.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return int(number)


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def _has_ended(pid: str) -> bool:
    """Whether a process has ended, even if it has not been reaped."""
    stat = Path(f"/proc/{pid}/stat")
    for _ in range(6000):
        if not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.01)
    return False
