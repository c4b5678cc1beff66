"""Calibrate the network's confidence by Platt scaling, and write the result next to its weights.

    python -m training.calibrate FOLDER [--split dev] [--model default]

FOLDER is a corpus in PolNeAR's layout. Prints the reliability table: for each bin of confidence the
share of quotations that are correct (they are quotations, and the mention overlaps the annotated
source).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from tokenizers import Tokenizer

from evaluation.scoring import reliability
from quotedex.extract.attribute import Calibration, calibrated
from quotedex.extract.attribute.network import DEFAULT, model_file, network
from training import labels
from training.batches import labeled_windows
from training.evaluate import THRESHOLD, is_correct, predictions

MODEL = Path(__file__).parents[1] / "src" / "quotedex" / "model"

Outcomes = Sequence[tuple[float, bool]]  # probability, and whether the prediction is correct


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--split", default="dev", help="the split to fit on (default: dev)")
    parser.add_argument("--model", default=DEFAULT, help="default or small")
    args = parser.parse_args()
    outcomes = list(outcomes_on(labels.polnear(args.corpus, args.split), args.model))
    calibration = fit(outcomes)
    folder = MODEL if args.model == DEFAULT else MODEL / args.model
    (folder / "settings.json").write_text(json.dumps(asdict(calibration), indent=1) + "\n")
    print(calibration)
    print_reliability(args.split, outcomes, calibration)
    held_out = list(outcomes_on(labels.passages(held_out=True), args.model))
    print_reliability("held-out passages", held_out, calibration)


def outcomes_on(examples: Sequence[labels.Example], model: str) -> Iterator[tuple[float, bool]]:
    """Probability and correctness of each span that the network takes for a quotation."""
    tokenizer = Tokenizer.from_str(model_file("tokenizer.json").decode("utf-8"))
    labeled = labeled_windows(examples, tokenizer)
    for prediction, label in predictions(labeled, network(model).scores):
        annotated = label.spoken is False or label.source is not None
        if annotated and prediction.spoken >= THRESHOLD:
            yield prediction.spoken * prediction.source_probability, is_correct(prediction, label)


def fit(outcomes: Outcomes) -> Calibration:
    """Platt scaling: logistic regression of correctness on the log-odds, hardly regularized."""
    probabilities = np.clip([probability for probability, _ in outcomes], 1e-6, 1 - 1e-6)
    odds = np.log(probabilities / (1 - probabilities))[:, None]
    line = LogisticRegression(C=1e4).fit(odds, [correct for _, correct in outcomes])
    slope, intercept = float(line.coef_[0, 0]), float(line.intercept_[0])
    return Calibration(THRESHOLD, round(slope, 4), round(intercept, 4))


def print_reliability(name: str, outcomes: Outcomes, calibration: Calibration) -> None:
    """Print the mean confidence of each bin, and the share that is correct."""
    print(f"{name}: {len(outcomes)} quotations")
    bins = reliability([(calibrated(share, calibration), correct) for share, correct in outcomes])
    for each in bins:
        share = each.correct / each.count
        print(
            f"  {each.low:.1f}-{each.low + 0.1:.1f}  {each.count:4d}"
            f"  confidence {each.confidence:.3f}  correct {share:.3f}"
        )


if __name__ == "__main__":
    main()
