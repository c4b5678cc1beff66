"""An article's text as paragraphs of runs: which words are whose quotation, mention or cue."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

COLOURS = 8
"""Speakers of an article that get a colour of their own; the rest share one, and have numbers."""

CUE_DISTANCE = 300
"""Characters around a mention in which its cue is looked for."""


class Words(NamedTuple):
    """Some words of an article, by offsets."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Said:
    """A quotation where it stands in its article. `number` counts that article's speakers from 1,
    in the order in which they are first quoted; None where nobody is named. `repeats` is True for a
    pull-quote, which prints words of the article again."""

    id: int
    start: int
    end: int
    number: int | None = None
    speaker: str | None = None
    speaker_id: int | None = None
    repeats: bool = False

    @property
    def colour(self) -> int:
        """1 to COLOURS, or 0 for the colour that those without one share."""
        return self.number if self.number and self.number <= COLOURS else 0


@dataclass(frozen=True, slots=True)
class Run:
    """Text under the same quotations from end to end. `said` is the innermost of these, `depth`
    their number, at most 3; `begins` are those that begin with this run, `closes` those whose
    closing mark, or last character if there is none, ends it."""

    text: str
    said: Said | None = None
    depth: int = 0
    begins: tuple[Said, ...] = ()
    closes: tuple[Said, ...] = ()
    focus: bool = False
    mention: bool = False
    cue: bool = False


@dataclass(slots=True)
class Paragraph:
    """`quoted` are the quotations that begin here or run on into it from the one before."""

    runs: list[Run]
    quoted: list[Said]

    @property
    def speakers(self) -> list[Said]:
        """One of `quoted` for each who is quoted here, for the margin."""
        first: dict[int | None, Said] = {}
        for said in self.quoted:
            first.setdefault(said.speaker_id, said)
        return list(first.values())


def paragraphs(
    text: str,
    quotations: Sequence[Said],
    offset: int = 0,
    focus: frozenset[int] = frozenset(),
    mention: Words | None = None,
    cue: Words | None = None,
) -> list[Paragraph]:
    """The paragraphs of `text`, which begins at `offset` of its article.

    Quotations may nest, and may run over the ends of paragraphs and of the text. Runs within those
    whose ids are in `focus` say so.
    """
    last = offset + len(text)
    shown = [said for said in quotations if said.start < min(said.end, last) and said.end > offset]
    shown.sort(key=lambda said: (said.start, -said.end))
    found = []
    for line in re.finditer(r"[^\n]+", text):
        if not line[0].strip():
            continue
        start, end = offset + line.start(), offset + line.end()
        here = [said for said in shown if said.start < end and said.end > start]
        closing = _closing(text, offset, end, here)
        cuts = {start, end, *closing, *_cuts(here, mention, cue)}
        runs = [
            _run(text[low - offset : high - offset], low, around, closing, focus, mention, cue)
            for low, high, around in _sweep(here, sorted(c for c in cuts if start <= c <= end))
        ]
        found.append(Paragraph(runs, here))
    return found


def locate_cue(text: str, offset: int, cue: str, said: Words, near: Words | None) -> Words | None:
    """Where a cue stands, of which only the words are kept.

    In “We will,” she said. Asked what she said before, … it is the "said" next to "she": the
    nearest to `near`, the mention, or else to the quotation, and outside the quotation.
    """
    target = near or said
    boundary = r"(?<!\w){}(?!\w)" if cue[:1].isalnum() and cue[-1:].isalnum() else "{}"
    low = max(0, target.start - CUE_DISTANCE - offset)
    high = max(0, target.end + CUE_DISTANCE - offset)
    places = [
        Words(found.start() + low + offset, found.end() + low + offset)
        for found in re.finditer(boundary.format(re.escape(cue)), text[low:high])
    ]
    outside = [place for place in places if place.end <= said.start or place.start >= said.end]
    return min(outside, key=lambda place: _distance(place, target), default=None)


