"""Floors under the figures, so that no change makes the program worse unseen.

floors.json holds, for each set of documents, its hash and a floor for each figure. Floors rise by
`pin` and sink only when that is said out loud.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evaluation.scoring import Report

FLOORS = Path(__file__).parent / "floors.json"
# A machine with other vector instructions may tip one quotation in a few hundred.
MARGIN = 0.004


@dataclass(frozen=True, slots=True)
class Floors:
    """The least that each figure may be on the documents with this hash."""

    sha256: str
    figures: Mapping[str, float]


def load(path: Path = FLOORS) -> dict[str, Floors]:
    rows = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {name: Floors(row["sha256"], row["floors"]) for name, row in rows.items()}


def gate(name: str, sha256: str, report: Report, floors: Mapping[str, Floors]) -> list[str]:
    """What is wrong with a report, a sentence each; nothing when it stands above its floors."""
    pinned = floors.get(name)
    if pinned is None:
        return [f"{name}: no floors are pinned (--pin)"]
    if pinned.sha256 != sha256:
        return [f"{name}: these are not the documents that the floors were pinned on (--pin)"]
    now = figures(report)
    return [
        f"{name}: {figure} is {now[figure]:.4f}, under its floor {floor:.4f}"
        for figure, floor in pinned.figures.items()
        if now[figure] < floor
    ]


def figures(report: Report) -> dict[str, float]:
    """The guarded figures, the higher the better each; `sure` is the
    precision of speakers where the confidence is high, `rejected` is the share of the marked spans
    that nobody says and that were not reported."""
    return {
        "detect": report.detect.f1,
        "mention": report.mention.f1,
        "speaker": report.speaker.f1,
        "sure": report.sure.precision,
        "rejected": 1 - report.negatives_reported / max(1, report.negatives),
    }


def pin(
    name: str, sha256: str, report: Report, *, lower: bool = False, path: Path = FLOORS
) -> list[str]:
    """Set floors a little under the figures, never under those that hold unless `lower`.

    Returns what forbids it, a sentence each; then nothing was written.
    """
    floors = load(path)
    held = floors[name].figures if name in floors and not lower else {}
    now = figures(report)
    under = [
        f"{name}: {figure} is {now[figure]:.4f}, under its floor {floor:.4f} (--lower to accept)"
        for figure, floor in held.items()
        if now[figure] < floor
    ]
    if not under:
        raised = {
            figure: max(held.get(figure, 0.0), math.floor((value - MARGIN) * 1000) / 1000)
            for figure, value in now.items()
        }
        floors[name] = Floors(sha256, raised)
        rows = {key: {"sha256": f.sha256, "floors": f.figures} for key, f in floors.items()}
        path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return under
