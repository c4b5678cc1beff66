"""Measure how well quotedex and the baselines that are installed find quotations and speakers.

    python -m benchmarks.accuracy                      # print the tables
    python -m benchmarks.accuracy --gate               # fail if a score is under its floor
    python -m benchmarks.accuracy --pin [--lower]      # set the floors
    python -m benchmarks.accuracy --write-docs         # measure, then rewrite docs/accuracy.md
    python -m benchmarks.accuracy --write-docs --pin --lower   # all at once, for a new model

The held-out passages of training/passages are always measured. The other sets are not part of this
repository. Options or environment variables say where they are; without them they are skipped.

--no-baselines measures quotedex only. The stored scores of the baselines are kept where the
documents are the same, so measure them again after a change of the scorer.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TypeGuard

from benchmarks import gate, results
from benchmarks.baselines import DOUBLE, QUOTEDEX, SMALL, Program, programs
from benchmarks.results import SetResults
from evaluation.gold import GoldSet, from_json, newer_passages, passages, polnear
from evaluation.scoring import Report, score
from quotedex._version import __version__

# Option -> what the JSON file holds (evaluation/real.py); QUOTEDEX_REAL is the default of --real.
FILES = {
    "real": "real articles annotated by reading",
    "reports": "invented cases of what goes wrong with such programs",
    "challenge": "invented cases, two for each of 24 layouts",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status is 1 if a score is under its floor."""
    options = _parser().parse_args(arguments)
    uses_floors = options.gate or options.pin
    no_baselines = options.no_baselines or (uses_floors and not options.write_docs)
    chosen = {
        name: load
        for name, load in programs().items()
        if not no_baselines or name.startswith(QUOTEDEX)
    }
    measured = {gold.name: measure(gold, programs_for(gold, chosen)) for gold in _sets(options)}
    for name, entry in measured.items():
        print(f"\n{results.score_table(name, entry)}")
    if options.errors:
        write_errors(options.errors, measured)
    if options.write_docs:
        results.save(measured)
        results.write_docs()
        for name in results.without_baselines():
            print(f"{name}: no scores of baselines are stored for these documents")
    return _apply_floors(options, measured) if uses_floors else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    _add_path(parser, "corpus", "folder of a corpus in PolNeAR's layout")
    for name, content in FILES.items():
        _add_path(parser, name, f"JSON file: {content}")
    parser.add_argument("--split", default="dev", help="split of the corpus (default: dev)")
    parser.add_argument("--no-baselines", action="store_true", help="measure quotedex only")
    parser.add_argument("--gate", action="store_true", help="fail if a score is under its floor")
    parser.add_argument("--pin", action="store_true", help="raise the floors to the scores")
    parser.add_argument("--lower", action="store_true", help="with --pin: also lower floors")
    parser.add_argument("--write-docs", action="store_true", help="rewrite docs/accuracy.md")
    parser.add_argument("--errors", type=Path, help="write quotedex's errors here as JSON Lines")
    return parser


def _add_path(parser: argparse.ArgumentParser, name: str, content: str) -> None:
    """An option with a path, whose default is in an environment variable."""
    variable = f"QUOTEDEX_{name.upper()}"
    path = os.environ.get(variable)
    parser.add_argument(
        f"--{name}",
        type=Path,
        default=Path(path) if path else None,
        help=f"{content} (default: {variable})",
    )


def _sets(options: argparse.Namespace) -> list[GoldSet]:
    """The sets that are available; prints why others are not."""
    sets: list[GoldSet] = []
    if _is_there(options.corpus and options.corpus / options.split / "text", "corpus"):
        sets.append(polnear(options.corpus, options.split))
    if _is_there(options.real, "real"):
        sets.append(from_json(options.real, f"real {options.real.stem}"))
    sets += [passages(hard=False), passages(hard=True), newer_passages()]
    for name in ("reports", "challenge"):
        path: Path | None = getattr(options, name)
        if _is_there(path, name):
            sets.append(from_json(path, name))
    return sets


def _is_there(path: Path | None, name: str) -> TypeGuard[Path]:
    if path is not None and path.exists():
        return True
    reason = f"{path} does not exist" if path else f"QUOTEDEX_{name.upper()} is not set"
    print(f"skipped: {name} ({reason})")
    return False


def programs_for(
    gold: GoldSet, available: Mapping[str, Callable[[], Program]]
) -> dict[str, Callable[[], Program]]:
    """The programs to run on a set. Restricting quotedex to double marks makes sense only where the
    set annotates nothing else; there, the small model runs in that way alone."""
    left_out = DOUBLE if gold.complete else f"{__version__}{SMALL}"
    return {name: load for name, load in available.items() if left_out not in name}


def measure(gold: GoldSet, chosen: Mapping[str, Callable[[], Program]]) -> SetResults:
    """Run each program on the texts of the set, and score its predictions."""
    reports: dict[str, Report] = {}
    for name, load in chosen.items():
        run = load()
        started = time.perf_counter()
        predictions = {document.name: run(document.text) for document in gold.documents}
        seconds = time.perf_counter() - started
        print(f"{name}: {len(gold.documents)} documents of {gold.name} in {seconds:.1f} s")
        reports[name] = score(gold, predictions)
    return SetResults(gold.sha256, len(gold.documents), reports)


def _apply_floors(options: argparse.Namespace, measured: Mapping[str, SetResults]) -> int:
    failures: list[str] = []
    for name, entry in measured.items():
        for model, report in results.reports_by_model(entry).items():
            if options.pin:
                failures += gate.pin(name + model, entry.sha256, report, lower=options.lower)
            else:
                failures += gate.check(name + model, entry.sha256, report, gate.load())
    for failure in failures:
        print(failure, file=sys.stderr)
    print("accuracy: failed" if failures else "accuracy: no score is under its floor")
    return 1 if failures else 0


def write_errors(path: Path, measured: Mapping[str, SetResults]) -> None:
    """Write each quotation that the default model got wrong as a line of JSON."""
    with path.open("w", encoding="utf-8") as file:
        for name, entry in measured.items():
            for error in results.default_report(entry).errors:
                row = {"set": name, **asdict(error)}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
