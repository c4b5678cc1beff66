"""Extraction in this process or in several: results in the documents' order, few in flight."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable
from concurrent.futures import Future

from quotedex.index.pool import _Pool
from quotedex.index.work import (
    Engine,
    ExtractorSpec,
    Skipped,
    extract_one,
)
from quotedex.models import Document, Extraction
from quotedex.store import Failure

# Enough for the others to go on while one reads a long article, few enough to stay small.
_IN_FLIGHT_PER_WORKER = 4


def extract_all(
    items: Iterable[Document | Skipped],
    spec: ExtractorSpec,
    workers: int,
    cluster: str | None = None,
) -> Generator[Extraction | Skipped, None, None]:
    """The extraction of each document, or why it failed; what is skipped keeps its place.

    With no `workers` and no `cluster` this process does the work. Else a document that kills its
    worker is a failure, and the rest goes on. An error that is nobody's document's (no model) is
    raised.
    """
    if not workers and cluster is None:
        for item in items:
            yield extract_one(spec, item) if isinstance(item, Document) else item
        return
    engine = _engine(spec, workers, cluster)
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


def _engine(spec: ExtractorSpec, workers: int, cluster: str | None) -> Engine:
    if cluster is None:
        return _Pool(spec, workers)
    from quotedex.index.dask import Cluster

    return Cluster(spec, workers, cluster)
