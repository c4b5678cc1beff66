"""The measuring command, its kept results, and the page made of them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import accuracy, results
from benchmarks.baselines import Program, programs
from benchmarks.results import DOCS, Measured
from evaluation.gold import GoldDocument, GoldQuote, GoldSet
from evaluation.scoring import Prediction
from quotedex.models import Span

TEXT = "“No,” she said of the “Piers” book."
DOCUMENT = GoldDocument(
    "pier",
    TEXT,
    (GoldQuote(Span(1, 4), True, (Span(6, 9),), "Ada Poole"), GoldQuote(Span(22, 29), False)),
)
GOLD = GoldSet("piers", (DOCUMENT,), nested_annotated=True)


def right(text: str) -> list[Prediction]:
    return [Prediction(Span(1, 4), Span(6, 9), "Ada Poole", 0.85)]


def nothing(text: str) -> list[Prediction]:
    return []


def load_right() -> Program:
    return right


def load_nothing() -> Program:
    return nothing


@pytest.fixture
def measured() -> Measured:
    return accuracy.measure(GOLD, {"quotedex 1": load_right, "peer 2": load_nothing})


def test_each_program_is_measured(measured: Measured) -> None:
    table = results.figures_table("piers", measured)
    assert "1 documents, 1 quotations, 1 marked spans" in table
    assert re.search(r"\| quotedex 1 \| (1\.000 \| ){11}0 of 1 \|", table)
    assert re.search(r"\| peer 2 \| (0\.000 \| ){9}( \| ){2}0 of 1 \|", table)


def test_results_survive_the_file(measured: Measured, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    results.save({"piers": measured}, path)
    without_misses = {
        program: replace(report, misses=()) for program, report in measured.reports.items()
    }
    assert results.load(path)["piers"] == replace(measured, reports=without_misses)
    assert TEXT not in path.read_text(encoding="utf-8")


def test_a_peer_keeps_its_figures_while_the_documents_stay(
    measured: Measured, tmp_path: Path
) -> None:
    path = tmp_path / "results.json"
    results.save({"piers": measured}, path)
    ours = {"quotedex 2": measured.reports["quotedex 1"]}
    results.save({"piers": Measured(GOLD.sha256, 1, ours)}, path)
    assert list(results.load(path)["piers"].reports) == ["quotedex 2", "peer 2"]
    results.save({"piers": Measured("other documents", 1, ours)}, path)
    assert list(results.load(path)["piers"].reports) == ["quotedex 2"]


def test_the_page_shows_what_was_measured_last() -> None:
    """`python -m benchmarks.results` writes it again."""
    page = DOCS.read_text(encoding="utf-8")
    assert results.rendered(page) == page


def test_the_site_tells_what_was_measured_last() -> None:
    """The same figures as the page, from the same source."""
    told = json.loads(results.SITE.read_text(encoding="utf-8"))
    assert told == results.site_figures()
    page = DOCS.read_text(encoding="utf-8")
    for entry in told["sets"]:
        shares = (entry["speaker"]["precision"], entry["speaker"]["recall"])
        assert f"**{entry['name']}**: {entry['documents']} documents" in page
        assert re.search(r"\| quotedex .* \| {:.3f} \| {:.3f} \|".format(*shares), page)


def test_the_page_counts_the_known_failures() -> None:
    known = json.loads((results.CASES / "seeds_known_failures.json").read_text(encoding="utf-8"))
    assert f"{len(known)} known failures" in DOCS.read_text(encoding="utf-8")


def test_ours_is_always_among_the_programs() -> None:
    assert next(iter(programs())).startswith("quotedex ")


@pytest.mark.parametrize(
    ("corpus", "why"), [([], "neither --corpus nor"), (["--corpus", "nowhere"], "there is no")]
)
def test_a_missing_corpus_is_said_and_skipped(
    corpus: list[str],
    why: str,
    measured: Measured,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("QUOTEDEX_CORPUS", raising=False)
    monkeypatch.setattr(accuracy, "passages", lambda folder, hard: GOLD)
    monkeypatch.setattr(accuracy, "measure", lambda gold, wanted: measured)
    assert accuracy.main(corpus) == 0
    assert re.search(f"skipped: the annotated corpus: {why}", capsys.readouterr().out)


def test_the_gate_fails_without_floors(
    measured: Measured, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("QUOTEDEX_CORPUS", raising=False)
    monkeypatch.setattr(accuracy, "passages", lambda folder, hard: GOLD)
    monkeypatch.setattr(accuracy, "measure", lambda gold, wanted: measured)
    assert accuracy.main(["--gate"]) == 1
    assert "piers: no floors are pinned" in capsys.readouterr().err


def test_misses_are_written(measured: Measured, tmp_path: Path) -> None:
    missed = accuracy.measure(GOLD, {"quotedex 1": load_nothing})
    path = tmp_path / "misses.jsonl"
    accuracy._write_misses(path, {"piers": missed, "more": measured})
    (row,) = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    assert (row["set"], row["source"], row["found"]) == ("piers", "she", False)
