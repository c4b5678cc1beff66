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
# The order of the sets in docs/accuracy.md.
ORDER = (
    "PolNeAR dev",
    "real dev",
    "held-out topics",
    "held-out hard cases",
    "held-out newer cases",
    "reports",
    "challenge",
)
# The sets that the site shows, each with a description.
SETS = {
    "PolNeAR dev": "independently annotated political news (seven US outlets, double marks only)",
    "real dev": "real articles of many kinds (BBC, US news sites, satire, Wikinews)",
    "held-out topics": "news on eight topics, invented for evaluation",
    "held-out hard cases": "invented passages, each written around one difficulty",
}
# The kinds of source as docs/accuracy.md calls them.
SOURCES = {"name": "names", "pronoun": "pronouns", "nominal": "other noun phrases"}


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
        reports = {**new.reports, **others}
        ours_first = sorted(reports, key=lambda program: not program.startswith(QUOTEDEX))
        known[name] = SetResults(
            new.sha256, new.documents, {program: reports[program] for program in ours_first}
        )
    rows = {
        name: {
            "sha256": results.sha256,
            "documents": results.documents,
            "programs": {program: _row(report) for program, report in results.reports.items()},
        }
        for name, results in sorted(known.items(), key=_place)
    }
    path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def _place(item: tuple[str, SetResults]) -> int:
    """Where a set stands in the tables; sets without a place come last."""
    name = item[0]
    return ORDER.index(name) if name in ORDER else len(ORDER)


def without_baselines(path: Path = RESULTS) -> list[str]:
    """The sets for which only quotedex's own scores are stored."""
    return [
        name
        for name, results in load(path).items()
        if all(program.startswith(QUOTEDEX) for program in results.reports)
    ]


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
        by_source={kind: tuple(counts) for kind, counts in row["by_source"].items()},
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
        "reliability": _reliability(known),
        "sources": _sources(known),
        "seeds": _seeds(),
    }


def score_table(name: str, results: SetResults) -> str:
    """One row for each program: precision, recall and F1 of each score; of the quotations with high
    confidence the precision of the speaker and their share; and false positives."""
    head = ["program", "detection P", "R", "F1", "mention P", "R", "F1", "speaker P", "R", "F1"]
    head += ["high confidence P", "share", "false positives"]
    rows = []
    for program, report in results.reports.items():
        shares = [
            f"{share:.3f}"
            for prf in (report.detection, report.mention, report.speaker)
            for share in (prf.precision, prf.recall, prf.f1)
        ]
        # A program without confidence has no quotations of high confidence.
        confident = report.high_confidence
        high = [confident.precision, report.confident_share] if confident.predicted else []
        shares += [f"{share:.3f}" for share in high] or ["", ""]
        rows.append(
            [program, *shares, f"{100 * report.false_positives / max(1, report.negatives):.0f} %"]
        )
    report = next(iter(results.reports.values()))
    caption = (
        f"**{name}**: {results.documents} documents, {report.detection.annotated:,} quotations, "
        f"{report.negatives} negatives."
    )
    return f"{caption}\n\n{markdown([head, *rows])}"


def _reliability(known: Mapping[str, SetResults]) -> str:
    """One row for each tenth of confidence, one column for each set."""
    columns = [
        {each.low: each for each in default_report(results).reliability}
        for results in known.values()
    ]
    rows = [
        [f"{low:.1f} to {low + 0.1:.1f}", *(_share_correct(column.get(low)) for column in columns)]
        for low in sorted(set().union(*columns))
    ]
    return markdown([["confidence", *known], *rows])


def _share_correct(each: ReliabilityBin | None) -> str:
    return f"{each.correct / each.count:.2f} ({each.count})" if each else ""


def _sources(known: Mapping[str, SetResults]) -> str:
    """Recall of mentions and speakers by the kind of source, one row for each set."""
    head = ["set", *(part for kind in SOURCES.values() for part in (kind, "mention", "speaker"))]
    rows = []
    for name, results in known.items():
        row = [name]
        for kind in SOURCES:
            mentions, speakers, total = default_report(results).by_source.get(kind, (0, 0, 0))
            shares = [f"{each / total:.3f}" if total else "" for each in (mentions, speakers)]
            row += [str(total), *shares]
        rows.append(row)
    return markdown([head, *rows])


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
