"""Process one document, in any process: run the extractor, and turn errors into failures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol, TypeVar

from quotedex.errors import InputError, QuotedexError
from quotedex.index.validation import validated
from quotedex.limits import (
    TookTooLong,
    memory_limit,
    time_limit,
    too_much_memory,
    took_longer_than,
)
from quotedex.models import Document, Extraction
from quotedex.options import Options
from quotedex.store import Failure
from quotedex.store.articles import Known
from quotedex.store.identity import location, text_hash

Extract = Callable[[Document], Extraction]
Skipped = Failure | Known
Item = TypeVar("Item")
Made = TypeVar("Made")
WORKER_DIED = "the process that extracted it died"


@dataclass(frozen=True, slots=True)
class ExtractorSpec:
    """How to create an extractor; sent to worker processes in place of one.

    `extract` replaces an Extractor with `options`. `timeout` is in seconds per document,
    `max_memory` in bytes of the process that extracts it.
    """

    options: Options = field(default_factory=Options)
    extract: Extract | None = None
    timeout: float | None = None
    max_memory: int | None = None


class Engine(Protocol):
    """`workers` other processes, on this machine or others."""

    @property
    def workers(self) -> int: ...

    def send(self, document: Document) -> Future[Extraction | Failure]:
        """Have a worker extract the document with `extract_one`."""

    def receive(
        self, document: Document, future: Future[Extraction | Failure]
    ) -> Extraction | Failure:
        """Wait for the result of `send`."""

    def map(self, work: Callable[[Item], Made], items: Sequence[Item]) -> Iterator[Made]:
        """The result of `work` for each item, from a worker or from this process."""

    def finish(self) -> None:
        """End the workers after they have done their work."""

    def kill(self) -> None:
        """End the workers now, even in the middle of a document."""


def extract_one(spec: ExtractorSpec, document: Document) -> Extraction | Failure:
    """The extraction of one document, or why it failed; what a worker process runs."""
    extract = _extractor(spec)
    return attempt(lambda each: validated(extract(each)), document, spec.timeout, spec.max_memory)


def each_result(
    work: Callable[[Document], Made],
    documents: Iterable[Document | InputError],
    timeout: float | None,
    max_memory: int | None,
    report: Callable[[Failure], None],
) -> Iterator[Made]:
    """The result of `work` for each document; `report` gets the failures.

    Raises QuotedexError if no document can be processed, for example when a model is missing.
    """
    for document in documents:
        if isinstance(document, InputError):
            report(Failure(document.location, document.reason))
            continue
        result = attempt(work, document, timeout, max_memory)
        if isinstance(result, Failure):
            report(result)
        else:
            yield result


def attempt(
    work: Callable[[Document], Made],
    document: Document,
    timeout: float | None = None,
    max_memory: int | None = None,
) -> Made | Failure:
    """The result of `work`, or why there is none within `timeout` seconds and `max_memory` bytes.

    Raises QuotedexError if the error does not concern this document, for example a missing model.
    """
    try:
        with time_limit(timeout), memory_limit(max_memory):
            return work(document)
    except InputError as error:
        return failed(document, error.reason)
    except QuotedexError:
        raise
    except TookTooLong:
        return failed(document, took_longer_than(timeout or 0))
    except MemoryError:
        return failed(document, too_much_memory(max_memory))
    except Exception as error:  # one document must not stop the others, whatever it raises
        return failed(document, f"{type(error).__name__}: {error}")


def failed(document: Document, error: str) -> Failure:
    return Failure(location(document), error, text_hash(document))


@lru_cache(maxsize=1)
def _extractor(spec: ExtractorSpec) -> Extract:
    """Created for the first document, so that a run over known documents loads no model."""
    if spec.extract is not None:
        return spec.extract
    from quotedex.extract import Extractor

    return Extractor(spec.options)
