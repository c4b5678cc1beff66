"""The topics of speakers, made anew at the end of a run for those whose quotations have changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import lru_cache, partial
from multiprocessing import get_context

from quotedex.errors import QuotedexError
from quotedex.index.pool import begin_worker
from quotedex.store import Store
from quotedex.text.keyterms import Tagger, Topic, topics

_AT_ONCE = 200
"""Speakers of one transaction; a run that is killed has to repeat at most these."""

_WORTH_PROCESSES = 1_000
"""Below this many speakers, other processes cost more to start than they save."""

_Made = list[Topic]
_MakeAll = Callable[[Iterable[Sequence[str]]], Iterable[_Made]]


def renew(store: Store, speakers: Sequence[int], spacy_model: str, workers: int = 0) -> None:
    """Make the topics of these speakers anew with a spaCy pipeline, and store them.

    `workers` are other processes, for so many speakers that they pay. Raises ModelError where the
    pipeline is not installed.
    """
    with _engine(spacy_model, workers if len(speakers) >= _WORTH_PROCESSES else 0) as make_all:
        for start in range(0, len(speakers), _AT_ONCE):
            samples = store.topic_samples(speakers[start : start + _AT_ONCE])
            changed = [sample for sample in samples if sample.digest != sample.kept]
            made = make_all([sample.statements for sample in changed])
            store.put_topics(samples, dict(zip([s.speaker_id for s in changed], made, strict=True)))


def topics_of(spacy_model: str, statements: Sequence[str]) -> _Made:
    """The topics in what one speaker has said; the whole work of a worker."""
    try:
        return topics(statements, _tagger(spacy_model))
    except QuotedexError:
        raise
    except Exception:  # a speaker whose words upset textacy has no topics; the run must not end
        return []


@lru_cache(maxsize=1)
def _tagger(spacy_model: str) -> Tagger:
    return Tagger(spacy_model)


@contextmanager
def _engine(spacy_model: str, workers: int) -> Iterator[_MakeAll]:
    """What makes the topics of many: this process, or several others."""
    make = partial(topics_of, spacy_model)
    if workers < 2:
        yield partial(map, make)
        return
    context = get_context("spawn")
    lifeline, held = context.Pipe(duplex=False)
    executor = ProcessPoolExecutor(
        workers, mp_context=context, initializer=begin_worker, initargs=(lifeline,)
    )
    try:
        yield partial(executor.map, make, chunksize=8)
        executor.shutdown()
    finally:
        held.close()
        executor.shutdown(cancel_futures=True)
