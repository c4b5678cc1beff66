"""How near a program comes to the careful reader.

Three figures, each precision, recall and F1 over all documents:

detect   a quotation was found: its span shares at least half of its union with an annotated one
mention  ... and the words given as its source touch the annotated ones, or end in the same word
speaker  ... and the name given for the speaker is the annotated one, but for case, titles, leading
         articles and possessive endings
sure     the same of those alone whose stated confidence is 0.8 or more

Precision counts over everything reported, so a title in quotation marks that is reported costs it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from evaluation.gold import GoldDocument, GoldQuote, GoldSet, shared
from quotedex.models import Span

SAME_SPAN = 0.5  # intersection over union from which two spans are the same quotation
SURE = 0.8  # confidence from which a quotation counts as sure
BINS = 10  # of stated confidence, in the reliability table
TITLES = "the|a|an|mr|ms|mrs|dr|sen|rep|gov|president|senator"
PRONOUNS = frozenset({"he", "she", "they", "it", "i", "we", "who"})


@dataclass(frozen=True, slots=True)
class Prediction:
    """One quotation as a program reports it; `confidence` None where it states none."""

    span: Span
    mention: Span | None
    speaker: str | None
    confidence: float | None = None
    nested: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """`right` of `given` reported, of `wanted` annotated."""

    right: int
    given: int
    wanted: int

    @property
    def precision(self) -> float:
        return self.right / max(1, self.given)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.wanted)

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Bin:
    """Quotations whose stated confidence lies in one tenth: how many, what was stated on average,
    and how many were right."""

    low: float
    count: int
    stated: float
    right: int


@dataclass(frozen=True, slots=True)
class Miss:
    """One quotation that was not found, or whose source or speaker is wrong."""

    document: str
    quotation: str
    source: str
    speaker: str | None
    found: bool
    got_mention: str | None
    got_speaker: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one program on one set; `by_source` has (right mentions, all) for sources
    that are pronouns, names and other noun phrases."""

    detect: Figure
    mention: Figure
    speaker: Figure
    sure: Figure
    negatives: int
    negatives_reported: int
    by_source: Mapping[str, tuple[int, int]]
    reliability: tuple[Bin, ...]
    misses: tuple[Miss, ...]


def score(gold: GoldSet, predictions: Mapping[str, Sequence[Prediction]]) -> Report:
    """Compare `predictions` (document name -> quotations) with the annotation; a document
    without an entry counts as one in which nothing was found."""
    tally = _Tally(gold.nested_annotated)
    for document in gold.documents:
        tally.add(document, predictions.get(document.name, ()))
    return tally.report()


@dataclass
class _Tally:
    nested_annotated: bool
    given: int = 0
    with_mention: int = 0
    with_speaker: int = 0
    spoken: int = 0
    found: int = 0
    sourced: int = 0
    mentions_right: int = 0
    speakers_right: int = 0
    sure_given: int = 0
    sure_right: int = 0
    negatives: int = 0
    negatives_reported: int = 0
    by_source: dict[str, tuple[int, int]] = field(default_factory=dict)
    judged: list[tuple[float, bool]] = field(default_factory=list)
    misses: list[Miss] = field(default_factory=list)

    def add(self, document: GoldDocument, predictions: Sequence[Prediction]) -> None:
        self.given += len(predictions)
        self.with_mention += sum(p.mention is not None for p in predictions)
        self.with_speaker += sum(p.speaker is not None for p in predictions)
        self.sure_given += sum(p.speaker is not None and _is_sure(p) for p in predictions)
        pairs = match(document.quotes, predictions)
        for quote, index in zip(document.quotes, pairs, strict=True):
            prediction = None if index is None else predictions[index]
            if not quote.spoken:
                self.negatives += 1
                self.negatives_reported += prediction is not None
                self._judge(prediction, False)
                continue
            self.spoken += 1
            self.found += prediction is not None
            if quote.source:
                self._add_sourced(document, quote, prediction)
        matched = set(pairs)
        for index, prediction in enumerate(predictions):
            if index not in matched and (self.nested_annotated or not prediction.nested):
                self._judge(prediction, False)

    def _add_sourced(
        self, document: GoldDocument, quote: GoldQuote, prediction: Prediction | None
    ) -> None:
        text = document.text
        source = " ".join(text[span.start : span.end] for span in quote.source)
        right = prediction is not None and mention_right(text, prediction.mention, quote.source)
        got_speaker = prediction.speaker if prediction else None
        named = quote.speaker is not None and same_name(got_speaker, quote.speaker)
        self.sourced += 1
        self.mentions_right += right
        self.speakers_right += named
        self.sure_right += named and prediction is not None and _is_sure(prediction)
        so_far = self.by_source.get(_source_kind(source), (0, 0))
        self.by_source[_source_kind(source)] = (so_far[0] + right, so_far[1] + 1)
        # The confidence speaks of the mention and, where one is given, of the speaker.
        self._judge(prediction, right and (named or None in (got_speaker, quote.speaker)))
        if not (right and named):
            mention = prediction.mention if prediction else None
            self.misses.append(
                Miss(
                    document.name,
                    text[quote.span.start : quote.span.end],
                    source,
                    quote.speaker,
                    prediction is not None,
                    text[mention.start : mention.end] if mention else None,
                    got_speaker,
                )
            )

    def _judge(self, prediction: Prediction | None, right: bool) -> None:
        if prediction is not None and prediction.confidence is not None:
            self.judged.append((prediction.confidence, right))

    def report(self) -> Report:
        return Report(
            detect=Figure(self.found, self.given, self.spoken),
            mention=Figure(self.mentions_right, self.with_mention, self.sourced),
            speaker=Figure(self.speakers_right, self.with_speaker, self.sourced),
            sure=Figure(self.sure_right, self.sure_given, self.sourced),
            negatives=self.negatives,
            negatives_reported=self.negatives_reported,
            by_source=dict(sorted(self.by_source.items())),
            reliability=reliability(self.judged),
            misses=tuple(self.misses),
        )


