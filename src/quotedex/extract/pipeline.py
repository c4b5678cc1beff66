"""From a cleaned text to its quotations: find, attribute, resolve, group into utterances.

The stages are imported when a text needs them: one without quotation marks needs none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from quotedex.models import Attribution, MarkedSpan, Quote, Span, Speaker
from quotedex.options import Options
from quotedex.text.marks import DOUBLE

if TYPE_CHECKING:
    from quotedex.extract.attribute import Calibration
    from quotedex.extract.layout.unmarked import UnmarkedQuotation

Resolve = Callable[[str, Sequence[MarkedSpan], Sequence[Attribution | None]], list[Speaker | None]]
"""One speaker for each span: `resolve.resolve`, or a replacement."""

DOUBLE_MARKS = frozenset(DOUBLE)
WHY_PULL_QUOTE = "the words of another quotation, printed again"
WHY_PULL_QUOTE_SPEAKER = "the speaker of the quotation that this one repeats"


def extract_quotes(
    text: str,
    options: Options | None = None,
    resolve: Resolve | None = None,
    calibration: Calibration | None = None,
) -> tuple[Quote, ...]:
    """The quotations of a cleaned text, with offsets into it.

    `resolve` replaces `resolve.resolve`, `calibration` that of the model. Boilerplate is skipped. A
    pull-quote takes the source printed with it, or that of the quotation it repeats.
    """
    options = options or Options()
    from quotedex.extract.find import find
    from quotedex.extract.layout.boilerplate import blank_out, boilerplate_lines

    article = blank_out(text, boilerplate_lines(text))
    marked = find(article)
    unmarked = _unmarked(article, marked) if options.marks == "all" else []
    if not marked and not unmarked:
        return ()
    from quotedex.extract.attribute import attribute, calibration_of
    from quotedex.extract.layout.unmarked import with_unmarked

    calibration = calibration or calibration_of(options.model)
    found = attribute(article, marked, options.model, calibration.threshold)
    spans, attributions = with_unmarked(marked, found, unmarked)
    attributed = _apply_layout(article, spans, attributions, options)
    # A speaker can only take confidence away, so a text may be done before it is parsed.
    best = [_calibrated(each, None, calibration) for each in attributed.attributions if each]
    if all(each.confidence < options.min_confidence for each in best):
        return ()
    speakers = (resolve or _default_resolve(options))(article, spans, attributed.own())
    for index, original in attributed.repeats.items():
        speakers[index] = speakers[index] or _repeated_speaker(speakers[original])
    sure = [
        attribution and _calibrated(attribution, speaker, calibration)
        for attribution, speaker in zip(attributed.attributions, speakers, strict=True)
    ]
    kept = [each if each and each.confidence >= options.min_confidence else None for each in sure]
    return tuple(_quotes(text, spans, kept, speakers, attributed.repeats))


@dataclass(frozen=True, slots=True)
class AttributedSpans:
    """The attribution of each span, None where nobody says it, and for each pull-quote, by index,
    the index of the span that it repeats."""

    attributions: list[Attribution | None]
    repeats: Mapping[int, int]

    def own(self) -> list[Attribution | None]:
        """The attributions without those of pull-quotes that name no source of their own."""
        return [
            None
            if index in self.repeats and attribution and attribution.mention is None
            else attribution
            for index, attribution in enumerate(self.attributions)
        ]


def _unmarked(text: str, marked: Sequence[MarkedSpan]) -> list[UnmarkedQuotation]:
    """The quotations that stand in no marks; a transcript has no posts."""
    from quotedex.extract.layout.posts import posts_of
    from quotedex.extract.layout.turns import turns_of

    return turns_of(text, marked) or posts_of(text, marked)


def _apply_layout(
    text: str,
    spans: Sequence[MarkedSpan],
    attributions: Sequence[Attribution | None],
    options: Options,
) -> AttributedSpans:
    """Corrects the network's attributions by what the layout shows: credits and pull-quotes."""
    from quotedex.extract.layout.pull_quotes import repeats_of
    from quotedex.extract.layout.standalone import apply_credits, standalone_spans

    wanted = [options.marks == "all" or _in_double_marks(text, span) for span in spans]
    standalone = standalone_spans(text, spans)
    corrected = [
        attribution if ok else None
        for ok, attribution in zip(
            wanted, apply_credits(attributions, spans, standalone), strict=True
        )
    ]
    repeats = {
        index: original
        for index, original in repeats_of(text, spans, corrected, standalone).items()
        if wanted[index]
    }
    for index, original in repeats.items():
        if corrected[index] is None or standalone.get(index) is None:
            corrected[index] = _pull_quote_attribution(corrected[original], standalone.get(index))
    return AttributedSpans(corrected, repeats)


