"""Measure the speed of quotedex, and compare it with textacy on the same texts in the same run.

    python -m benchmarks.speed [--repeats N] [--texts N] [--only TABLE] [--write-docs]

textacy runs spaCy's whole pipeline on the whole text, then `direct_quotations`. The programs take
turns, each in a process of its own to which all texts are new, and CPU time is measured, so that
other work on the machine has little effect. "index" compares a whole run of `quotedex index` over
more articles, loading included. The texts are the articles of the corpus in QUOTEDEX_CORPUS, those
of its dev split first, or else the invented articles of training/passages. With --write-docs the
tables go into docs/performance.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from typing import TypeVar

from benchmarks.baselines import load_textacy
from benchmarks.tables import DOCS, Table, markdown, write
from evaluation.passages import FOLDER, load_passages
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

PAGE = DOCS / "performance.md"
TABLES = ("speed", "index", "stages", "growth", "workers")
PROGRAMS = ("textacy", "quotedex", "quotedex --model small")
COPIES = (1, 10, 100)
WARM_UP = "Ada Poole said the plan was “a mess of the first kind.” She left."
"""Makes a program load its models; no text that is measured holds much of it."""
BATCH = 32  # articles in a transaction, as many as an indexing run writes at once

Result = TypeVar("Result")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=3, help="turns of each program (default: 3)")
    parser.add_argument("--texts", type=int, default=60, help="most texts to use (default: 60)")
    parser.add_argument("--write-docs", action="store_true", help="rewrite docs/performance.md")
    parser.add_argument(
        "--indexed", type=int, default=200, help="most articles of the whole run (default: 200)"
    )
    parser.add_argument("--only", choices=TABLES, help="measure one table")
    parser.add_argument("--cold", choices=PROGRAMS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    texts = list(islice(read_texts(), options.texts))
    if options.cold:
        print(_cold_seconds(options.cold, texts))
        return
    measures: dict[str, Callable[[], Table]] = {
        "speed": lambda: measure_speed(texts, options.repeats),
        "index": lambda: measure_index(list(islice(read_texts(), options.indexed))),
        "stages": lambda: measure_stages(texts),
        "growth": lambda: measure_growth(texts[0]),
        "workers": lambda: measure_workers(texts),
    }
    print(f"processor: {processor()}", flush=True)
    for name, measure in measures.items():
        if options.only not in (None, name):
            continue
        table = measure()
        print(f"\n{name}\n{markdown(table)}", flush=True)
        if options.write_docs:
            write(PAGE, {name: markdown(table)})


def read_texts() -> Iterator[str]:
    corpus = os.environ.get("QUOTEDEX_CORPUS")
    if corpus:
        for split in ("dev", "train"):
            for path in sorted((Path(corpus) / split / "text").glob("*.txt")):
                yield path.read_text(encoding="utf-8")
        return
    for passage in load_passages(sorted(FOLDER.glob("articles-*.txt"))):
        yield passage.text


def processor() -> str:
    """The processor and those of its vector instructions that ONNX Runtime's kernels depend on."""
    path = Path("/proc/cpuinfo")
    if not path.exists():
        return platform.processor() or platform.machine()
    parts = (line.partition(":") for line in path.read_text(encoding="utf-8").splitlines())
    values = {key.strip(): value.strip() for key, _, value in parts}
    wanted = ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_int8")
    flags = values.get("flags", "").split()
    return f"{values.get('model name', 'unknown')}; {', '.join(f for f in wanted if f in flags)}"


def load_program(name: str) -> Callable[[str], object]:
    """One of PROGRAMS."""
    if name == "textacy":
        return load_textacy()
    return partial(extract, options=Options(model="small" if name.endswith("small") else "default"))


def measure_speed(texts: Sequence[str], repeats: int) -> Table:
    """Words per second of CPU time, and speed relative to textacy: medians over the repeats. No
    program has seen a word of the texts before."""
    seconds: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(repeats):
        for name in PROGRAMS:
            arguments = ["-m", "benchmarks.speed", "--cold", name, "--texts", str(len(texts))]
            printed, _ = _run(arguments)
            seconds[name].append(float(printed))
    return _compared(seconds, count_words(texts))


def measure_index(texts: Sequence[str]) -> Table:
    """CPU seconds of whole processes, from their start to their end: textacy over all texts, and
    `quotedex index` over the same as files."""
    _, textacy = _run(["-m", "benchmarks.speed", "--cold", "textacy", "--texts", str(len(texts))])
    seconds = {"textacy": [textacy]}
    with tempfile.TemporaryDirectory() as folder:
        articles = Path(folder) / "articles"
        articles.mkdir()
        for number, text in enumerate(texts):
            (articles / f"{number}.txt").write_text(text, encoding="utf-8")
        for name in PROGRAMS[1:]:
            model = "small" if name.endswith("small") else "default"
            file = str(Path(folder) / f"{model}.db")
            arguments = ["-m", "quotedex", "index", file, str(articles), "--workers", "1"]
            seconds[name] = [_run([*arguments, "--model", model])[1]]
    return _compared(seconds, count_words(texts))


