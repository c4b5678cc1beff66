"""Pull-quotes: words of a quotation that a page prints again in large type.

They are alone on their lines, often with a name below; the quotation that they repeat is in a
sentence of the article, before or after. They may leave out words of it or join parts that its
attribution divides. Words that occur twice in running text are not a pull-quote.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from quotedex.extract.utterances import utterances_of
from quotedex.models import Attribution, MarkedSpan, Span
from quotedex.text.wording import content_words, normalized_wording, words_of

MIN_WORDS, MAX_WORDS = 4, 100
MAX_CHARS = 20 * MAX_WORDS
# Shorter pull-quotes need a content word, and two short ones alone on their lines may be the same
# answer given twice.
LONG = 8
MIN_SHARED = 0.8  # share of a pull-quote's words that the original has
SHINGLE, MIN_BLOCK = 4, 3  # words in a row
# To keep time linear, what is said is cut into passages of at most PASSAGE words, each beginning in
# the middle of the one before, and a pull-quote is compared with at most MAX_PASSAGES of them.
PASSAGE = 4 * MAX_WORDS
MAX_PASSAGES = 8


def repeats_of(
    text: str,
    spans: Sequence[MarkedSpan],
    attributions: Sequence[Attribution | None],
    standalone: Mapping[int, Span | None],
) -> dict[int, int]:
    """For each pull-quote, by index in `spans`, the index of the quotation that it repeats.

    `standalone` are the spans alone on their lines with the names printed at them. A span without
    an attribution may be a pull-quote too: the same words have a speaker elsewhere.
    """
    pulled = {i: words for i in standalone if (words := _pull_quote_words(text, spans[i]))}
    if not pulled:
        return {}
    passages = list(_passages(text, spans, attributions, standalone))
    passages_with = _index_shingles(passages)
    found: dict[int, int] = {}
    for index, words in pulled.items():
        for number in _candidates(words, passages_with):
            passage = passages[number]
            if _may_repeat(index, words, passage, standalone):
                original = _original_in(words, passage)
                if original is not None:
                    found[index] = original
                    break
    for index, original in found.items():
        while original in found:
            original = found[original]
        found[index] = original
    return found | dict(_repeats_inside(text, spans, attributions, found))


@dataclass(frozen=True, slots=True)
class Passage:
    """Words that somebody says, and for each the index of its span."""

    words: Sequence[str]
    owners: Sequence[int]


def _wording(text: str, span: MarkedSpan) -> str:
    return normalized_wording(text[span.start : span.end])


def _pull_quote_words(text: str, span: MarkedSpan) -> list[str]:
    """The words of a span that may be a pull-quote; none if it may not."""
    if not (span.opened and span.closed) or span.continues:
        return []
    if span.end - span.start > MAX_CHARS:
        return []
    words = words_of(_wording(text, span))
    if len(words) > MAX_WORDS or len(words) < MIN_WORDS:
        return []
    return words if len(words) >= LONG or content_words(words) else []


def _passages(
    text: str,
    spans: Sequence[MarkedSpan],
    attributions: Sequence[Attribution | None],
    standalone: Mapping[int, Span | None],
) -> Iterator[Passage]:
    """All that is said: utterances in running text first, then the standalone spans."""
    said = [
        (index, span, attribution)
        for index, (span, attribution) in enumerate(zip(spans, attributions, strict=True))
        if attribution is not None and span.parent is None
    ]
    running = [each for each in said if each[0] not in standalone]
    numbers = utterances_of(text, [(span, attribution) for _, span, attribution in running])
    utterances: dict[int, list[int]] = defaultdict(list)
    for (index, *_), number in zip(running, numbers, strict=True):
        utterances[number].append(index)
    alone = [[index] for index, *_ in said if index in standalone]
    for parts in (*utterances.values(), *alone):
        words: list[str] = []
        owners: list[int] = []
        for index in parts:
            new = words_of(_wording(text, spans[index]))
            words += new
            owners += [index] * len(new)
        for start in range(0, max(1, len(words) - PASSAGE // 2), PASSAGE // 2):
            piece = slice(start, start + PASSAGE)
            yield Passage(words[piece], owners[piece])


def _index_shingles(passages: Sequence[Passage]) -> Mapping[tuple[str, ...], list[int]]:
    """Shingle -> the numbers of the first passages that have it."""
    passages_with: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, passage in enumerate(passages):
        for shingle in set(_shingles(passage.words)):
            if len(passages_with[shingle]) < MAX_PASSAGES:
                passages_with[shingle].append(number)
    return passages_with


def _candidates(
    words: Sequence[str], passages_with: Mapping[tuple[str, ...], Sequence[int]]
) -> list[int]:
    """The numbers of the passages that share most shingles with the words, then in order."""
    shared = Counter(
        number for shingle in set(_shingles(words)) for number in passages_with.get(shingle, ())
    )
    ranked = sorted(shared, key=lambda number: (-shared[number], number))
    return ranked[:MAX_PASSAGES]


def _may_repeat(
    index: int, words: Sequence[str], passage: Passage, standalone: Mapping[int, Span | None]
) -> bool:
    """Whether the passage is the original and this span the copy.

    A standalone span is the original only of a part of it, or of the same words if it has no name
    and the copy has one, or comes first.
    """
    (owner, *_) = passage.owners or [index]
    if owner not in standalone:
        return True
    if len(passage.words) > len(words) + 1:
        return True
    is_same = len(words) >= LONG and len(passage.words) == len(words)
    has_name = standalone[owner] is not None, standalone[index] is not None
    return is_same and (has_name[0], owner) < (has_name[1], index)


def _original_in(words: Sequence[str], passage: Passage) -> int | None:
    """The span of the passage with most of the words, if it has them in a few blocks."""
    matcher = SequenceMatcher(None, words, passage.words, autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size >= MIN_BLOCK]
    shared = sum(block.size for block in blocks)
    if shared < MIN_SHARED * len(words):
        return None
    held = Counter(
        owner for block in blocks for owner in passage.owners[block.b : block.b + block.size]
    )
    return max(held, key=lambda owner: (held[owner], -owner))


def _repeats_inside(
    text: str,
    spans: Sequence[MarkedSpan],
    attributions: Sequence[Attribution | None],
    found: Mapping[int, int],
) -> Iterator[tuple[int, int]]:
    """Quotations inside pull-quotes, with the same words inside the originals."""
    inside: dict[tuple[int, str], int] = {}
    originals = set(found.values())
    for index, (span, attribution) in enumerate(zip(spans, attributions, strict=True)):
        if span.parent in originals and attribution is not None:
            inside.setdefault((span.parent, _wording(text, span)), index)
    for index, span in enumerate(spans):
        if span.parent is not None and span.parent in found:
            original = inside.get((found[span.parent], _wording(text, span)))
            if original is not None:
                yield index, original


def _shingles(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(words[i : i + SHINGLE]) for i in range(len(words) - SHINGLE + 1))
