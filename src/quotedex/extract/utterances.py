"""How quotations belong together, and whether each is a whole clause or a fragment."""

from __future__ import annotations

import re
from collections.abc import Sequence

from quotedex.models import Attribution, MarkedSpan, QuoteKind
from quotedex.text.lexicon import lexicon

STOPS = frozenset(".!?…")
CLOSING = "\"'”’»)]"
LAST_WORD = re.compile(r"([\w’'-]+)\W*\Z")
SENTENCE_END = re.compile(r"(\w+)[.!?…][\"'”’»)\]]*\s+(?=\S)")
# Fewer words than this, capital or not, may be a name or a slogan.
CLAUSE_WORDS = 4


def utterances_of(text: str, said: Sequence[tuple[MarkedSpan, Attribution]]) -> list[int]:
    """The number of each quotation's utterance, 0 for the first; parts of one share theirs.

    `said` holds the spans that somebody says, in text order, each with its attribution.
    """
    numbers: list[int] = []
    last_at: dict[int | None, int] = {}
    count = 0
    for index, (span, _) in enumerate(said):
        previous = last_at.get(span.parent)
        if previous is not None and _carries_on(text, said[previous], said[index]):
            numbers.append(numbers[previous])
        else:
            numbers.append(count)
            count += 1
        last_at[span.parent] = index
    return numbers


def kinds_of(
    text: str, spans: Sequence[MarkedSpan], said: Sequence[MarkedSpan], utterances: Sequence[int]
) -> list[QuoteKind]:
    """Full or partial for each span of `said`; `spans` are all of the text, for their nesting.

    What carries on a full quotation is full with it: "We lost," she said, "but we will be back."
    """
    kinds: list[QuoteKind] = []
    full: set[int] = set()
    for span, utterance in zip(said, utterances, strict=True):
        if utterance in full or _is_clause(text, span, spans):
            full.add(utterance)
            kinds.append("full")
        else:
            kinds.append("partial")
    return kinds


def _carries_on(
    text: str, first: tuple[MarkedSpan, Attribution], second: tuple[MarkedSpan, Attribution]
) -> bool:
    """Whether only the attribution stands between two parts: "No," she said. "We will not."

    The second part may begin the next paragraph. Marks that a paragraph opens again carry on too,
    and so does a block of paragraphs in marks. Not "the plan" that he called "a disaster": there
    the source stands before both.
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
    return between and not _ends_within(gap)


def _ends_within(gap: str) -> bool:
    """Whether a sentence ends and another begins in `gap`; the stop of "Dec. 7" ends none."""
    return any(
        not _is_abbreviation(match.group(1)) for match in SENTENCE_END.finditer(gap.rstrip())
    )


def _is_abbreviation(word: str) -> bool:
    """ "Mr", "Sen", "Dec", "J": with a full stop behind them."""
    short = word[0].isupper() and len(word) <= 4
    return short or len(word) == 1 or word.lower() in lexicon().titles


def _is_clause(text: str, span: MarkedSpan, spans: Sequence[MarkedSpan]) -> bool:
    """Whether the reporter's sentence leaves the quoted words whole.

    She said: "It is over." "It is over," she said. But: she said that it "is over".
    """
    words = text[span.start : span.end].strip()
    before = text[_sentence_room(text, span, spans) : span.outer_start].rstrip()
    after = text[span.outer_end : span.outer_end + 1]
    last_mark = words.rstrip(CLOSING)[-1:]
    stopped = last_mark in STOPS or last_mark in {",", "—", "–", "-"}
    long = len(words.split()) >= CLAUSE_WORDS
    if not span.opened or not before or before.rstrip(CLOSING)[-1:] in STOPS:
        return stopped or after in {",", ".", "?", "!", "\n", ""}
    if before[-1] == ":":
        return stopped or long
    if not _starts_large(words):
        return False
    if before[-1] in {",", "—", "–", "-"}:
        return stopped or long
    last = LAST_WORD.search(before)
    told = last is not None and last.group(1).lower() in lexicon().cues
    return long and (told or stopped) and last is not None and last.group(1).lower() != "that"


def _sentence_room(text: str, span: MarkedSpan, spans: Sequence[MarkedSpan]) -> int:
    """Where the words begin that a quotation can be part of: its paragraph, or its parent."""
    paragraph = text.rfind("\n", 0, span.outer_start) + 1
    return paragraph if span.parent is None else max(paragraph, spans[span.parent].start)


def _starts_large(words: str) -> bool:
    first = next((character for character in words if character.isalnum()), "")
    return first.isupper() or first.isdigit()