def _is_sure(prediction: Prediction) -> bool:
    return prediction.confidence is not None and prediction.confidence >= SURE


def match(gold: Sequence[GoldQuote], predictions: Sequence[Prediction]) -> list[int | None]:
    """For each annotated span in turn the index of the unused prediction that fits it best."""
    used: set[int] = set()
    pairs: list[int | None] = []
    for quote in gold:
        free = [index for index in range(len(predictions)) if index not in used]
        best = max(free, key=lambda i: (likeness(quote.span, predictions[i].span), i), default=None)
        if best is None or likeness(quote.span, predictions[best].span) < SAME_SPAN:
            pairs.append(None)
        else:
            used.add(best)
            pairs.append(best)
    return pairs


def likeness(one: Span, other: Span) -> float:
    """What two spans share, of all that they cover from first to last character."""
    union = max(one.end, other.end) - min(one.start, other.start)
    return shared(one, [other]) / union if union else 0.0


def mention_right(text: str, mention: Span | None, source: Sequence[Span]) -> bool:
    """ "Poole" is right for "Ada Poole" there, and for "Ms Poole" elsewhere in the text."""
    if mention is None:
        return False
    if shared(mention, source):
        return True
    said = text[mention.start : mention.end].split()
    annotated = [word for span in source for word in text[span.start : span.end].split()]
    return bool(said and annotated) and said[-1].lower() == annotated[-1].lower()


def same_name(given: str | None, annotated: str) -> bool:
    """ "Sen. Ada Poole" is "Ada Poole", "the Harbour Board's" is "Harbour Board"."""
    return given is not None and _bare_name(given) == _bare_name(annotated)


def _bare_name(name: str) -> str:
    name = re.sub(r"\s+", " ", name.strip())
    name = re.sub(r"[’']s?$", "", name)
    name = re.sub(rf"^(?:{TITLES})\.?\s+", "", name, flags=re.IGNORECASE)
    return name.lower().strip(" ,.")


def _source_kind(source: str) -> str:
    if source.lower() in PRONOUNS:
        return "pronoun"
    return "name" if re.search(r"[A-Z]", source) else "nominal"


def reliability(judged: Sequence[tuple[float, bool]]) -> tuple[Bin, ...]:
    """One bin for each tenth of stated confidence that something falls in; 1.0 is in the last."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in judged:
        bins.setdefault(min(int(confidence * BINS), BINS - 1), []).append((confidence, right))
    return tuple(
        Bin(
            low=number / BINS,
            count=len(members),
            stated=sum(confidence for confidence, _right in members) / len(members),
            right=sum(right for _confidence, right in members),
        )
        for number, members in sorted(bins.items())
    )
