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
    assert re.search(r"\| quotedex 1 \| (1\.000 \| ){11}0 % \|", table)
    assert re.search(r"\| baseline 2 \| (0\.000 \| ){9}( \| ){2}0 % \|", table)


def test_high_confidence_has_a_precision_and_a_share() -> None:
    def find_three(text: str) -> list[PredictedQuote]:
        piers = PredictedQuote(Span(22, 29), None, "Piers", 0.9)
        return [*find_all(text), piers, PredictedQuote(Span(10, 12), None, None, 0.9)]

    table = results.score_table("piers", accuracy.measure(GOLD, {"quotedex 1": lambda: find_three}))
    assert re.search(r"\| 0\.500 \| 0\.667 \| 100 % \|", table)


def test_tables_have_a_place_for_each_set(
    measured: SetResults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "load", lambda: {"piers": measured, "docks": measured})
    blocks = results.blocks()
    assert blocks["reliability"].splitlines()[0] == "| confidence | piers | docks |"
    assert blocks["reliability"].splitlines()[2] == "| 0.8 to 0.9 | 1.00 (1) | 1.00 (1) |"
    assert blocks["sources"].splitlines()[2].startswith("| piers | 0 |  |  | 1 | 1.000 | 1.000 | 0")


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
    results.save({"piers": SetResults(GOLD.sha256, 1, {"other 3": new["quotedex 2"]})}, path)
    assert list(results.load(path)["piers"].reports) == ["quotedex 2", "other 3", "baseline 2"]
    assert results.without_baselines(path) == []
    results.save({"piers": SetResults("other documents", 1, new)}, path)
    assert results.without_baselines(path) == ["piers"]
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


@pytest.fixture
def only_piers(measured: SetResults, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every set is the one of this module, and none is measured."""
    for name in ("CORPUS", "REAL", "REPORTS", "CHALLENGE"):
        monkeypatch.delenv(f"QUOTEDEX_{name}", raising=False)
    monkeypatch.setattr(accuracy, "passages", lambda hard: GOLD)
    monkeypatch.setattr(accuracy, "newer_passages", lambda: GOLD)
    monkeypatch.setattr(accuracy, "measure", lambda gold, chosen: measured)


@pytest.mark.usefixtures("only_piers")
@pytest.mark.parametrize("name", ["corpus", "real", "reports", "challenge"])
def test_a_missing_set_is_reported_and_skipped(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    variable = f"QUOTEDEX_{name.upper()}"
    assert accuracy.main([]) == 0
    assert f"skipped: {name} ({variable} is not set)" in capsys.readouterr().out
    monkeypatch.setenv(variable, "nowhere")
    assert accuracy.main([]) == 0
    assert re.search(rf"skipped: {name} \(nowhere.* does not exist\)", capsys.readouterr().out)


@pytest.mark.usefixtures("only_piers")
def test_sets_from_files_are_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("dev", "cases"):
        row = {"id": "a", "category": "b", "text": TEXT, "quotes": [], "not_quotes": ["“Piers”"]}
        (tmp_path / f"{name}.json").write_text(json.dumps([row]), encoding="utf-8")
    files = [f"--real={tmp_path / 'dev.json'}", f"--reports={tmp_path / 'cases.json'}"]
    assert accuracy.main(files) == 0
    shown = re.findall(r"\*\*(.*)\*\*: 1 documents", capsys.readouterr().out)
    assert shown == ["real dev", "piers", "reports"]


@pytest.mark.usefixtures("only_piers")
def test_the_gate_fails_without_floors(capsys: pytest.CaptureFixture[str]) -> None:
    assert accuracy.main(["--gate"]) == 1
    assert "piers: no floors are pinned" in capsys.readouterr().err


def test_errors_are_written(measured: SetResults, tmp_path: Path) -> None:
    wrong = accuracy.measure(GOLD, {"quotedex 1": load_find_nothing})
    path = tmp_path / "errors.jsonl"
    accuracy.write_errors(path, {"piers": wrong, "more": measured})
    (row,) = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    assert (row["set"], row["source"], row["found"]) == ("piers", "she", False)
