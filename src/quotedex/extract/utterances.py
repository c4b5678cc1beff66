"""Which quotations are parts of one utterance, and whether each is a whole clause or a fragment."""

from __future__ import annotations

import re
from collections.abc import Sequence

from quotedex.extract.layout.unmarked import is_turn
from quotedex.models import Attribution, MarkedSpan, QuoteKind
from quotedex.text import marks
from quotedex.text.lexicon import lexicon

STOPS = frozenset(".!?…")
CLOSING = f"{marks.CLOSING})]"
LAST_WORD = re.compile(r"([\w’'-]+)\W*\Z")
SENTENCE_END = re.compile(rf"(\w+)[.!?…][{marks.CLOSING})\]]*\s+(?=\S)")
# Fewer words may be a name or a slogan, even with a capital.
MIN_CLAUSE_WORDS = 4


def utterances_of(text: str, said: Sequence[tuple[MarkedSpan, Attribution]]) -> list[int]:
    """The number of each quotation's utterance, from 0; parts of one utterance share it.

    `said` holds the spans that somebody says, in text order, each with its attribution.
    """
    numbers: list[int] = []
    last_at: dict[int | None, int] = {}
    count = 0
    for index, (span, _) in enumerate(said):
        previous = last_at.get(span.parent)
        if previous is not None and _continues_utterance(text, said[previous], said[index]):
            numbers.append(numbers[previous])
        else:
            numbers.append(count)
            count += 1
        last_at[span.parent] = index
    return numbers


def kinds_of(
    text: str, spans: Sequence[MarkedSpan], said: Sequence[MarkedSpan], utterances: Sequence[int]
) -> list[QuoteKind]:
    """Full, partial or turn for each span of `said`; `spans` are all spans of the text.

    Every part of a full utterance is full: "We lost," she said, "but we will be back."
    """
    kinds: list[QuoteKind] = []
    full: set[int] = set()
    for span, utterance in zip(said, utterances, strict=True):
        if is_turn(span):
            kinds.append("turn")
        elif utterance in full or _is_clause(text, span, spans):
            full.add(utterance)
            kinds.append("full")
        else:
            kinds.append("partial")
    return kinds


def _continues_utterance(
    text: str, first: tuple[MarkedSpan, Attribution], second: tuple[MarkedSpan, Attribution]
) -> bool:
    """Whether only the attribution is between two parts: "No," she said. "We will not."

    The second part may begin the next paragraph. A paragraph that opens the marks again continues
    the utterance, and so does a block of paragraphs in marks. Not "the plan" that he called "a
    disaster", where the source is before both.
    """
    (before, one), (after, other) = first, second
    gap = text[before.outer_end : after.outer_start]
    if after.continues and not gap.strip():
        return True
    if one.mention is None or one.mention != other.mention:
        return False
    if not gap.strip():
        return True
    between = before.outer_end <= one.mention.start and one.mention.end <= after.outer_start
    return between and not _has_sentence_end(gap)


def _has_sentence_end(gap: str) -> bool:
    """Whether one sentence ends and another begins in `gap`; not at the full stop of "Dec. 7"."""
    return any(
        not _is_abbreviation(match.group(1)) for match in SENTENCE_END.finditer(gap.rstrip())
    )


def _is_abbreviation(word: str) -> bool:
    """Whether a full stop behind the word may only abbreviate it: "Mr", "Sen", "Dec", "J"."""
    short = word[0].isupper() and len(word) <= 4
    return short or len(word) == 1 or word.lower() in lexicon().titles


def _is_clause(text: str, span: MarkedSpan, spans: Sequence[MarkedSpan]) -> bool:
    """Whether the quotation is a clause of its own in the reporter's sentence.

    She said: "It is over." "It is over," she said. Not: she said that it "is over".
    """
    words = text[span.start : span.end].strip()
    before = text[_context_start(text, span, spans) : span.outer_start].rstrip()
    after = text[span.outer_end : span.outer_end + 1]
    last_mark = words.rstrip(CLOSING)[-1:]
    stopped = last_mark in STOPS or last_mark in {",", "—", "–", "-"}
    long = len(words.split()) >= MIN_CLAUSE_WORDS
    if not span.opened or not before or before.rstrip(CLOSING)[-1:] in STOPS:
        return stopped or after in {",", ".", "?", "!", "\n", ""}
    if before[-1] == ":":
        return stopped or long
    if not _starts_large(words):
        return False
    if before[-1] in {",", "—", "–", "-"}:
        return stopped or long
    last = LAST_WORD.search(before)
    cue = last is not None and last.group(1).lower() in lexicon().cues
    return long and (cue or stopped) and last is not None and last.group(1).lower() != "that"


def _context_start(text: str, span: MarkedSpan, spans: Sequence[MarkedSpan]) -> int:
    """The start of the paragraph or of the parent that a quotation can be part of."""
    paragraph = text.rfind("\n", 0, span.outer_start) + 1
    return paragraph if span.parent is None else max(paragraph, spans[span.parent].start)


def _starts_large(words: str) -> bool:
    first = next((character for character in words if character.isalnum()), "")
    return first.isupper() or first.isdigit()
