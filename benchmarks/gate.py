"""Floors under the accuracy scores, so that no change lowers them unnoticed.

floors.json holds, for each set of documents, its hash and the floor of each score. `pin` raises
floors; it lowers them only if told to.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evaluation.scoring import Report

FLOORS = Path(__file__).parent / "floors.json"
# A machine with other vector instructions may change one quotation in a few hundred.
MARGIN = 0.004


@dataclass(frozen=True, slots=True)
class Floors:
    """The lowest allowed scores on the documents with this hash."""

    sha256: str
    scores: Mapping[str, float]


def load(path: Path = FLOORS) -> dict[str, Floors]:
    """Set name -> its floors."""
    rows = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {name: Floors(row["sha256"], row["floors"]) for name, row in rows.items()}


def check(name: str, sha256: str, report: Report, floors: Mapping[str, Floors]) -> list[str]:
    """The failures of a report, one sentence each; empty if no score is under its floor."""
    pinned = floors.get(name)
    if pinned is None:
        return [f"{name}: no floors are pinned (--pin)"]
    if pinned.sha256 != sha256:
        return [f"{name}: the floors were pinned on other documents (--pin)"]
    return _under(name, scores(report), pinned.scores)


def scores(report: Report) -> dict[str, float]:
    """The scores that have floors; higher is better. `high_confidence` is a precision,
    `confident_share` how many quotations have it; `specificity` is the share of negatives that were
    not reported."""
    return {
        "detection": report.detection.f1,
        "mention": report.mention.f1,
        "speaker": report.speaker.f1,
        "high_confidence": report.high_confidence.precision,
        "confident_share": report.confident_share,
        "specificity": 1 - report.false_positives / max(1, report.negatives),
    }


def pin(
    name: str, sha256: str, report: Report, *, lower: bool = False, path: Path = FLOORS
) -> list[str]:
    """Set floors a little under the scores, but not under the present floors unless `lower`.

    Returns the reasons against it, one sentence each; in that case nothing was written.
    """
    floors = load(path)
    present = floors[name].scores if name in floors and not lower else {}
    measured = scores(report)
    failures = _under(name, measured, present, " (--lower to accept)")
    if not failures:
        raised = {
            score: max(present.get(score, 0.0), math.floor((value - MARGIN) * 1000) / 1000)
            for score, value in measured.items()
        }
        floors[name] = Floors(sha256, raised)
        rows = {key: {"sha256": f.sha256, "floors": f.scores} for key, f in floors.items()}
        path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return failures


def _under(
    name: str, measured: Mapping[str, float], floors: Mapping[str, float], hint: str = ""
) -> list[str]:
    return [
        f"{name}: {score} is {measured[score]:.4f}, under its floor {floor:.4f}{hint}"
        for score, floor in floors.items()
        if measured[score] < floor
    ]
