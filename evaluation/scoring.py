"""Scores predicted quotations against the gold standard.

Each score is precision, recall and F1 over all documents of a set:

detection        a quotation was found: the intersection of its span with an annotated one is at
                 least half of their union
mention          ... and the words given as its source overlap the annotated ones, or end in the
                 same word
speaker          ... and the speaker's name is the annotated one, apart from case, titles, leading
                 articles and possessive endings
high_confidence  the speaker score of those quotations alone whose confidence is 0.8 or more

Every prediction counts for precision, so reporting a title in quotation marks costs some.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from evaluation.gold import GoldDocument, GoldQuote, GoldSet
from evaluation.polnear import covered
from quotedex.models import Span

MIN_IOU = 0.5  # intersection over union from which two spans are the same quotation
HIGH_CONFIDENCE = 0.8
BINS = 10  # of confidence, in the reliability table
TITLES = "the|a|an|mr|ms|mrs|dr|sen|rep|gov|president|senator"
PRONOUNS = frozenset({"he", "she", "they", "it", "i", "we", "who"})


@dataclass(frozen=True, slots=True)
class PredictedQuote:
    """One quotation that a program reports; `confidence` is None where it gives none."""

    span: Span
    mention: Span | None
    speaker: str | None
    confidence: float | None = None
    nested: bool = False


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
    were reported. `by_source` has (correct mentions, all) for sources that are pronouns, names and
    other noun phrases ("nominal").
    """

    detection: PRF
    mention: PRF
    speaker: PRF
    high_confidence: PRF
    negatives: int
    false_positives: int
    by_source: Mapping[str, tuple[int, int]]
    reliability: tuple[ReliabilityBin, ...]
    errors: tuple[WrongQuote, ...]


def score(gold: GoldSet, predictions: Mapping[str, Sequence[PredictedQuote]]) -> Report:
    """Compare `predictions` (document name -> quotations) with the gold standard. A document
    without an entry counts as one in which nothing was found."""
    counts = _Counts(gold.nested_annotated)
    for document in gold.documents:
        counts.add(document, predictions.get(document.name, ()))
    return counts.report()


@dataclass
class _Counts:
    nested_annotated: bool
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
    by_source: dict[str, tuple[int, int]] = field(default_factory=dict)
    confidences: list[tuple[float, bool]] = field(default_factory=list)
    errors: list[WrongQuote] = field(default_factory=list)

    def add(self, document: GoldDocument, predictions: Sequence[PredictedQuote]) -> None:
        self.predicted += len(predictions)
        self.predicted_mentions += sum(p.mention is not None for p in predictions)
        self.predicted_speakers += sum(p.speaker is not None for p in predictions)
        self.predicted_confident += sum(
            p.speaker is not None and _confident(p) for p in predictions
        )
        matches = match(document.quotes, predictions)
        for quote, index in zip(document.quotes, matches, strict=True):
            prediction = None if index is None else predictions[index]
            if not quote.spoken:
                self.negatives += 1
                self.false_positives += prediction is not None
                self._add_confidence(prediction, False)
                continue
            self.quotations += 1
            self.found += prediction is not None
            if quote.source:
                self._add_source(document, quote, prediction)
        matched = set(matches)
        for index, prediction in enumerate(predictions):
            if index not in matched and (self.nested_annotated or not prediction.nested):
                self._add_confidence(prediction, False)

    def _add_source(
        self, document: GoldDocument, quote: GoldQuote, prediction: PredictedQuote | None
    ) -> None:
        text = document.text
        source = " ".join(text[span.start : span.end] for span in quote.source)
        mention = prediction.mention if prediction else None
        speaker = prediction.speaker if prediction else None
        mention_correct = same_mention(text, mention, quote.source)
        speaker_correct = quote.speaker is not None and same_name(speaker, quote.speaker)
        self.with_source += 1
        self.correct_mentions += mention_correct
        self.correct_speakers += speaker_correct
        self.correct_confident += (
            speaker_correct and prediction is not None and _confident(prediction)
        )
        correct, total = self.by_source.get(_source_kind(source), (0, 0))
        self.by_source[_source_kind(source)] = (correct + mention_correct, total + 1)
        # The confidence is that of the mention and, where one is given, of the speaker.
        speaker_open = None in (speaker, quote.speaker)
        self._add_confidence(prediction, mention_correct and (speaker_correct or speaker_open))
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

    def _add_confidence(self, prediction: PredictedQuote | None, correct: bool) -> None:
        if prediction is not None and prediction.confidence is not None:
            self.confidences.append((prediction.confidence, correct))

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


def _confident(prediction: PredictedQuote) -> bool:
    return prediction.confidence is not None and prediction.confidence >= HIGH_CONFIDENCE


def match(gold: Sequence[GoldQuote], predictions: Sequence[PredictedQuote]) -> list[int | None]:
    """For each annotated span in turn, the index of the unused prediction that fits it best; None
    where none fits."""
    used: set[int] = set()
    matches: list[int | None] = []
    for quote in gold:
        free = [index for index in range(len(predictions)) if index not in used]
        best = max(free, key=lambda i: (iou(quote.span, predictions[i].span), i), default=None)
        if best is None or iou(quote.span, predictions[best].span) < MIN_IOU:
            matches.append(None)
        else:
            used.add(best)
            matches.append(best)
    return matches


def iou(one: Span, other: Span) -> float:
    """Intersection over union of two spans; 0 where they are apart."""
    union = max(one.end, other.end) - min(one.start, other.start)
    return covered(one, [other]) / union if union else 0.0


def same_mention(text: str, predicted: Span | None, source: Sequence[Span]) -> bool:
    """ "Poole" is the same as "Ada Poole" there, and as "Ms Poole" elsewhere in the text."""
    if predicted is None:
        return False
    if covered(predicted, source):
        return True
    words = text[predicted.start : predicted.end].split()
    annotated = [word for span in source for word in text[span.start : span.end].split()]
    return bool(words and annotated) and words[-1].lower() == annotated[-1].lower()


def same_name(predicted: str | None, annotated: str) -> bool:
    """ "Sen. Ada Poole" is "Ada Poole", "the Harbour Board's" is "Harbour Board"."""
    return predicted is not None and _bare_name(predicted) == _bare_name(annotated)


def _bare_name(name: str) -> str:
    name = re.sub(r"\s+", " ", name.strip())
    name = re.sub(r"[’']s?$", "", name)
    name = re.sub(rf"^(?:{TITLES})\.?\s+", "", name, flags=re.IGNORECASE)
    return name.lower().strip(" ,.")


def _source_kind(source: str) -> str:
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