def _pull_quote_attribution(original: Attribution | None, name: Span | None) -> Attribution:
    """The attribution of a pull-quote without one in a sentence; `name` is printed with it."""
    return Attribution(
        mention=name,
        cue=None,
        confidence=original.confidence if original else 0.0,
        why=WHY_PULL_QUOTE,
    )


def _repeated_speaker(original: Speaker | None) -> Speaker | None:
    return original and replace(original, why=WHY_PULL_QUOTE_SPEAKER)


def _in_double_marks(text: str, span: MarkedSpan) -> bool:
    marks = text[span.outer_start : span.start].strip(), text[span.end : span.outer_end].strip()
    return span.parent is None and any(mark in DOUBLE_MARKS for mark in marks)


def _default_resolve(options: Options) -> Resolve:
    from quotedex.extract.resolve import resolve

    return partial(resolve, spacy_model=options.spacy_model)


def _calibrated(
    attribution: Attribution, speaker: Speaker | None, calibration: Calibration
) -> Attribution:
    """The attribution with the confidence that it and its speaker, if there is one, are right."""
    from quotedex.extract.attribute import calibrated

    probability = attribution.confidence * (speaker.certainty if speaker else 1.0)
    return replace(attribution, confidence=round(calibrated(probability, calibration), 4))


def _quotes(
    text: str,
    spans: Sequence[MarkedSpan],
    attributions: Sequence[Attribution | None],
    speakers: Sequence[Speaker | None],
    repeats: Mapping[int, int],
) -> Iterator[Quote]:
    """A quotation for each span with an attribution; indices count among these."""
    from quotedex.extract.utterances import kinds_of, utterances_of

    said = {
        index: (spans[index], attribution)
        for index, attribution in enumerate(attributions)
        if attribution is not None
    }
    originals = [index for index in said if index not in repeats]
    utterance_of = dict(
        zip(originals, utterances_of(text, [said[index] for index in originals]), strict=True)
    )
    # A pull-quote is an utterance of its own.
    for index in said:
        utterance_of.setdefault(index, len(utterance_of))
    utterances = [utterance_of[index] for index in said]
    kinds = kinds_of(text, spans, [span for span, _ in said.values()], utterances)
    number_of = {index: number for number, index in enumerate(said)}
    for number, (index, (span, attribution)) in enumerate(said.items()):
        yield Quote(
            text=text[span.start : span.end],
            start=span.start,
            end=span.end,
            kind=kinds[number],
            utterance=utterances[number],
            parent=_parent(spans, span, number_of),
            confidence=attribution.confidence,
            cue=_with_words(text, attribution.cue),
            mention=_with_words(text, attribution.mention),
            speaker=speakers[index],
            why=attribution.why,
            repeats=number_of.get(repeats.get(index, -1)),
        )


def _with_words(text: str, span: Span | None) -> Span | None:
    return span and Span.of(text, span.start, span.end)


def _parent(
    spans: Sequence[MarkedSpan], span: MarkedSpan, number_of: Mapping[int, int]
) -> int | None:
    """The number of the innermost quotation around `span`, skipping spans that nobody says."""
    around = span.parent
    while around is not None and around not in number_of:
        around = spans[around].parent
    return None if around is None else number_of[around]
