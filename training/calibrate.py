"""Fit the threshold of quotations and the calibration of their confidence, and write both next to
the network's weights.

    python -m training.calibrate FILE [--model small] [--corpus FOLDER]

FILE holds real articles (evaluation/real.py) that nothing was trained on. Fit again, for each of
the two models, when the network's weights or those of resolution change.

The threshold is that of the network's probability that somebody says a span. It has the highest
detection F1, less a penalty for the share of negatives that are reported (--threshold sets another
one). The calibration is Platt scaling of the probability that a quotation is right, which is the
network's times resolution's.

Prints how right the confidence is on the same articles, each left out in fitting, on the dev split
of a corpus in PolNeAR's layout, and on the held-out passages.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from tokenizers import Tokenizer

from evaluation.gold import GoldDocument, GoldSet, from_json, newer_passages, passages, polnear
from evaluation.scoring import HIGH_CONFIDENCE, outcomes, predicted, reliability
from quotedex.extract import to_given_offsets
from quotedex.extract.attribute import Calibration, calibrated, log_odds
from quotedex.extract.attribute.decode import decode
from quotedex.extract.attribute.network import DEFAULT, model_file, network
from quotedex.extract.attribute.windows import windows
from quotedex.extract.clean import clean
from quotedex.extract.pipeline import extract_quotes
from quotedex.options import Model, Options
from training import labels

MODEL = Path(__file__).parents[1] / "src" / "quotedex" / "model"
THRESHOLDS = [round(0.5 + 0.05 * step, 2) for step in range(9)]
# Reporting one negative in ten costs as much as 1.5 points of detection F1: a reader forgives a
# missed fragment sooner than words that nobody said.
PENALTY = 0.15
FOLDS = 5


class Outcome(NamedTuple):
    """A quotation that was found: its probability before calibration, whether it has a speaker,
    whether it is right, and the number of its document."""

    probability: float
    named: bool
    right: bool
    document: int


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("real_dev", type=Path, metavar="FILE", help="JSON file of real articles")
    parser.add_argument("--model", default=DEFAULT, choices=[DEFAULT, "small"])
    parser.add_argument("--threshold", type=float, help="a threshold instead of the fitted one")
    parser.add_argument("--corpus", type=Path, help="folder in PolNeAR's layout")
    args = parser.parse_args()
    fitted = fit_threshold(list(spoken_on(labels.real(args.real_dev), args.model)))
    threshold = args.threshold or fitted
    found = outcomes_on(from_json(args.real_dev, ""), args.model, threshold)
    calibration = fit(found, threshold)
    folder = MODEL if args.model == DEFAULT else MODEL / args.model
    (folder / "settings.json").write_text(json.dumps(asdict(calibration), indent=1) + "\n")
    print(calibration)
    print_reliability("real articles", found, cross_validated(found, threshold))
    others = [polnear(args.corpus, "dev")] if args.corpus else []
    for gold in (*others, passages(hard=False), passages(hard=True), newer_passages()):
        found = outcomes_on(gold, args.model, threshold)
        confidences = [calibrated(outcome.probability, calibration) for outcome in found]
        print_reliability(gold.name, found, confidences)


def spoken_on(examples: Sequence[labels.Example], model: str) -> Iterator[tuple[float, bool]]:
    """The network's probability that somebody says each annotated span, and whether that is so."""
    tokenizer = Tokenizer.from_str(model_file("tokenizer.json").decode("utf-8"))
    for example in examples:
        for window in windows(example.text, example.spans, tokenizer):
            predictions = decode(example.text, window, network(model).scores(window))
            for query, prediction in zip(window.queries, predictions, strict=True):
                spoken = example.labels[query.span].spoken
                if spoken is not None:
                    yield prediction.spoken, spoken


def fit_threshold(judged: Sequence[tuple[float, bool]]) -> float:
    """The best threshold for (probability, whether somebody says it) of each annotated span."""
    quotations = sum(spoken for _, spoken in judged)
    negatives = len(judged) - quotations
    scores = {}
    for threshold in THRESHOLDS:
        reported = [spoken for probability, spoken in judged if probability >= threshold]
        f1 = 2 * sum(reported) / max(1, len(reported) + quotations)
        false_positives = len(reported) - sum(reported)
        scores[threshold] = f1 - PENALTY * false_positives / max(1, negatives)
        print(f"threshold {threshold:.2f}: F1 {f1:.4f}, {false_positives} of {negatives} negatives")
    return max(scores, key=scores.__getitem__)


def outcomes_on(gold: GoldSet, model: Model, threshold: float) -> list[Outcome]:
    """The quotations that are found in a set and whose annotation tells whether they are right."""
    options = Options(marks="all" if gold.complete else "double", model=model)
    uncalibrated = Calibration(threshold, slope=1.0, intercept=0.0)
    return [
        outcome
        for number, document in enumerate(gold.documents)
        for outcome in _outcomes_in(document, number, options, uncalibrated, gold.complete)
    ]


def _outcomes_in(
    document: GoldDocument,
    number: int,
    options: Options,
    calibration: Calibration,
    complete: bool,
) -> Iterator[Outcome]:
    cleaned = clean(document.text)
    quotes = extract_quotes(cleaned.text, options, calibration=calibration)
    predictions = predicted(to_given_offsets(quotes, document.text, cleaned.offsets))
    right = outcomes(document, predictions, complete=complete)
    for prediction, correct in zip(predictions, right, strict=True):
        if correct is not None and prediction.confidence is not None:
            yield Outcome(prediction.confidence, prediction.speaker is not None, correct, number)


def fit(found: Sequence[Outcome], threshold: float) -> Calibration:
    """The line of the log-odds, by logistic regression with hardly a penalty."""
    odds = np.array([[log_odds(outcome.probability)] for outcome in found])
    line = LogisticRegression(C=1e4).fit(odds, [outcome.right for outcome in found])
    slope, intercept = float(line.coef_[0, 0]), float(line.intercept_[0])
    return Calibration(threshold, round(slope, 4), round(intercept, 4))


def cross_validated(found: Sequence[Outcome], threshold: float) -> list[float]:
    """The confidence of each quotation, fitted without the documents of its fold."""
    fitted = [
        fit([outcome for outcome in found if outcome.document % FOLDS != fold], threshold)
        for fold in range(FOLDS)
    ]
    return [calibrated(each.probability, fitted[each.document % FOLDS]) for each in found]


def print_reliability(name: str, found: Sequence[Outcome], confidences: Sequence[float]) -> None:
    """Print what high confidence means in a set, and the share correct of each tenth."""
    sure = [
        outcome.right
        for outcome, confidence in zip(found, confidences, strict=True)
        if outcome.named and confidence >= HIGH_CONFIDENCE
    ]
    print(
        f"{name}: {len(found)} quotations; {len(sure) / max(1, len(found)):.3f} of them with high"
        f" confidence, {sum(sure) / max(1, len(sure)):.3f} of those correct"
    )
    for each in reliability(list(zip(confidences, (o.right for o in found), strict=True))):
        print(
            f"  {each.low:.1f}-{each.low + 0.1:.1f}  {each.count:4d}"
            f"  confidence {each.confidence:.3f}  correct {each.correct / each.count:.3f}"
        )


if __name__ == "__main__":
    main()
