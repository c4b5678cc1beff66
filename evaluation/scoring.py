"""Scores predicted quotations against the gold standard.

Each score is precision, recall and F1 over all documents of a set:

detection        a quotation was found: the intersection of its span with an annotated one is at
                 least half of their union
mention          ... and the words given as its source overlap the annotated ones, or end in the
                 same word
speaker          ... and the speaker's name is the annotated one, apart from case, titles, leading
                 articles and possessive endings; for groups and anonymous sources, either may be
                 part of the other
high_confidence  the speaker score of those quotations alone that have a speaker and a confidence
                 of 0.8 or more

Every prediction counts for precision, so reporting a title in quotation marks costs some.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from evaluation.gold import GoldDocument, GoldQuote, GoldSet
from evaluation.polnear import covered
from quotedex.models import Quote, Span

MIN_IOU = 0.5  # intersection over union from which two spans are the same quotation
HIGH_CONFIDENCE = 0.8
BINS = 10  # of confidence, in the reliability table
LEADING_WORDS = re.compile(
    "(?:the|an?|one|mrs?|miss|ms|dr|sir|dame|lord|lady|sen|senator|rep|representative|gov|governor"
    "|president|prime minister|chancellor|justice|judge|prof|professor|gen|general|col|capt|captain"
    "|sgt|det|rev|congressman|congresswoman|secretary|minister|mayor|king|queen|pope|imam|rabbi) "
    r"(?=\S)"
)
UNNAMED = frozenset({"anonymous", "group"})  # kinds of speakers
PRONOUNS = frozenset({"he", "she", "they", "it", "i", "we", "who"})


@dataclass(frozen=True, slots=True)
class PredictedQuote:
    """One quotation that a program reports; `confidence` is None where it gives none."""

    span: Span
    mention: Span | None
    speaker: str | None
    confidence: float | None = None
    nested: bool = False


def predicted(quotes: Iterable[Quote]) -> list[PredictedQuote]:
    """quotedex's quotations as predictions. Turns of a transcript are left out: no set annotates
    words without quotation marks."""
    return [
        PredictedQuote(
            span=Span(quote.start, quote.end),
            mention=quote.mention,
            speaker=quote.speaker.name if quote.speaker else None,
            confidence=quote.confidence,
            nested=quote.parent is not None,
        )
        for quote in quotes
        if quote.kind != "turn"
    ]


@dataclass(frozen=True, slots=True)
class PRF:
    """Precision, recall and F1, from the numbers of correct, predicted and annotated items."""

    correct: int
    predicted: int
    annotated: int

    @property
    def precision(self) -> float:
        return self.correct / max(1, self.predicted)

    @property
    def recall(self) -> float:
        return self.correct / max(1, self.annotated)

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """The quotations whose confidence lies in one tenth, from `low` on: how many, their mean
    confidence, and how many are correct."""

    low: float
    count: int
    confidence: float
    correct: int


@dataclass(frozen=True, slots=True)
class WrongQuote:
    """An annotated quotation that was not found, or whose source or speaker is wrong."""

    document: str
    quotation: str
    source: str
    speaker: str | None
    found: bool
    predicted_mention: str | None
    predicted_speaker: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """The scores of one program on one set.

    `negatives` are the annotated spans that are not quotations, `false_positives` how many of them
    were reported. `by_source` has (correct mentions, correct speakers, all) for sources that are
    pronouns, names and other noun phrases ("nominal"), and for quotations without one ("none").
    """

    detection: PRF
    mention: PRF
    speaker: PRF
    high_confidence: PRF
    negatives: int
    false_positives: int
    by_source: Mapping[str, tuple[int, int, int]]
    reliability: tuple[ReliabilityBin, ...]
    errors: tuple[WrongQuote, ...]

    @property
    def confident_share(self) -> float:
        """The share of the reported quotations that have a speaker and high confidence."""
        return self.high_confidence.predicted / max(1, self.detection.predicted)


def score(gold: GoldSet, predictions: Mapping[str, Sequence[PredictedQuote]]) -> Report:
    """Compare `predictions` (document name -> quotations) with the gold standard. A document
    without an entry counts as one in which nothing was found."""
    counts = _Counts(gold.complete)
    for document in gold.documents:
        counts.add(document, predictions.get(document.name, ()))
    return counts.report()


def outcomes(
    document: GoldDocument, predictions: Sequence[PredictedQuote], *, complete: bool
) -> list[bool | None]:
    """Whether each prediction is right: a quotation with the right speaker or, where either has no
    speaker, with the right mention. None where that is not annotated."""
    matches = _match_counted(document, predictions)
    outcome: list[bool | None] = [False] * len(predictions)
    for index, prediction in enumerate(predictions):
        if _is_ignored(document, prediction) or (prediction.nested and not complete):
            outcome[index] = None
    for quote, at in zip(document.quotes, matches, strict=True):
        if at is not None and quote.spoken:
            outcome[at] = _is_right(document.text, quote, predictions[at], complete)
    return outcome


def _is_right(
    text: str, quote: GoldQuote, prediction: PredictedQuote, complete: bool
) -> bool | None:
    if not _source_annotated(quote, complete):
        return None
    if prediction.speaker is None or quote.speaker is None:
        return same_mention(text, prediction.mention, quote)
    return same_speaker(prediction.speaker, quote)


def _source_annotated(quote: GoldQuote, complete: bool) -> bool:
    return complete or bool(quote.source)


@dataclass
class _Counts:
    complete: bool
    predicted: int = 0
    predicted_mentions: int = 0
    predicted_speakers: int = 0
    predicted_confident: int = 0
    quotations: int = 0
    with_source: int = 0
    found: int = 0
    correct_mentions: int = 0
    correct_speakers: int = 0
    correct_confident: int = 0
    negatives: int = 0
    false_positives: int = 0
    by_source: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    confidences: list[tuple[float, bool]] = field(default_factory=list)
    errors: list[WrongQuote] = field(default_factory=list)

    def add(self, document: GoldDocument, predictions: Sequence[PredictedQuote]) -> None:
        counted = [each for each in predictions if not _is_ignored(document, each)]
        self.predicted += len(counted)
        # "Nobody is named" is an answer, too, where it is annotated.
        self.predicted_mentions += sum(self.complete or p.mention is not None for p in counted)
        self.predicted_speakers += sum(self.complete or p.speaker is not None for p in counted)
        self.predicted_confident += sum(_is_confident(p) for p in counted)
        for quote, index in zip(
            document.quotes, _match_counted(document, predictions), strict=True
        ):
            prediction = None if index is None else predictions[index]
            if not quote.spoken:
                self.negatives += 1
                self.false_positives += prediction is not None
                continue
            self.quotations += 1
            self.found += prediction is not None
            if _source_annotated(quote, self.complete):
                self._add_source(document, quote, prediction)
        right = outcomes(document, predictions, complete=self.complete)
        self.confidences += [
            (prediction.confidence, correct)
            for prediction, correct in zip(predictions, right, strict=True)
            if prediction.confidence is not None and correct is not None
        ]

    def _add_source(
        self, document: GoldDocument, quote: GoldQuote, prediction: PredictedQuote | None
    ) -> None:
        text = document.text
        source = " ".join(text[span.start : span.end] for span in quote.source)
        mention = prediction.mention if prediction else None
        speaker = prediction.speaker if prediction else None
        mention_correct = prediction is not None and same_mention(text, mention, quote)
        speaker_correct = (
            prediction is not None
            and (self.complete or quote.speaker is not None)
            and same_speaker(speaker, quote)
        )
        self.with_source += 1
        self.correct_mentions += mention_correct
        self.correct_speakers += speaker_correct
        self.correct_confident += (
            speaker_correct and prediction is not None and _is_confident(prediction)
        )
        kind = _source_kind(source)
        mentions, speakers, total = self.by_source.get(kind, (0, 0, 0))
        self.by_source[kind] = mentions + mention_correct, speakers + speaker_correct, total + 1
        if not (mention_correct and speaker_correct):
            self.errors.append(
                WrongQuote(
                    document.name,
                    text[quote.span.start : quote.span.end],
                    source,
                    quote.speaker,
                    prediction is not None,
                    text[mention.start : mention.end] if mention else None,
                    speaker,
                )
            )

    def report(self) -> Report:
        return Report(
            detection=PRF(self.found, self.predicted, self.quotations),
            mention=PRF(self.correct_mentions, self.predicted_mentions, self.with_source),
            speaker=PRF(self.correct_speakers, self.predicted_speakers, self.with_source),
            high_confidence=PRF(self.correct_confident, self.predicted_confident, self.with_source),
            negatives=self.negatives,
            false_positives=self.false_positives,
            by_source=dict(sorted(self.by_source.items())),
            reliability=reliability(self.confidences),
            errors=tuple(self.errors),
        )


def _is_confident(prediction: PredictedQuote) -> bool:
    return (
        prediction.speaker is not None
        and prediction.confidence is not None
        and prediction.confidence >= HIGH_CONFIDENCE
    )


def _is_ignored(document: GoldDocument, prediction: PredictedQuote) -> bool:
    return any(iou(span, prediction.span) >= MIN_IOU for span in document.ignored)


def _match_counted(
    document: GoldDocument, predictions: Sequence[PredictedQuote]
) -> list[int | None]:
    """As `match`, without the predictions that are ignored."""
    counted = [i for i, each in enumerate(predictions) if not _is_ignored(document, each)]
    found = match(document.quotes, [predictions[index] for index in counted])
    return [None if index is None else counted[index] for index in found]


def match(gold: Sequence[GoldQuote], predictions: Sequence[PredictedQuote]) -> list[int | None]:
    """For each annotated span, the index of the unused prediction that fits it best, None where
    none fits. Quotations choose first, in turn."""
    used: set[int] = set()
    matches: list[int | None] = [None] * len(gold)
    for at in sorted(range(len(gold)), key=lambda at: not gold[at].spoken):
        free = [index for index in range(len(predictions)) if index not in used]
        fits = {index: iou(gold[at].span, predictions[index].span) for index in free}
        best = max(free, key=fits.__getitem__, default=None)
        if best is not None and fits[best] >= MIN_IOU:
            used.add(best)
            matches[at] = best
    return matches


def iou(one: Span, other: Span) -> float:
    """Intersection over union of two spans; 0 where they are apart."""
    union = max(one.end, other.end) - min(one.start, other.start)
    return covered(one, [other]) / union if union else 0.0


def same_mention(text: str, predicted: Span | None, quote: GoldQuote) -> bool:
    """ "Poole" is the same as "Ada Poole" there, and as "Ms Poole" elsewhere in the text."""
    if quote.any_mention:
        return predicted is not None
    if predicted is None or not quote.source:
        return predicted is None and not quote.source
    if covered(predicted, quote.source):
        return True
    words = re.findall(r"\w+", text[predicted.start : predicted.end].lower())
    annotated = re.findall(r"\w+", text[quote.source[-1].start : quote.source[-1].end].lower())
    return bool(words and annotated) and words[-1] == annotated[-1]


def same_speaker(predicted: str | None, quote: GoldQuote) -> bool:
    """Whether a name is one of the right ones; None is right where nobody is."""
    names = [quote.speaker, *quote.also]
    return any(same_name(predicted, name, quote.kind) for name in names)


def same_name(predicted: str | None, annotated: str | None, kind: str | None = None) -> bool:
    """ "Sen. Ada Poole" is "Ada Poole", "the Harbour Board's" is "Harbour Board".

    For sources without a name ("one senior aide"), part of the description is enough ("an aide"
    would not be).
    """
    if predicted is None or annotated is None:
        return predicted is annotated
    left, right = _bare_name(predicted), _bare_name(annotated)
    if kind in UNNAMED and left and right:
        return f" {left} " in f" {right} " or f" {right} " in f" {left} "
    return left == right


def _bare_name(name: str) -> str:
    name = re.sub(r"[’']s?$", "", name.strip().lower())
    name = re.sub(r"\W+", " ", name).strip()
    while match := LEADING_WORDS.match(name):
        name = name[match.end() :]
    return name


def _source_kind(source: str) -> str:
    if not source:
        return "none"
    if source.lower() in PRONOUNS:
        return "pronoun"
    return "name" if re.search(r"[A-Z]", source) else "nominal"


def reliability(confidences: Sequence[tuple[float, bool]]) -> tuple[ReliabilityBin, ...]:
    """One bin for each tenth of confidence that is not empty, from (confidence, correct) of each
    prediction; 1.0 is in the last."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, correct in confidences:
        bins.setdefault(min(int(confidence * BINS), BINS - 1), []).append((confidence, correct))
    return tuple(
        ReliabilityBin(
            low=number / BINS,
            count=len(members),
            confidence=sum(confidence for confidence, _correct in members) / len(members),
            correct=sum(correct for _confidence, correct in members),
        )
        for number, members in sorted(bins.items())
    )
