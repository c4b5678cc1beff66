"""Extracting from one document: quotations with speakers, and offsets in the right text."""

from __future__ import annotations

import re
import sys

import pytest

import quotedex
from quotedex import Extractor, extract
from quotedex.errors import ModelError
from quotedex.extract.clean import clean
from quotedex.extract.parse import parser
from quotedex.models import Document
from quotedex.options import DEFAULT_SPACY_MODEL, Options
from tests.helpers import ROOT

EXTRACT = sys.modules["quotedex.extract"]
NEWS = "“It rained all day,” said Mara Ilves.\n\nThe “wet op” begins in May."
MANGLED = NEWS.encode().decode("windows-1252", errors="replace")


def test_the_name_extract_is_the_function() -> None:
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
    assert Extractor().as_given(document) == extract(MANGLED)


def test_missing_pipeline() -> None:
    with pytest.raises(ModelError, match="'no_such_pipeline' is not installed"):
        extract(NEWS, Options(spacy_model="no_such_pipeline"))


def test_long_texts_are_parsed_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parser, "MAX_PIECE_CHARS", 50)
    text = "“It rained all day,” said Mara Ilves.\n\n" * 5 + "x" * 120
    assert parser.Parser(DEFAULT_SPACY_MODEL)(text).text == text
    quotes = extract(text)
    assert [quote.speaker and quote.speaker.name for quote in quotes] == ["Mara Ilves"] * 5


@pytest.mark.slow
def test_every_seed_offset_holds_in_the_text_as_given() -> None:
    for path in sorted((ROOT / "seeds").iterdir()):
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
