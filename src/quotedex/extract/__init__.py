"""A document's quotations and their speakers, with offsets into its text as cleaned or as given.

Importing this module is cheap: the stages, their vocabulary and spaCy load on first use.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from quotedex.models import Document, Extraction, Quote, Span
from quotedex.options import Options

if TYPE_CHECKING:
    from quotedex.text.edits import OffsetMap

ENGLISH = "en"


def extract(text: str, options: Options | None = None) -> list[Quote]:
    """The quotations of `text` in order, with offsets into `text` as given.

    Models load at the first call and are kept. Raises TypeError for anything but a text, and
    ModelError if the spaCy pipeline is not installed.
    """
    check_text(text)
    return _extractor(options or Options()).as_given(Document(id="", text=text))


def check_text(text: object) -> None:
    """Raise a TypeError, in one sentence, for a value that is not a text."""
    if isinstance(text, str):
        return
    given = type(text).__name__
    if isinstance(text, bytes | bytearray):
        advice = "decode it first, for example with .decode()"
    elif isinstance(text, Document):
        advice = "pass document.text, or the document to an Extractor"
    elif isinstance(text, Iterable):
        advice = "pass several texts to extract_many"
    else:
        advice = "pass the text of an article"
    raise TypeError(f"extract takes a text (str), not {given}: {advice}")


class Extractor:
    """Extracts quotations from documents, as `options` say. Create one and call it for many.

    Models load with the first document that needs them. Raises ModelError if one is missing.
    """

    def __init__(self, options: Options | None = None) -> None:
        self.options = options or Options()

    def __call__(self, document: Document) -> Extraction:
        """The cleaned text of `document` and its quotations, with offsets into the cleaned text."""
        from quotedex.extract.clean import clean

        text = clean(document.text).text
        return Extraction(document, text, self._quotes(document, text))

    def as_given(self, document: Document) -> list[Quote]:
        """The quotations of `document`, with words and offsets of its text as given."""
        from quotedex.extract.clean import clean

        cleaned = clean(document.text)
        quotes = self._quotes(document, cleaned.text)
        return to_given_offsets(quotes, document.text, cleaned.offsets)

    def _quotes(self, document: Document, text: str) -> tuple[Quote, ...]:
        from quotedex.extract.pipeline import extract_quotes

        if document.language not in (None, ENGLISH) and not self.options.any_language:
            return ()
        return extract_quotes(text, self.options)


def to_given_offsets(quotes: Sequence[Quote], given: str, offsets: OffsetMap) -> list[Quote]:
    """Quotations of a cleaned text with the words and offsets that they have in `given`."""
    return [_to_given(quote, given, offsets) for quote in quotes] if offsets.layers else [*quotes]


@lru_cache(maxsize=4)
def _extractor(options: Options) -> Extractor:
    return Extractor(options)


def _to_given(quote: Quote, given: str, offsets: OffsetMap) -> Quote:
    def moved(span: Span) -> Span:
        there = offsets.to_given(span.start, span.end)
        return Span.of(given, there.start, there.end)

    words = moved(Span(quote.start, quote.end))
    return replace(
        quote,
        text=words.text,
        start=words.start,
        end=words.end,
        cue=quote.cue and moved(quote.cue),
        mention=quote.mention and moved(quote.mention),
    )
