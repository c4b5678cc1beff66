"""Extraction in this process or in several: results in the documents' order, few in flight."""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Protocol

from quotedex.errors import InputError, QuotedexError
from quotedex.index.limits import TookTooLong, time_limit
from quotedex.models import Document, Extraction
from quotedex.quotations import Model
from quotedex.store import Failure, Known
from quotedex.store.articles import location, text_hash

Extract = Callable[[Document], Extraction]
Skipped = Failure | Known

# Enough for the others to go on while one reads a long article, few enough to stay small.
_IN_FLIGHT_PER_WORKER = 4
DIED = "the process that read it died"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to make an extractor: what travels to other processes in its place.

    `timeout` is the most seconds that a document may take.
    """

    spacy_model: str | None = None
    min_confidence: float = 0.0
    any_language: bool = False
    extract: Extract | None = None
    timeout: float | None = None
    model: Model = "default"


def extract_all(
    items: Iterable[Document | Skipped], recipe: Recipe, workers: int, cluster: str | None = None
) -> Generator[Extraction | Skipped, None, None]:
    """The extraction of each document, or why it failed; what is skipped keeps its place.

    With no `workers` and no `cluster` this process does the work. Else a document that kills its
    worker is a failure, and the rest goes on. An error that is nobody's document's (no model) is
    raised.
    """
    if not workers and cluster is None:
        for item in items:
            yield extract_one(recipe, item) if isinstance(item, Document) else item
        return
    engine = _engine(recipe, workers, cluster)
    waiting: deque[tuple[Document, Future[Extraction | Failure]] | Skipped] = deque()

    def receive() -> Extraction | Skipped:
        item = waiting.popleft()
        return engine.receive(*item) if isinstance(item, tuple) else item

    try:
        for item in items:
            waiting.append((item, engine.send(item)) if isinstance(item, Document) else item)
            if len(waiting) > engine.workers * _IN_FLIGHT_PER_WORKER:
                yield receive()
        while waiting:
            yield receive()
        engine.finish()
    finally:
        engine.kill()


class Engine(Protocol):
    """Other processes that work, `workers` of them: here, or on other machines."""

    @property
    def workers(self) -> int: ...

    def send(self, document: Document) -> Future[Extraction | Failure]:
        """Have the document extracted by `extract_one`."""

    def receive(
        self, document: Document, future: Future[Extraction | Failure]
    ) -> Extraction | Failure:
        """What came of it; waits for that."""

    def finish(self) -> None:
        """End the workers when they have done their work."""

    def kill(self) -> None:
        """End the workers now, in the middle of a document if need be."""


def _engine(recipe: Recipe, workers: int, cluster: str | None) -> Engine:
    if cluster is None:
        return _Pool(recipe, workers)
    from quotedex.index.cluster import Cluster

    return Cluster(recipe, workers, cluster)


def extract_one(recipe: Recipe, document: Document) -> Extraction | Failure:
    """One document's extraction, or the failure that it is; the whole work of a worker."""
    extract = _extractor(recipe)
    try:
        with time_limit(recipe.timeout):
            extraction = extract(document)
        _verify(extraction)
    except InputError as error:
        return failed(document, error.reason)
    except QuotedexError:
        raise
    except TookTooLong:
        return failed(document, f"it took longer than {recipe.timeout:g} seconds")
    except Exception as error:  # a bad document must not stop the run, whatever it does to us
        return failed(document, f"{type(error).__name__}: {error}")
    return extraction


def failed(document: Document, error: str) -> Failure:
    return Failure(location(document), error, text_hash(document))


@lru_cache(maxsize=1)
def _extractor(recipe: Recipe) -> Extract:
    """Made when the first document needs it: a run over known documents loads no model."""
    if recipe.extract is not None:
        return recipe.extract
    from quotedex.extract import Extractor

    return Extractor(
        spacy_model=recipe.spacy_model,
        min_confidence=recipe.min_confidence,
        any_language=recipe.any_language,
        model=recipe.model,
    )


def _verify(extraction: Extraction) -> None:
    """Hold the extraction to what the file promises, before it shares a batch with others."""
    for quote in extraction.quotes:
        if not 0 <= quote.confidence <= 1:
            raise ValueError(f"the confidence {quote.confidence} is not between 0 and 1")
        if extraction.text[quote.start : quote.end] != quote.text:
            raise ValueError(f"the quotation at {quote.start} is not what the text has there")
        if quote.parent is not None:
            around = extraction.quotes[quote.parent]
            if not around.start <= quote.start <= quote.end <= around.end or around is quote:
                raise ValueError(f"the quotation at {quote.start} is not within its parent")


class _Pool:
    """Worker processes that are replaced when one dies.

    The pool of the standard library gives up all its work when a process dies, and does not
    tell whose document it was. Those it gave up are tried again one by one in a process of
    their own; the one that dies again is the one.
    """

    def __init__(self, recipe: Recipe, workers: int) -> None:
        self._recipe = recipe
        self.workers = workers
        self._many: ProcessPoolExecutor | None = None
        self._single: ProcessPoolExecutor | None = None
        self._context = get_context("spawn")
        self._lifeline, self._held = self._context.Pipe(duplex=False)

    def send(self, document: Document) -> Future[Extraction | Failure]:
        if self._many is None:
            self._many = self._executor(self.workers)
        try:
            return self._many.submit(extract_one, self._recipe, document)
        except BrokenProcessPool:
            self._many = None
            return self.send(document)

    def receive(
        self, document: Document, future: Future[Extraction | Failure]
    ) -> Extraction | Failure:
        try:
            return future.result()
        except BrokenProcessPool:
            return self._alone(document)

    def finish(self) -> None:
        for executor in (self._many, self._single):
            if executor is not None:
                executor.shutdown()

    def kill(self) -> None:
        self._held.close()
        for executor in (self._many, self._single):
            if executor is not None:
                executor.shutdown(cancel_futures=True)

    def _alone(self, document: Document) -> Extraction | Failure:
        if self._single is None:
            self._single = self._executor(1)
        try:
            return self._single.submit(extract_one, self._recipe, document).result()
        except BrokenProcessPool:
            self._single = None
            return failed(document, DIED)

    def _executor(self, workers: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            workers, mp_context=self._context, initializer=begin_worker, initargs=(self._lifeline,)
        )


def begin_worker(lifeline: Connection) -> None:
    """Make this worker a quiet one: one thread, no answer to Ctrl-C, an end with its parent.

    The parent holds the other end of `lifeline`, which closes when it wants so or is killed.
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
