"""The spaCy component: `nlp.add_pipe("quotedex")`, then `doc._.quotes`, `doc.spans["quotes"]`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from spacy.language import Language
from spacy.pipeline import Pipe
from spacy.tokens import Doc
from spacy.tokens import Span as TokenSpan

from quotedex.extract import to_given_offsets
from quotedex.extract.clean import clean
from quotedex.extract.pipeline import extract_quotes
from quotedex.extract.resolve import resolve, resolve_doc
from quotedex.models import Attribution, MarkedSpan, Quote, Speaker
from quotedex.options import DEFAULT_SPACY_MODEL, Model, Options

# The annotations that resolving speakers needs. If one is missing, the text is parsed again.
NEEDED = ("TAG", "LEMMA", "DEP", "ENT_IOB")
SPANS_KEY = "quotes"
# `Doc.to_bytes` and the processes of `nlp.pipe` can only transfer plain values as user data.
USER_DATA_KEY = "quotedex_quotes"
UNKNOWN_SPEAKER = "(unknown speaker)"


@Language.factory(
    "quotedex",
    assigns=["doc._.quotes", "doc.spans", "span._.quote", "span._.speaker"],
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
    """Finds quotations and their speakers.

    Sets `doc._.quotes`, a tuple of `Quote` with offsets into `doc.text`, and `doc.spans["quotes"]`,
    the same quotations as spans labelled with their speakers. Of such a span, `span._.quote` is the
    `Quote` and `span._.speaker` its `Speaker`; both are None for any other span.

    Add it at the end of a pipeline, since it uses tags, lemmas, dependencies and entities. If one
    of these is missing, or the text needed cleaning or contains boilerplate, a document with
    quotations is parsed again by the pipeline named in `options`; `doc` keeps its annotations.
    Raises ModelError if that pipeline is not installed.
    """

    def __init__(self, name: str, options: Options) -> None:
        self.name = name
        self.options = options
        install_extensions()

    def __call__(self, doc: Doc) -> Doc:
        self.set_annotations(doc, self.predict(doc))
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Process a stream of documents, `batch_size` at a time.

        The error handler of the pipeline decides what becomes of a document that fails.
        """
        rest, handle_error = iter(stream), self.get_error_handler()
        while batch := list(islice(rest, batch_size)):
            for doc in batch:
                try:
                    self.set_annotations(doc, self.predict(doc))
                except Exception as error:
                    handle_error(self.name, self, [doc], error)
                else:
                    yield doc

    def predict(self, doc: Doc) -> tuple[Quote, ...]:
        """Return the quotations of `doc` without changing it."""

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
        """Set `doc._.quotes` and `doc.spans["quotes"]`."""
        doc._.quotes = quotes
        spans = [_labelled_span(doc, quote) for quote in quotes]
        doc.spans[SPANS_KEY] = [span for span in spans if span is not None]


def install_extensions() -> None:
    """Register `doc._.quotes`, `span._.quote` and `span._.speaker`, once."""
    if not Doc.has_extension("quotes"):
        Doc.set_extension("quotes", getter=_get_quotes, setter=_set_quotes)
    if not TokenSpan.has_extension("quote"):
        TokenSpan.set_extension("quote", getter=_get_quote)
    if not TokenSpan.has_extension("speaker"):
        TokenSpan.set_extension("speaker", getter=_get_speaker)


def _labelled_span(doc: Doc, quote: Quote) -> TokenSpan | None:
    """The quotation's tokens. A token that includes a mark (in "said“No”") is kept whole."""
    label = quote.speaker.name if quote.speaker else UNKNOWN_SPEAKER
    return doc.char_span(quote.start, quote.end, label=label, alignment_mode="expand")


def _get_quotes(doc: Doc) -> tuple[Quote, ...]:
    return tuple(map(Quote.from_dict, doc.user_data.get(USER_DATA_KEY, ())))


def _get_quote(span: TokenSpan) -> Quote | None:
    """The quotation whose tokens these are."""
    for values in span.doc.user_data.get(USER_DATA_KEY, ()):
        tokens = span.doc.char_span(values["start"], values["end"], alignment_mode="expand")
        if tokens is not None and (tokens.start, tokens.end) == (span.start, span.end):
            return Quote.from_dict(values)
    return None


def _get_speaker(span: TokenSpan) -> Speaker | None:
    quote = _get_quote(span)
    return quote.speaker if quote else None


def _set_quotes(doc: Doc, quotes: Sequence[Quote]) -> None:
    doc.user_data[USER_DATA_KEY] = [quote.to_dict() for quote in quotes]
