"""Update the topics of speakers at the end of a run, for those whose quotations have changed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import lru_cache, partial
from multiprocessing import get_context

from quotedex.errors import QuotedexError
from quotedex.index.pool import start_worker
from quotedex.store import Store
from quotedex.text.keyterms import Tagger, Topic, topics

logger = logging.getLogger(__name__)

_BATCH_SPEAKERS = 200
"""Speakers of one transaction. A run that is killed has to repeat at most these."""

_MIN_SPEAKERS_FOR_WORKERS = 1_000
"""For fewer speakers, starting worker processes takes longer than it saves."""

_MakeAll = Callable[[Iterable[Sequence[str]]], Iterable[list[Topic]]]


def update_topics(
    store: Store,
    speakers: Sequence[int],
    spacy_model: str,
    workers: int = 0,
    progress: Callable[[int], None] = lambda done: None,
) -> None:
    """Make and store the topics of these speakers.

    With `workers`, other processes do the work if there are many speakers. `progress` is called
    with the number of speakers that are done. Raises ModelError if the spaCy pipeline is not
    installed.
    """
    logger.info("updating the topics of %d speakers", len(speakers))
    with _engine(spacy_model, workers if len(speakers) >= _MIN_SPEAKERS_FOR_WORKERS else 0) as make:
        for start in range(0, len(speakers), _BATCH_SPEAKERS):
            samples = store.topic_samples(speakers[start : start + _BATCH_SPEAKERS])
            changed = [sample for sample in samples if sample.digest != sample.stored_digest]
            new: dict[int, list[Topic]] = {}
            made = make([sample.statements for sample in changed])
            for sample, its_topics in zip(changed, made, strict=True):
                new[sample.speaker_id] = its_topics
                progress(start + len(new))
            store.save_topics(samples, new)
            progress(min(start + _BATCH_SPEAKERS, len(speakers)))


def topics_of(spacy_model: str, statements: Sequence[str]) -> list[Topic]:
    """The topics of one speaker; what a worker process runs."""
    try:
        return topics(statements, _tagger(spacy_model))
    except QuotedexError:
        raise
    except Exception as error:  # textacy fails on some texts, which must not end the run
        logger.warning("no topics: %s: %s", type(error).__name__, error)
        return []


@lru_cache(maxsize=1)
def _tagger(spacy_model: str) -> Tagger:
    return Tagger(spacy_model)


@contextmanager
def _engine(spacy_model: str, workers: int) -> Iterator[_MakeAll]:
    """A function that makes the topics of many speakers, here or in worker processes."""
    make = partial(topics_of, spacy_model)
    if workers < 2:
        yield partial(map, make)
        return
    context = get_context("spawn")
    lifeline, held = context.Pipe(duplex=False)
    executor = ProcessPoolExecutor(
        workers, mp_context=context, initializer=start_worker, initargs=(lifeline,)
    )
    try:
        yield partial(executor.map, make, chunksize=8)
        executor.shutdown()
    finally:
        held.close()
        executor.shutdown(cancel_futures=True)
