"""The figures last measured, kept in results.json, and what is made of them: the tables of
docs/accuracy.md, and what the site's page about its data says.

Keeping them lets the page show peers that are not installed where it is next written.
`python -m benchmarks.results` writes both again without measuring.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.baselines import SMALL
from evaluation.scoring import Bin, Figure, Report

HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
DOCS = HERE.parent / "docs" / "accuracy.md"
SITE = HERE.parent / "src" / "datasette_quotedex" / "accuracy.json"
CASES = HERE.parent / "tests" / "cases"
OURS = "quotedex"
TEXTS = {
    "PolNeAR dev": "political news of seven US outlets, annotated by others in double marks",
    "held-out fields": "news of eight fields, invented for measuring",
    "held-out hard kinds": "invented passages, each written around one difficulty",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures of each program (name with version) on one set, named by its hash."""

    sha256: str
    documents: int
    reports: Mapping[str, Report]


def ours(entry: Measured) -> Report:
    """quotedex's own report, of whatever version, by its default model."""
    return by_model(entry)[""]


def by_model(entry: Measured) -> dict[str, Report]:
    """quotedex's own reports: "" is the default model's, SMALL the small one's; of two by one
    model, that kept to the annotated marks."""
    return {
        SMALL if name.endswith(SMALL) else "": report
        for name, report in entry.reports.items()
        if name.startswith(OURS)
    }


def load(path: Path = RESULTS) -> dict[str, Measured]:
    """Set name -> what was measured on it; nothing where nothing was."""
    if not path.exists():
        return {}
    return {
        name: Measured(
            entry["sha256"],
            entry["documents"],
            {program: _report(figures) for program, figures in entry["programs"].items()},
        )
        for name, entry in json.loads(path.read_text(encoding="utf-8")).items()
    }


def save(measured: Mapping[str, Measured], path: Path = RESULTS) -> None:
    """Put what was measured now over what was known. Figures of other programs on the same set
    stay as long as the set's documents are the same."""
    known = load(path)
    for name, new in measured.items():
        old = known.get(name)
        kept = old.reports if old and old.sha256 == new.sha256 else {}
        names = {program.split()[0] for program in new.reports}
        others = {program: r for program, r in kept.items() if program.split()[0] not in names}
        known[name] = Measured(new.sha256, new.documents, {**new.reports, **others})
    rows = {
        name: {
            "sha256": entry.sha256,
            "documents": entry.documents,
            "programs": {program: _figures(report) for program, report in entry.reports.items()},
        }
        for name, entry in known.items()
    }
    path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def _figures(report: Report) -> dict[str, Any]:
    """A report as JSON, but for the misses: they hold the corpus's own words."""
    row = asdict(report)
    del row["misses"]
    return row


def _report(row: Mapping[str, Any]) -> Report:
    return Report(
        detect=Figure(**row["detect"]),
        mention=Figure(**row["mention"]),
        speaker=Figure(**row["speaker"]),
        sure=Figure(**row["sure"]),
        negatives=row["negatives"],
        negatives_reported=row["negatives_reported"],
        by_source={kind: (right, count) for kind, (right, count) in row["by_source"].items()},
        reliability=tuple(Bin(**entry) for entry in row["reliability"]),
        misses=(),
    )


def write_docs(path: Path = DOCS) -> None:
    """Rewrite the tables between their markers in docs/accuracy.md, and the site's figures."""
    path.write_text(rendered(path.read_text(encoding="utf-8")), encoding="utf-8")
    SITE.write_text(json.dumps(site_figures(), indent=1) + "\n", encoding="utf-8")


def site_figures() -> dict[str, Any]:
    """What the site says of our own accuracy, of which version."""
    known = {name: entry for name, entry in load().items() if name in TEXTS}
    programs = {program for entry in known.values() for program in entry.reports}
    (version,) = {name.split()[1] for name in programs if name.startswith(OURS)}
    sets = []
    for name, entry in known.items():
        report = ours(entry)
        figures = {"detect": report.detect, "mention": report.mention, "speaker": report.speaker}
        shares = {
            key: {"precision": round(figure.precision, 3), "recall": round(figure.recall, 3)}
            for key, figure in figures.items()
        }
        counts = {"documents": entry.documents, "quotations": report.detect.wanted}
        sets.append({"name": name, "texts": TEXTS[name], **counts, **shares})
    return {"version": version, "sets": sets}


