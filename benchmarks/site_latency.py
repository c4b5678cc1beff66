"""Measure how fast the site responds with a file of a million quotations.

    python -m benchmarks.site_latency build FILE [--quotations N]
    python -m benchmarks.site_latency time FILE [--only WORD] [--write-docs]

`build` makes the file (benchmarks.synthetic). `time` runs `quotedex serve` on it and requests each
page, once to warm up and then 20 times. It prints the wall time of the first request, the median
and the 95th percentile of the others, and the server's mean CPU time, which other work on the
machine affects less (Linux only). `--only` leaves out the pages without WORD in name or address.
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

from benchmarks.synthetic import OLD_WORD, PLANTED, build
from benchmarks.tables import DOCS, Table, markdown, write

PAGE = DOCS / "performance.md"
A_MILLION = 1_000_000
REQUESTS = 20
LIMITS = 0.1, 0.3  # seconds: median and 95th percentile


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["build", "time"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--quotations", type=int, default=A_MILLION, help="default: a million")
    parser.add_argument("--only", metavar="WORD", default="", help="only pages with this word")
    parser.add_argument("--write-docs", action="store_true", help="rewrite docs/performance.md")
    options = parser.parse_args()
    if options.only and options.write_docs:
        parser.error("--write-docs needs all pages, without --only")
    if options.command == "build":
        build(options.file, options.quotations)
        return
    table = measure(options.file, options.only)
    print(markdown(table))
    if options.write_docs:
        write(PAGE, {"site": markdown(table)})


def measure(path: Path, only: str = "") -> Table:
    """A row for each page that has `only` in its name or address. A page is within limits if its
    median and its 95th percentile are under LIMITS."""
    rows: Table = [
        ("page", "first, ms", "median, ms", "95th percentile, ms", "CPU, ms", "within limits")
    ]
    command = [sys.executable, "-m", "quotedex", "serve", str(path), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            address = re.search(r"http://\S+?/", server.stdout.readline())
            assert address
            for name, page in pages(path).items():
                if only not in f"{name} {page}":
                    continue
                url = address[0].rstrip("/") + page
                first = _request(url)
                before = cpu_seconds(server.pid)
                taken = [_request(url) for _ in range(REQUESTS)]
                cpu = (cpu_seconds(server.pid) - before) / REQUESTS
                middle, slow = median(taken), quantiles(taken, n=20)[-1]
                within = middle < LIMITS[0] and slow < LIMITS[1]
                times = (f"{1000 * seconds:.0f}" for seconds in (first, middle, slow, cpu))
                rows.append((f"{name} `{page}`", *times, "yes" * within))
                print(*rows[-1], file=sys.stderr)
        finally:
            server.terminate()
    return rows


def pages(path: Path) -> dict[str, str]:
    """Label -> address; they include the most quoted speaker and a moderately quoted one."""
    with closing(sqlite3.connect(path)) as conn:
        most, name = conn.execute(
            "SELECT key, name FROM speakers ORDER BY quote_count DESC"
        ).fetchone()
        middling = "SELECT key FROM speakers WHERE quote_count BETWEEN 90 AND 110 LIMIT 1"
        (some,) = conn.execute(middling).fetchone()
        (printed,) = conn.execute("SELECT key FROM statements ORDER BY quote_count DESC").fetchone()
        (outlet,) = conn.execute("SELECT outlet FROM articles WHERE id = 1").fetchone()
        count = "SELECT count(*) FROM quote_search WHERE quote_search MATCH ?"
        some_keys = {
            table: conn.execute(f"SELECT key FROM {table} WHERE id = ?", (row_id,)).fetchone()[0]
            for table, row_id in (("statements", 4711), ("quotes", 4711), ("articles", 671))
        }
        hits = {word: conn.execute(count, (word,)).fetchone()[0] for word in PLANTED}
    search = "/-/quotes?q="
    word = outlet.split()[1].lower()
    by_outlet = outlet.replace(" ", "+")
    return {
        "home": "/",
        **{f"{number:,} hits": search + word for word, number in hits.items()},
        "by date": f"{search}plenty&sort=date",
        "recently added": f"{search}plenty&sort=indexed",
        "by date, in old articles alone": f"{search}{OLD_WORD}&sort=date",
        "recently added, in old articles alone": f"{search}{OLD_WORD}&sort=indexed",
        "every printing": f"{search}plenty&printings=all",
        "one outlet": f"{search}plenty+outlet:{word}",
        "one year": f"{search}plenty&year=2018",
        "the first year": f"{search}plenty&year=2010",
        "old articles of one year": f"{search}{OLD_WORD}&year=2011",
        "between dates": f"{search}plenty+after:2015-03+before:2015-06",
        "one speaker": f"{search}plenty&speaker={most}",
        "a rarely quoted speaker": f"{search}plenty&speaker={some}",
        "a speaker's name": f"{search}speaker:{name.split()[1].lower()}",
        "prefix": f"{search}seldo*",
        "prefix of a frequent word": f"{search}plent*",
        "a frequent word and a rare one": f"{search}always+seldom",
        "a phrase": f"{search}%22always+plenty%22",
        "excluding a word": f"{search}plenty+-always",
        "no hits": f"{search}seldomm",
        "no words": search,
        "no words, one outlet": f"{search}&outlet={by_outlet}",
        "no words, one year": f"{search}&year=2018",
        "no words, one speaker": f"{search}&speaker={most}",
        "no words, partial quotes": f"{search}&kind=partial",
        "a kind that no quote has": f"{search}plenty&kind=turn",
        "a kind that no speaker has": f"{search}&speaker_kind=group",
        "as JSON": "/-/quotes.json?q=plenty",
        "as a feed": "/-/quotes.atom?q=plenty",
        "most quoted speaker": f"/-/speakers/{most}",
        "a word in their quotations": f"/-/speakers/{most}?q=plenty",
        "a speaker": f"/-/speakers/{some}",
        "most repeated statement": f"/-/statements/{printed}",
        "a statement": f"/-/statements/{some_keys['statements']}",
        "a quotation": f"/-/quotes/{some_keys['quotes']}",
        "an article": f"/-/articles/{some_keys['articles']}",
        "an outlet": "/-/outlets/" + by_outlet,
        "outlets": "/-/outlets",
        "articles by date": "/-/articles",
        "articles of an outlet": f"/-/articles?outlet={by_outlet}",
        "articles of a year": "/-/articles?year=2018",
        "speakers A to Z": "/-/speakers",
        "speakers by number": "/-/speakers?sort=number",
        "speakers with a name": "/-/speakers?q=ma",
        "topics": "/-/topics",
        "topics A to Z": "/-/topics?sort=name",
        "completing a name": "/-/suggest.json?q=ma",
        "two speakers": f"/-/compare?speakers={most},{some}",
        "who is quoted together": "/-/network",
        "whom each outlet quotes": "/-/outlets-and-speakers",
        "about the data": "/-/about",
    }


def _request(url: str) -> float:
    """The seconds that a request takes."""
    began = time.perf_counter()
    with urllib.request.urlopen(url) as response:
        response.read()
    return time.perf_counter() - began


def cpu_seconds(process: int) -> float:
    """The CPU time of a process so far."""
    try:
        fields = (
            Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        )
    except FileNotFoundError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
