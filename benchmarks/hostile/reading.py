"""Index a folder of ordinary articles with one hostile document among them."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.hostile import servers
from benchmarks.hostile.documents import DOCUMENTS, Hostile, Must
from benchmarks.hostile.outcome import Outcome
from benchmarks.hostile.watch import Watched

ORDINARY = 6  # articles before the hostile document, and as many after it
MOST_FAILURES = 10  # an archive may have one for each of some members
WEB_TIMEOUT = 3.0  # seconds
START = 20.0  # seconds to load the models, to end, and for a busy machine
MEMORY_OF_A_WORKER = 2_000.0  # MB, the default of --max-memory


@dataclass(frozen=True, slots=True)
class Indexing:
    """How to run `quotedex index`; `timeout` is that of a document, in seconds."""

    folder: Path
    python: str
    ceiling: float
    timeout: float
    workers: int | None

    def command(self, database: Path, articles: Path, given: str | None) -> list[str]:
        command = [self.python, "-m", "quotedex", "index", str(database), str(articles)]
        command += [given] if given else []
        command += ["--timeout", f"{self.timeout:g}", "--web-timeout", f"{WEB_TIMEOUT:g}"]
        # Otherwise the extractor would not see texts that are hardly English.
        command += ["--any-language"]
        command += ["--workers", str(self.workers)] if self.workers else []
        # The servers of these attacks are on this machine.
        return command + self.known_option("--allow-private-hosts")

    def known_option(self, option: str) -> list[str]:
        """The option, if `quotedex index` has it."""
        told = subprocess.run(
            [self.python, "-m", "quotedex", "index", "--help"],
            capture_output=True,
            text=True,
            check=True,
        )
        return [option] if option in told.stdout else []

    @property
    def memory(self) -> float:
        """MB of all processes together."""
        return ((self.workers or 1) + 2) * MEMORY_OF_A_WORKER

    @property
    def deadline(self) -> float:
        """Two tries of a document whose worker does not hear the limit, and ends itself later."""
        return START + 2 * (2 * self.timeout + 1)


def known_documents() -> list[str]:
    """The names of all attacks."""
    return [*(hostile.name for hostile in DOCUMENTS), *servers.SERVERS]


def attack_reading(
    names: Sequence[str],
    folder: Path,
    python: str,
    ceiling: float,
    timeout: float,
    workers: int | None,
) -> Iterator[Outcome]:
    """Each attack in a run of its own."""
    indexing = Indexing(folder, python, ceiling, timeout, workers)
    for hostile in DOCUMENTS:
        if hostile.name in names:
            yield _attacked(hostile, indexing)
    for name, answer in servers.SERVERS.items():
        if name in names:
            with servers.serving(answer) as url:
                yield _attacked(_page(name, f"{url}/page.html"), indexing)


def _page(name: str, url: str) -> Hostile:
    must: Must = "either" if name in servers.HARMLESS else "fail"
    return Hostile(name, "web", lambda folder: url, must)


def _attacked(hostile: Hostile, indexing: Indexing) -> Outcome:
    articles, database = indexing.folder / "articles", indexing.folder / "indexed.db"
    for path in indexing.folder.glob("indexed.db*"):
        path.unlink()
    shutil.rmtree(articles, ignore_errors=True)
    articles.mkdir()
    ordinary = [f"{side}{number}.txt" for side in "az" for number in range(ORDINARY)]
    for name in ordinary:
        text = f"The pier of {name} is shut.\n\n“Berth {name} is safe,” Ada Poole said.\n"
        (articles / name).write_text(text, encoding="utf-8")
    given = hostile.make(articles)
    command = indexing.command(database, articles, given)
    log = indexing.folder / "index.log"
    began = time.monotonic()
    with Watched(command, log, ceiling=indexing.ceiling, deadline=indexing.deadline) as watched:
        while not watched.ended:
            time.sleep(0.1)
    seconds = time.monotonic() - began
    stored, failures = _result(database)
    told = [f"{place.rpartition('/')[2]}: {error}"[:90] for place, error in failures[:1]]
    answers = told[0].replace("|", "¦") if told else "no failure"
    outcome = Outcome(hostile.name, hostile.kind, watched.peak, seconds, None, answers)
    outcome.fell.extend(_broken(hostile, indexing, watched, ordinary, stored, failures))
    return outcome


def _broken(
    hostile: Hostile,
    indexing: Indexing,
    watched: Watched,
    ordinary: Sequence[str],
    stored: Sequence[str],
    failures: Sequence[tuple[str, str]],
) -> Iterator[str]:
    """The bounds that were broken."""
    if watched.exceeded:
        yield f"over {indexing.ceiling:,.0f} MB, killed"
    elif watched.late:
        yield f"over {indexing.deadline:.0f} s, killed"
    elif watched.peak > indexing.memory:
        yield f"over {indexing.memory:,.0f} MB"
    elif watched.process.returncode not in (0, 1):
        yield f"exit status {watched.process.returncode}"
    names = {Path(place).name for place in stored}
    if missing := set(ordinary) - names:
        yield f"{len(missing)} of {len(ordinary)} ordinary articles missing"
    blamed = [place for place, _ in failures if Path(place).name in ordinary]
    if blamed:
        yield f"{len(blamed)} ordinary articles failed"
    if any("UnsupportedOperation" in error for _, error in failures):
        yield "the reason is the name of an exception"
    if not (watched.exceeded or watched.late):
        others = [place for place in stored if Path(place).name not in ordinary]
        if hostile.must == "fail" and not 1 <= len(failures) <= MOST_FAILURES:
            yield f"{len(failures)} failures"
        if hostile.must == "pass" and failures:
            yield "not stored"
        if hostile.kind == "records" and hostile.must == "fail" and len(others) < 2:
            yield "the rest of its file is lost"


def _result(database: Path) -> tuple[list[str], list[tuple[str, str]]]:
    """The locations of articles, and the failures with their reasons."""
    if not database.exists():
        return [], []
    with closing(sqlite3.connect(database)) as conn:
        try:
            stored = [place for (place,) in conn.execute("SELECT location FROM articles")]
            failures = conn.execute("SELECT location, error FROM failures").fetchall()
        except sqlite3.Error:
            return [], []
    return stored, failures
