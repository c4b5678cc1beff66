"""A cleaned text to quotations: what is kept, how it is numbered, and what spaCy is needed for."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from quotedex.extract.pipeline import quotes_of
from quotedex.models import Attribution, MarkedSpan


def no_parse(text: str) -> object:
    raise AssertionError("nothing here needs spaCy")


def judged(monkeypatch: pytest.MonkeyPatch, *confidences: float | None) -> None:
    """Let every span have no mention and these confidences, None where nobody says it."""

    def attribute(text: str, spans: Sequence[MarkedSpan], _model: str) -> list[Attribution | None]:
        return [
            None if confidence is None else Attribution(None, None, None, confidence, "")
            for confidence in confidences
        ]

    monkeypatch.setattr("quotedex.extract.attribute.attribute", attribute)


@pytest.mark.parametrize("text", ["", "It rained.", "The “wet op” begins in May."])
def test_text_without_quotations_needs_no_spacy(text: str) -> None:
    assert quotes_of(text, no_parse) == ()  # type: ignore[arg-type]


def test_quotations_without_a_source_need_no_spacy(monkeypatch: pytest.MonkeyPatch) -> None:
    judged(monkeypatch, 0.4)
    (quote,) = quotes_of("“It rained all day in Ashby.”", no_parse)  # type: ignore[arg-type]
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
def test_what_nobody_says_is_left_out_and_its_children_move_up(
    monkeypatch: pytest.MonkeyPatch,
    confidences: tuple[float | None, ...],
    parents: list[int | None],
) -> None:
    judged(monkeypatch, *confidences)
    quotes = quotes_of(NESTED, no_parse)  # type: ignore[arg-type]
    assert [quote.parent for quote in quotes] == parents


def test_only_outermost_quotations_in_double_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "“He said ‘no’ and left.” ‘It rained.’ \"It did.\" ''So it did.''"
    judged(monkeypatch, 0.9, 0.9, 0.9, 0.9, 0.9)
    found = quotes_of(text, no_parse, marks="double")  # type: ignore[arg-type]
    assert [quote.text for quote in found] == ["He said ‘no’ and left.", "It did."]
    assert len(quotes_of(text, no_parse)) == 5  # type: ignore[arg-type]


def test_min_confidence(monkeypatch: pytest.MonkeyPatch) -> None:
    judged(monkeypatch, 0.9, 0.5)
    text = "“It rained all day.” “It will rain on.”"
    found = quotes_of(text, no_parse, min_confidence=0.6)  # type: ignore[arg-type]
    assert [quote.text for quote in found] == ["It rained all day."]
