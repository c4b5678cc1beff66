"""Other forms of an annotated document, so that the model learns sentences and not people.

`renamed` gives its people other surnames; `quoted` puts marks around speech that the reporter
retold without them, so that pointing is learned from all reported speech.
"""

from __future__ import annotations

import random
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace

from evaluation.labels import Example, Label, Reported
from quotedex.extract.find import find
from quotedex.models import MarkedSpan, Span

Move = Callable[[int], int]
Edit = tuple[int, int, str]  # start, end, what stands there instead

# "said that they would", "asked whether it holds": the word is the reporter's, not the source's.
REPORTERS_WORD = re.compile(r"(?:that|to|if|whether)\s+", re.IGNORECASE)
FEWEST_WORDS = 3
PARTIAL = 0.3  # how often the marks leave out some first words: called the plan “a mistake”


def renamed(example: Example, surnames: Sequence[str], rng: random.Random) -> Example:
    """The example with its people's surnames exchanged for others, throughout the text."""
    ours = sorted({name.split()[-1] for name in example.people if len(name.split()) > 1})
    ours = [name for name in ours if re.fullmatch(r"[A-Z][a-z]{3,}", name)]
    if not ours:
        return example
    other = dict(zip(ours, rng.sample(surnames, len(ours)), strict=True))
    pattern = rf"\b(?:{'|'.join(ours)})\b"
    return _edited(
        example, [(*m.span(), other[m.group()]) for m in re.finditer(pattern, example.text)]
    )[0]


def quoted(example: Example, share: float, rng: random.Random) -> Example:
    """The example with marks around that share of the speech it reports without any."""
    chosen: list[tuple[Span, Label]] = []
    for reported in example.reported:
        parts = [_quotable(example.text, content, rng) for content in reported.contents]
        words = [part for part in parts if part is not None]
        if rng.random() < share and len(words) == len(parts) and _outside(reported, words):
            chosen += [(part, reported.label) for part in words]
    chosen = _apart(chosen)
    marks = [edit for s, _ in chosen for edit in ((s.start, s.start, "“"), (s.end, s.end, "”"))]
    varied, move = _edited(example, marks)
    # A pair of marks stands right outside its words: the opening one before, the closing one after.
    outer = {(move(s.start) - 1, move(s.end)): label for s, label in chosen}
    labels = {
        (s.outer_start, s.outer_end): label
        for s, label in zip(varied.spans, varied.labels, strict=True)
    }
    outer = {key: _moved(label, move) for key, label in outer.items()}
    spans = find(varied.text)
    known = labels | outer
    return replace(
        varied,
        spans=spans,
        labels=[known.get((s.outer_start, s.outer_end), Label()) for s in spans],
        reported=(),
    )


def _quotable(text: str, content: Span, rng: random.Random) -> Span | None:
    """The words of one content that could stand in marks; None where they are too few or more
    than a paragraph."""
    words = text[content.start : content.end]
    start = content.start
    if leading := REPORTERS_WORD.match(words):
        start += leading.end()
    if rng.random() < PARTIAL:
        gaps = [gap.end() for gap in re.finditer(r"\s+", text[start : content.end])]
        start += rng.choice(gaps[: len(gaps) // 2] or [0])
    words = text[start : content.end]
    if "\n" in words or len(words.split()) < FEWEST_WORDS:
        return None
    # American printers put the comma or full stop inside the marks.
    return Span(start, content.end + (text[content.end : content.end + 1] in (",", ".")))


def _outside(reported: Reported, words: Sequence[Span]) -> bool:
    """Whether the source stands outside of all the words, as that of a quotation does."""
    sources = reported.label.source or []
    return not any(s.start < w.end and w.start < s.end for s in sources for w in words)


def _apart(chosen: Sequence[tuple[Span, Label]]) -> list[tuple[Span, Label]]:
    """Those that do not run into one before them."""
    kept: list[tuple[Span, Label]] = []
    for span, label in sorted(chosen, key=lambda pair: pair[0].start):
        if not kept or kept[-1][0].end < span.start:
            kept.append((span, label))
    return kept


def _edited(example: Example, edits: Sequence[Edit]) -> tuple[Example, Move]:
    """The example with all edits made (in text order, apart from one another), and how an offset
    of the old text moves."""
    moves: list[tuple[int, int]] = [(0, 0)]  # (place in the old text, shift after it)
    parts, at = [], 0
    for start, end, words in edits:
        parts += [example.text[at:start], words]
        at = end
        moves.append((at, moves[-1][1] + len(words) - (end - start)))
    text = "".join([*parts, example.text[at:]])
    places = [place for place, _shift in moves]

    def move(offset: int) -> int:
        return offset + moves[bisect_right(places, offset) - 1][1]

    edited = replace(
        example,
        text=text,
        spans=[_moved_marks(span, move) for span in example.spans],
        labels=[_moved(label, move) for label in example.labels],
        reported=tuple(
            Reported(_all_moved(r.contents, move) or [], _moved(r.label, move))
            for r in example.reported
        ),
    )
    return edited, move


def _moved_marks(span: MarkedSpan, move: Move) -> MarkedSpan:
    return replace(
        span,
        start=move(span.start),
        end=move(span.end),
        outer_start=move(span.outer_start),
        outer_end=move(span.outer_end),
    )


def _moved(label: Label, move: Move) -> Label:
    return replace(
        label,
        source=_all_moved(label.source, move),
        mention=_moved_span(label.mention, move) if label.mention else None,
        cue=_all_moved(label.cue, move),
        who=_all_moved(label.who, move),
    )


def _all_moved(spans: list[Span] | None, move: Move) -> list[Span] | None:
    return None if spans is None else [_moved_span(span, move) for span in spans]


def _moved_span(span: Span, move: Move) -> Span:
    return Span(move(span.start), move(span.end))
