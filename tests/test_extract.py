"""One document from text to quotations: what is kept, how it is numbered, which text it counts."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

import quotedex
import quotedex.parse
from quotedex import Extractor, extract
from quotedex.clean import clean
from quotedex.errors import ModelError
from quotedex.extract import quotes_as_given, quotes_of
from quotedex.models import Attribution, Document, MarkedSpan

EXTRACT = sys.modules["quotedex.extract"]
NEWS = "“It rained all day,” said Mara Ilves.\n\nThe “wet op” begins in May."
MANGLED = NEWS.encode().decode("windows-1252", errors="replace")


def no_parse(text: str) -> object:
    raise AssertionError("nothing here needs spaCy")


def judged(monkeypatch: pytest.MonkeyPatch, *confidences: float | None) -> None:
    """Let every span have no mention and these confidences, None where nobody says it."""

    def attribute(text: str, spans: Sequence[MarkedSpan]) -> list[Attribution | None]:
        return [
            None if confidence is None else Attribution(None, None, None, confidence, "")
            for confidence in confidences
        ]

    monkeypatch.setattr("quotedex.attribute.attribute", attribute)


def test_the_package_gives_the_function_not_its_module() -> None:
    assert quotedex.extract is EXTRACT.extract


def test_quotation_with_its_speaker() -> None:
    (quote,) = extract(NEWS)
    assert quote.text == "It rained all day,"
    assert NEWS[quote.start : quote.end] == quote.text
    assert (quote.kind, quote.utterance, quote.parent) == ("full", 0, None)
    assert quote.speaker is not None
    assert (quote.speaker.name, quote.speaker.kind) == ("Mara Ilves", "person")
    assert quote.mention is not None
    assert NEWS[quote.mention.start : quote.mention.end] == "Mara Ilves"


def test_offsets_of_a_mangled_text_are_those_of_the_text_as_given() -> None:
    (quote,) = extract(MANGLED)
    assert MANGLED[quote.start : quote.end] == quote.text == "It rained all day,"
    assert quote.cue is not None
    assert MANGLED[quote.cue.start : quote.cue.end] == "said"


def test_offsets_of_an_extraction_are_those_of_the_cleaned_text() -> None:
    document = Document("a", MANGLED)
    extraction = Extractor()(document)
    assert extraction.document is document
    assert extraction.text == clean(MANGLED).text != MANGLED
    (quote,) = extraction.quotes
    assert extraction.text[quote.start : quote.end] == quote.text
    assert quotes_as_given(extraction) == extract(MANGLED)


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


def test_missing_pipeline() -> None:
    with pytest.raises(ModelError, match="'no_such_pipeline' is not installed"):
        extract(NEWS, extractor=Extractor("no_such_pipeline"))


def test_long_texts_are_parsed_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotedex.parse, "LONGEST_PIECE", 50)
    text = "“It rained all day,” said Mara Ilves.\n\n" * 5 + "x" * 120
    assert Extractor().parse(text).text == text
    quotes = extract(text)
    assert [quote.speaker and quote.speaker.name for quote in quotes] == ["Mara Ilves"] * 5


def test_every_seed_offset_holds_in_the_text_as_given() -> None:
    for path in sorted((Path(__file__).parents[1] / "seeds").iterdir()):
        text = path.read_text(encoding="utf-8")
        quotes = extract(text)
        assert quotes
        for quote in quotes:
            assert text[quote.start : quote.end] == quote.text
            assert re.search(r"\w", quote.text)
            for part in (quote.cue, quote.mention):
                assert part is None or text[part.start : part.end].strip()
            if quote.parent is not None:
                around = quotes[quote.parent]
                assert around.start <= quote.start < quote.end <= around.end
