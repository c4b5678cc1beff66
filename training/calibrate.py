"""Fit the line that turns the network's odds into observed shares, and write it beside the weights.

    python -m training.calibrate FOLDER [--split dev] [--model default]

FOLDER is the annotated corpus. Prints the reliability table: in each bin of confidence the share
of quotations that are right (somebody says it, and the mention overlaps the annotated source).
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

from evaluation import labels
from quotedex.extract.attribute import Calibration, calibrated
from quotedex.extract.attribute.network import DEFAULT, model_file, network
from training.batches import tasks
from training.evaluate import SAID, readings, right
from training.train import PASSAGES

MODEL = Path(__file__).parents[1] / "src" / "quotedex" / "model"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--split", default="dev")
    parser.add_argument("--model", default=DEFAULT)
    args = parser.parse_args()
    answers = list(answered(labels.polnear(args.corpus, args.split), args.model))
    settings = fit(answers)
    folder = MODEL if args.model == DEFAULT else MODEL / args.model
    (folder / "settings.json").write_text(json.dumps(asdict(settings), indent=1) + "\n")
    print(settings)
    reliability(args.split, answers, settings)
    held = list(answered(labels.passages(PASSAGES, held=True), args.model))
    reliability("held-out passages", held, settings)


def answered(examples: Sequence[labels.Example], model: str) -> Iterator[tuple[float, bool]]:
    """(probability, whether right) of each span that the network takes for a quotation."""
    tokenizer = Tokenizer.from_str(model_file("tokenizer.json").decode("utf8"))
    for reading, label in readings(tasks(examples, tokenizer), network(model).scores):
        known = label.said is False or label.source is not None
        if known and reading.spoken >= SAID:
            yield reading.spoken * reading.source_probability, right(reading, label)


def fit(answers: Sequence[tuple[float, bool]]) -> Calibration:
    """Logistic regression of "right" on the log-odds (Platt scaling), hardly regularized."""
    shares = np.clip([share for share, _ in answers], 1e-6, 1 - 1e-6)
    odds = np.log(shares / (1 - shares))[:, None]
    line = LogisticRegression(C=1e4).fit(odds, [correct for _, correct in answers])
    return Calibration(SAID, round(float(line.coef_[0, 0]), 4), round(float(line.intercept_[0]), 4))


def reliability(name: str, answers: Sequence[tuple[float, bool]], settings: Calibration) -> None:
    """Print, bin by bin, what the confidence says and what is so."""
    stated = np.array([calibrated(share, settings) for share, _ in answers])
    correct = np.array([is_right for _, is_right in answers])
    print(f"{name}: {len(answers)} quotations")
    bins = np.minimum((stated * 10).astype(int), 9)
    for low in range(10):
        inside = bins == low
        if inside.any():
            means = f"stated {stated[inside].mean():.3f}  right {correct[inside].mean():.3f}"
            print(f"  {low / 10:.1f}-{(low + 1) / 10:.1f}  {inside.sum():4d}  {means}")


if __name__ == "__main__":
    main()
