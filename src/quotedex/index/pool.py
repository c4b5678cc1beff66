"""Worker processes on this machine."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event

from quotedex.index.work import WORKER_DIED, ExtractorSpec, Item, Made, extract_one, failed
from quotedex.limits import (
    OUT_OF_MEMORY,
    dies_after,
    is_swollen,
    lift_memory_limit,
    limit_memory,
    too_much_memory,
    took_longer_than,
)
from quotedex.models import Document, Extraction
from quotedex.store import Failure

logger = logging.getLogger(__name__)

_MIN_ITEMS_FOR_WORKERS = 100
_MIN_CHUNK, _MAX_CHUNK = 8, 40
"""Items that a worker takes at once. Each worker imports what the work needs, so a few items go to
few workers."""

_ran_out_of_memory = False
"""In a worker: whether the document before this one did."""


class Pool:
    """Worker processes that are replaced when one dies.

    When a process dies, the pool of the standard library drops all its work and does not say which
    document was to blame. The dropped documents are extracted again one by one, in a process of
    their own; the document with which that dies is the one.
    """

    def __init__(self, spec: ExtractorSpec, workers: int) -> None:
        self._spec = spec
        self.workers = workers
        self._many: ProcessPoolExecutor | None = None
        self._single: ProcessPoolExecutor | None = None
        self._context = get_context("spawn")
        self._lifeline, self._held = self._context.Pipe(duplex=False)
        self._took_too_much = self._context.Event()

    def send(self, document: Document) -> Future[Extraction | Failure]:
        return self._submit(extract_in_worker, self._spec, document)

    def receive(
        self, document: Document, future: Future[Extraction | Failure]
    ) -> Extraction | Failure:
        try:
            return future.result()
        except BrokenProcessPool:
            return self._extract_alone(document)

    def map(self, work: Callable[[Item], Made], items: Sequence[Item]) -> Iterator[Made]:
        """As in `Engine`. This process does the work if no worker runs and starting some would take
        longer than it saves, and what a worker leaves that dies, as one short of memory does."""
        if self._many is None and (self.workers < 2 or len(items) < _MIN_ITEMS_FOR_WORKERS):
            yield from map(work, items)
            return
        size = max(_MIN_CHUNK, min(_MAX_CHUNK, len(items) // self.workers))
        chunks = [items[at : at + size] for at in range(0, len(items), size)]
        futures = [self._submit(work_on_each, work, chunk) for chunk in chunks]
        for chunk, future in zip(chunks, futures, strict=True):
            try:
                yield from future.result()
            except BrokenProcessPool:
                yield from map(work, chunk)

    def finish(self) -> None:
        for executor in (self._many, self._single):
            if executor is not None:
                executor.shutdown()

    def kill(self) -> None:
        self._held.close()
        for executor in (self._many, self._single):
            if executor is not None:
                executor.shutdown(cancel_futures=True)

    def _submit(self, work: Callable[..., Made], *arguments: object) -> Future[Made]:
        if self._many is None:
            self._many = self._executor(self.workers)
        try:
            return self._many.submit(work, *arguments)
        except BrokenProcessPool:
            self._many = None
            return self._submit(work, *arguments)

    def _extract_alone(self, document: Document) -> Extraction | Failure:
        logger.info("a worker process died; extracting %s on its own", document.id)
        if self._single is None:
            self._took_too_much = self._context.Event()
            self._single = self._executor(1)
        began = time.monotonic()
        try:
            return self._single.submit(extract_in_worker, self._spec, document).result()
        except BrokenProcessPool:
            self._single = None
            return failed(document, self._why_it_died(time.monotonic() - began))

    def _why_it_died(self, seconds: float) -> str:
        if self._took_too_much.is_set():
            return too_much_memory(self._spec.max_memory)
        timeout = self._spec.timeout
        if timeout and seconds > dies_after(timeout):
            return took_longer_than(timeout)
        return WORKER_DIED

    def _executor(self, workers: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            workers,
            mp_context=self._context,
            initializer=start_worker,
            initargs=(self._lifeline, self._spec.max_memory, self._took_too_much),
        )


def start_worker(
    lifeline: Connection, max_memory: int | None = None, took_too_much: Event | None = None
) -> None:
    """Set up a worker process: one thread, deaf to Ctrl-C, ending with its parent.

    The parent holds the other end of `lifeline`, which closes when the parent ends or wants the
    worker to end. A worker that needs more than `max_memory` bytes ends itself, and sets
    `took_too_much` before.
    """
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def end_with_parent() -> None:
        try:
            lifeline.poll(None)
        finally:
            os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()
    limit_memory(max_memory, took_too_much.set if took_too_much else None)


def work_on_each(work: Callable[[Item], Made], items: Sequence[Item]) -> list[Made]:
    """What a worker does of `Pool.map`. MemoryError would say nothing about an item: the process
    has kept what its documents needed."""
    lift_memory_limit()
    return [work(item) for item in items]


def extract_in_worker(spec: ExtractorSpec, document: Document) -> Extraction | Failure:
    """As `extract_one`, in a new process if a document before has left too little memory."""
    global _ran_out_of_memory
    if _ran_out_of_memory and is_swollen(spec.max_memory):
        os._exit(OUT_OF_MEMORY)
    result = extract_one(spec, document)
    _ran_out_of_memory = isinstance(result, Failure) and result.error == too_much_memory(
        spec.max_memory
    )
    return result
