"""Attack a served file and an indexing run, and say what held.

    python -m benchmarks.hostile site [NAME...]         # NAME: part of an attack's name
    python -m benchmarks.hostile documents [NAME...]
    python -m benchmarks.hostile list

Prints a row for each attack: the peak memory of all processes of the program, the longest wait for
an ordinary page, the answers, and whether the bounds were kept. A program that takes more memory
than `--ceiling` is killed, so that it cannot take the machine. Linux only.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path

from benchmarks.hostile.outcome import Outcome, table
from benchmarks.hostile.reading import attack_reading, known_documents
from benchmarks.hostile.site import Target, attack_site, known_attacks
from benchmarks.synthetic import build
from benchmarks.tables import DOCS, markdown, write

PAGE = DOCS / "security.md"
CEILING = 4_000  # MB


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the attacks; 1 if the program fell."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="hostile-", dir=options.folder) as folder:
        outcomes = list(_shown(_outcomes(options, Path(folder))))
    if options.command == "list":
        return 0
    print(markdown(table(outcomes), align="---"))
    if options.write_docs:
        write(PAGE, _blocks(outcomes))
    if options.json:
        written = json.dumps([asdict(outcome) for outcome in outcomes], indent=1)
        options.json.write_text(written + "\n", encoding="utf-8")
    fallen = sum(bool(outcome.fell) for outcome in outcomes)
    print(f"\n{len(outcomes) - fallen} of {len(outcomes)} held.")
    return 1 if fallen else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.hostile",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=["site", "documents", "all", "list"])
    parser.add_argument("names", nargs="*", metavar="NAME", help="part of a name (default: all)")
    parser.add_argument("--file", type=Path, help="serve this file instead of a synthetic one")
    parser.add_argument("--quotations", type=int, default=20_000, help="default: 20,000")
    parser.add_argument(
        "--seconds", type=float, default=15, help="of an attack on the site (default: 15)"
    )
    parser.add_argument("--timeout", type=float, default=10, help="of a document (default: 10)")
    parser.add_argument("--ceiling", type=float, default=CEILING, help="MB (default: 4,000)")
    parser.add_argument(
        "--python", default=sys.executable, help="runs the program that is attacked"
    )
    parser.add_argument("--plain", action="store_true", help="`datasette`, not `quotedex serve`")
    parser.add_argument("--workers", type=int, help="of `quotedex index` (default: its own)")
    parser.add_argument("--folder", type=Path, help="for temporary files")
    parser.add_argument("--write-docs", action="store_true", help="rewrite docs/security.md")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the outcomes here")
    return parser


def _outcomes(options: argparse.Namespace, folder: Path) -> Iterable[Outcome]:
    file = options.file or folder / "quotes.db"
    target = Target(file, folder, options.ceiling, options.seconds, options.python, options.plain)
    on_site = _selected(known_attacks(target), options)
    by_documents = _selected(known_documents(), options)
    if options.command == "list":
        print("\n".join(["site:", *on_site, "", "documents:", *by_documents]))
        return []
    if options.command == "documents":
        on_site = []
    elif options.command == "site":
        by_documents = []
    if on_site and not options.file:
        build(file, options.quotations)
    reading = attack_reading(
        by_documents, folder, options.python, options.ceiling, options.timeout, options.workers
    )
    return chain(attack_site(target, on_site), reading)


def _blocks(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """The tables of docs/security.md."""
    on_site = [outcome for outcome in outcomes if outcome.page is not None]
    by_documents = [outcome for outcome in outcomes if outcome.page is None]
    tables = {"site_attacks": on_site, "document_attacks": by_documents}
    return {name: markdown(table(rows), align="---") for name, rows in tables.items() if rows}


def _selected(names: Sequence[str], options: argparse.Namespace) -> list[str]:
    return [
        name
        for name in names
        if not options.names or any(part.lower() in name.lower() for part in options.names)
    ]


def _shown(outcomes: Iterable[Outcome]) -> Iterable[Outcome]:
    for outcome in outcomes:
        print(*outcome.row, sep=" | ", file=sys.stderr, flush=True)
        yield outcome


if __name__ == "__main__":
    sys.exit(main())
