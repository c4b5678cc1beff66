"""Is an extraction one that can be stored? Both new ones and those that were written elsewhere.

A batch is one transaction, so one bad extraction would take others with it. What passes here passes
`quotedex check` once it is stored.
"""

from __future__ import annotations

from datetime import date
from typing import get_args

from quotedex.models import Document, Extraction, Quote, QuoteKind, Span, Speaker, SpeakerKind

MAX_CHARACTERS = 100_000_000
"""Of any text. SQLite holds ten times as many bytes."""

_MAX_NUMBER = 2**31
_NAMES = ("location", "title", "byline", "outlet", "language", "url", "guid", "row", "path")


def validated(extraction: Extraction) -> Extraction:
    """The extraction itself. Raises ValueError with a sentence on what is wrong with it."""
    _check_document(extraction.document)
    _check_text(extraction.text, "the cleaned text")
    for number, quote in enumerate(extraction.quotes, 1):
        _check_quote(quote, number, extraction.text)
    for quote in extraction.quotes:
        _check_parent(quote, extraction.quotes)
        _check_repeated(quote, extraction.quotes)
    _check_no_cycle(extraction.quotes)
    return extraction


def _check_document(document: Document) -> None:
    _check_text(document.id, "the id", required=True)
    _check_text(document.text, "the text")
    for name in _NAMES:
        if getattr(document, name) is not None:
            _check_text(getattr(document, name), f"the {name}", required=name == "location")
    for pair in document.metadata:
        if len(pair) != 2:
            raise ValueError("the metadata is not a list of names and values")
        for value in pair:
            _check_text(value, "a name or value of the metadata")
    if document.published is not None and not _is_date(document.published):
        raise ValueError(f"the date {document.published!r:.40} is not one such as 2024-05-03")


def _check_quote(quote: Quote, number: int, text: str) -> None:
    if not _is_span(quote.start, quote.end, text):
        raise ValueError(f"quotation {number} is not inside the text")
    if text[quote.start : quote.end] != quote.text:
        raise ValueError(f"the quotation at {quote.start} differs from the text at its offsets")
    if quote.kind not in get_args(QuoteKind):
        raise ValueError(f"the kind of a quotation cannot be {quote.kind!r:.40}")
    if not _is_number(quote.utterance, _MAX_NUMBER):
        raise ValueError(f"the utterance {quote.utterance!r:.40} is not a number from 0")
    # NaN is not between any numbers.
    if not isinstance(quote.confidence, int | float) or not 0 <= quote.confidence <= 1:
        raise ValueError(f"the confidence {quote.confidence!r:.40} is not between 0 and 1")
    _check_text(quote.why, f"the reason for quotation {number}")
    _check_part(quote.cue, "cue", number, text)
    _check_part(quote.mention, "mention", number, text)
    if quote.speaker is not None:
        _check_speaker(quote.speaker, number)


def _check_part(span: Span | None, name: str, number: int, text: str) -> None:
    if span is not None and not _is_span(span.start, span.end, text):
        raise ValueError(f"the {name} of quotation {number} is not inside the text")


def _check_speaker(speaker: Speaker, number: int) -> None:
    _check_text(speaker.name, f"the speaker of quotation {number}", required=True)
    _check_text(speaker.why, f"the reason for the speaker of quotation {number}")
    if speaker.description is not None:
        _check_text(speaker.description, f"the description of the speaker of quotation {number}")
    if speaker.kind not in get_args(SpeakerKind):
        raise ValueError(f"the kind of a speaker cannot be {speaker.kind!r:.40}")


def _check_parent(quote: Quote, quotes: tuple[Quote, ...]) -> None:
    if quote.parent is None:
        return
    if not _is_number(quote.parent, len(quotes)):
        raise ValueError(f"the quotation at {quote.start} has a parent that does not exist")
    parent = quotes[quote.parent]
    if not parent.start <= quote.start <= quote.end <= parent.end:
        raise ValueError(f"the quotation at {quote.start} is not within its parent")


def _check_no_cycle(quotes: tuple[Quote, ...]) -> None:
    """No quotation is its own parent, or the parent of its parent: all may have the same words."""
    done: set[int] = set()
    for number in range(len(quotes)):
        chain: set[int] = set()
        inner: int | None = number
        while inner is not None and inner not in done:
            if inner in chain:
                raise ValueError(f"the quotation at {quotes[inner].start} is inside itself")
            chain.add(inner)
            inner = quotes[inner].parent
        done |= chain


def _check_repeated(quote: Quote, quotes: tuple[Quote, ...]) -> None:
    """A pull-quote repeats another quotation, which is no pull-quote."""
    if quote.repeats is None:
        return
    if not _is_number(quote.repeats, len(quotes)):
        raise ValueError(f"the pull-quote at {quote.start} repeats one that does not exist")
    original = quotes[quote.repeats]
    if original is quote or original.repeats is not None:
        raise ValueError(f"the pull-quote at {quote.start} repeats a pull-quote")


def _check_text(value: object, name: str, *, required: bool = False) -> None:
    if not isinstance(value, str):
        raise ValueError(f"{name} is {'missing' if value is None else 'not a text'}")
    if required and not value.strip():
        raise ValueError(f"{name} is empty")
    if len(value) > MAX_CHARACTERS:
        raise ValueError(f"{name} has more than {MAX_CHARACTERS:,} characters")


def _is_span(start: object, end: object, text: str) -> bool:
    return (
        _is_number(start, len(text) + 1) and _is_number(end, len(text) + 1) and start <= end  # type: ignore[operator]
    )


def _is_number(value: object, below: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < below


def _is_date(value: object) -> bool:
    if not isinstance(value, str) or len(value) != len("2024-05-03"):
        return False
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
