"""How fast the site answers over a file of a million quotations.

    python -m benchmarks.site_latency build FILE [--quotations N]
    python -m benchmarks.site_latency time FILE [--write]

`build` makes the file (benchmarks.synthetic). `time` serves it as `quotedex serve` does and asks
for each page, once to warm up and then again and again. It prints medians and 95th percentiles by
the clock, and the server's mean time on a processor, which other work on the machine disturbs less
(Linux only).
"""

from __future__ import annotations

import argparse
import os
import re
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from pathlib import Path
from statistics import median, quantiles

from benchmarks.speed import PAGE, Table, as_markdown, write
from benchmarks.synthetic import PLANTED, build

A_MILLION = 1_000_000
TURNS = 20
LIMITS = 0.1, 0.3  # seconds: median and 95th percentile


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["build", "time"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--quotations", type=int, default=A_MILLION)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if options.command == "build":
        build(options.file, options.quotations)
        return
    table = measure(options.file)
    print(as_markdown(table))
    if options.write:
        write({"site": table}, PAGE)


def measure(path: Path) -> Table:
    head = "page", "median, ms", "95th percentile, ms", "processor, ms", "within limits"
    rows: Table = [head]
    command = [sys.executable, "-m", "quotedex", "serve", str(path), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            address = re.search(r"http://\S+?/", server.stdout.readline())
            assert address
            for name, page in pages(path).items():
                url = address[0].rstrip("/") + page
                _ask(url)
                before = _processor(server.pid)
                taken = [_ask(url) for _ in range(TURNS)]
                spent = (_processor(server.pid) - before) / TURNS
                middle, late = median(taken), quantiles(taken, n=20)[-1]
                good = middle < LIMITS[0] and late < LIMITS[1]
                figures = (f"{1000 * seconds:.0f}" for seconds in (middle, late, spent))
                rows.append((f"{name} `{page}`", *figures, "yes" * good))
                print(*rows[-1], file=sys.stderr)
        finally:
            server.terminate()
    return rows


def pages(path: Path) -> dict[str, str]:
    """What is asked for; the rows are those of the most and of a moderately quoted speaker."""
    with closing(sqlite3.connect(path)) as conn:
        most, name = conn.execute("SELECT id, name FROM speakers ORDER BY quotes DESC").fetchone()
        middling = "SELECT id FROM speakers WHERE quotes BETWEEN 90 AND 110 LIMIT 1"
        (some,) = conn.execute(middling).fetchone()
        (printed,) = conn.execute("SELECT id FROM statements ORDER BY quotes DESC").fetchone()
        (outlet,) = conn.execute("SELECT publication FROM articles WHERE id = 1").fetchone()
        count = "SELECT count(*) FROM quote_search WHERE quote_search MATCH ?"
        hits = {word: conn.execute(count, (word,)).fetchone()[0] for word in PLANTED}
    search = "/-/quotes?q="
    word = outlet.split()[1].lower()
    by_outlet = outlet.replace(" ", "+")
    return {
        "home": "/",
        **{f"{number:,} hits": search + word for word, number in hits.items()},
        "by date": f"{search}plenty&sort=date",
        "one outlet": f"{search}plenty+outlet:{word}",
        "one year": f"{search}plenty&year=2018",
        "between dates": f"{search}plenty+after:2015-03+before:2015-06",
        "one speaker's": f"{search}plenty&speaker={most}",
        "a speaker's of few": f"{search}plenty&speaker={some}",
        "by a name": f"{search}speaker:{name.split()[1].lower()}",
        "beginning of a word": f"{search}seldo*",
        "beginning of a frequent word": f"{search}plent*",
        "a word that nearly all have": f"{search}ban",
        "that and a rare one": f"{search}ban+seldom",
        "a phrase": f"{search}%22ban+plenty%22",
        "without a word": f"{search}plenty+-ban",
        "not to be found": f"{search}seldomm",
        "no words": search,
        "no words, one outlet": f"{search}&outlet={by_outlet}",
        "no words, one year": f"{search}&year=2018",
        "no words, one speaker": f"{search}&speaker={most}",
        "no words, fragments": f"{search}&kind=partial",
        "answer as JSON": "/-/quotes.json?q=plenty",
        "answer as feed": "/-/quotes.atom?q=plenty",
        "most quoted speaker": f"/-/speakers/{most}",
        "a word among theirs": f"/-/speakers/{most}?q=plenty",
        "a speaker": f"/-/speakers/{some}",
        "most printed statement": f"/-/statements/{printed}",
        "a statement": "/-/statements/4711",
        "a quotation": "/-/quotes/4711",
        "an article": "/-/articles/671",
        "about the data": "/-/about",
    }


def _ask(url: str) -> float:
    began = time.perf_counter()
    with urllib.request.urlopen(url) as answer:
        answer.read()
    return time.perf_counter() - began


def _processor(process: int) -> float:
    """Seconds that a process has spent on a processor."""
    try:
        fields = (
            Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        )
    except FileNotFoundError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
