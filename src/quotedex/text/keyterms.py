"""A speaker's topics: the key terms of what they say, as textacy's SGRank finds them.

Only terms that come back count: one that stands in a single statement tells what that statement is
about, not its speaker.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from quotedex.optional import load_pipeline
from quotedex.text.lexicon import lexicon

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Token

MOST = 10
"""Topics of one speaker."""

LEAST_STATEMENTS = 2
"""In so many of a speaker's statements a topic stands, in this form or another."""

_WORDS = (1, 2, 3)
_CANDIDATES = 60
_BETWEEN = "\n\n"
_NOUNS = ("NOUN", "PROPN")
_NOT_NEEDED = ("parser", "ner", "senter")


@dataclass(frozen=True, slots=True)
class Topic:
    """A term as the speaker says it most, and its share (0 to 1) of the weight of all terms."""

    term: str
    score: float


def topics(statements: Sequence[str], tag: Callable[[str], Doc]) -> list[Topic]:
    """The terms that come back in `statements`, the weightiest first.

    The terms of the first statements weigh more. `tag` gives words their classes and lemmas.
    """
    from textacy.extract.keyterms.sgrank import sgrank

    doc = tag(_BETWEEN.join(statements))
    known = _terms(doc, statements)
    ranked = sgrank(doc, ngrams=_WORDS, topn=_CANDIDATES)
    found = [Topic(known[lemmas], round(score, 6)) for lemmas, score in ranked if lemmas in known]
    return sorted(found, key=lambda topic: (-topic.score, topic.term))[:MOST]


class Tagger:
    """Tags with the installed pipeline `name`, without parsing: half the work of `Parser`.

    The pipeline is loaded when the first text needs it. Raises ModelError where it is missing.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._nlp: Language | None = None

    def __call__(self, text: str) -> Doc:
        if self._nlp is None:
            self._nlp = load_pipeline(self.name, _NOT_NEEDED)
        return self._nlp(text)


def _terms(doc: Doc, statements: Sequence[str]) -> dict[str, str]:
    """Terms that can be topics, by their lemmas: {"fossil fuel": "fossil fuels"}.

    Each in the form that it has most often; of "Rents" and "rents" once each, "rents".
    """
    from textacy.extract.utils import get_ngram_candidates

    vague = lexicon().vague_nouns
    ends = list(accumulate(len(statement) + len(_BETWEEN) for statement in statements))
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    places: dict[str, set[int]] = defaultdict(set)
    for words in get_ngram_candidates(doc, _WORDS):
        last = words[-1]
        if last.pos_ not in _NOUNS or last.lemma_.lower() in vague or not _is_worded(words):
            continue
        lemmas = " ".join(word.lemma_ for word in words)
        forms[lemmas][" ".join(doc[words[0].i : last.i + 1].text.split())] += 1
        places[lemmas].add(bisect_right(ends, words[0].idx))
    return {
        lemmas: min(counts, key=lambda form: (-counts[form], form.swapcase()))
        for lemmas, counts in forms.items()
        if len(places[lemmas]) >= LEAST_STATEMENTS
    }


def _is_worded(words: Sequence[Token]) -> bool:
    """`Section 28` has a letter; `2024` and an emoji have none."""
    return any(character.isalpha() for word in words for character in word.text)
