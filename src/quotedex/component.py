"""The spaCy component: `nlp.add_pipe("quotedex")`, then `doc._.quotes`, `doc.spans["quotes"]`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from spacy.language import Language
from spacy.pipeline import Pipe
from spacy.tokens import Doc
from spacy.tokens import Span as TokenSpan

from quotedex.extract import to_given_offsets
from quotedex.extract.clean import clean
from quotedex.extract.pipeline import extract_quotes
from quotedex.extract.resolve import resolve, resolve_doc
from quotedex.models import Attribution, MarkedSpan, Quote, Span, Speaker
from quotedex.options import DEFAULT_SPACY_MODEL, Model, Options

# What resolution reads in a parse; a pipeline without one of these gets help from our own.
NEEDED = ("TAG", "LEMMA", "DEP", "ENT_IOB")
SPANS_KEY = "quotes"
# `Doc.to_bytes` and processes of `nlp.pipe` carry user data as plain values only.
USER_DATA_KEY = "quotedex_quotes"
NOBODY_NAMED = "(nobody named)"


@Language.factory(
    "quotedex",
    assigns=["doc._.quotes", "doc.spans"],
    default_config={
        "spacy_model": DEFAULT_SPACY_MODEL,
        "min_confidence": 0.0,
        "model": "default",
    },
)
def create(
    nlp: Language, name: str, spacy_model: str, min_confidence: float, model: Model
) -> QuotationFinder:
    """The factory: `nlp.add_pipe("quotedex", config={"min_confidence": 0.8})`."""
    options = Options(model=model, spacy_model=spacy_model, min_confidence=min_confidence)
    return QuotationFinder(name, options)


class QuotationFinder(Pipe):
    """Sets `doc._.quotes`, a tuple of `Quote` with offsets into `doc.text`, and the same
    quotations as `doc.spans["quotes"]`, labelled with their speakers.

    Put it last: it uses the tags, lemmas, dependencies and entities of the components before it.
    If one of these is missing, or the text needed cleaning or holds boilerplate, it parses
    documents with quotations once more, with the pipeline that `options` name; `doc` keeps its
    annotations.
    """

    def __init__(self, name: str, options: Options) -> None:
        self.name = name
        self.options = options
        install_extensions()

    def __call__(self, doc: Doc) -> Doc:
        self.set_annotations(doc, self.predict(doc))
        return doc

    def predict(self, doc: Doc) -> tuple[Quote, ...]:
        """The quotations of `doc`, which is not changed."""

        def resolve_with_doc(
            text: str,
            spans: Sequence[MarkedSpan],
            attributions: Sequence[Attribution | None],
        ) -> list[Speaker | None]:
            if text == doc.text and all(map(doc.has_annotation, NEEDED)):
                return resolve_doc(doc, spans, attributions)
            return resolve(text, spans, attributions, self.options.spacy_model)

        cleaned = clean(doc.text)
        quotes = extract_quotes(cleaned.text, self.options, resolve_with_doc)
        return tuple(to_given_offsets(quotes, doc.text, cleaned.offsets))

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
