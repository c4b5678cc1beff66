"""The floors of accuracy: checking them, pinning them, lowering them."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import gate
from evaluation.scoring import PRF, Report


def report(correct: int, false_positives: int = 2) -> Report:
    """`correct` of 100 quotations in every score, and false positives among 10 negatives."""
    prf = PRF(correct, 100, 100)
    return Report(prf, prf, prf, prf, 10, false_positives, {}, (), ())


@pytest.fixture
def floors(tmp_path: Path) -> Path:
    path = tmp_path / "floors.json"
    assert gate.pin("piers", "abc", report(90), path=path) == []
    return path


def test_floors_are_pinned_a_little_under_the_scores(floors: Path) -> None:
    assert gate.load(floors)["piers"].scores == pytest.approx(
        {
            "detection": 0.896,
            "mention": 0.896,
            "speaker": 0.896,
            "high_confidence": 0.896,
            "confident_share": 0.996,
            "specificity": 0.796,
        }
    )


def test_the_gate_fails_under_a_floor(floors: Path) -> None:
    pinned = gate.load(floors)
    assert gate.check("piers", "abc", report(90), pinned) == []
    failures = gate.check("piers", "abc", report(90, false_positives=3), pinned)
    assert failures == ["piers: specificity is 0.7000, under its floor 0.7960"]
    assert len(gate.check("piers", "abc", report(80), pinned)) == 4


def test_the_gate_fails_on_other_documents_and_unpinned_sets(floors: Path) -> None:
    pinned = gate.load(floors)
    assert "on other documents" in gate.check("piers", "def", report(99), pinned)[0]
    assert "no floors" in gate.check("docks", "abc", report(99), pinned)[0]


def test_pinning_lowers_floors_only_if_told_to(floors: Path) -> None:
    before = floors.read_text(encoding="utf-8")
    assert len(gate.pin("piers", "abc", report(80), path=floors)) == 4
    assert floors.read_text(encoding="utf-8") == before
    assert gate.pin("piers", "abc", report(80), lower=True, path=floors) == []
    assert gate.load(floors)["piers"].scores["mention"] == pytest.approx(0.796)


def test_pinning_again_within_the_margin_keeps_the_floor(floors: Path) -> None:
    prf = PRF(898, 1000, 1000)
    within = Report(prf, prf, prf, prf, 10, 2, {}, (), ())
    assert gate.pin("piers", "new", within, path=floors) == []
    pinned = gate.load(floors)["piers"]
    assert pinned.sha256 == "new"
    assert pinned.scores["mention"] == pytest.approx(0.896)
