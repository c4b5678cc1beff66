"""Edits of a text, and the map between the offsets before and after them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from quotedex.models import Span


@dataclass(frozen=True, slots=True)
class Edit:
    """Puts `text` in the place of what stands from `start` to `end`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Side:
    """Where the edited stretches lie in one of two texts: the n-th here became the n-th there."""

    starts: list[int]
    ends: list[int]


@dataclass(frozen=True, slots=True)
class Layer:
    """One round of edits: their stretches before it and after it."""

    before: Side
    after: Side


@dataclass(frozen=True, slots=True)
class OffsetMap:
    """Offsets of a cleaned text to those of the text as given, and back.

    Exact between edits. Within an edited stretch there is no telling which character became
    which, so a span that begins or ends within one takes in the whole stretch; what was removed
    at a span's edge stays outside it.
    """

    layers: tuple[Layer, ...] = ()

    def to_given(self, start: int, end: int) -> Span:
        """The span of the text as given that became `clean[start:end]`."""
        for layer in reversed(self.layers):
            start, end = carry(start, end, layer.after, layer.before)
        return Span(start, end)

    def to_clean(self, start: int, end: int) -> Span:
        """The span of the cleaned text that `given[start:end]` became."""
        for layer in self.layers:
            start, end = carry(start, end, layer.before, layer.after)
        return Span(start, end)


def rewrite(text: str, edits: Iterable[Edit]) -> tuple[str, Layer]:
    """The text with the edits made, and their layer; edits come in order and do not overlap."""
    pieces: list[str] = []
    layer = Layer(Side([], []), Side([], []))
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


def carry(start: int, end: int, here: Side, there: Side) -> tuple[int, int]:
    """A span of one side carried over to the other."""
    carried_start = start
    index = bisect_right(here.starts, start) - 1
    if index >= 0:
        past = start - here.ends[index]
        carried_start = there.ends[index] + past if past >= 0 else there.starts[index]
    carried_end = end
    index = bisect_left(here.starts, end) - 1
    if index >= 0:
        carried_end = there.ends[index] + max(0, end - here.ends[index])
    return carried_start, max(carried_start, carried_end)
