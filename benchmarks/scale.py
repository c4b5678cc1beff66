"""Measure the time and memory that a large file takes to write, check and index again.

    python -m benchmarks.scale store FILE [--quotations N] [--write-docs]
    python -m benchmarks.scale stream FOLDER [--articles N] [--workers N]

`store` writes N synthetic quotations (benchmarks.synthetic) into FILE as an indexing run does, ends
the run, and checks the file. `stream` writes N tiny text files into FOLDER, one in a hundred with a
quotation, indexes them with worker processes, and indexes them again. Both report every tenth of
the work. Memory is resident memory (Linux only), sampled several times a second. With --write-docs,
the table of `store` goes into docs/performance.md.
"""

from __future__ import annotations

import argparse
import os
import threading
import time
from dataclasses import dataclass
from itertools import islice
from multiprocessing import active_children
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.synthetic import BATCH, QUOTES, articles
from benchmarks.tables import DOCS, Table, markdown, write
from quotedex.check import check
from quotedex.index import Progress, index
from quotedex.read import read
from quotedex.store import Store

A_MILLION = 1_000_000
TENTHS = 10
ARTICLES_PER_QUOTATION = 100  # of the tiny files
FILES_PER_FOLDER = 1_000
SAMPLE_SECONDS = 0.2  # between two samples of the memory


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["store", "stream"])
    parser.add_argument("path", type=Path, help="file to write, or folder to write into")
    parser.add_argument("--quotations", type=int, default=A_MILLION, help="default: a million")
    parser.add_argument("--articles", type=int, default=100_000, help="default: 100,000")
    parser.add_argument("--workers", type=int, default=2, help="default: 2")
    parser.add_argument("--write-docs", action="store_true", help="rewrite docs/performance.md")
    options = parser.parse_args()
    if options.command == "store":
        table = measure_store(options.path, options.quotations)
        if options.write_docs:
            write(DOCS / "performance.md", {"large": markdown(table)})
    else:
        table = measure_stream(options.path, options.articles, options.workers)
    print(markdown(table))


def measure_store(path: Path, quotations: int) -> Table:
    """A row for each tenth, for the end of the run and for the check."""
    table: Table = [("step", "CPU, s", "wall, s", "memory, MB", "file, MB")]

    def report(step: str, usage: Usage) -> None:
        size = path.stat().st_size // 1_000_000
        numbers = usage.cpu, usage.wall, usage.memory, size
        table.append((step, *(f"{number:.0f}" for number in numbers)))
        print(*table[-1], flush=True)

    extractions = articles(quotations)
    part = quotations // QUOTES // TENTHS
    with Monitor() as monitor:
        with Store(path) as store:
            run = store.start_run()
            for tenth in range(1, TENTHS + 1):
                remaining = islice(extractions, part)
                while batch := list(islice(remaining, BATCH)):
                    store.write(batch, run)
                report(f"quotations up to {tenth * part * QUOTES:,}", monitor.lap())
            store.finish_run(run, "completed")
            report("end of the run", monitor.lap())
        broken = [f"; broken: {result.name}" for result in check(path) if not result.ok]
        report("check" + "".join(broken), monitor.lap())
    return table


def measure_stream(folder: Path, number: int, workers: int) -> Table:
    """A row for each tenth of a first run, and of a second run, which finds nothing changed."""
    table: Table = [("articles", "wall, s", "CPU, s", "memory, MB", "memory of a worker, MB")]
    write_tiny_files(folder / "articles", number)
    for run in ("", ", again"):
        documents = read([folder / "articles"])
        with Monitor() as monitor:

            def report(so_far: Progress, monitor: Monitor = monitor, run: str = run) -> None:
                if so_far.documents % (number // TENTHS) == 0:
                    usage = monitor.lap()
                    numbers = usage.wall, usage.cpu, usage.memory, usage.worker_memory
                    step = f"up to {so_far.documents:,}{run}"
                    table.append((step, *(f"{each:.1f}" for each in numbers)))
                    print(*table[-1], flush=True)

            index(folder / "quotes.db", documents, workers=workers, progress=report)
    return table


def write_tiny_files(folder: Path, number: int) -> None:
    """Files of a few sentences, a thousand to a folder."""
    for each in range(number):
        path = folder / f"{each // FILES_PER_FOLDER:04}" / f"{each:07}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = f"The pier at berth {each} stays shut.\n\nThe harbor office gave no date for it.\n"
        if each % ARTICLES_PER_QUOTATION == 0:
            text += f"\n“Berth {each} is not safe,” Ada Poole said on Monday.\n"
        path.write_text(text, encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Usage:
    """Wall time and the CPU time of this process, in seconds; peak memory of this process and of
    its largest worker, in MB."""

    wall: float
    cpu: float
    memory: float
    worker_memory: float


class Monitor:
    """Samples the memory in the background; `lap` gives the usage since the previous lap."""

    def __enter__(self) -> Self:
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._begin()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()

    def lap(self) -> Usage:
        self._sample()
        wall, cpu = time.monotonic() - self._wall, time.process_time() - self._cpu
        usage = Usage(wall, cpu, self._memory, self._worker_memory)
        self._begin()
        return usage

    def _begin(self) -> None:
        self._wall, self._cpu = time.monotonic(), time.process_time()
        self._memory = self._worker_memory = 0.0

    def _run(self) -> None:
        while not self._done.wait(SAMPLE_SECONDS):
            self._sample()

    def _sample(self) -> None:
        self._memory = max(self._memory, _memory(os.getpid()))
        for child in active_children():
            self._worker_memory = max(self._worker_memory, _memory(child.pid or 0))


def _memory(process: int) -> float:
    """The resident memory of a process in MB; 0 if it has ended."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
