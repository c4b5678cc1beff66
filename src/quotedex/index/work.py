"""One document's work, wherever it is done: what to run, and what becomes of failures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, TypeVar

from quotedex.errors import InputError, QuotedexError
from quotedex.extract.pipeline import Model
from quotedex.index.time_limit import TookTooLong, time_limit
from quotedex.models import Document, Extraction
from quotedex.store import Failure, Known
from quotedex.store.articles import location, text_hash

Extract = Callable[[Document], Extraction]
Skipped = Failure | Known
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


Made = TypeVar("Made")


def of_each(
    work: Callable[[Document], Made],
    documents: Iterable[Document | InputError],
    timeout: float,
    refuse: Callable[[InputError], None],
) -> Iterator[Made]:
    """What `work` makes of each document within `timeout` seconds; `refuse` hears of the others.

    Raises QuotedexError where nothing can be made of any document: a model is missing.
    """
    from quotedex.index.time_limit import TookTooLong, time_limit

    for document in documents:
        if isinstance(document, InputError):
            refuse(document)
            continue
        place = document.location or document.id
        try:
            with time_limit(timeout):
                made = work(document)
        except InputError as error:
            refuse(error)
        except QuotedexError:
            raise
        except TookTooLong:
            refuse(InputError(place, f"it took longer than {timeout:g} seconds"))
        except Exception as error:  # a bad document must not stop the others, whatever it does
            refuse(InputError(place, f"{type(error).__name__}: {error}"))
        else:
            yield made
