"""The source of each quotation, by a small network that reads the text around the marks.

`windows` turns text and spans into tokens, `network` scores them, and `decode` reads from the
scores which words they point at. Here that becomes an `Attribution`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from tokenizers import Tokenizer

from quotedex.extract.attribute.decode import Prediction, decode
from quotedex.extract.attribute.network import DEFAULT, model_file, network
from quotedex.extract.attribute.windows import windows
from quotedex.models import Attribution, MarkedSpan, Span


def attribute(
    text: str,
    spans: Sequence[MarkedSpan],
    model: str = DEFAULT,
    threshold: float | None = None,
) -> list[Attribution | None]:
    """The attribution of each span, None where nobody says it (a title, a nickname, scare quotes).

    `spans` are those of `find(text)`, and the result has their order. `model` is "default" or
    "small", which is faster and less accurate. `threshold` replaces the model's own. The result
    depends on the text alone. Raises ModelError if the model's files are missing or damaged.
    """
    attributions: list[Attribution | None] = [None] * len(spans)
    if not spans:
        return attributions
    if threshold is None:
        threshold = calibration_of(model).threshold
    for window in windows(text, spans, _tokenizer()):
        predictions = decode(text, window, network(model).scores(window))
        for query, prediction in zip(window.queries, predictions, strict=True):
            if prediction.spoken >= threshold:
                span = spans[query.span]
                attributions[query.span] = _attribution(text, span, prediction)
    return attributions


@dataclass(frozen=True, slots=True)
class Calibration:
    """Fitted after training (`training.calibrate`): the probability from which a span counts as a
    quotation, and the line from the log-odds that a quotation is right by the network and
    resolution to the observed ones (Platt scaling)."""

    threshold: float
    slope: float
    intercept: float


def calibrated(probability: float, calibration: Calibration) -> float:
    """The share of quotations with this probability of being right that are."""
    odds = log_odds(probability)
    return 1 / (1 + math.exp(-(calibration.slope * odds + calibration.intercept)))


def log_odds(probability: float) -> float:
    """The logarithm of p / (1 - p), with p between 0.0001 and 0.9999."""
    bounded = min(max(probability, 1e-4), 1 - 1e-4)
    return math.log(bounded / (1 - bounded))


def _attribution(text: str, span: MarkedSpan, prediction: Prediction) -> Attribution:
    return Attribution(
        mention=prediction.mention,
        cue=prediction.cue if prediction.mention else None,
        confidence=prediction.spoken * prediction.source_probability,
        why=_why(text, span, prediction),
        pointers=prediction.pointers,
    )


def _why(text: str, span: MarkedSpan, prediction: Prediction) -> str:
    """Where the source is, in words for the reader: "after the quotation, with “said”"."""
    if prediction.mention is None:
        return "said, but nobody is named"
    cue = prediction.cue
    with_cue = f", with “{text[cue.start : cue.end]}”" if cue else ""
    return f"{_position(text, span, prediction.mention)}{with_cue}"


def _position(text: str, span: MarkedSpan, mention: Span) -> str:
    if mention.end <= span.start:
        between, side = text[mention.end : span.outer_start], "before the quotation"
    elif mention.start >= span.end:
        between, side = text[span.outer_end : mention.start], "after the quotation"
    else:
        return "inside the quotation"
    return f"{side}, in another paragraph" if "\n" in between else side


@cache
def _tokenizer() -> Tokenizer:
    return Tokenizer.from_str(model_file("tokenizer.json").decode("utf8"))


@cache
def calibration_of(model: str) -> Calibration:
    """The calibration of one of the models."""
    return Calibration(**json.loads(model_file("settings.json", model)))
