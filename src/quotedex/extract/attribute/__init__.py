"""Marked spans + text -> who said each, by a small network that reads the text around the marks.

`windows` turns text and spans into tokens, `network` scores them, `decode` reads off the scores
which words they point at; here that becomes an `Attribution`, its confidence calibrated.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from tokenizers import Tokenizer

from quotedex.extract.attribute.decode import Reading, read
from quotedex.extract.attribute.network import DEFAULT, model_file, network
from quotedex.extract.attribute.windows import windows
from quotedex.models import Attribution, MarkedSpan, Span
from quotedex.text.lexicon import lexicon

DEFINITE = frozenset({"the", "this", "that", "these", "those"})


def attribute(
    text: str, spans: Sequence[MarkedSpan], model: str = DEFAULT
) -> list[Attribution | None]:
    """For each span who said it, or None where nobody does (a title, a nickname, scare quotes).

    `spans` are those of `find(text)`; the answers stand in the same order. `model` is "default" or
    "small", which is faster and less often right. The result depends on the text alone. Raises
    ModelError where the model's files are missing or damaged.
    """
    answers: list[Attribution | None] = [None] * len(spans)
    if not spans:
        return answers
    settings = settings_of(model)
    for window in windows(text, spans, _tokenizer()):
        readings = read(text, window, network(model).scores(window))
        for query, reading in zip(window.queries, readings, strict=True):
            if reading.said >= settings.threshold:
                answers[query.span] = _attribution(text, spans[query.span], reading, settings)
    return answers


@dataclass(frozen=True, slots=True)
class Settings:
    """What was fitted after training: from which probability a span counts as said, and the line
    that turns the network's log-odds of being right into those observed (Platt scaling)."""

    threshold: float
    slope: float
    intercept: float


def calibrated(probability: float, settings: Settings) -> float:
    """The share of answers given with such a probability that are right."""
    bounded = min(max(probability, 1e-6), 1 - 1e-6)
    odds = math.log(bounded / (1 - bounded))
    return 1 / (1 + math.exp(-(settings.slope * odds + settings.intercept)))


def _attribution(text: str, span: MarkedSpan, reading: Reading, settings: Settings) -> Attribution:
    return Attribution(
        mention=reading.mention,
        cue=reading.cue if reading.mention else None,
        antecedent=reading.antecedent if _refers_back(text, reading.mention) else None,
        confidence=round(calibrated(reading.said * reading.pointed, settings), 4),
        why=_why(text, span, reading),
    )


def _refers_back(text: str, mention: Span | None) -> bool:
    """Whether other words say who a mention is: "she", "the mayor", but not "one official"."""
    if mention is None:
        return False
    first = text[mention.start : mention.end].partition(" ")[0].lower()
    pronoun = lexicon().pronouns.get(first)
    return first in DEFINITE or (pronoun is not None and pronoun.kind != "indefinite")


def _why(text: str, span: MarkedSpan, reading: Reading) -> str:
    """Where the source stands, for the reader: "named after it, with “said”"."""
    if reading.mention is None:
        return "said, but nobody is named"
    cue = f", with “{text[reading.cue.start : reading.cue.end]}”" if reading.cue else ""
    return f"named {_place(text, span, reading.mention)}{cue}"


def _place(text: str, span: MarkedSpan, mention: Span) -> str:
    if mention.end <= span.start:
        between, side = text[mention.end : span.outer_start], "before it"
    elif mention.start >= span.end:
        between, side = text[span.outer_end : mention.start], "after it"
    else:
        return "within it"
    return f"{side}, in another paragraph" if "\n" in between else side


@cache
def _tokenizer() -> Tokenizer:
    return Tokenizer.from_str(model_file("tokenizer.json").decode("utf8"))


@cache
def settings_of(model: str) -> Settings:
    """The settings that were fitted for one of the models."""
    return Settings(**json.loads(model_file("settings.json", model)))