def window(text: str, offset: int, keep: Words, whole: int) -> tuple[int, int]:
    """The part of `text` to show around `keep`: whole paragraphs, or else whole words.

    `text` begins at `offset` of an article of `whole` characters; offsets into that come back.
    """
    low, high = 0, len(text)
    first, last = max(0, keep.start - offset), min(len(text), keep.end - offset)
    if offset > 0:
        cut = _first_of(text, ("\n", " "), 0, first)
        low = cut + 1 if cut is not None else 0
        low += len(text[low:first]) - len(text[low:first].lstrip())
    if offset + len(text) < whole:
        cut = _last_of(text, ("\n", " "), last, len(text))
        high = cut if cut is not None else high
        high = last + len(text[last:high].rstrip())
    return offset + low, offset + high


def parts(text: str, size: int) -> list[Words]:
    """An article in parts of about `size` characters, cut between paragraphs where there are any.

    A paragraph longer than twice that is cut between words, or anywhere if it has none.
    """
    found = []
    start = 0
    while len(text) - start > size + size // 2:
        cut = _first_of(text, ("\n", " "), start + size, start + 2 * size)
        end = start + size if cut is None else cut + 1
        found.append(Words(start, end))
        start = end
    return [*found, Words(start, len(text))]


def _cuts(here: Sequence[Said], mention: Words | None, cue: Words | None) -> Iterator[int]:
    """Every offset at which the look of the text may change."""
    for said in here:
        yield from (said.start, said.end)
    for words in (mention, cue):
        if words:
            yield from words


def _closing(text: str, offset: int, end: int, here: Sequence[Said]) -> dict[int, list[Said]]:
    """Behind which offset a quotation is closed: its number stands behind the mark, as notes do."""
    found: dict[int, list[Said]] = {}
    for said in reversed(here):
        if said.end <= end:
            marked = text[said.end - offset : said.end - offset + 1] in _CLOSING_MARKS
            found.setdefault(min(said.end + marked, end), []).append(said)
    return found


def _sweep(here: Sequence[Said], cuts: Sequence[int]) -> Iterator[tuple[int, int, list[Said]]]:
    """The stretches between `cuts`, each with the quotations around it, the outer ones first."""
    around: list[Said] = []
    coming = iter([*here, None])
    following = next(coming)
    for low, high in pairwise(cuts):
        around = [said for said in around if said.end > low]
        while following and following.start <= low:
            if following.end > low:
                around.append(following)
            following = next(coming)
        yield low, high, around


def _run(
    text: str,
    low: int,
    around: Sequence[Said],
    closing: Mapping[int, Sequence[Said]],
    focus: frozenset[int],
    mention: Words | None,
    cue: Words | None,
) -> Run:
    return Run(
        text,
        said=around[-1] if around else None,
        depth=min(len(around), 3),
        begins=tuple(said for said in around if said.start == low),
        closes=tuple(closing.get(low + len(text), ())),
        focus=any(said.id in focus for said in around),
        mention=bool(mention and mention.start <= low < mention.end),
        cue=bool(cue and cue.start <= low < cue.end),
    )


_CLOSING_MARKS = frozenset(
    "\"'\N{RIGHT DOUBLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
    "\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}\N{LEFT DOUBLE QUOTATION MARK}"
)


def _distance(one: Words, other: Words) -> int:
    return max(one.start - other.end, other.start - one.end, 0)


def _first_of(text: str, marks: Sequence[str], low: int, high: int) -> int | None:
    """The first of the first mark that occurs there: a paragraph's end rather than a word's."""
    found = (text.find(mark, low, high) for mark in marks)
    return next((place for place in found if place >= 0), None)


def _last_of(text: str, marks: Sequence[str], low: int, high: int) -> int | None:
    found = (text.rfind(mark, low, high) for mark in marks)
    return next((place for place in found if place >= 0), None)
