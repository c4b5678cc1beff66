"""A cleaned text -> its quotations: find, attribute, resolve, put together.

The stages are imported when a text needs them: one without quotation marks needs none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from quotedex.models import Attribution, MarkedSpan, Quote, Span, Speaker
from quotedex.options import Options

Resolve = Callable[[str, Sequence[MarkedSpan], Sequence[Attribution | None]], list[Speaker | None]]
"""One speaker for each span: `resolve.resolve`, or what takes its place."""

DOUBLE_MARKS = frozenset('“”"')
AGAIN = "the words of another quotation, printed again"


def extract_quotes(
    text: str, options: Options | None = None, resolve: Resolve | None = None
) -> tuple[Quote, ...]:
    """The quotations of a cleaned text, with offsets into it.

    `resolve` may take the place of `resolve.resolve`. Boilerplate is skipped. A pull-quote takes
    the source printed with it, or that of the quotation it repeats.
    """
    options = options or Options()
    from quotedex.extract.find import find
    from quotedex.extract.layout.boilerplate import furniture_of, without

    read = without(text, furniture_of(text))
    spans = find(read)
    if not spans:
        return ()
    from quotedex.extract.attribute import attribute

    said = _said(read, spans, attribute(read, spans, options.model), options)
    if not any(said.attributions):
        return ()
    own = [
        None
        if index in said.repeats and attribution and attribution.mention is None
        else attribution
        for index, attribution in enumerate(said.attributions)
    ]
    speakers = (resolve or _default_resolve(options))(read, spans, own)
    for index, original in said.repeats.items():
        speakers[index] = speakers[index] or _repeated(speakers[original])
    attributions = [
        weighed if weighed and weighed.confidence >= options.min_confidence else None
        for weighed in map(_weighed, said.attributions, speakers)
    ]
    return tuple(_quotes(text, spans, attributions, speakers, said.repeats))


@dataclass(frozen=True, slots=True)
class Said:
    """The attribution of each span, None where nobody says it, and of pull-quotes the index of the
    span that they repeat."""

    attributions: list[Attribution | None]
    repeats: Mapping[int, int]


def _said(
    text: str,
    spans: Sequence[MarkedSpan],
    attributed: Sequence[Attribution | None],
    options: Options,
) -> Said:
    from quotedex.extract.layout.pull_quotes import repeats_of
    from quotedex.extract.layout.standalone import credited, standing_alone

    wanted = [options.marks == "all" or _in_double_marks(text, span) for span in spans]
    alone = standing_alone(text, spans)
    attributions = [
        attribution
        if ok and attribution and attribution.confidence >= options.min_confidence
        else None
        for ok, attribution in zip(wanted, credited(attributed, spans, alone), strict=True)
    ]
    repeats = {
        index: original
        for index, original in repeats_of(text, spans, attributions, alone).items()
        if wanted[index]
    }
    for index, original in repeats.items():
        if attributions[index] is None or alone.get(index) is None:
            attributions[index] = _again(attributions[original], alone.get(index))
    return Said(attributions, repeats)


def _again(original: Attribution | None, name: Span | None) -> Attribution | None:
    """The attribution of a pull-quote that the text around it does not tell the source of."""
    confidence = original.confidence if original else 0.0
    return Attribution(mention=name, cue=None, antecedent=None, confidence=confidence, why=AGAIN)


def _repeated(speaker: Speaker | None) -> Speaker | None:
    """The speaker of a pull-quote with no source of its own."""
    return speaker and replace(speaker, why="the speaker of the quotation that this one repeats")


def _in_double_marks(text: str, span: MarkedSpan) -> bool:
    marks = text[span.outer_start : span.start].strip(), text[span.end : span.outer_end].strip()
    return span.parent is None and any(mark in DOUBLE_MARKS for mark in marks)


def _default_resolve(options: Options) -> Resolve:
    from quotedex.extract.resolve import resolve

    return partial(resolve, spacy_model=options.spacy_model)


def _weighed(attribution: Attribution | None, speaker: Speaker | None) -> Attribution | None:
    """With the probability that the speaker is right too, where one is given."""
    if attribution is None or speaker is None:
        return attribution
    return replace(attribution, confidence=round(attribution.confidence * speaker.certainty, 4))


def _quotes(
    text: str,
    spans: Sequence[MarkedSpan],
    attributions: Sequence[Attribution | None],
    speakers: Sequence[Speaker | None],
    repeats: Mapping[int, int],
) -> Iterator[Quote]:
    """The spans that somebody says, numbered anew."""
    from quotedex.extract.utterances import kinds_of, utterances_of

    said = {
        index: (spans[index], attribution)
        for index, attribution in enumerate(attributions)
        if attribution is not None
    }
    first_time = [index for index in said if index not in repeats]
    utterance_of = dict(
        zip(first_time, utterances_of(text, [said[index] for index in first_time]), strict=True)
    )
    # A pull-quote goes on with nothing.
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
            cue=attribution.cue,
            mention=attribution.mention,
            speaker=speakers[index],
            why=attribution.why,
            repeats=number_of.get(repeats.get(index, -1)),
        )


def _parent(
    spans: Sequence[MarkedSpan], span: MarkedSpan, number_of: Mapping[int, int]
) -> int | None:
    """The number of the nearest quotation around `span`; spans that nobody says are passed."""
    around = span.parent
    while around is not None and around not in number_of:
        around = spans[around].parent
    return None if around is None else number_of[around]
