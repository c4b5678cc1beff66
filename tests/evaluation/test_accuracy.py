"""The command that measures accuracy, its stored results, and the page made from them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import accuracy, results
from benchmarks.baselines import Program, programs
from benchmarks.results import PAGE, SetResults
from evaluation.gold import GoldDocument, GoldQuote, GoldSet
from evaluation.scoring import PredictedQuote
from quotedex.models import Span

TEXT = "“No,” she said of the “Piers” book."
DOCUMENT = GoldDocument(
    "pier",
    TEXT,
    (GoldQuote(Span(1, 4), True, (Span(6, 9),), "Ada Poole"), GoldQuote(Span(22, 29), False)),
)
GOLD = GoldSet("piers", (DOCUMENT,), complete=True)


def find_all(text: str) -> list[PredictedQuote]:
    return [PredictedQuote(Span(1, 4), Span(6, 9), "Ada Poole", 0.85)]


def find_nothing(text: str) -> list[PredictedQuote]:
    return []


def load_find_all() -> Program:
    return find_all


def load_find_nothing() -> Program:
    return find_nothing


@pytest.fixture
def measured() -> SetResults:
    chosen = {"quotedex 1": load_find_all, "baseline 2": load_find_nothing}
    return accuracy.measure(GOLD, chosen)


def test_every_program_is_measured(measured: SetResults) -> None:
    table = results.score_table("piers", measured)
    assert "1 documents, 1 quotations, 1 negatives" in table
    assert re.search(r"\| quotedex 1 \| (1\.000 \| ){11}0 of 1 \|", table)
    assert re.search(r"\| baseline 2 \| (0\.000 \| ){9}( \| ){2}0 of 1 \|", table)


def test_results_are_stored_without_the_corpus(measured: SetResults, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    results.save({"piers": measured}, path)
    without_errors = {
        program: replace(report, errors=()) for program, report in measured.reports.items()
    }
    assert results.load(path)["piers"] == replace(measured, reports=without_errors)
    assert TEXT not in path.read_text(encoding="utf-8")


def test_a_baseline_keeps_its_scores_while_the_documents_stay_the_same(
    measured: SetResults, tmp_path: Path
) -> None:
    path = tmp_path / "results.json"
    results.save({"piers": measured}, path)
    new = {"quotedex 2": measured.reports["quotedex 1"]}
    results.save({"piers": SetResults(GOLD.sha256, 1, new)}, path)
    assert list(results.load(path)["piers"].reports) == ["quotedex 2", "baseline 2"]
    results.save({"piers": SetResults("other documents", 1, new)}, path)
    assert list(results.load(path)["piers"].reports) == ["quotedex 2"]


def test_the_page_shows_the_last_results() -> None:
    """`python -m benchmarks.results` writes it again."""
    page = PAGE.read_text(encoding="utf-8")
    assert results.render(page) == page


def test_the_site_shows_the_last_results() -> None:
    """The site has the same scores as the page."""
    shown = json.loads(results.SITE.read_text(encoding="utf-8"))
    assert shown == results.site_scores()
    page = PAGE.read_text(encoding="utf-8")
    for entry in shown["sets"]:
        shares = (entry["speaker"]["precision"], entry["speaker"]["recall"])
        assert f"**{entry['name']}**: {entry['documents']} documents" in page
        assert re.search(r"\| quotedex .* \| {:.3f} \| {:.3f} \|".format(*shares), page)


def test_the_page_counts_the_known_failures() -> None:
    known = json.loads((results.CASES / "seeds_known_failures.json").read_text(encoding="utf-8"))
    assert f"{len(known)} known failures" in PAGE.read_text(encoding="utf-8")


def test_quotedex_is_always_measured() -> None:
    assert next(iter(programs())).startswith("quotedex ")


@pytest.mark.parametrize(
    ("corpus", "reason"),
    [([], "neither --corpus nor"), (["--corpus", "nowhere"], "does not exist")],
)
def test_a_missing_corpus_is_reported_and_skipped(
    corpus: list[str],
    reason: str,
    measured: SetResults,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("QUOTEDEX_CORPUS", raising=False)
    monkeypatch.setattr(accuracy, "passages", lambda hard: GOLD)
    monkeypatch.setattr(accuracy, "measure", lambda gold, chosen: measured)
    assert accuracy.main(corpus) == 0
    assert re.search(rf"skipped: the annotated corpus \(.*{reason}", capsys.readouterr().out)


def test_the_gate_fails_without_floors(
    measured: SetResults, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("QUOTEDEX_CORPUS", raising=False)
    monkeypatch.setattr(accuracy, "passages", lambda hard: GOLD)
    monkeypatch.setattr(accuracy, "measure", lambda gold, chosen: measured)
    assert accuracy.main(["--gate"]) == 1
    assert "piers: no floors are pinned" in capsys.readouterr().err


def test_errors_are_written(measured: SetResults, tmp_path: Path) -> None:
    wrong = accuracy.measure(GOLD, {"quotedex 1": load_find_nothing})
    path = tmp_path / "errors.jsonl"
    accuracy.write_errors(path, {"piers": wrong, "more": measured})
    (row,) = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    assert (row["set"], row["source"], row["found"]) == ("piers", "she", False)
