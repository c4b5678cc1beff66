"""Language detection, None where it is uncertain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from quotedex.limits import outside_time_limit

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

# The beginning of a text is enough, and quick.
SAMPLE_LENGTH = 2_000
WORD = re.compile(r"[^\W\d_]+")
# English words that hardly any other language has: not "was", which is German too, nor "for", which
# is Danish. At least 8 % of the words are among these in all but 3 of 1,463 English news articles,
# and hardly any in other languages. For English texts they save loading the classifier, which takes
# half a second and 100 MB.
ENGLISH_WORDS = frozenset(
    {
        "the", "of", "and", "that", "with", "have", "this", "from", "they", "which", "were", "been",
        "would", "said", "there", "their", "what", "who", "you", "she",
    }
)  # fmt: skip
MIN_ENGLISH_SHARE = 0.08
MIN_ENGLISH_WORDS = 2  # a short text in another language may have one, in a title or by chance
# Below these the language is left open.
MIN_WORDS = 8
MIN_PROBABILITY = 0.95


def detect_language(text: str) -> str | None:
    """The ISO 639 code of the language ("en", "fr"); None for a short or unclear text."""
    sample = text.strip()[:SAMPLE_LENGTH]
    words = WORD.findall(sample.lower())
    if len(words) < MIN_WORDS:
        return None
    if is_clearly_english(words):
        return "en"
    language, probability = _classifier().classify(sample)
    return str(language) if probability >= MIN_PROBABILITY and language != "zxx" else None


def is_clearly_english(words: Sequence[str]) -> bool:
    """Whether lower-case words are certainly English. Some English texts do not pass."""
    found = sum(word in ENGLISH_WORDS for word in words)
    return found >= max(MIN_ENGLISH_WORDS, MIN_ENGLISH_SHARE * len(words))


@cache
def _classifier() -> LanguageIdentifier:
    with outside_time_limit():
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
