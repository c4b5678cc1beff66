"""Floors hold, rise by pinning, and sink only when that is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import gate
from evaluation.scoring import Figure, Report


def report(right: int, reported: int = 2) -> Report:
    """`right` of 100 quotations right in every figure, `reported` of 10 negatives reported."""
    figure = Figure(right, 100, 100)
    return Report(figure, figure, figure, figure, 10, reported, {}, (), ())


@pytest.fixture
def floors(tmp_path: Path) -> Path:
    path = tmp_path / "floors.json"
    assert gate.pin("piers", "abc", report(90), path=path) == []
    return path


def test_pinned_a_little_under_the_figures(floors: Path) -> None:
    figures = gate.load(floors)["piers"].figures
    assert figures == pytest.approx(
        {"detect": 0.896, "mention": 0.896, "speaker": 0.896, "sure": 0.896, "rejected": 0.796}
    )


def test_holds_at_the_floors_and_fails_under_one(floors: Path) -> None:
    pinned = gate.load(floors)
    assert gate.gate("piers", "abc", report(90), pinned) == []
    wrong = gate.gate("piers", "abc", report(90, reported=3), pinned)
    assert wrong == ["piers: rejected is 0.7000, under its floor 0.7960"]
    assert len(gate.gate("piers", "abc", report(80), pinned)) == 4


def test_other_documents_and_unpinned_sets_fail(floors: Path) -> None:
    pinned = gate.load(floors)
    assert "not the documents" in gate.gate("piers", "def", report(99), pinned)[0]
    assert "no floors" in gate.gate("docks", "abc", report(99), pinned)[0]


def test_pinning_never_sinks_silently(floors: Path) -> None:
    before = floors.read_text(encoding="utf-8")
    assert len(gate.pin("piers", "abc", report(80), path=floors)) == 4
    assert floors.read_text(encoding="utf-8") == before
    assert gate.pin("piers", "abc", report(80), lower=True, path=floors) == []
    assert gate.load(floors)["piers"].figures["mention"] == pytest.approx(0.796)


def test_pinning_again_within_the_margin_keeps_the_floor(floors: Path) -> None:
    figure = Figure(898, 1000, 1000)
    within = Report(figure, figure, figure, figure, 10, 2, {}, (), ())
    assert gate.pin("piers", "new", within, path=floors) == []
    pinned = gate.load(floors)["piers"]
    assert pinned.sha256 == "new"
    assert pinned.figures["mention"] == pytest.approx(0.896)