def _cold_seconds(name: str, texts: Sequence[str]) -> float:
    run = load_program(name)
    run(WARM_UP)
    return _time(lambda: [run(text) for text in texts])[0]


def _run(arguments: Sequence[str]) -> tuple[str, float]:
    """What a Python process of one thread prints, and the CPU seconds that it and its children
    take."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    taken = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout, taken


def _compared(seconds: Mapping[str, Sequence[float]], words: int) -> Table:
    """Words per second of each program, and its speed relative to textacy's of the same turn."""
    textacy = seconds["textacy"]
    rows = [
        (
            name,
            f"{words / median(taken):,.0f}",
            f"{median(a / b for a, b in zip(textacy, taken, strict=True)):.2f}",
        )
        for name, taken in seconds.items()
    ]
    return [("program", "words per second", "relative to textacy"), *rows]


def measure_stages(texts: Sequence[str]) -> Table:
    """CPU time of each stage in one process, from text to file, one text after another."""
    extractor, parse = Extractor(), Parser(DEFAULT_SPACY_MODEL)
    extractor(Document("warm-up", texts[0]))
    spent: dict[str, float] = {}

    def timed(stage: str, work: Callable[[], Result]) -> Result:
        seconds, result = _time(work)
        spent[stage] = spent.get(stage, 0.0) + seconds
        return result

    extractions = []
    for number, raw in enumerate(texts):
        text = timed("clean", lambda raw=raw: clean(raw).text)  # type: ignore[misc]
        spans = timed("find marks", lambda text=text: find(text))  # type: ignore[misc]
        found = timed("attribute", lambda text=text, spans=spans: attribute(text, spans))  # type: ignore[misc]
        if any(one and one.mention for one in found):
            doc = timed("parse", lambda text=text: parse(text))  # type: ignore[misc]
            timed("resolve", lambda doc=doc, s=spans, f=found: resolve_doc(doc, s, f))  # type: ignore[misc]
        extractions.append(extractor(Document(f"{number}.txt", raw)))
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "quotes.db") as store:
        run = store.start_run()
        for start in range(0, len(extractions), BATCH):
            batch = extractions[start : start + BATCH]
            timed("store", lambda batch=batch: store.write(batch, run))  # type: ignore[misc]
        timed("end of run", lambda: store.finish_run(run, "completed"))
    whole, words = sum(spent.values()), count_words(texts)
    rows = [
        (stage, f"{seconds / words * 1e6:.1f}", f"{seconds / whole:.0%}")
        for stage, seconds in spent.items()
    ]
    return [("stage", "seconds per million words", "share"), *rows]


def measure_workers(texts: Sequence[str]) -> Table:
    """Words per second of wall time with one and two worker processes."""
    rows: Table = [("workers", "words per second", "relative to one")]
    first = 0.0
    for workers in (1, 2):
        documents = [Document(f"{number}.txt", text) for number, text in enumerate(texts)]
        moments: list[float] = []

        def note(so_far: Progress, moments: list[float] = moments) -> None:
            moments.append(time.monotonic())

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "quotes.db"
            index(path, documents, workers=workers, progress=note)
        # Results under way when the first one arrived do not count: they started before it.
        skip = 4 * workers
        rate = count_words(texts[skip:]) / (moments[-1] - moments[skip - 1])
        first = first or rate
        rows.append((f"{workers}", f"{rate:,.0f}", f"{rate / first:.2f}"))
    return rows


def measure_growth(text: str) -> Table:
    """CPU time and peak memory of a run in one process over copies of a text that differ in a
    number."""
    rows: Table = [("articles", "seconds", "seconds per article", "peak memory, MB")]
    extractor = Extractor()
    for copies in COPIES:
        documents = [Document(f"{n}.txt", f"{text}\n\nNumber {n}.") for n in range(copies)]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "quotes.db"
            seconds, _ = _time(lambda path=path, d=documents: index(path, d, extract=extractor))  # type: ignore[misc]
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        rows.append((f"{copies}", f"{seconds:.2f}", f"{seconds / copies:.3f}", f"{memory}"))
    return rows


def count_words(texts: Sequence[str]) -> int:
    return sum(len(text.split()) for text in texts)


def _time(work: Callable[[], Result]) -> tuple[float, Result]:
    """The CPU seconds that some work takes, and its result."""
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


if __name__ == "__main__":
    main()
