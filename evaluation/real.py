"""Reads annotated documents from JSON, as passages: real articles, and invented cases.

    [{"id": "...", "category": "...", "text": "...", "quotes": [...], "not_quotes": [...]}, ...]

A quote has `text` (without marks), `mention` (null if nobody is named), `speaker` and `kind`. Real
articles also have offsets: `start` and `end`, `mention_start` and `mention_end`, and in
`not_quotes` spans instead of words. Without offsets, the quotes are in text order, and the mention
is the nearest place outside the quotation with these words. A quote may have `also`, other names
of the speaker that are right, and `any_mention`, if every mention counts as right. `ignore` holds
spans that are neither right nor wrong to report.

The articles belong to their publishers and are not part of this project; commands take the path of
such a file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from evaluation.passages import Passage, PassageQuote
from quotedex.models import Span


def load_real(path: Path) -> Iterator[Passage]:
    """The documents of a JSON file, in its order. Raises ValueError for words that are not in their
    text."""
    for row in json.loads(path.read_text(encoding="utf-8")):
        text, at = row["text"], 0
        quotes = []
        for quote in row["quotes"]:
            span = _span(quote, text, at)
            quotes.append(_quote(quote, span, text))
            at = span.start + 1
        yield Passage(
            row["id"],
            row["category"],
            text,
            tuple(quotes),
            tuple(_span(each, text) for each in row["not_quotes"]),
            tuple(Span(each["start"], each["end"]) for each in row.get("ignore", ())),
        )


def _span(row: Mapping[str, Any] | str, text: str, at: int = 0) -> Span:
    """The offsets of a quote or a negative; those of bare words are looked for from `at` on."""
    if not isinstance(row, str) and "start" in row:
        return Span(row["start"], row["end"])
    words = row if isinstance(row, str) else row["text"]
    start = text.find(words, at)
    if start < 0:
        start = text.index(words)
    return Span(start, start + len(words))


def _quote(row: Mapping[str, Any], span: Span, text: str) -> PassageQuote:
    return PassageQuote(
        span,
        _mention(row, span, text),
        row["speaker"],
        row["kind"] or "unknown",
        tuple(row.get("also", ())),
        bool(row.get("any_mention")),
    )


def _mention(row: Mapping[str, Any], quote: Span, text: str) -> Span | None:
    if not row["mention"]:
        return None
    if "mention_start" in row:
        return Span(row["mention_start"], row["mention_end"])
    places = [Span(*match.span()) for match in re.finditer(re.escape(row["mention"]), text)]
    if not places:
        raise ValueError(f"{row['mention']!r} is not in the text")
    return min(places, key=lambda place: _distance(place, quote))


def _distance(place: Span, quote: Span) -> tuple[bool, int]:
    """Places outside the quotation come first, then the nearest ones."""
    inside = quote.start <= place.start and place.end <= quote.end
    return inside, min(abs(place.start - quote.end), abs(quote.start - place.end))
