"""How fast quotedex is, as ratios to textacy's way on the same texts in the same run.

    python -m benchmarks.speed [--repeats N] [--write]

textacy's way is spaCy's whole pipeline over the whole text, then `direct_quotations`. Programs take
turns, and the time is that of the processor, so that other work on the machine disturbs little. The
texts are the development articles of the corpus that QUOTEDEX_CORPUS names, or else the invented
documents of training/passages. `--write` puts the tables into docs/performance.md.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from typing import TypeVar

from benchmarks.baselines import load_textacy
from evaluation.passages import build
from quotedex.extract import Extractor, extract
from quotedex.extract.attribute import attribute
from quotedex.extract.clean import clean
from quotedex.extract.find import find
from quotedex.extract.parse.parser import Parser
from quotedex.extract.resolve import resolve_doc
from quotedex.index import Progress, index
from quotedex.models import Document
from quotedex.options import DEFAULT_SPACY_MODEL, Options
from quotedex.store import Store

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "performance.md"
GROWTH = (1, 10, 100)

Result = TypeVar("Result")
Table = list[tuple[str, ...]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--texts", type=int, default=60, help="at most so many are measured")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    texts = list(islice(read_texts(), options.texts))
    measures: dict[str, Callable[[], Table]] = {
        "speed": lambda: measure_peers(texts, options.repeats),
        "stages": lambda: measure_stages(texts),
        "growth": lambda: measure_growth(texts[0]),
        "workers": lambda: measure_workers(texts),
    }
    for name, measure in measures.items():
        table = measure()
        print(f"\n{name}\n{as_markdown(table)}", flush=True)
        if options.write:
            write({name: table})


def read_texts() -> Iterator[str]:
    corpus = os.environ.get("QUOTEDEX_CORPUS")
    if corpus:
        for path in sorted((Path(corpus) / "dev" / "text").glob("*.txt")):
            yield path.read_text(encoding="utf-8")
        return
    for path in sorted((ROOT / "training" / "passages").glob("articles-*.txt")):
        for block in path.read_text(encoding="utf-8").split("=== ")[1:]:
            yield build(block)["text"]


def measure_peers(texts: Sequence[str], repeats: int) -> Table:
    """Words a second of processor time, medians of the repeats; the ratio is that of each turn."""
    programs: dict[str, Callable[[str], object]] = {
        "textacy": load_textacy(),
        "quotedex": extract,
        "quotedex --model small": partial(extract, options=Options(model="small")),
    }
    for run in programs.values():
        run(texts[0])
    words = count_words(texts)
    seconds: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(repeats):
        for name, run in programs.items():
            seconds[name].append(_time(lambda run=run: [run(text) for text in texts])[0])  # type: ignore[misc]
    theirs = seconds["textacy"]
    rows = [
        (
            name,
            f"{words / median(taken):,.0f}",
            f"{median(a / b for a, b in zip(theirs, taken, strict=True)):.2f}",
        )
        for name, taken in seconds.items()
    ]
    return [("program", "words a second", "times textacy"), *rows]


def measure_stages(texts: Sequence[str]) -> Table:
    """Where the time of one process goes, a text after the other, the file included."""
    extractor, parse = Extractor(), Parser(DEFAULT_SPACY_MODEL)
    extractor(Document("warm-up", texts[0]))
    spent: dict[str, float] = {}

    def timed(stage: str, work: Callable[[], Result]) -> Result:
        seconds, result = _time(work)
        spent[stage] = spent.get(stage, 0.0) + seconds
        return result

    extractions = []
    for number, given in enumerate(texts):
        text = timed("clean", lambda given=given: clean(given).text)  # type: ignore[misc]
        spans = timed("find marks", lambda text=text: find(text))  # type: ignore[misc]
        found = timed("attribute", lambda text=text, spans=spans: attribute(text, spans))  # type: ignore[misc]
        if any(one and one.mention for one in found):
            doc = timed("parse", lambda text=text: parse(text))  # type: ignore[misc]
            timed("resolve", lambda doc=doc, s=spans, f=found: resolve_doc(doc, s, f))  # type: ignore[misc]
        extractions.append(extractor(Document(f"{number}.txt", given)))
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "quotes.db") as store:
        run = store.start_run()
        for start in range(0, len(extractions), 32):
            batch = extractions[start : start + 32]
            timed("store", lambda batch=batch: store.write(batch, run))  # type: ignore[misc]
        timed("end of run", lambda: store.finish_run(run, "completed"))
    whole, words = sum(spent.values()), count_words(texts)
    rows = [
        (stage, f"{seconds / words * 1e6:.1f}", f"{seconds / whole:.0%}")
        for stage, seconds in spent.items()
    ]
    return [("stage", "seconds per million words", "share"), *rows]


def measure_workers(texts: Sequence[str]) -> Table:
    """Words a second of the clock, from the first results to the last."""
    rows: Table = [("workers", "words a second", "times one")]
    first = 0.0
    for workers in (1, 2):
        documents = [Document(f"{number}.txt", text) for number, text in enumerate(texts)]
        moments: list[float] = []

        def note(so_far: Progress, moments: list[float] = moments) -> None:
            moments.append(time.monotonic())

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "quotes.db"
            index(path, documents, workers=workers, progress=note)
        # What was in flight when the first came back had its start behind it.
        skip = 4 * workers
        rate = count_words(texts[skip:]) / (moments[-1] - moments[skip - 1])
        first = first or rate
        rows.append((f"{workers}", f"{rate:,.0f}", f"{rate / first:.2f}"))
    return rows


def measure_growth(text: str) -> Table:
    """Processor time of a run in one process over copies of a text; each differs by its number."""
    rows: Table = [("articles", "seconds", "seconds an article", "memory at most, MB")]
    extractor = Extractor()
    for times in GROWTH:
        documents = [Document(f"{n}.txt", f"{text}\n\nNumber {n}.") for n in range(times)]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "quotes.db"
            seconds, _ = _time(lambda path=path, d=documents: index(path, d, extract=extractor))  # type: ignore[misc]
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        rows.append((f"{times}", f"{seconds:.2f}", f"{seconds / times:.3f}", f"{memory}"))
    return rows


def count_words(texts: Sequence[str]) -> int:
    return sum(len(text.split()) for text in texts)


def _time(work: Callable[[], Result]) -> tuple[float, Result]:
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def as_markdown(table: Table) -> str:
    head, *rows = table
    lines = [head, ("---", *["---:"] * (len(head) - 1)), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def write(tables: dict[str, Table], page: Path = PAGE) -> None:
    """Put each table between its marks on the page: <!-- speed --> ... <!-- end -->."""
    text = page.read_text(encoding="utf-8")
    for name, table in tables.items():
        block = f"<!-- {name} -->\n{as_markdown(table)}\n<!-- end -->"
        text = re.sub(rf"<!-- {name} -->.*?<!-- end -->", block, text, flags=re.DOTALL)
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
