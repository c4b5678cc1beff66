"""Measure that time grows with the text and no faster, on texts made to be slow.

    python -m benchmarks.pathological                       # what needs no model, to 10^6 pieces
    python -m benchmarks.pathological --whole --most 10000   # the whole extraction, up to so many

Prints a table: for each kind of text and number of pieces the seconds of processor time, and at
the end how many times longer ten times the text took at worst.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from quotedex.extract import Extractor
from quotedex.extract.clean import clean
from quotedex.extract.find import find
from quotedex.extract.layout.boilerplate import blank_out, boilerplate_lines
from quotedex.extract.layout.pull_quotes import repeats_of
from quotedex.extract.layout.standalone import standalone_spans
from quotedex.models import Attribution, Document
from quotedex.read.metadata import with_inferred_metadata

# Of each kind the pieces that are repeated, with the text around them.
KINDS: Mapping[str, tuple[str, str]] = {
    "closed quotations": ("“Yes,” he said. ", ""),
    "marks that open only": ("“", ""),
    "straight marks": ('"', ""),
    "single marks and apostrophes": ("'s ", ""),
    "marks within marks": ("“a ‘", ""),
    "one giant paragraph": ("The bridge over the Ash was shut. ", "“No,” said Ada Poole."),
    "names": ("Ada Poole, Ben Cole and ", "“No,” she said."),
    "line breaks": ("\n", "“No,” said Ada Poole."),
    "wrapped lines": ("the inspector refused the tower, and then she went to see the\n", ""),
    "mangled letters": ("â€œNo,â€ Ã©t ", ""),
    "pointers": ("Related: “No”\n", ""),
    "quotations that stand alone": ("“We lost the bridge over the Ash”\n— Mara Ilves\n", ""),
}
FEWEST, MOST = 1_000, 1_000_000
# Ten times the text takes about ten times as long; its square would be a hundred.
GROWTH = 10
# Too short to compare: the clock's own steps and the first use of a pattern.
SHORTEST = 0.02


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table that the options ask for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--whole", action="store_true", help="with the models")
    parser.add_argument("--most", type=int, default=MOST, help="pieces of the longest text")
    options = parser.parse_args(arguments)
    table(with_models() if options.whole else without_models, options.most)


def without_models(text: str) -> None:
    """Reading, cleaning, finding the marks and, as if all were said, pull-quotes."""
    with_inferred_metadata(Document("a", text))
    cleaned = clean(text).text
    read = blank_out(cleaned, boilerplate_lines(cleaned))
    spans = find(read)
    alone = standalone_spans(read, spans)
    said = Attribution(mention=None, cue=None, antecedent=None, confidence=1.0, why="")
    repeats_of(read, spans, [said] * len(spans), alone)


def with_models() -> Callable[[str], None]:
    """The whole extraction, its models loaded before the clock runs."""
    extractor = Extractor()

    def extract(text: str) -> None:
        extractor(Document("a", text))

    extract("“No,” said Ada Poole.")
    return extract


def table(work: Callable[[str], None], most: int) -> None:
    """A row for each kind of text, printed as it is measured."""
    sizes = [size for size in _powers() if size <= most]
    print("| text | " + " | ".join(f"{size:,}" for size in sizes) + " | growth |")
    print("| --- |" + " ---: |" * (len(sizes) + 1))
    for kind, (piece, end) in KINDS.items():
        work(piece * 100 + end)  # what only the first text of a kind needs is loaded by now
        spent = [seconds(work, piece * size + end) for size in sizes]
        grown = [after / before for before, after in pairwise(spent) if before > SHORTEST]
        told = f"{max(grown):.1f}" if grown else "-"
        print(f"| {kind} | " + " | ".join(f"{one:.2f} s" for one in spent) + f" | {told} |")


def seconds(work: Callable[[str], None], text: str) -> float:
    """Processor time: the clock of a busy machine tells nothing."""
    began = time.process_time()
    work(text)
    return time.process_time() - began


def _powers() -> list[int]:
    size, sizes = FEWEST, []
    while size <= MOST:
        sizes.append(size)
        size *= GROWTH
    return sizes


if __name__ == "__main__":
    main()
