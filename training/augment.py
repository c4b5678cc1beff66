"""Data augmentation: variants of an example, so that the model learns sentences and not people.

`replace_surnames` gives its people other surnames. `add_quotation_marks` puts marks around indirect
speech, so that the model learns to find sources from all reported speech.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace

from quotedex.extract.find import find
from quotedex.models import MarkedSpan, Span
from quotedex.text.edits import Edit, Layer, map_span, rewrite
from training.labels import Example, IndirectSpeech, Label, overlap

# "said that they would", "asked whether it holds": this word is the reporter's, not the source's.
CONJUNCTION = re.compile(r"(?:that|to|if|whether)\s+", re.IGNORECASE)
MIN_WORDS = 3
PARTIAL = 0.3  # share of quotations that begin after some words: called the plan “a mistake”


def replace_surnames(example: Example, surnames: Sequence[str], rng: random.Random) -> Example:
    """The example with its people's surnames replaced by others, throughout the text."""
    old = sorted({name.split()[-1] for name in example.people if len(name.split()) > 1})
    old = [name for name in old if re.fullmatch(r"[A-Z][a-z]{3,}", name)]
    if not old:
        return example
    new = dict(zip(old, rng.sample(surnames, len(old)), strict=True))
    matches = re.finditer(rf"\b(?:{'|'.join(old)})\b", example.text)
    edited, _layer = _edited(example, [Edit(*m.span(), new[m.group()]) for m in matches])
    return edited


def add_quotation_marks(example: Example, share: float, rng: random.Random) -> Example:
    """The example with marks around that share of its indirect speech."""
    chosen: list[tuple[Span, Label]] = []
    for indirect in example.indirect:
        parts = [_quotable(example.text, content, rng) for content in indirect.contents]
        words = [part for part in parts if part is not None]
        if rng.random() < share and len(words) == len(parts) and _source_outside(indirect, words):
            chosen += [(part, indirect.label) for part in words]
    chosen = _disjoint(chosen)
    marks = [
        edit
        for span, _label in chosen
        for edit in (Edit(span.start, span.start, "“"), Edit(span.end, span.end, "”"))
    ]
    edited, layer = _edited(example, marks)
    labels = {
        (span.outer_start, span.outer_end): label
        for span, label in zip(edited.spans, edited.labels, strict=True)
    }
    for span, label in chosen:
        inside = _moved(span, layer)
        labels[inside.start - 1, inside.end + 1] = _moved_label(label, layer)
    spans = find(edited.text)
    return replace(
        edited,
        spans=spans,
        labels=[labels.get((span.outer_start, span.outer_end), Label()) for span in spans],
        indirect=(),
    )


def _quotable(text: str, content: Span, rng: random.Random) -> Span | None:
    """The words of a content that could stand in quotation marks; None if they are too few or span
    several paragraphs."""
    words = text[content.start : content.end]
    start = content.start
    if conjunction := CONJUNCTION.match(words):
        start += conjunction.end()
    if rng.random() < PARTIAL:
        gaps = [gap.end() for gap in re.finditer(r"\s+", text[start : content.end])]
        start += rng.choice(gaps[: len(gaps) // 2] or [0])
    words = text[start : content.end]
    if "\n" in words or len(words.split()) < MIN_WORDS:
        return None
    # American printers put the comma or full stop inside the marks.
    return Span(start, content.end + (text[content.end : content.end + 1] in (",", ".")))


def _source_outside(indirect: IndirectSpeech, spans: Sequence[Span]) -> bool:
    """Whether the source stands outside all the spans, as that of a quotation does."""
    sources = indirect.label.source or []
    return not any(overlap(source, span) for source in sources for span in spans)


def _disjoint(chosen: Sequence[tuple[Span, Label]]) -> list[tuple[Span, Label]]:
    """Without those that begin before the previous one has ended."""
    kept: list[tuple[Span, Label]] = []
    for span, label in sorted(chosen, key=lambda pair: pair[0].start):
        if not kept or kept[-1][0].end < span.start:
            kept.append((span, label))
    return kept


def _edited(example: Example, edits: Sequence[Edit]) -> tuple[Example, Layer]:
    """The example after the edits, which are in text order and do not overlap."""
    text, layer = rewrite(example.text, edits)
    edited = replace(
        example,
        text=text,
        spans=[_moved_marks(span, layer) for span in example.spans],
        labels=[_moved_label(label, layer) for label in example.labels],
        indirect=tuple(
            IndirectSpeech(
                [_moved(content, layer) for content in indirect.contents],
                _moved_label(indirect.label, layer),
            )
            for indirect in example.indirect
        ),
    )
    return edited, layer


def _moved_marks(marked: MarkedSpan, layer: Layer) -> MarkedSpan:
    inner = _moved(Span(marked.start, marked.end), layer)
    outer = _moved(Span(marked.outer_start, marked.outer_end), layer)
    return replace(
        marked,
        start=inner.start,
        end=inner.end,
        outer_start=outer.start,
        outer_end=outer.end,
    )


def _moved_label(label: Label, layer: Layer) -> Label:
    return replace(
        label,
        source=_all_moved(label.source, layer),
        mention=_moved(label.mention, layer) if label.mention else None,
        cue=_all_moved(label.cue, layer),
        antecedent=_all_moved(label.antecedent, layer),
    )


def _all_moved(spans: list[Span] | None, layer: Layer) -> list[Span] | None:
    return None if spans is None else [_moved(span, layer) for span in spans]


def _moved(span: Span, layer: Layer) -> Span:
    """The span in the edited text; marks inserted at its ends stay outside."""
    return Span(*map_span(span.start, span.end, layer.before, layer.after))
