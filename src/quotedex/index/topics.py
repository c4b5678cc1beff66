"""Update the topics of speakers at the end of a run, for those whose quotations have changed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial

from quotedex.errors import QuotedexError
from quotedex.extract.parse.parser import shared_parser
from quotedex.index.work import Engine
from quotedex.store import Store
from quotedex.text.keyterms import Topic, topics

logger = logging.getLogger(__name__)

_BATCH_SPEAKERS = 400
"""Speakers of one transaction. A run that is killed has to repeat at most these."""


def update_topics(
    store: Store,
    speakers: Sequence[int],
    spacy_model: str,
    engine: Engine | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> None:
    """Make and store the topics of these speakers.

    The processes of an `engine` do the work: if they have extracted, they have the spaCy pipeline
    loaded. `progress` is called with the number of speakers that are done. Raises ModelError if the
    pipeline is not installed.
    """
    logger.info("updating the topics of %d speakers", len(speakers))
    in_order = engine.map if engine else map
    for start in range(0, len(speakers), _BATCH_SPEAKERS):
        samples = store.topic_samples(speakers[start : start + _BATCH_SPEAKERS])
        changed = [sample for sample in samples if sample.digest != sample.stored_digest]
        new: dict[int, list[Topic]] = {}
        made = in_order(partial(topics_of, spacy_model), [each.statements for each in changed])
        for sample, its_topics in zip(changed, made, strict=True):
            new[sample.speaker_id] = its_topics
            progress(start + len(new))
        store.save_topics(samples, new)
        progress(min(start + _BATCH_SPEAKERS, len(speakers)))


def topics_of(spacy_model: str, statements: Sequence[str]) -> list[Topic]:
    """The topics of one speaker; what a worker process runs."""
    try:
        return topics(statements, shared_parser(spacy_model).tag)
    except QuotedexError:
        raise
    except Exception as error:  # textacy fails on some texts, which must not end the run
        logger.warning("no topics: %s: %s", type(error).__name__, error)
        return []
