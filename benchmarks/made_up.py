"""Made-up news to measure linking's cost with: as many quotations as one likes, some printed twice.

Words follow the frequencies of a language, or fingerprints of common words would be missing.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import accumulate

from quotedex.models import Document, Extraction, Quote, Speaker

QUOTES = 10  # of an article
COPIED = 0.3  # of the quotations were printed before
WORDS = 30_000
PEOPLE = 5_000


def articles(quotations: int, seed: int = 0) -> Iterator[Extraction]:
    """Extractions with so many quotations together, a third of them without a speaker."""
    chance = random.Random(seed)
    words = [_word(chance) for _ in range(WORDS)]
    weights = list(accumulate(1 / (rank + 3) for rank in range(WORDS)))
    names = [f"{_name(chance)} {_name(chance)}" for _ in range(PEOPLE)]
    fame = list(accumulate(1 / (rank + 10) for rank in range(PEOPLE)))
    said: list[list[str]] = []
    for number in range(quotations // QUOTES):
        present = chance.choices(names, cum_weights=fame, k=6)
        text = f"{', '.join(present)} met."
        quotes: list[Quote] = []
        for utterance in range(QUOTES):
            if said and chance.random() < COPIED:
                spoken = _again(chance.choice(said), chance)
            else:
                spoken = chance.choices(words, cum_weights=weights, k=chance.randint(4, 35))
                said.append(spoken)
            by = Speaker(chance.choice(present), "person") if chance.random() < 2 / 3 else None
            start, line = len(text) + 2, " ".join(spoken)
            text += f" “{line}.”"
            end = start + len(line)
            quotes.append(
                Quote(line, start, end, "full", utterance, None, 0.9, None, None, by, "made up")
            )
        document = Document(str(number), text, f"{number:08}", published="2024-05-01")
        yield Extraction(document, text, tuple(quotes))


def _again(words: list[str], chance: random.Random) -> list[str]:
    """As it was, cut short, or with a slip."""
    how = chance.randrange(3)
    if how == 1:
        return words[: max(4, len(words) * 2 // 3)]
    if how == 2:
        longest = max(range(len(words)), key=lambda i: len(words[i]))
        word = words[longest]
        return [*words[:longest], word[:1] + word[2:], *words[longest + 1 :]]
    return words


def _word(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=chance.randint(1, 4)))


def _name(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=chance.randint(2, 3))).capitalize()


SYLLABLES = [consonant + vowel for consonant in "bcdfghjklmnprstvwz" for vowel in "aeiou"]
