"""Extract in this process or in others, in the order of the documents, with few in flight."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from quotedex.index.pool import Pool
from quotedex.index.work import Engine, ExtractorSpec, Skipped, extract_one
from quotedex.models import Document, Extraction
from quotedex.store import Failure

# Enough to keep the other workers busy during a long article, and few enough to need little memory.
_IN_FLIGHT_PER_WORKER = 4


@contextmanager
def worker_processes(
    spec: ExtractorSpec, workers: int, cluster: str | None = None
) -> Iterator[Engine | None]:
    """`workers` processes, or those of the cluster; None if this process is to do the work.

    They start with their first work. They end at the end, or at once if there is an error.
    """
    if not workers and cluster is None:
        yield None
        return
    engine = _engine(spec, workers, cluster)
    try:
        yield engine
        engine.finish()
    finally:
        engine.kill()


def extract_all(
    items: Iterable[Document | Skipped], spec: ExtractorSpec, engine: Engine | None = None
) -> Iterator[Extraction | Skipped]:
    """The extraction of each document, or why it failed. Skipped items are passed through.

    Without an engine, this process does the work. Otherwise a document that crashes its worker is a
    failure, and the rest goes on. Raises QuotedexError if no document can be extracted, for example
    when a model is missing.
    """
    if engine is None:
        for item in items:
            yield extract_one(spec, item) if isinstance(item, Document) else item
        return
    waiting: deque[tuple[Document, Future[Extraction | Failure]] | Skipped] = deque()

    def receive() -> Extraction | Skipped:
        item = waiting.popleft()
        return engine.receive(*item) if isinstance(item, tuple) else item

    for item in items:
        waiting.append((item, engine.send(item)) if isinstance(item, Document) else item)
        if len(waiting) > engine.workers * _IN_FLIGHT_PER_WORKER:
            yield receive()
    while waiting:
        yield receive()


def _engine(spec: ExtractorSpec, workers: int, cluster: str | None) -> Engine:
    if cluster is None:
        return Pool(spec, workers)
    from quotedex.index.dask import Cluster

    return Cluster(spec, workers, cluster)
