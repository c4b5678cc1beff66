"""Pull-quotes: words that a page prints again in large type, to catch the eye.

They stand alone on their lines, often with a name below, and the quotation that they repeat stands
in the reporter's sentence, before or after. They may leave out some of its words, or run its parts
together. Words that somebody says twice in running text are no pull-quote.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from quotedex.extract.utterances import utterances_of
from quotedex.models import Attribution, MarkedSpan, Span
from quotedex.text.wording import form, telling, words_of

FEWEST_WORDS, MOST_WORDS = 4, 100
# Of fewer words some must be such as not everybody says, and where both stand alone they may be one
# answer given twice.
LONG = 8
LEAST_SHARE = 0.8
SHINGLE, LEAST_BLOCK = 4, 3  # words in a row
# What is said is looked at in stretches that begin in the middle of those before, and of those that
# share words with a pull-quote at no more than so many: time stays linear.
STRETCH = 4 * MOST_WORDS
MOST_STRETCHES = 8


def repeats_of(
    text: str,
    spans: Sequence[MarkedSpan],
    attributions: Sequence[Attribution | None],
    alone: Mapping[int, Span | None],
) -> dict[int, int]:
    """Of each pull-quote its index in `spans`, and that of the quotation that it repeats.

    `alone` are the spans that stand alone, with the names printed at them. Among those that nobody
    was found to say there are pull-quotes too: the same words are said elsewhere.
    """
    pulled = {index: words for index in alone if (words := _pulled(text, spans[index]))}
    if not pulled:
        return {}
    stretches = list(_stretches(text, spans, attributions, alone))
    holders = _holders(stretches)
    found: dict[int, int] = {}
    for index, words in pulled.items():
        for number in _candidates(words, holders):
            stretch = stretches[number]
            if _may_repeat(index, words, stretch, alone):
                original = _printed_in(words, stretch)
                if original is not None:
                    found[index] = original
                    break
    for index, original in found.items():
        while original in found:
            original = found[original]
        found[index] = original
    return found | dict(_within(text, spans, attributions, found))


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words that somebody says, and for each the index of the span that it stands in."""

    words: Sequence[str]
    owners: Sequence[int]


def _pulled(text: str, span: MarkedSpan) -> list[str]:
    """The words of a span that may be a pull-quote; none for one that may not."""
    if not (span.opened and span.closed) or span.continues:
        return []
    if span.end - span.start > 20 * MOST_WORDS:
        return []
    words = words_of(form(text[span.start : span.end]))
    if len(words) > MOST_WORDS or len(words) < FEWEST_WORDS:
        return []
    return words if len(words) >= LONG or telling(words) else []


def _stretches(
    text: str,
    spans: Sequence[MarkedSpan],
    attributions: Sequence[Attribution | None],
    alone: Mapping[int, Span | None],
) -> Iterator[Stretch]:
    """All that is said: utterances in running text first, then what stands alone."""
    said = [
        (index, span, attribution)
        for index, (span, attribution) in enumerate(zip(spans, attributions, strict=True))
        if attribution is not None and span.parent is None
    ]
    running = [each for each in said if each[0] not in alone]
    numbers = utterances_of(text, [(span, attribution) for _, span, attribution in running])
    utterances: dict[int, list[int]] = defaultdict(list)
    for (index, *_), number in zip(running, numbers, strict=True):
        utterances[number].append(index)
    for parts in (*utterances.values(), *([index] for index, *_ in said if index in alone)):
        words: list[str] = []
        owners: list[int] = []
        for index in parts:
            fresh = words_of(form(text[spans[index].start : spans[index].end]))
            words += fresh
            owners += [index] * len(fresh)
        for start in range(0, max(1, len(words) - STRETCH // 2), STRETCH // 2):
            piece = slice(start, start + STRETCH)
            yield Stretch(words[piece], owners[piece])


def _holders(stretches: Sequence[Stretch]) -> Mapping[tuple[str, ...], list[int]]:
    """The first stretches that hold so many words in a row."""
    holders: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, stretch in enumerate(stretches):
        for shingle in set(_shingles(stretch.words)):
            if len(holders[shingle]) < MOST_STRETCHES:
                holders[shingle].append(number)
    return holders


def _candidates(
    words: Sequence[str], holders: Mapping[tuple[str, ...], Sequence[int]]
) -> list[int]:
    """The stretches that share the most with the words, those in running text before others."""
    shared = Counter(
        number for shingle in set(_shingles(words)) for number in holders.get(shingle, ())
    )
    ranked = sorted(shared, key=lambda number: (-shared[number], number))
    return ranked[:MOST_STRETCHES]


def _may_repeat(
    index: int, words: Sequence[str], stretch: Stretch, alone: Mapping[int, Span | None]
) -> bool:
    """Whether of the two it is the other that is said, and this one that is printed again.

    What stands alone is the original only of a part of it, or of the same words with a name below
    or further down.
    """
    (owner, *_) = stretch.owners or [index]
    if owner not in alone:
        return True
    if len(stretch.words) > len(words) + 1:
        return True
    same = len(words) >= LONG and len(stretch.words) == len(words)
    return same and (alone[owner] is not None, owner) < (alone[index] is not None, index)


def _printed_in(words: Sequence[str], stretch: Stretch) -> int | None:
    """The span of the stretch that has most of the words, if it has them in a few blocks."""
    matcher = SequenceMatcher(None, words, stretch.words, autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size >= LEAST_BLOCK]
    shared = sum(block.size for block in blocks)
    if shared < LEAST_SHARE * len(words):
        return None
    held = Counter(
        owner for block in blocks for owner in stretch.owners[block.b : block.b + block.size]
    )
    return max(held, key=lambda owner: (held[owner], -owner))


def _within(
    text: str,
    spans: Sequence[MarkedSpan],
    attributions: Sequence[Attribution | None],
    found: Mapping[int, int],
) -> Iterator[tuple[int, int]]:
    """What is quoted in pull-quotes, with the same in the quotations that these repeat."""
    inside: dict[tuple[int, str], int] = {}
    originals = set(found.values())
    for index, (span, attribution) in enumerate(zip(spans, attributions, strict=True)):
        if span.parent in originals and attribution is not None:
            inside.setdefault((span.parent, form(text[span.start : span.end])), index)
    for index, span in enumerate(spans):
        if span.parent is not None and span.parent in found:
            original = inside.get((found[span.parent], form(text[span.start : span.end])))
            if original is not None:
                yield index, original


def _shingles(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1))
