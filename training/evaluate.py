"""How often the network is right, span by span, on annotated examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from evaluation.labels import Label
from quotedex.extract.attribute.decode import Prediction, Scores, decode
from quotedex.extract.attribute.windows import Window
from training.batches import Task

SAID = 0.7  # the probability from which a span is reported


def readings(
    found: Sequence[Task], scores: Callable[[Window], Scores]
) -> Iterator[tuple[Prediction, Label]]:
    """What the network reads of each span of which something is known, and that."""
    for task in found:
        answers = decode(task.text, task.window, scores(task.window))
        for reading, label in zip(answers, task.labels, strict=True):
            if label.said is not None:
                yield reading, label


def right(reading: Prediction, label: Label) -> bool:
    """Whether the span is said and its mention overlaps the annotated source, or neither is."""
    if not label.said:
        return False
    if not label.source or reading.mention is None:
        return not label.source and reading.mention is None
    return any(
        reading.mention.start < source.end and source.start < reading.mention.end
        for source in label.source
    )


def measure(found: Sequence[Task], scores: Callable[[Window], Scores]) -> dict[str, float]:
    """detect and mention F1, the share of mentions with the exact extent, and that of negatives
    reported (titles, nicknames, scare quotes)."""
    count: Counter[str] = Counter()
    for reading, label in readings(found, scores):
        reported = reading.spoken >= SAID
        count["spoken" if label.said else "negatives"] += 1
        count["spoken reported" if label.said else "negatives reported"] += reported
        count["named"] += reported and reading.mention is not None
        if label.source:
            count["sourced"] += 1
            count["right"] += reported and right(reading, label)
        if label.mention is not None:
            count["extents"] += 1
            count["exact"] += reported and reading.mention == label.mention
    given = count["spoken reported"] + count["negatives reported"]
    return {
        "detect": round(2 * count["spoken reported"] / max(1, given + count["spoken"]), 4),
        "mention": round(2 * count["right"] / max(1, count["named"] + count["sourced"]), 4),
        "exact": round(count["exact"] / max(1, count["extents"]), 4),
        "negatives": round(count["negatives reported"] / max(1, count["negatives"]), 4),
    }
