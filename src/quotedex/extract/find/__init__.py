"""Quotation marks -> marked spans. No spaCy, no lexicon of speech: who speaks is judged later."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from quotedex.extract.find.mark_costs import marks_of
from quotedex.extract.find.pairing import Pair, pairs_of
from quotedex.models import MarkedSpan

LINE_BREAK = re.compile(r"(?:\r\n|[\n\r\v\f\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}])+")
ONE_BREAK = re.compile(r"\r\n|\n|\r")
SINGLE_OPENINGS = "'\N{LEFT SINGLE QUOTATION MARK}"
SENTENCE_END = re.compile(r"[.!?][^\w\s]{0,3}\s+")
# A quotation whose opening mark is lost may fill its paragraph, but hardly a longer one than this.
LONGEST_WITHOUT_OPENING = 1500


def find(text: str) -> list[MarkedSpan]:
    """Every stretch of `text` between quotation marks, said by somebody or not, in text order.

    Offsets are Python string offsets into `text`. An outer span stands before those within it and
    is their `parent`, an index into the list. Each paragraph is read on its own, so that a mark
    forgotten in one spoils no other. Never raises; time is linear in the length of `text`.
    """
    paragraphs = list(paragraphs_of(text))
    readings = read(text, paragraphs, singles_lead=False)
    if singles_hold_speech(text, readings):
        readings = read(text, paragraphs, singles_lead=True)
    spans: list[MarkedSpan] = []
    runs_on = False
    for (start, end), pairs in zip(paragraphs, readings, strict=True):
        fresh = spans_of(text, start, pairs)
        if runs_on and fresh and fresh[0].outer_start == start:
            fresh[0] = replace(fresh[0], continues=True)
        runs_on = any(
            span.parent is None and not span.closed and span.outer_end == end for span in fresh
        )
        spans += numbered(fresh, len(spans))
    return spans


def read(
    text: str, paragraphs: Sequence[tuple[int, int]], *, singles_lead: bool
) -> list[list[Pair]]:
    """The pairs of each paragraph."""
    reopened = [text[start] in SINGLE_OPENINGS for start, _ in paragraphs[1:]] + [False]
    return [
        pairs_of(marks_of(text, start, end, singles_lead, then), end)
        for (start, end), then in zip(paragraphs, reopened[: len(paragraphs)], strict=True)
    ]


def paragraphs_of(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each paragraph, white space at its ends left out.

    A line break ends one, unless it is single and cuts a sentence: "I do not feel able to⏎repeat".
    """
    start = 0
    for line_break in LINE_BREAK.finditer(text):
        if ONE_BREAK.fullmatch(line_break.group()) and is_cut(text, line_break):
            continue
        yield from stripped(text, start, line_break.start())
        start = line_break.end()
    yield from stripped(text, start, len(text))


def stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The bounds without white space; none where there is nothing else."""
    words = text[start:end].strip()
    if words:
        start = text.index(words[0], start)
        yield start, start + len(words)


def is_cut(text: str, line_break: re.Match[str]) -> bool:
    """A letter or comma before the break, a small letter after it, indented or not."""
    before = text[max(0, line_break.start() - 40) : line_break.start()].rstrip()[-1:]
    after = text[line_break.end() : line_break.end() + 40].lstrip(" \t")[:1]
    return (before.isalpha() or before == ",") and after.islower()


def singles_hold_speech(text: str, readings: list[list[Pair]]) -> bool:
    """Whether single marks hold the text's speech: more of them than doubles, outermost.

    Only those count that end in a stop within the marks, ‘It rained,’ said Ann; words merely
    picked out, the ‘new normal’, are in either mark whichever the text keeps for speech.
    """
    counts = {"single": 0, "double": 0}
    for pairs in readings:
        for pair in pairs:
            if pair.parent is None and pair.family in counts and pair.closing:
                counts[pair.family] += text[pair.closing.start - 1] in ",.?!"
    return counts["single"] > counts["double"]


def spans_of(text: str, start: int, pairs: list[Pair]) -> list[MarkedSpan]:
    """The spans of the paragraph at `start`, `parent` counted within it, blank ones left out."""
    starts = outer_starts(text, start, pairs)
    bare = [bare_span(text, pair, at) for pair, at in zip(pairs, starts, strict=True)]
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


def outer_starts(text: str, start: int, pairs: list[Pair]) -> Iterator[int | None]:
    """Where each pair begins, also those without opening mark: `It rained, and how,” said Ann.`

    Such a one begins at its paragraph's start; or, where a pair stands before it or that would be
    very long, at its sentence's start. None where no sentence begins after the pair before it.
    """
    free_from = start
    singles: list[Pair] = []
    for pair in pairs:
        if pair.opening:
            yield pair.opening.start
        else:
            yield sentence_start(text, start, free_from, pair.limit, singles)
        if pair.parent is None and pair.family == "single":
            singles.append(pair)
        elif pair.parent is None:
            free_from = pair.closing.end if pair.closing else pair.limit
            singles = []


def sentence_start(
    text: str, paragraph: int, free_from: int, end: int, singles: list[Pair]
) -> int | None:
    """The start of what a mark at `end` closes; a pair of single marks is not cut in two."""
    if free_from == paragraph and end - paragraph <= LONGEST_WITHOUT_OPENING:
        return paragraph
    ends = [found.end() for found in SENTENCE_END.finditer(text, free_from, end)]
    if not ends:
        return None
    for single in singles:
        if single.opening and single.opening.start < ends[-1] < single.limit:
            return single.opening.start
    return ends[-1]


def bare_span(text: str, pair: Pair, outer_start: int | None) -> MarkedSpan | None:
    """The span of a pair, parents aside; None where it holds neither letter nor digit."""
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


def numbered(spans: list[MarkedSpan], base: int) -> list[MarkedSpan]:
    """The spans with `parent` counted over the whole text, `base` spans standing before these."""
    return [
        span if span.parent is None else replace(span, parent=span.parent + base) for span in spans
    ]
