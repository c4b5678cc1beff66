"""The quick test for English agrees with the language classifier."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from quotedex.read.language import (
    MIN_WORDS,
    SAMPLE_LENGTH,
    WORD,
    detect_language,
    is_clearly_english,
)
from tests.helpers import ROOT

OTHERS: dict[str, str] = json.loads(
    (ROOT / "tests" / "cases" / "languages.json").read_text(encoding="utf-8")
)
# Characters of a short article.
PIECE = 1_000


@pytest.fixture(scope="module")
def classifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def english_texts() -> Iterator[str]:
    """Pieces of all training passages, including their annotation marks."""
    for path in sorted((ROOT / "training" / "passages").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        yield from (text[start : start + PIECE] for start in range(0, len(text), PIECE))


def words_of(text: str) -> list[str]:
    return WORD.findall(text.strip()[:SAMPLE_LENGTH].lower())


@pytest.mark.slow
def test_the_classifier_agrees_on_english(
    classifier: LanguageIdentifier,
) -> None:
    texts = [text for text in english_texts() if len(words_of(text)) >= MIN_WORDS]
    plain = [text for text in texts if is_clearly_english(words_of(text))]
    assert len(texts) > 500
    assert len(plain) > 0.9 * len(texts)
    assert {classifier.classify(text)[0] for text in plain} == {"en"}


@pytest.mark.parametrize(
    "text",
    [
        "Vi skal have en ny regering, siger formanden for partiet i dag.",
        "De minister wil weten of het plan volgend jaar kan worden uitgevoerd.",
        "Il film The Crown ha vinto dieci premi a Roma ieri.",
    ],
)
def test_an_english_looking_word_does_not_make_a_short_text_english(text: str) -> None:
    assert not is_clearly_english(words_of(text))
    assert detect_language(text) != "en"


@pytest.mark.parametrize("language", OTHERS)
def test_no_other_language_is_clearly_english(
    classifier: LanguageIdentifier, language: str
) -> None:
    words = words_of(OTHERS[language])
    assert not is_clearly_english(words)
    # Not even half of its words are enough.
    assert not is_clearly_english(words[::2])
    assert not is_clearly_english(words[1::2])
    assert classifier.classify(OTHERS[language])[0] == language
    assert detect_language(OTHERS[language]) in (language, None)
