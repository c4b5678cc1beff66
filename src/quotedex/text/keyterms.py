"""A speaker's topics: the key terms of their statements, ranked by textacy's SGRank.

Only terms that occur in several statements count: a term of a single statement is the topic of that
statement, not of its speaker.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from quotedex.text.lexicon import lexicon

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

MAX_TOPICS = 10
"""Topics of one speaker."""

MIN_STATEMENTS = 2
"""The number of statements that a topic must occur in, in any of its forms."""

_TERM_WORDS = (1, 2, 3)
_CANDIDATES = 60
_SEPARATOR = "\n\n"
_NOUNS = ("NOUN", "PROPN")


@dataclass(frozen=True, slots=True)
class Topic:
    """A term in its most frequent form, and its share (0 to 1) of the weight of all terms."""

    term: str
    score: float


def topics(statements: Sequence[str], tag: Callable[[str], Doc]) -> list[Topic]:
    """The terms that recur in `statements`, heaviest first.

    Terms of the first statements weigh more. `tag` gives words their classes and lemmas.
    """
    doc = tag(_SEPARATOR.join(statements))
    if not _has_recurring_noun(doc, statements):
        return []
    # Importing textacy takes seconds, so it waits for a text that may have topics.
    from textacy.extract.keyterms.sgrank import sgrank

    terms = _recurring_terms(doc, statements)
    ranked = sgrank(doc, ngrams=_TERM_WORDS, topn=_CANDIDATES)
    found = [Topic(terms[lemmas], round(score, 6)) for lemmas, score in ranked if lemmas in terms]
    return sorted(found, key=lambda topic: (-topic.score, topic.term))[:MAX_TOPICS]


def _recurring_terms(doc: Doc, statements: Sequence[str]) -> dict[str, str]:
    """Terms that can be topics, by their lemmas: {"fossil fuel": "fossil fuels"}.

    Each is in its most frequent form; if "Rents" and "rents" occur once each, "rents".
    """
    from textacy.extract.utils import get_ngram_candidates

    ends = _ends(statements)
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    found_in: dict[str, set[int]] = defaultdict(set)
    for words in get_ngram_candidates(doc, _TERM_WORDS):
        last = words[-1]
        if not _can_end_term(last) or not _has_letter(words):
            continue
        lemmas = " ".join(word.lemma_ for word in words)
        forms[lemmas][" ".join(doc[words[0].i : last.i + 1].text.split())] += 1
        found_in[lemmas].add(bisect_right(ends, words[0].idx))
    return {
        lemmas: min(counts, key=lambda form: (-counts[form], form.swapcase()))
        for lemmas, counts in forms.items()
        if len(found_in[lemmas]) >= MIN_STATEMENTS
    }


def _has_recurring_noun(doc: Doc, statements: Sequence[str]) -> bool:
    """Whether a noun occurs in several statements, without which no term does: each ends with
    one."""
    ends = _ends(statements)
    found_in: dict[str, int] = {}
    for token in doc:
        if _can_end_term(token):
            statement = bisect_right(ends, token.idx)
            if found_in.setdefault(token.lemma_, statement) != statement:
                return True
    return False


def _can_end_term(token: Token) -> bool:
    return token.pos_ in _NOUNS and token.lemma_.lower() not in lexicon().vague_nouns


def _ends(statements: Sequence[str]) -> list[int]:
    """Where each statement ends in the text of all, separator included."""
    return list(accumulate(len(statement) + len(_SEPARATOR) for statement in statements))


def _has_letter(words: Sequence[Token]) -> bool:
    """ "Section 28" has a letter; "2024" and an emoji have none."""
    return any(character.isalpha() for word in words for character in word.text)
