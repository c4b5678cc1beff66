"""Extracting from one document: quotations with speakers, and offsets in the right text."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import pytest

import quotedex
from quotedex import Extractor, Quote, extract, extract_many
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


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (["a"], "extract takes a text (str), not list: pass several texts to extract_many"),
        (
            b"a",
            "extract takes a text (str), not bytes: decode it first, for example with .decode()",
        ),
        (
            Document("a", "b"),
            "extract takes a text (str), not Document:"
            " pass document.text, or the document to an Extractor",
        ),
        (None, "extract takes a text (str), not NoneType: pass the text of an article"),
    ],
)
def test_anything_but_a_text_is_a_type_error(given: object, sentence: str) -> None:
    with pytest.raises(TypeError, match=f"^{re.escape(sentence)}$"):
        extract(given)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", [NEWS, MANGLED])
def test_mention_and_cue_carry_their_words(text: str) -> None:
    (quote,) = extract(text)
    assert quote.mention is not None
    assert quote.cue is not None
    assert (quote.mention.text, quote.cue.text) == ("Mara Ilves", "said")
    (extracted,) = Extractor()(Document("a", text)).quotes
    assert extracted.cue is not None
    assert extracted.cue.text == "said"


def test_a_quotation_as_a_dictionary_and_back() -> None:
    (quote,) = extract(NEWS)
    values = quote.to_dict()
    assert values["mention"]["text"] == "Mara Ilves"
    assert Quote.from_dict(values) == quote
    assert Quote.from_dict(values).to_dict() == values


def test_many_texts_are_read_one_after_another() -> None:
    read = []

    def texts() -> Iterator[str]:
        for number in range(3):
            read.append(number)
            yield NEWS

    found = extract_many(texts(), Options(min_confidence=0.1))
    assert next(found) == extract(NEWS)
    assert read == [0]
    assert list(found) == [extract(NEWS)] * 2
    with pytest.raises(TypeError, match="takes several texts, not one"):
        extract_many(NEWS)
    with pytest.raises(TypeError, match=r"takes a text \(str\), not bytes"):
        list(extract_many([b"a"]))  # type: ignore[list-item]


@pytest.mark.slow
def test_many_texts_in_processes() -> None:
    texts = [f"“It rained {number} days,” said Mara Ilves." for number in range(7)]
    found = list(extract_many(iter(texts), workers=2, batch_size=2))
    assert found == [extract(text) for text in texts]
    with pytest.raises(TypeError, match="not int"):
        list(extract_many([NEWS, 7], workers=2, batch_size=1))  # type: ignore[list-item]
    started = extract_many((NEWS for _ in range(10**9)), workers=2, batch_size=2)
    assert next(started) == extract(NEWS)
    del started
