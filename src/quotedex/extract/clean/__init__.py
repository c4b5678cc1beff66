"""Text as given -> text to read, with a map of the offsets from the one to the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from quotedex.extract.clean.characters import character_edits
from quotedex.extract.clean.hard_wraps import wrapping_edits
from quotedex.extract.clean.mojibake import encoding_edits
from quotedex.text.edits import Edit, Layer, OffsetMap, rewrite

__all__ = ["Cleaned", "OffsetMap", "clean"]

# Encoding first: what looks like a control character may be a part of a mangled quotation mark.
# Twice: what was read wrongly twice and lost bytes on the way is undone one reading at a time.
STEPS: tuple[Callable[[str], Iterator[Edit]], ...] = (
    encoding_edits,
    encoding_edits,
    character_edits,
    wrapping_edits,
)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A cleaned text, with the map from its offsets to those of the text as given and back."""

    text: str
    offsets: OffsetMap


def clean(text: str) -> Cleaned:
    """`text` with its encoding repaired, its odd characters made plain, its wrapped lines joined.

    Quotation marks stay as they are, curly or straight, and so does every letter that was right.
    Where there is nothing to do, `Cleaned.text` is `text`. Never raises; time is linear.
    """
    layers: list[Layer] = []
    for step in STEPS:
        edits = list(step(text))
        if edits:
            text, layer = rewrite(text, edits)
            layers.append(layer)
    return Cleaned(text, OffsetMap(tuple(layers)))
