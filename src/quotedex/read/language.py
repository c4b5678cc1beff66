"""Which language a text is in, as far as that is certain."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

# The beginning tells it; a quarter of a page is enough.
SAMPLE = 2_000
WORD = re.compile(r"[^\W\d_]+")
# English words that hardly any other language writes: not "was", which is German, nor "for", which
# is Danish. In English prose at least a tenth of the words are of these, in other languages hardly
# one. They spare English texts the identifier, which takes two seconds and 100 MB to load.
ENGLISH = frozenset(
    {
        "the", "of", "and", "that", "with", "have", "this", "from", "they", "which", "were", "been",
        "would", "said", "there", "their", "what", "who", "you", "she",
    }
)  # fmt: skip
ENGLISH_SHARE = 1 / 10
# Shorter texts and less sure verdicts are left open.
FEWEST_WORDS = 8
SURE = 0.95


def language_of(text: str) -> str | None:
    """The ISO 639 code of the language ("en", "fr"); None for a short or unclear text."""
    sample = text.strip()[:SAMPLE]
    words = WORD.findall(sample.lower())
    if len(words) < FEWEST_WORDS:
        return None
    if plainly_english(words):
        return "en"
    language, confidence = _identifier().classify(sample)
    return str(language) if confidence >= SURE and language != "zxx" else None


def plainly_english(words: Sequence[str]) -> bool:
    """Whether lower-case words are English for certain; of many that are it tells nothing."""
    return sum(word in ENGLISH for word in words) >= ENGLISH_SHARE * len(words)


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
