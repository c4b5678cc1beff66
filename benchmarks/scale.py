"""What a large file costs: to store, to close, to check, to go over again; and the memory it takes.

    python -m benchmarks.scale store FILE [--quotations N]
    python -m benchmarks.scale stream FOLDER [--articles N] [--workers N]

`store` writes N made-up quotations (benchmarks.synthetic) into FILE as an indexing run does, a
tenth at a time, ends the run, and checks the file. `stream` writes N tiny files into FOLDER, one in
a hundred with a quotation, indexes them by worker processes, reporting each tenth, and indexes them
again. Memory is what the processes hold (Linux only), sampled several times a second.
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

from benchmarks.speed import Table, as_markdown
from benchmarks.synthetic import QUOTES, articles
from quotedex.check import check
from quotedex.index import Progress, index
from quotedex.read import read
from quotedex.store import Store

A_MILLION = 1_000_000
BATCH = 32  # articles of a transaction, as many as an indexing run writes at once
TENTHS = 10
WITH_A_QUOTATION = 100  # one article in so many
FILES_OF_FOLDER = 1_000
PAUSE = 0.2  # seconds from one look at the memory to the next


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["store", "stream"])
    parser.add_argument("path", type=Path)
    parser.add_argument("--quotations", type=int, default=A_MILLION)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    if options.command == "store":
        table = measure_store(options.path, options.quotations)
    else:
        table = measure_stream(options.path, options.articles, options.workers)
    print(as_markdown(table))


def measure_store(path: Path, quotations: int) -> Table:
    """Rows of the tenths, the end of the run, and the check."""
    table: Table = [("step", "processor, s", "clock, s", "memory, MB", "file, MB")]

    def tell(step: str, lap: Lap) -> None:
        size = path.stat().st_size // 1_000_000
        table.append((step, *(f"{n:.0f}" for n in (lap.processor, lap.clock, lap.own, size))))
        print(*table[-1], flush=True)

    made = articles(quotations)
    part = quotations // QUOTES // TENTHS
    with Watch() as watch:
        with Store(path) as store:
            run = store.start_run()
            for tenth in range(1, TENTHS + 1):
                left = islice(made, part)
                while batch := list(islice(left, BATCH)):
                    store.write(batch, run)
                tell(f"quotations up to {tenth * part * QUOTES:,}", watch.lap())
            store.finish_run(run, "completed")
            tell("end of the run", watch.lap())
        broken = [f"; broken: {promise.name}" for promise in check(path) if not promise.ok]
        tell("check" + "".join(broken), watch.lap())
    return table


def measure_stream(folder: Path, number: int, workers: int) -> Table:
    """Rows of the tenths of a first run and of a second one, which finds all unchanged."""
    table: Table = [("articles", "clock, s", "processor, s", "memory, MB", "of a worker, MB")]
    write_tiny(folder / "articles", number)
    for run in ("", ", again"):
        documents = read([folder / "articles"])
        with Watch() as watch:

            def tell(so_far: Progress, watch: Watch = watch, run: str = run) -> None:
                if so_far.documents % (number // TENTHS) == 0:
                    lap = watch.lap()
                    figures = lap.clock, lap.processor, lap.own, lap.worker
                    step = f"up to {so_far.documents:,}{run}"
                    table.append((step, *(f"{figure:.1f}" for figure in figures)))
                    print(*table[-1], flush=True)

            index(folder / "quotes.db", documents, workers=workers, progress=tell)
    return table


def write_tiny(folder: Path, number: int) -> None:
    """Files of a few sentences, a thousand to a folder."""
    for each in range(number):
        path = folder / f"{each // FILES_OF_FOLDER:04}" / f"{each:07}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = f"The pier at berth {each} stays shut.\n\nThe harbor office gave no date for it.\n"
        if each % WITH_A_QUOTATION == 0:
            text += f"\n“Berth {each} is not safe,” Ada Poole said on Monday.\n"
        path.write_text(text, encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Lap:
    """Seconds of the clock and of this process's processor time; the most memory in MB that this
    process held, and that one of its workers did."""

    clock: float
    processor: float
    own: float
    worker: float


class Watch:
    """Looks at the memory while something runs; `lap` tells of the time since the lap before."""

    def __enter__(self) -> Self:
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
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

    def lap(self) -> Lap:
        self._see()
        clock, processor = time.monotonic() - self._clock, time.process_time() - self._processor
        lap = Lap(clock, processor, self._own, self._worker)
        self._begin()
        return lap

    def _begin(self) -> None:
        self._clock, self._processor = time.monotonic(), time.process_time()
        self._own = self._worker = 0.0

    def _look(self) -> None:
        while not self._done.wait(PAUSE):
            self._see()

    def _see(self) -> None:
        self._own = max(self._own, _memory(os.getpid()))
        for child in active_children():
            self._worker = max(self._worker, _memory(child.pid or 0))


def _memory(process: int) -> float:
    """What a process holds, in MB; 0 for one that has ended."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main()
