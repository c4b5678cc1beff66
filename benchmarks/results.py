"""Keeps the accuracy last measured in results.json, and writes it where it is shown.

    python -m benchmarks.results

writes the tables of docs/accuracy.md and the scores on the site's page about its data again,
without measuring. Programs that are not installed keep the scores that they had.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.baselines import QUOTEDEX, SMALL
from benchmarks.tables import DOCS, fill, markdown, write
from evaluation.scoring import PRF, ReliabilityBin, Report

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results.json"
PAGE = DOCS / "accuracy.md"
SITE = ROOT / "src" / "datasette_quotedex" / "accuracy.json"
CASES = ROOT / "tests" / "cases"
# The sets that the site shows, each with a description.
SETS = {
    "PolNeAR dev": "independently annotated political news (seven US outlets, double marks only)",
    "held-out topics": "news on eight topics, invented for evaluation",
    "held-out hard cases": "invented passages, each written around one difficulty",
}


@dataclass(frozen=True, slots=True)
class SetResults:
    """The report of each program (name with version) on one set, which has this hash."""

    sha256: str
    documents: int
    reports: Mapping[str, Report]


def reports_by_model(results: SetResults) -> dict[str, Report]:
    """quotedex's own reports: "" for the default model, SMALL for the small one. Of two reports
    for one model, the one restricted to the annotated marks."""
    return {
        SMALL if program.endswith(SMALL) else "": report
        for program, report in results.reports.items()
        if program.startswith(QUOTEDEX)
    }


def default_report(results: SetResults) -> Report:
    """quotedex's own report, for its default model."""
    return reports_by_model(results)[""]


def load(path: Path = RESULTS) -> dict[str, SetResults]:
    """Set name -> its results; empty before the first measurement."""
    if not path.exists():
        return {}
    return {
        name: SetResults(
            row["sha256"],
            row["documents"],
            {program: _report(report) for program, report in row["programs"].items()},
        )
        for name, row in json.loads(path.read_text(encoding="utf-8")).items()
    }


def save(measured: Mapping[str, SetResults], path: Path = RESULTS) -> None:
    """Replace earlier results by these. The reports of programs that were not measured now stay, if
    the documents of their set are the same."""
    known = load(path)
    for name, new in measured.items():
        old = known.get(name)
        kept = old.reports if old and old.sha256 == new.sha256 else {}
        names = {program.split()[0] for program in new.reports}
        others = {program: r for program, r in kept.items() if program.split()[0] not in names}
        known[name] = SetResults(new.sha256, new.documents, {**new.reports, **others})
    rows = {
        name: {
            "sha256": results.sha256,
            "documents": results.documents,
            "programs": {program: _row(report) for program, report in results.reports.items()},
        }
        for name, results in known.items()
    }
    path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def _row(report: Report) -> dict[str, Any]:
    """A report as JSON, without the errors: they quote the corpus."""
    row = asdict(report)
    del row["errors"]
    return row


def _report(row: Mapping[str, Any]) -> Report:
    return Report(
        detection=PRF(**row["detection"]),
        mention=PRF(**row["mention"]),
        speaker=PRF(**row["speaker"]),
        high_confidence=PRF(**row["high_confidence"]),
        negatives=row["negatives"],
        false_positives=row["false_positives"],
        by_source={kind: (correct, count) for kind, (correct, count) in row["by_source"].items()},
        reliability=tuple(ReliabilityBin(**entry) for entry in row["reliability"]),
        errors=(),
    )


def write_docs() -> None:
    """Write the tables of docs/accuracy.md and the site's scores again."""
    write(PAGE, blocks())
    SITE.write_text(json.dumps(site_scores(), indent=1) + "\n", encoding="utf-8")


def site_scores() -> dict[str, Any]:
    """The accuracy of quotedex as the site shows it, with the version it was measured on."""
    known = {name: results for name, results in load().items() if name in SETS}
    programs = {program for results in known.values() for program in results.reports}
    (version,) = {program.split()[1] for program in programs if program.startswith(QUOTEDEX)}
    sets = []
    for name, results in known.items():
        report = default_report(results)
        scores = {
            "detection": report.detection,
            "mention": report.mention,
            "speaker": report.speaker,
        }
        sets.append(
            {
                "name": name,
                "texts": SETS[name],
                "documents": results.documents,
                "quotations": report.detection.annotated,
                **{
                    key: {"precision": round(prf.precision, 3), "recall": round(prf.recall, 3)}
                    for key, prf in scores.items()
                },
            }
        )
    return {"version": version, "sets": sets}


def render(page: str) -> str:
    """The page with its tables made from the last results."""
    return fill(page, blocks())


def blocks() -> dict[str, str]:
    """The tables of docs/accuracy.md."""
    known = load()
    return {
        "scores": "\n\n".join(score_table(name, each) for name, each in known.items()),
        "reliability": "\n\n".join(_reliability(name, each) for name, each in known.items()),
        "sources": "\n\n".join(_sources(name, each) for name, each in known.items()),
        "seeds": _seeds(),
    }


def score_table(name: str, results: SetResults) -> str:
    """One row for each program: precision, recall and F1 of each score, and false positives."""
    head = ["program", "detection P", "R", "F1", "mention P", "R", "F1", "speaker P", "R", "F1"]
    head += ["high confidence P", "R", "false positives"]
    rows = []
    for program, report in results.reports.items():
        shares = [
            f"{share:.3f}"
            for prf in (report.detection, report.mention, report.speaker)
            for share in (prf.precision, prf.recall, prf.f1)
        ]
        # A program without confidence has no quotations of high confidence.
        confident = report.high_confidence
        high = [confident.precision, confident.recall] if confident.predicted else []
        shares += [f"{share:.3f}" for share in high] or ["", ""]
        rows.append([program, *shares, f"{report.false_positives} of {report.negatives}"])
    report = next(iter(results.reports.values()))
    caption = (
        f"**{name}**: {results.documents} documents, {report.detection.annotated:,} quotations, "
        f"{report.negatives} negatives."
    )
    return f"{caption}\n\n{markdown([head, *rows])}"


def _reliability(name: str, results: SetResults) -> str:
    rows = [
        [
            f"{each.low:.1f} to {each.low + 0.1:.1f}",
            str(each.count),
            f"{each.confidence:.2f}",
            f"{each.correct / each.count:.2f}",
        ]
        for each in default_report(results).reliability
    ]
    head = ["confidence", "quotations", "mean confidence", "share correct"]
    return f"**{name}**\n\n{markdown([head, *rows])}"


def _sources(name: str, results: SetResults) -> str:
    rows = [
        [kind, str(count), f"{correct / count:.3f}"]
        for kind, (correct, count) in default_report(results).by_source.items()
    ]
    return f"**{name}**\n\n{markdown([['source', 'quotations', 'mention recall'], *rows])}"


def _seeds() -> str:
    """How many of the seed articles' quotations are tested, and which tests are known to fail."""
    articles = json.loads((CASES / "seeds.json").read_text(encoding="utf-8"))
    known: dict[str, str] = json.loads(
        (CASES / "seeds_known_failures.json").read_text(encoding="utf-8")
    )
    quotations = sum(len(article["quotes"]) for article in articles)
    negatives = sum(len(article["not_quotes"]) for article in articles)
    summary = (
        f"{len(articles)} articles, {quotations} quotations, {negatives} negatives; "
        f"{len(known)} known failures."
    )
    if not known:
        return summary
    rows = [[f"`{check}`", reason] for check, reason in known.items()]
    return f"{summary}\n\n{markdown([['failure', 'reason'], *rows], '---')}"


if __name__ == "__main__":
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    write_docs()
