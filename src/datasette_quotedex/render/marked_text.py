"""An article's text in paragraphs, with its quotations, a mention and a cue marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, Protocol, TypeVar

COLOURS = 8
"""Speakers of an article with a colour of their own. The others share one, but have numbers."""


class CharRange(NamedTuple):
    """A part of a text, as character offsets [start, end)."""

    start: int
    end: int


class HasRange(Protocol):
    """Anything that covers a part of a text."""

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...


@dataclass(frozen=True, slots=True)
class MarkedQuote:
    """A quotation and its place in an article. `speaker_number` counts the article's speakers from
    1, in the order of their first quotations; None for an unknown speaker."""

    id: int
    key: str
    start: int
    end: int
    speaker_number: int | None = None
    speaker: str | None = None
    speaker_key: str | None = None
    is_pull_quote: bool = False
    confidence_level: str | None = None

    @property
    def colour(self) -> int:
        """1 to COLOURS, or 0 for the colour that the others share."""
        number = self.speaker_number
        return number if number and number <= COLOURS else 0


@dataclass(frozen=True, slots=True)
class TextRun:
    """Text that is inside the same quotations from end to end. `quote` is the innermost of them and
    `depth` their number, at most 3; `opens` are those that begin with this run, `closes` those
    whose closing mark, or last character, ends it. `is_focus`: it belongs to the quotation that the
    page is about."""

    text: str
    quote: MarkedQuote | None = None
    depth: int = 0
    opens: tuple[MarkedQuote, ...] = ()
    closes: tuple[MarkedQuote, ...] = ()
    is_focus: bool = False
    is_mention: bool = False
    is_cue: bool = False


@dataclass(slots=True)
class MarkedParagraph:
    """`quotes` are the quotations that overlap the paragraph."""

    runs: list[TextRun]
    quotes: list[MarkedQuote]

    @property
    def speakers(self) -> list[MarkedQuote]:
        """The first quotation of each speaker, for the margin."""
        first: dict[str | None, MarkedQuote] = {}
        for quote in self.quotes:
            first.setdefault(quote.speaker_key, quote)
        return list(first.values())


def mark_paragraphs(
    text: str,
    quotes: Sequence[MarkedQuote],
    offset: int = 0,
    focus: frozenset[int] = frozenset(),
    mention: CharRange | None = None,
    cue: CharRange | None = None,
) -> list[MarkedParagraph]:
    """The paragraphs of `text`, which begins at `offset` of its article.

    Quotations may be nested, and may extend over the ends of paragraphs and of the text. `focus`
    holds the ids of the quotations that the page is about.
    """
    last = offset + len(text)
    shown = [quote for quote in quotes if quote.start < min(quote.end, last) and quote.end > offset]
    shown.sort(key=lambda quote: (quote.start, -quote.end))
    paragraphs = []
    for line in re.finditer(r"[^\n]+", text):
        if not line[0].strip():
            continue
        start, end = offset + line.start(), offset + line.end()
        here = [quote for quote in shown if quote.start < end and quote.end > start]
        closing = _closing(text, offset, end, here)
        cuts = {start, end, *closing, *_cuts(here, mention, cue)}
        runs = [
            _run(text[low - offset : high - offset], low, around, closing, focus, mention, cue)
            for low, high, around in stretches(here, sorted(c for c in cuts if start <= c <= end))
        ]
        paragraphs.append(MarkedParagraph(runs, here))
    return paragraphs


Range = TypeVar("Range", bound=HasRange)


def stretches(
    ranges: Sequence[Range], cuts: Sequence[int]
) -> Iterator[tuple[int, int, list[Range]]]:
    """The stretches between `cuts`, each with the ranges around it, the outermost first.

    `ranges` are sorted by start, then outermost first. They begin and end at cuts, and may be
    nested.
    """
    around: list[Range] = []
    coming = iter([*ranges, None])
    following = next(coming)
    for low, high in pairwise(cuts):
        around = [one for one in around if one.end > low]
        while following and following.start <= low:
            if following.end > low:
                around.append(following)
            following = next(coming)
        yield low, high, around


def cut_context(text: str, offset: int, keep: CharRange, article_chars: int) -> tuple[int, int]:
    """The part of `text` to show around `keep`: whole paragraphs, or at least whole words.

    `text` begins at `offset` of an article of `article_chars` characters. Returns offsets into the
    article.
    """
    low, high = 0, len(text)
    first, last = max(0, keep.start - offset), min(len(text), keep.end - offset)
    if offset > 0:
        cut = _first_of(text, ("\n", " "), 0, first)
        low = cut + 1 if cut is not None else 0
        low += len(text[low:first]) - len(text[low:first].lstrip())
    if offset + len(text) < article_chars:
        cut = _last_of(text, ("\n", " "), last, len(text))
        high = cut if cut is not None else high
        high = last + len(text[last:high].rstrip())
    return offset + low, offset + high


def split_into_parts(text: str, size: int) -> list[CharRange]:
    """An article in parts of about `size` characters, divided between paragraphs if possible.

    A paragraph longer than twice that is divided between words, or anywhere if it has none.
    """
    parts = []
    start = 0
    while len(text) - start > size + size // 2:
        cut = _first_of(text, ("\n", " "), start + size, start + 2 * size)
        end = start + size if cut is None else cut + 1
        parts.append(CharRange(start, end))
        start = end
    return [*parts, CharRange(start, len(text))]


def _cuts(
    here: Sequence[MarkedQuote], mention: CharRange | None, cue: CharRange | None
) -> Iterator[int]:
    """Every offset at which the look of the text may change."""
    for quote in here:
        yield from (quote.start, quote.end)
    for part in (mention, cue):
        if part:
            yield from part


def _closing(
    text: str, offset: int, end: int, here: Sequence[MarkedQuote]
) -> dict[int, list[MarkedQuote]]:
    """The quotations by the offset after their closing mark, where their numbers stand."""
    closing: dict[int, list[MarkedQuote]] = {}
    for quote in reversed(here):
        if quote.end <= end:
            has_mark = text[quote.end - offset : quote.end - offset + 1] in _CLOSING_MARKS
            closing.setdefault(min(quote.end + has_mark, end), []).append(quote)
    return closing


def _run(
    text: str,
    low: int,
    around: Sequence[MarkedQuote],
    closing: Mapping[int, Sequence[MarkedQuote]],
    focus: frozenset[int],
    mention: CharRange | None,
    cue: CharRange | None,
) -> TextRun:
    return TextRun(
        text,
        quote=around[-1] if around else None,
        depth=min(len(around), 3),
        opens=tuple(quote for quote in around if quote.start == low),
        closes=tuple(closing.get(low + len(text), ())),
        is_focus=any(quote.id in focus for quote in around),
        is_mention=bool(mention and mention.start <= low < mention.end),
        is_cue=bool(cue and cue.start <= low < cue.end),
    )


_CLOSING_MARKS = frozenset(
    "\"'\N{RIGHT DOUBLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
    "\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}\N{LEFT DOUBLE QUOTATION MARK}"
)


def _first_of(text: str, marks: Sequence[str], low: int, high: int) -> int | None:
    """Where the first mark stands, or if there is none, the second, and so on."""
    found = (text.find(mark, low, high) for mark in marks)
    return next((place for place in found if place >= 0), None)


def _last_of(text: str, marks: Sequence[str], low: int, high: int) -> int | None:
    found = (text.rfind(mark, low, high) for mark in marks)
    return next((place for place in found if place >= 0), None)
