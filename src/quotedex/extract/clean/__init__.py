"""From the text as given to a cleaned text, with a map of the offsets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from quotedex.extract.clean.characters import character_edits
from quotedex.extract.clean.hard_wraps import hard_wrap_edits
from quotedex.extract.clean.markup import entity_edits, escape_edits, header_edits, tag_edits
from quotedex.extract.clean.mojibake import mojibake_edits
from quotedex.text.edits import Edit, Layer, OffsetMap, rewrite

__all__ = ["Cleaned", "OffsetMap", "clean"]

# Entities before tags, because &lt;p&gt; is a tag. Mojibake before odd characters, because a
# control character may be a part of a mangled quotation mark; twice, because a text that was
# wrongly decoded twice needs two repairs.
STEPS: tuple[Callable[[str], Iterator[Edit]], ...] = (
    header_edits,
    entity_edits,
    tag_edits,
    escape_edits,
    mojibake_edits,
    mojibake_edits,
    character_edits,
    hard_wrap_edits,
)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A cleaned text, with the map from its offsets to those of the text as given."""

    text: str
    offsets: OffsetMap


def clean(text: str) -> Cleaned:
    """`text` without markup and mojibake, odd characters replaced, hard-wrapped lines joined.

    Quotation marks stay as they are, curly or straight. If there is nothing to do, `Cleaned.text`
    is `text` itself. Never raises; time is linear.
    """
    layers: list[Layer] = []
    for step in STEPS:
        edits = list(step(text))
        if edits:
            text, layer = rewrite(text, edits)
            layers.append(layer)
    return Cleaned(text, OffsetMap(tuple(layers)))
