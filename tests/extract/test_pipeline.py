"""From a cleaned text to quotations: which are kept, their numbers, and when spaCy is needed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from quotedex.extract import attribute as attribute_stage
from quotedex.extract.attribute import Calibration, calibrated
from quotedex.extract.parse import parser
from quotedex.extract.pipeline import extract_quotes
from quotedex.models import Attribution, MarkedSpan, Speaker
from quotedex.options import Options


@pytest.fixture(autouse=True)
def no_spacy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here needs spaCy."""

    def parse(spacy_model: str) -> object:
        raise AssertionError("the text was parsed")

    monkeypatch.setattr(parser, "Parser", parse)


def judged(monkeypatch: pytest.MonkeyPatch, *confidences: float | None) -> None:
    """Gives the spans these confidences and no mention; None where nobody says a span."""

    def attribute(
        text: str, spans: Sequence[MarkedSpan], _model: str, _threshold: float
    ) -> list[Attribution | None]:
        return [
            None if confidence is None else Attribution(None, None, confidence, "")
            for confidence in confidences
        ]

    monkeypatch.setattr(attribute_stage, "attribute", attribute)


@pytest.mark.parametrize("text", ["", "It rained.", "The “wet op” begins in May."])
def test_text_without_quotations_needs_no_spacy(text: str) -> None:
    assert extract_quotes(text) == ()


def test_quotations_without_a_source_need_no_spacy(monkeypatch: pytest.MonkeyPatch) -> None:
    judged(monkeypatch, 0.4)
    (quote,) = extract_quotes("“It rained all day in Ashby.”")
    assert (quote.mention, quote.speaker) == (None, None)


NESTED = "“He said ‘the sign says “stop” there,’ and so on.”"


@pytest.mark.parametrize(
    ("confidences", "parents"),
    [
        ((0.9, 0.9, 0.9), [None, 0, 1]),
        ((0.9, None, 0.9), [None, 0]),
        ((None, 0.9, 0.9), [None, 0]),
        ((None, None, 0.9), [None]),
        ((None, None, None), []),
    ],
)
def test_spans_that_nobody_says_are_left_out_and_their_children_move_up(
    monkeypatch: pytest.MonkeyPatch,
    confidences: tuple[float | None, ...],
    parents: list[int | None],
) -> None:
    judged(monkeypatch, *confidences)
    quotes = extract_quotes(NESTED)
    assert [quote.parent for quote in quotes] == parents


def test_only_outermost_quotations_in_double_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "“He said ‘no’ and left.” ‘It rained.’ \"It did.\" ''So it did.''"
    judged(monkeypatch, 0.9, 0.9, 0.9, 0.9, 0.9)
    found = extract_quotes(text, Options(marks="double"))
    assert [quote.text for quote in found] == ["He said ‘no’ and left.", "It did."]
    assert len(extract_quotes(text)) == 5


def test_min_confidence(monkeypatch: pytest.MonkeyPatch) -> None:
    judged(monkeypatch, 0.9, 0.5)
    text = "“It rained all day.” “It will rain on.”"
    unchanged = Calibration(threshold=0.5, slope=1.0, intercept=0.0)
    found = extract_quotes(text, Options(min_confidence=0.6), calibration=unchanged)
    assert [quote.text for quote in found] == ["It rained all day."]


def test_confidence_is_calibrated_with_the_speaker(monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes from the product of both probabilities: 0.9 times 0.8, and 0.9 alone."""
    judged(monkeypatch, 0.9, 0.9)
    poole = Speaker("Ada Poole", "person", certainty=0.8)
    halved = Calibration(threshold=0.5, slope=0.5, intercept=0.25)
    quotes = extract_quotes(
        "“It rained all day.” “It will rain on.”",
        resolve=lambda text, spans, attributions: [poole, None],
        calibration=halved,
    )
    assert [quote.confidence for quote in quotes] == [
        pytest.approx(calibrated(probability, halved), abs=1e-4) for probability in (0.72, 0.9)
    ]
    assert calibrated(0.9, halved) == pytest.approx(1 / (1 + math.exp(-0.25) / 3))
