"""Check that time grows no faster than the text, on texts that are made to be slow.

    python -m benchmarks.pathological                       # stages without a model, to 10^6 pieces
    python -m benchmarks.pathological --models --most 10000  # the whole extraction, to 10^4 pieces

Prints a table: CPU seconds for each kind of text and number of repeated pieces, and in the last
column the largest growth in time when a text grew tenfold.
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

# Each kind of text with the piece that is repeated, and its end.
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
# From one size to the next. Time that grows linearly grows tenfold as well, quadratic time a
# hundredfold.
GROWTH = 10
# Shorter times are not compared: they are mostly noise and the first use of a pattern.
SHORTEST = 0.02  # seconds


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--models", action="store_true", help="the whole extraction")
    parser.add_argument("--most", type=int, default=MOST, help="pieces in the longest text")
    options = parser.parse_args(arguments)
    table(with_models() if options.models else without_models, options.most)


def without_models(text: str) -> None:
    """Metadata, cleaning, finding spans and, as if all were quotations, pull quotes."""
    with_inferred_metadata(Document("a", text))
    cleaned = clean(text).text
    read = blank_out(cleaned, boilerplate_lines(cleaned))
    spans = find(read)
    alone = standalone_spans(read, spans)
    said = Attribution(mention=None, cue=None, confidence=1.0, why="")
    repeats_of(read, spans, [said] * len(spans), alone)


def with_models() -> Callable[[str], None]:
    """The whole extraction; its models are loaded here, before time is measured."""
    extractor = Extractor()

    def extract(text: str) -> None:
        extractor(Document("a", text))

    extract("“No,” said Ada Poole.")
    return extract


def table(work: Callable[[str], None], most: int) -> None:
    """Print a row for each kind of text as soon as it is measured."""
    sizes = [size for size in _powers() if size <= most]
    print("| text | " + " | ".join(f"{size:,}" for size in sizes) + " | growth |")
    print("| --- |" + " ---: |" * (len(sizes) + 1))
    for kind, (piece, end) in KINDS.items():
        work(piece * 100 + end)  # loads what a kind of text needs the first time
        spent = [seconds(work, piece * size + end) for size in sizes]
        growth = [after / before for before, after in pairwise(spent) if before > SHORTEST]
        worst = f"{max(growth):.1f}" if growth else "-"
        print(f"| {kind} | " + " | ".join(f"{one:.2f} s" for one in spent) + f" | {worst} |")


def seconds(work: Callable[[str], None], text: str) -> float:
    """CPU time: wall time on a busy machine says nothing."""
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
