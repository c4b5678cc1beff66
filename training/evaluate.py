"""Scores the network, span by span, on annotated examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from quotedex.extract.attribute.decode import Prediction, Scores, decode
from quotedex.extract.attribute.windows import Window
from training.batches import LabeledWindow
from training.labels import Label, overlap

THRESHOLD = 0.7  # probability from which a span is reported as a quotation


def predictions(
    labeled: Sequence[LabeledWindow], scores: Callable[[Window], Scores]
) -> Iterator[tuple[Prediction, Label]]:
    """The network's prediction for each annotated span, and its label."""
    for each in labeled:
        decoded = decode(each.text, each.window, scores(each.window))
        for prediction, label in zip(decoded, each.labels, strict=True):
            if label.spoken is not None:
                yield prediction, label


def is_correct(prediction: Prediction, label: Label) -> bool:
    """Whether the span is a quotation, and its mention overlaps the annotated source or both are
    missing."""
    if not label.spoken:
        return False
    if not label.source or prediction.mention is None:
        return not label.source and prediction.mention is None
    return any(overlap(prediction.mention, source) for source in label.source)


def evaluate(
    labeled: Sequence[LabeledWindow], scores: Callable[[Window], Scores]
) -> dict[str, float]:
    """F1 of detection and of mentions, the share of mentions with the exact extent, and the share
    of negatives (titles, nicknames, scare quotes) that are reported."""
    count: Counter[str] = Counter()
    for prediction, label in predictions(labeled, scores):
        reported = prediction.spoken >= THRESHOLD
        count["quotations" if label.spoken else "negatives"] += 1
        count["true positives" if label.spoken else "false positives"] += reported
        count["predicted mentions"] += reported and prediction.mention is not None
        if label.source:
            count["sources"] += 1
            count["correct mentions"] += reported and is_correct(prediction, label)
        if label.mention is not None:
            count["extents"] += 1
            count["exact extents"] += reported and prediction.mention == label.mention
    predicted = count["true positives"] + count["false positives"]
    mentions = count["predicted mentions"] + count["sources"]
    return {
        "detection": round(
            2 * count["true positives"] / max(1, predicted + count["quotations"]), 4
        ),
        "mention": round(2 * count["correct mentions"] / max(1, mentions), 4),
        "exact_extent": round(count["exact extents"] / max(1, count["extents"]), 4),
        "false_positives": round(count["false positives"] / max(1, count["negatives"]), 4),
    }
