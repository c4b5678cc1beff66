"""Edits of a text, and the map between offsets before and after them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from quotedex.models import Span


@dataclass(frozen=True, slots=True)
class Edit:
    """Replaces the characters from `start` to `end` by `text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class EditedSpans:
    """Where the edited characters are in one of two texts: item n here became item n there."""

    starts: list[int]
    ends: list[int]


@dataclass(frozen=True, slots=True)
class Layer:
    """One round of edits: the edited spans of the text before it and of the text after it."""

    before: EditedSpans
    after: EditedSpans


@dataclass(frozen=True, slots=True)
class OffsetMap:
    """Maps offsets of a cleaned text to offsets of the text as given.

    Exact between edits. Within an edit nothing says which character became which, so a span that
    begins or ends inside one takes in all of it. Characters removed at the edge of a span stay
    outside it.
    """

    layers: tuple[Layer, ...] = ()

    def to_given(self, start: int, end: int) -> Span:
        """The span of the text as given that became `clean[start:end]`."""
        for layer in reversed(self.layers):
            start, end = map_span(start, end, layer.after, layer.before)
        return Span(start, end)


def rewrite(text: str, edits: Iterable[Edit]) -> tuple[str, Layer]:
    """The edited text and its layer. Edits must be in text order and must not overlap."""
    pieces: list[str] = []
    layer = Layer(EditedSpans([], []), EditedSpans([], []))
    done = length = 0
    for edit in edits:
        pieces += (text[done : edit.start], edit.text)
        length += edit.start - done
        layer.before.starts.append(edit.start)
        layer.before.ends.append(edit.end)
        layer.after.starts.append(length)
        length += len(edit.text)
        layer.after.ends.append(length)
        done = edit.end
    pieces.append(text[done:])
    return "".join(pieces), layer


def map_span(start: int, end: int, here: EditedSpans, there: EditedSpans) -> tuple[int, int]:
    """The offsets of a span of one text in the other text of a layer."""
    mapped_start = start
    index = bisect_right(here.starts, start) - 1
    if index >= 0:
        past = start - here.ends[index]
        mapped_start = there.ends[index] + past if past >= 0 else there.starts[index]
    mapped_end = end
    index = bisect_left(here.starts, end) - 1
    if index >= 0:
        mapped_end = there.ends[index] + max(0, end - here.ends[index])
    return mapped_start, max(mapped_start, mapped_end)
