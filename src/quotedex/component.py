"""The spaCy component: `nlp.add_pipe("quotedex")`, then `doc._.quotes`, `doc.spans["quotes"]`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from spacy.language import Language
from spacy.pipeline import Pipe
from spacy.tokens import Doc
from spacy.tokens import Span as TokenSpan

from quotedex.extract import Extractor, carried_back
from quotedex.extract.clean import clean
from quotedex.extract.pipeline import Model, quotes_of
from quotedex.models import Quote, Span, Speaker

# What resolution reads in a parse; a pipeline without one of these gets help from our own.
NEEDED = ("TAG", "LEMMA", "DEP", "ENT_IOB")
SPANS_KEY = "quotes"
# `Doc.to_bytes` and processes of `nlp.pipe` carry user data as plain values only.
USER_DATA_KEY = "quotedex_quotes"
NOBODY_NAMED = "(nobody named)"


@Language.factory(
    "quotedex",
    assigns=["doc._.quotes", "doc.spans"],
    default_config={"spacy_model": None, "min_confidence": 0.0, "model": "default"},
)
def create(
    nlp: Language, name: str, spacy_model: str | None, min_confidence: float, model: Model
) -> QuotationFinder:
    """The factory: `nlp.add_pipe("quotedex", config={"min_confidence": 0.8})`."""
    return QuotationFinder(name, Extractor(spacy_model, min_confidence, model=model))


class QuotationFinder(Pipe):
    """Sets `doc._.quotes`, a tuple of `Quote` with offsets into `doc.text`, and the same
    quotations as `doc.spans["quotes"]`, labelled with their speakers.

    Put it last. It reads the tags, lemmas, dependencies and entities of the components before it.
    Where one of these is missing, or the text is not read as it is (it needed cleaning, or holds a
    byline or a notice), the pipeline that `extractor` names is loaded and parses documents with
    quotations once more; `doc` keeps its annotations.
    """

    def __init__(self, name: str, extractor: Extractor) -> None:
        self.name = name
        self.extractor = extractor
        install_extensions()

    def __call__(self, doc: Doc) -> Doc:
        self.set_annotations(doc, self.predict(doc))
        return doc

    def predict(self, doc: Doc) -> tuple[Quote, ...]:
        """The quotations of `doc`, which stays as it is."""

        def parse(text: str) -> Doc:
            ready = text == doc.text and all(map(doc.has_annotation, NEEDED))
            return doc if ready else self.extractor.parse(text)

        cleaned = clean(doc.text)
        quotes = quotes_of(
            cleaned.text,
            parse,
            self.extractor.min_confidence,
            model=self.extractor.model,
        )
        return tuple(carried_back(quotes, doc.text, cleaned.offsets))

    def set_annotations(self, doc: Doc, quotes: Sequence[Quote]) -> None:
        doc._.quotes = quotes
        spans = [_labelled(doc, quote) for quote in quotes]
        doc.spans[SPANS_KEY] = [span for span in spans if span is not None]


def _labelled(doc: Doc, quote: Quote) -> TokenSpan | None:
    """The quotation's tokens, one that glues words to a mark ("said“No”") as a whole."""
    label = quote.speaker.name if quote.speaker else NOBODY_NAMED
    return doc.char_span(quote.start, quote.end, label=label, alignment_mode="expand")


def install_extensions() -> None:
    """Make `doc._.quotes` known to spaCy; more than once does no harm."""
    if not Doc.has_extension("quotes"):
        Doc.set_extension("quotes", getter=_get_quotes, setter=_set_quotes)


def _get_quotes(doc: Doc) -> tuple[Quote, ...]:
    return tuple(_from_plain(values) for values in doc.user_data.get(USER_DATA_KEY, ()))


def _set_quotes(doc: Doc, quotes: Sequence[Quote]) -> None:
    doc.user_data[USER_DATA_KEY] = [asdict(quote) for quote in quotes]


def _from_plain(values: Mapping[str, Any]) -> Quote:
    parts = {"cue": Span, "mention": Span, "speaker": Speaker}
    made = {name: values[name] and part(**values[name]) for name, part in parts.items()}
    return Quote(**{**values, **made})
