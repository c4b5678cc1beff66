"""A quotation found, and where the words in it matched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CONTEXT = 160
"""Characters of the article shown on either side of a quotation."""

LONGEST = 1500
"""Characters of one quotation in a list; a page of its own shows all."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One quotation found. `marked` and its like are runs of text, True where a word matched.

    `before` and `after` are the words around it, `opening` is how the article begins; `rank` tells
    where it stands among others found for the same words, None where nothing ranks.
    """

    id: int
    text: str
    kind: str
    before: str
    after: str
    mention: str | None
    cue: str | None
    confidence: float | None
    published: str | None
    speaker_id: int | None
    speaker: str | None
    speaker_kind: str | None
    speaker_description: str | None
    article_id: int
    title: str | None
    opening: str
    outlet: str | None
    location: str | None
    url: str | None
    repeats_id: int | None
    rank: float | None
    marked: tuple[tuple[str, bool], ...]
    marked_speaker: tuple[tuple[str, bool], ...]
    marked_title: tuple[tuple[str, bool], ...]

    @property
    def shown(self) -> tuple[tuple[str, bool], ...]:
        """`marked`, or of what is too long for a list the part where the first word matched."""
        return _part(self.marked)


def hit(row: Mapping[str, Any]) -> Hit:
    """A row of `results` as a value, its sentinels turned into runs."""
    values = {key: row[key] for key in row.keys()}  # noqa: SIM118  (sqlite3.Row iterates values)
    for suffix, plain in (("", "text"), ("_speaker", "speaker"), ("_title", "title")):
        name = "marked" + suffix
        values[name] = _runs(values[name] or "", values[plain] or "")
    values["opening"] = values["opening"] or ""
    values["before"] = _tail(values["before"] or "")
    values["after"] = _head(values["after"] or "")
    return Hit(**values)


# FTS5 wraps what matched in these; U+FDD0 and U+FDD1 are noncharacters, which no text holds for a
# purpose. If one does, `_runs` sees that the text is not the one stored and marks nothing.
OPEN = "\ufdd0"
CLOSE = "\ufdd1"


def _runs(marked: str, plain: str) -> tuple[tuple[str, bool], ...]:
    """Text with sentinels -> (("the ", False), ("rent", True), (" is high", False))."""
    if marked.replace(OPEN, "").replace(CLOSE, "") != plain:
        return ((plain, False),)
    runs: list[tuple[str, bool]] = []
    for index, piece in enumerate(marked.split(OPEN)):
        inside, closed, rest = piece.partition(CLOSE) if index else ("", "", piece)
        if index and not closed:
            return ((plain, False),)
        runs += [(inside, True), (rest, False)]
    return tuple((text, matched) for text, matched in runs if text)


def _part(runs: tuple[tuple[str, bool], ...]) -> tuple[tuple[str, bool], ...]:
    """At most LONGEST characters, from a little before the first that matched."""
    if sum(len(text) for text, _ in runs) <= LONGEST:
        return runs
    unmatched = runs[0][0] if not runs[0][1] else ""
    first = max(0, len(unmatched) - CONTEXT) if len(runs) > 1 else 0
    part: list[tuple[str, bool]] = [("…", False)] if first else []
    left, position = LONGEST, 0
    for text, matched in runs:
        piece = text[max(0, first - position) :][:left]
        position += len(text)
        left -= len(piece)
        if piece:
            part.append((piece, matched))
    return (*part, ("…", False)) if not left else tuple(part)


def _tail(before: str) -> str:
    """What stands before a quotation in its paragraph, from a word's start, without its mark."""
    cut = len(before) >= CONTEXT
    paragraph = before.rpartition("\n")[2]
    if cut and paragraph == before:
        paragraph = "…" + paragraph.partition(" ")[2]
    return paragraph.rstrip(_EDGE)


def _head(after: str) -> str:
    cut = len(after) >= CONTEXT
    paragraph = after.partition("\n")[0]
    if cut and paragraph == after:
        paragraph = paragraph.rpartition(" ")[0] + "…"
    return paragraph.lstrip(_EDGE)


_EDGE = " \"'\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}" + (
    "\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
)
"""What stands between a quotation and the words around it: its marks, which the page adds anew."""
