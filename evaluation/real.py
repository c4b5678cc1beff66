"""Reads real articles, annotated by hand, as passages. They are JSON:

    [{"id": "...", "text": "...", "quotes": [...], "not_quotes": [...]}, ...]

A quote has `start` and `end` (without marks), `mention` with `mention_start` and `mention_end` or
null, `speaker` and `kind`. The articles belong to their publishers and are not part of this project
(`training.train` takes the path of such a file).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evaluation.passages import Passage, PassageQuote
from quotedex.models import Span


def load_real(path: Path) -> Iterator[Passage]:
    """The articles of a JSON file, in its order."""
    for row in json.loads(path.read_text(encoding="utf-8")):
        quotes = tuple(_quote(quote) for quote in row["quotes"])
        not_quotes = tuple(Span(span["start"], span["end"]) for span in row["not_quotes"])
        yield Passage(row["id"], row["category"], row["text"], quotes, not_quotes)


def _quote(row: dict[str, Any]) -> PassageQuote:
    mention = Span(row["mention_start"], row["mention_end"]) if row["mention"] else None
    return PassageQuote(Span(row["start"], row["end"]), mention, row["speaker"], row["kind"])