def rendered(page: str) -> str:
    """The page with each "<!-- begin X -->...<!-- end X -->" filled by what is known now."""
    known = load()
    blocks = {
        "figures": "\n\n".join(figures_table(name, entry) for name, entry in known.items()),
        "reliability": "\n\n".join(_reliability(name, entry) for name, entry in known.items()),
        "sources": "\n\n".join(_sources(name, entry) for name, entry in known.items()),
        "seeds": _seeds(),
    }

    def fill(match: re.Match[str]) -> str:
        begin, name, end = match.groups()
        return f"{begin}\n{blocks[name]}\n{end}"

    pattern = r"(<!-- begin (\w+) -->).*?(<!-- end \2 -->)"
    return re.sub(pattern, fill, page, flags=re.DOTALL)


def figures_table(name: str, entry: Measured) -> str:
    """One line a program: precision, recall and F1 of each figure, and the wrongly reported."""
    titles = ["detect P", "R", "F1", "mention P", "R", "F1", "speaker P", "R", "F1"]
    titles += ["sure P", "R", "reported"]
    rows = []
    for program, report in entry.reports.items():
        figures = [
            f"{share:.3f}"
            for figure in (report.detect, report.mention, report.speaker)
            for share in (figure.precision, figure.recall, figure.f1)
        ]
        # A program that states no confidence is sure of nothing.
        sure = [report.sure.precision, report.sure.recall] if report.sure.given else []
        figures += [f"{share:.3f}" for share in sure] or ["", ""]
        rows.append([program, *figures, f"{report.negatives_reported} of {report.negatives}"])
    report = next(iter(entry.reports.values()))
    caption = (
        f"**{name}**: {entry.documents} documents, {report.detect.wanted:,} quotations, "
        f"{report.negatives} marked spans that nobody says."
    )
    return f"{caption}\n\n{_table(['program', *titles], rows)}"


def _reliability(name: str, entry: Measured) -> str:
    rows = [
        [
            f"{entry_bin.low:.1f} to {entry_bin.low + 0.1:.1f}",
            str(entry_bin.count),
            f"{entry_bin.stated:.2f}",
            f"{entry_bin.right / entry_bin.count:.2f}",
        ]
        for entry_bin in ours(entry).reliability
    ]
    return f"**{name}**\n\n{_table(['confidence', 'quotations', 'stated', 'right'], rows)}"


def _sources(name: str, entry: Measured) -> str:
    rows = [
        [kind, str(count), f"{right / count:.3f}"]
        for kind, (right, count) in ours(entry).by_source.items()
    ]
    return f"**{name}**\n\n{_table(['source', 'quotations', 'mention right'], rows)}"


def _seeds() -> str:
    """How much of the seeds' annotation the program meets, and where it does not."""
    articles = json.loads((CASES / "seeds.json").read_text(encoding="utf-8"))
    known: dict[str, str] = json.loads(
        (CASES / "seeds_known_failures.json").read_text(encoding="utf-8")
    )
    quotations = sum(len(article["quotes"]) for article in articles)
    nobody = sum(len(article["not_quotes"]) for article in articles)
    summary = (
        f"{len(articles)} articles, {quotations} quotations, {nobody} marked spans that nobody "
        f"says; {len(known)} known failures."
    )
    if not known:
        return summary
    rows = [[f"`{check}`", reason] for check, reason in known.items()]
    return f"{summary}\n\n{_table(['what fails', 'why'], rows, '---')}"


def _table(titles: list[str], rows: Iterable[list[str]], align: str = "---:") -> str:
    head = [titles, ["---"] + [align] * (len(titles) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in [*head, *rows])


if __name__ == "__main__":
    write_docs()
