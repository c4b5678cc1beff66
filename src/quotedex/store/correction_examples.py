"""Corrected quotations as annotated examples, for training and evaluation."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from quotedex.models import Quote
from quotedex.store.corrections import article_row, guessed_quotes, recompute
from quotedex.store.file import friendly_errors, open_index
from quotedex.store.values import name_form

_MARKS = frozenset("\"'“”‘’«»")


def training_examples(path: str | Path) -> list[dict[str, Any]]:
    """The articles with a corrected quotation, in the layout that `evaluation.real` reads.

    Only what was corrected is annotated: what the program reads elsewhere in these articles is in
    `ignore`, because nobody has looked at it. Raises DatabaseError.
    """
    with closing(open_index(path)) as conn, friendly_errors(Path(path)):
        articles = conn.execute("SELECT article_id FROM _guesses ORDER BY article_id").fetchall()
        return [_example(conn, article_id) for (article_id,) in articles]


def _example(conn: sqlite3.Connection, article_id: int) -> dict[str, Any]:
    article = article_row(conn, article_id)
    text, corrected = article["text"], recompute(conn, article)
    looked_at = set(corrected.found.values())
    pairs = list(zip(corrected.quotes, corrected.origins, strict=True))
    nobody = [
        quote
        for number, quote in enumerate(guessed_quotes(conn, article_id))
        if number in looked_at and number not in corrected.origins
    ]
    return {
        "id": article["key"],
        "category": "corrections",
        "text": text,
        "quotes": [_annotated(text, quote) for quote, origin in pairs if origin in looked_at],
        "not_quotes": [_with_marks(text, quote) for quote in nobody],
        "ignore": [
            {"start": quote.start, "end": quote.end}
            for quote, origin in pairs
            if origin not in looked_at
        ],
    }


def _annotated(text: str, quote: Quote) -> dict[str, Any]:
    """Nobody has said which words name the source, so any are right."""
    start, end = _mention(text, quote)
    return {
        "text": quote.text,
        "start": quote.start,
        "end": quote.end,
        "mention": None if start is None else text[start:end],
        "mention_start": start,
        "mention_end": end,
        "speaker": quote.speaker and quote.speaker.name,
        "kind": quote.speaker and quote.speaker.kind,
        "any_mention": True,
    }


def _mention(text: str, quote: Quote) -> tuple[int, int] | tuple[None, None]:
    """The words that the program took for the source, unless they name somebody else than the
    speaker: then the nearest name of the speaker."""
    speaker, mention = quote.speaker, quote.mention
    if mention is not None:
        is_name = any(word[:1].isupper() for word in mention.text.split())
        if not speaker or not is_name or name_form(mention.text, speaker.name, speaker.kind):
            return mention.start, mention.end
    return _nearest(text, quote)


def _nearest(text: str, quote: Quote) -> tuple[int, int] | tuple[None, None]:
    names = [quote.speaker.name, quote.speaker.name.split()[-1]] if quote.speaker else []
    for name in names:
        places = [
            match.span()
            for match in re.finditer(rf"\b{re.escape(name)}\b", text)
            if match.end() <= quote.start or match.start() >= quote.end
        ]
        if places:
            return min(places, key=lambda place: abs(place[0] - quote.end))
    return None, None


def _with_marks(text: str, quote: Quote) -> dict[str, int]:
    start, end = quote.start, quote.end
    start -= text[start - 1 : start] in _MARKS if start else 0
    end += text[end : end + 1] in _MARKS if end < len(text) else 0
    return {"start": start, "end": end}
