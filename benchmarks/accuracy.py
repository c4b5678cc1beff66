"""Measure how well quotedex, and each peer that is installed, finds quotations and their speakers.

    python -m benchmarks.accuracy                      # print the tables
    python -m benchmarks.accuracy --gate               # fail under the floors of floors.json
    python -m benchmarks.accuracy --pin [--lower]      # set the floors
    python -m benchmarks.accuracy --write-docs         # measure, then rewrite docs/accuracy.md

Three sets are measured: the passages of training/passages that training left out, those of eight
fields of news and those written to be hard, and an annotated corpus in PolNeAR's layout, where
--corpus or QUOTEDEX_CORPUS says that one is. It is not part of this repository; without it that
set is skipped.
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

from benchmarks import gate, results
from benchmarks.baselines import DOUBLE, SMALL, Program, programs
from benchmarks.results import OURS, Measured
from evaluation.gold import GoldSet, passages, polnear
from evaluation.scoring import Miss, Report, score
from quotedex._version import __version__

PASSAGES = Path(__file__).parents[1] / "training" / "passages"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit status is 1 when a figure is under its floor."""
    options = _parser().parse_args(arguments)
    guarding = options.gate or options.pin
    wanted = {
        name: load
        for name, load in programs().items()
        if name.startswith(OURS) or not (guarding or options.no_peers)
    }
    measured = {
        gold.name: measure(gold, suited(wanted, gold))
        for gold in _sets(options.corpus, options.split)
    }
    for name, entry in measured.items():
        print(f"\n{results.figures_table(name, entry)}")
    if options.errors:
        _write_misses(options.errors, measured)
    if options.write_docs:
        results.save(measured)
        results.write_docs()
    return _guard(options, measured) if guarding else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    corpus = os.environ.get("QUOTEDEX_CORPUS")
    parser.add_argument("--corpus", type=Path, default=Path(corpus) if corpus else None)
    parser.add_argument("--split", default="dev", help="the corpus's part to measure on")
    parser.add_argument("--no-peers", action="store_true", help=f"measure {OURS} alone")
    parser.add_argument("--gate", action="store_true", help="fail under the pinned floors")
    parser.add_argument("--pin", action="store_true", help="raise the floors to what is measured")
    parser.add_argument("--lower", action="store_true", help="with --pin: let floors sink")
    parser.add_argument("--write-docs", action="store_true", help="rewrite docs/accuracy.md")
    parser.add_argument("--errors", type=Path, help="write our misses here, a JSON line each")
    return parser


def _sets(corpus: Path | None, split: str) -> list[GoldSet]:
    """The sets that are there; says which is not, and why."""
    sets = [passages(PASSAGES, hard=False), passages(PASSAGES, hard=True)]
    if corpus is None:
        print("skipped: the annotated corpus: neither --corpus nor QUOTEDEX_CORPUS names one")
    elif not (corpus / split / "text").is_dir():
        print(f"skipped: the annotated corpus: there is no {corpus / split / 'text'}")
    else:
        sets.append(polnear(corpus, split))
    return sets


def suited(
    wanted: Mapping[str, Callable[[], Program]], gold: GoldSet
) -> dict[str, Callable[[], Program]]:
    """Without quotedex kept to double marks, where the set annotates all of them, and else with
    the small model in those marks alone."""
    left_out = DOUBLE if gold.nested_annotated else f"{__version__}{SMALL}"
    return {name: load for name, load in wanted.items() if left_out not in name}


def measure(gold: GoldSet, wanted: Mapping[str, Callable[[], Program]]) -> Measured:
    """Run each program over the set's texts and score it."""
    reports: dict[str, Report] = {}
    for name, load in wanted.items():
        run = load()
        started = time.perf_counter()
        found = {document.name: run(document.text) for document in gold.documents}
        seconds = time.perf_counter() - started
        print(f"{name}: {len(gold.documents)} documents of {gold.name} in {seconds:.1f} s")
        reports[name] = score(gold, found)
    return Measured(gold.sha256, len(gold.documents), reports)


def _guard(options: argparse.Namespace, measured: Mapping[str, Measured]) -> int:
    wrong: list[str] = []
    for name, entry in measured.items():
        for model, report in results.by_model(entry).items():
            if options.pin:
                wrong += gate.pin(name + model, entry.sha256, report, lower=options.lower)
            else:
                wrong += gate.gate(name + model, entry.sha256, report, gate.load())
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    print("accuracy: failed" if wrong else "accuracy: at or above every floor")
    return 1 if wrong else 0


def _write_misses(path: Path, measured: Mapping[str, Measured]) -> None:
    misses: list[tuple[str, Miss]] = [
        (name, miss) for name, entry in measured.items() for miss in results.ours(entry).misses
    ]
    with path.open("w", encoding="utf-8") as file:
        for name, miss in misses:
            file.write(json.dumps({"set": name, **asdict(miss)}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
