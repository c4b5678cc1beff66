"""Quotations without marks, which the layout shows: turns of transcripts, posts of social networks.

Other modules of this package find them. Here they join the spans in quotation marks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from quotedex.models import Attribution, MarkedSpan, Span

# Nearly all labels name the speaker.
LABEL_CONFIDENCE = 0.99


@dataclass(frozen=True, slots=True)
class UnmarkedQuotation:
    """Words that `label` shows to be somebody's: "MS. LOWELL", "Q".

    `why` says how the source was found. `is_named` is False for the letters Q and A.
    """

    words: Span
    label: Span
    why: str
    is_turn: bool = False
    is_named: bool = True


def with_unmarked(
    spans: Sequence[MarkedSpan],
    attributions: Sequence[Attribution | None],
    unmarked: Sequence[UnmarkedQuotation],
) -> tuple[list[MarkedSpan], list[Attribution | None]]:
    """Spans and attributions with the unmarked quotations among them, in text order.

    An unmarked quotation is the parent of the spans within it.
    """
    items: list[tuple[MarkedSpan, Attribution | None, int | None]] = [
        (span, attribution, index)
        for index, (span, attribution) in enumerate(zip(spans, attributions, strict=True))
    ]
    items += [(_span(quotation), _attribution(quotation), None) for quotation in unmarked]
    items.sort(key=lambda item: (item[0].outer_start, -item[0].outer_end))
    number_of = {index: number for number, (*_, index) in enumerate(items) if index is not None}
    around: int | None = None
    merged: list[MarkedSpan] = []
    for number, (span, _, index) in enumerate(items):
        if index is None:
            around = number
        elif span.parent is not None:
            span = replace(span, parent=number_of[span.parent])
        elif around is not None and span.outer_start < merged[around].end:
            span = replace(span, parent=around)
        merged.append(span)
    return merged, [attribution for _, attribution, _ in items]


def is_turn(span: MarkedSpan) -> bool:
    """Whether the span is a turn: anything else has a mark, or needs none."""
    return not (span.opened or span.closed)


def cuts_span(quotation: UnmarkedQuotation, outer: Sequence[MarkedSpan]) -> bool:
    """Whether a pair of marks fills the quotation, or has one mark within it and one outside.

    `outer` are the spans that are in no other, in text order.
    """
    begin = min(quotation.label.start, quotation.words.start)
    words = quotation.words
    at = bisect_right(outer, begin, key=lambda span: span.outer_end)
    while at < len(outer) and outer[at].outer_start < words.end:
        start, end = outer[at].outer_start, outer[at].outer_end
        if start < words.start or end > words.end or (start, end) == (words.start, words.end):
            return True
        at += 1
    return False


def _span(quotation: UnmarkedQuotation) -> MarkedSpan:
    start, end = quotation.words.start, quotation.words.end
    has_marks = not quotation.is_turn
    return MarkedSpan(start, end, start, end, opened=has_marks, closed=has_marks)


def _attribution(quotation: UnmarkedQuotation) -> Attribution:
    mention = quotation.label if quotation.is_named else None
    return Attribution(mention, cue=None, confidence=LABEL_CONFIDENCE, why=quotation.why)
