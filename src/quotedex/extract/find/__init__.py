"""From quotation marks to marked spans, by the marks alone; attribution judges which are said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from quotedex.extract.find.mark_costs import marks_of, opened_family
from quotedex.extract.find.pairing import Pair, pairs_of
from quotedex.models import MarkedSpan

LINE_BREAK = re.compile(r"(?:\r\n|[\n\r\v\f\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}])+")
ONE_BREAK = re.compile(r"\r\n|\n|\r")
SENTENCE_END = re.compile(r"[.!?][^\w\s]{0,3}\s+")
# A quotation without its opening mark may fill a paragraph of this length, hardly a longer one.
MAX_CHARS_WITHOUT_OPENING = 1500


def find(text: str) -> list[MarkedSpan]:
    """Every span of `text` between quotation marks, said by somebody or not, in text order.

    Offsets are Python string offsets into `text`. An outer span comes before those inside it and is
    their `parent`, an index into the list. Each paragraph is judged alone, so that a missing mark
    in one has no effect on others. Never raises; time is linear in the length of `text`.
    """
    paragraphs = list(_paragraphs(text))
    pairs_by_paragraph = _pair_paragraphs(text, paragraphs, singles_lead=False)
    if _single_marks_lead(text, pairs_by_paragraph):
        pairs_by_paragraph = _pair_paragraphs(text, paragraphs, singles_lead=True)
    spans: list[MarkedSpan] = []
    for (start, _), pairs in zip(paragraphs, pairs_by_paragraph, strict=True):
        spans += _renumbered(_spans(text, start, pairs), len(spans))
    return list(_with_continuations(text, spans))


def _pair_paragraphs(
    text: str, paragraphs: Sequence[tuple[int, int]], *, singles_lead: bool
) -> list[list[Pair]]:
    """The pairs of each paragraph; `singles_lead` as in `marks_of`."""
    reopened = [opened_family(text[start]) for start, _ in paragraphs[1:]] + [None]
    return [
        pairs_of(marks_of(text, start, end, singles_lead, family), end)
        for (start, end), family in zip(paragraphs, reopened[: len(paragraphs)], strict=True)
    ]


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each paragraph, without white space at its ends.

    A line break ends a paragraph unless it is single and cuts a sentence: "able to⏎repeat it".
    """
    start = 0
    for line_break in LINE_BREAK.finditer(text):
        if ONE_BREAK.fullmatch(line_break.group()) and _cuts_sentence(text, line_break):
            continue
        yield from _stripped(text, start, line_break.start())
        start = line_break.end()
    yield from _stripped(text, start, len(text))


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Start and end without white space; nothing if there is only white space."""
    words = text[start:end].strip()
    if words:
        start = text.index(words[0], start)
        yield start, start + len(words)


def _cuts_sentence(text: str, line_break: re.Match[str]) -> bool:
    """Whether a letter or comma is before the break and a small letter after it."""
    before = text[max(0, line_break.start() - 40) : line_break.start()].rstrip()[-1:]
    after = text[line_break.end() : line_break.end() + 40].lstrip(" \t")[:1]
    return (before.isalpha() or before == ",") and after.islower()


def _single_marks_lead(text: str, pairs_by_paragraph: list[list[Pair]]) -> bool:
    """Whether the text quotes speech in single marks, as British newspapers do.

    Counts outermost pairs with a stop inside the marks: ‘It rained,’ said Ann. Words that are only
    marked as special, such as the ‘new normal’, may be in single marks in any text.
    """
    counts = {"single": 0, "double": 0}
    for pairs in pairs_by_paragraph:
        for pair in pairs:
            if pair.parent is None and pair.family in counts and pair.closing:
                counts[pair.family] += text[pair.closing.start - 1] in ",.?!"
    return counts["single"] > counts["double"]


def _spans(text: str, start: int, pairs: list[Pair]) -> list[MarkedSpan]:
    """The spans of the paragraph at `start` without blank ones; `parent` counts within it."""
    starts = _outer_starts(text, start, pairs)
    bare = [_span_of(text, pair, at) for pair, at in zip(pairs, starts, strict=True)]
    kept = [span for span in bare if span]
    kept.sort(key=lambda span: (span.outer_start, -span.outer_end))
    spans: list[MarkedSpan] = []
    around: list[int] = []
    for span in kept:
        while around and spans[around[-1]].outer_end <= span.outer_start:
            around.pop()
        spans.append(replace(span, parent=around[-1]) if around else span)
        around.append(len(spans) - 1)
    return spans


def _outer_starts(text: str, start: int, pairs: list[Pair]) -> Iterator[int | None]:
    """Where each pair begins, also without an opening mark: `It rained, and how,” said Ann.`

    Such a pair begins with its paragraph; or, if another pair is before it or the paragraph is very
    long, with its sentence. None if no sentence begins after the pair before it.
    """
    free_from = start
    singles: list[Pair] = []
    for pair in pairs:
        if pair.opening:
            yield pair.opening.start
        else:
            yield _sentence_start(text, start, free_from, pair.limit, singles)
        if pair.parent is None and pair.family == "single":
            singles.append(pair)
        elif pair.parent is None:
            free_from = pair.closing.end if pair.closing else pair.limit
            singles = []


def _sentence_start(
    text: str, paragraph: int, free_from: int, end: int, singles: list[Pair]
) -> int | None:
    """The start of the span that a mark at `end` closes; it cuts no pair of single marks in two."""
    if free_from == paragraph and end - paragraph <= MAX_CHARS_WITHOUT_OPENING:
        return paragraph
    ends = [found.end() for found in SENTENCE_END.finditer(text, free_from, end)]
    if not ends:
        return None
    for single in singles:
        if single.opening and single.opening.start < ends[-1] < single.limit:
            return single.opening.start
    return ends[-1]


def _span_of(text: str, pair: Pair, outer_start: int | None) -> MarkedSpan | None:
    """The span of a pair, without its parent; None if it holds neither letter nor digit."""
    if outer_start is None:
        return None
    inner_start = pair.opening.end if pair.opening else outer_start
    words = text[inner_start : pair.limit]
    if not any(character.isalnum() for character in words):
        return None
    start = inner_start + len(words) - len(words.lstrip())
    end = inner_start + len(words.rstrip())
    return MarkedSpan(
        start=start,
        end=end,
        outer_start=outer_start if pair.opening else start,
        outer_end=pair.closing.end if pair.closing else end,
        opened=pair.opening is not None,
        closed=pair.closing is not None,
    )


def _with_continuations(text: str, spans: Sequence[MarkedSpan]) -> Iterator[MarkedSpan]:
    """The spans, with those that open the marks again after one that was left open."""
    previous: MarkedSpan | None = None
    for span in spans:
        if span.parent is None:
            if previous and not previous.closed:
                gap = text[previous.outer_end : span.outer_start]
                span = replace(span, continues=not gap.strip())
            previous = span
        yield span


def _renumbered(spans: list[MarkedSpan], base: int) -> list[MarkedSpan]:
    """The spans with `parent` counted over the whole text; `base` spans come before these."""
    return [
        span if span.parent is None else replace(span, parent=span.parent + base) for span in spans
    ]
