"""Extract on the machines of a Dask cluster.

Needs `distributed` (`pip install 'quotedex[cluster]'`), and quotedex on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from quotedex.errors import QuotedexError
from quotedex.index.work import WORKER_DIED, ExtractorSpec, Item, Made, extract_one, failed
from quotedex.models import Document, Extraction
from quotedex.optional import import_extra
from quotedex.store import Failure

LOCAL = "local"
_LOOPBACK = "127.0.0.1"
# Even without a dashboard, scheduler and workers serve pages about themselves: tasks, logs.
_SCHEDULER_PAGES, _WORKER_PAGES = (
    f"distributed.{part}.http.routes" for part in ("scheduler", "worker")
)


class Cluster:
    """The workers of the cluster at `address`; "local" starts `workers` on this machine.

    A document whose worker dies is given to another one, up to the number of times in the
    scheduler's setting `allowed-failures` (3); then it is a failure. Raises QuotedexError if the
    cluster cannot be reached.
    """

    def __init__(self, spec: ExtractorSpec, workers: int, address: str) -> None:
        distributed = import_extra("distributed", "cluster", "using a Dask cluster")
        self._spec = spec
        self._started: Any = None
        try:
            if address == LOCAL:
                self._started = _start(distributed, workers, spec.max_memory)
            self._client = distributed.Client(self._started or address)
        except (OSError, ValueError) as error:
            raise QuotedexError(f"the cluster {address} cannot be reached: {error}") from error
        self._killed_worker = distributed.KilledWorker

    @property
    def workers(self) -> int:
        """The number of workers at the moment: they come and go."""
        return max(1, sum(map(int, self._client.nthreads().values())))

    def send(self, document: Document) -> Any:
        return self._client.submit(extract_one, self._spec, document, pure=False)

    def receive(self, document: Document, future: Any) -> Extraction | Failure:
        try:
            result: Extraction | Failure = future.result()
        except self._killed_worker:
            return failed(document, WORKER_DIED)
        finally:
            future.release()
        return result

    def map(self, work: Callable[[Item], Made], items: Sequence[Item]) -> Iterator[Made]:
        """As in `Engine`. This process does the work of a worker that dies."""
        for item, future in zip(items, self._client.map(work, items, pure=False), strict=True):
            try:
                made: Made = future.result()
            except self._killed_worker:
                made = work(item)
            finally:
                future.release()
            yield made

    def finish(self) -> None:
        """Do nothing: after the last result nothing is left to do."""

    def kill(self) -> None:
        self._client.close()
        if self._started is not None:
            self._started.close()


def _start(distributed: Any, workers: int, max_memory: int | None) -> Any:
    """A scheduler and workers on this machine, reachable from this machine alone.

    With an address for the dashboard but no dashboard, their HTTP servers use any free port instead
    of 8787, and answer every request with "not found".
    """
    dask = import_extra("dask", "cluster", "using a Dask cluster")
    with dask.config.set({_SCHEDULER_PAGES: []}):
        return distributed.LocalCluster(
            n_workers=workers or None,
            threads_per_worker=1,
            memory_limit=max_memory or 0,
            host=_LOOPBACK,
            dashboard_address=f"{_LOOPBACK}:0",
            scheduler_kwargs={"dashboard": False},
            config={_WORKER_PAGES: []},
        )
