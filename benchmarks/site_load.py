"""Measure how many pages a second the site serves to many readers at once.

    python -m benchmarks.site_load FILE [--clients N] [--seconds N] [--write-docs]

FILE is one of `benchmarks.site_latency build`. `quotedex serve` runs on it in a process of its own,
and this process asks it for a mix of pages, most of them only once: quotations, articles,
speakers, statements, searches for different words, and the home page. It prints the pages a second,
the wall times of pages and the server's CPU time for a page, which other work on the machine
affects less (Linux only).
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from urllib.parse import quote, urlsplit

from benchmarks.site_latency import PAGE, cpu_seconds
from benchmarks.tables import Table, markdown, write

MIX = {"quotes": 30, "articles": 15, "speakers": 15, "statements": 10, "search": 25, "home": 5}
"""How many of a hundred pages are of each kind."""

KEYS = 20_000  # of each table, from which pages are drawn
SEARCHED = "SELECT text FROM quotes WHERE id % 7 = 0 LIMIT 20000"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--clients", type=int, default=32, help="default: 32")
    parser.add_argument("--seconds", type=float, default=30, help="default: 30")
    parser.add_argument("--write-docs", action="store_true", help="rewrite docs/performance.md")
    options = parser.parse_args()
    with served(options.file) as (address, process):
        pages = Pages(options.file)
        asyncio.run(ask(address, pages, options.clients, 3))  # to warm up
        cpu = cpu_seconds(process)
        loads = asyncio.run(ask(address, pages, options.clients, options.seconds))
        cpu = cpu_seconds(process) - cpu
    table = report(loads, options.seconds, cpu)
    print(markdown(table))
    if options.write_docs:
        write(PAGE, {"load": markdown(table)})


@contextmanager
def served(path: Path) -> Iterator[tuple[str, int]]:
    """The address of a site that serves the file, and the number of its process."""
    command = [sys.executable, "-m", "quotedex", "serve", str(path), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            address = re.search(r"http://\S+?/", server.stdout.readline())
            assert address
            yield address[0].rstrip("/"), server.pid
        finally:
            server.terminate()


class Pages:
    """Draws pages from the mix, always in the same order."""

    def __init__(self, path: Path) -> None:
        self._chance = random.Random(0)
        self._keys: dict[str, list[str]] = {}
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as conn:
            for table in ("quotes", "articles", "speakers", "statements"):
                sql = f"SELECT key FROM {table} ORDER BY id * 2654435761 % 4294967296 LIMIT {KEYS}"
                self._keys[table] = [key for (key,) in conn.execute(sql)]
            texts = [text for (text,) in conn.execute(SEARCHED)]
        self._words = [word for text in texts for word in re.findall(r"\w{3,}", text)[:4]]

    def draw(self) -> tuple[str, str]:
        """A kind of page, and the address of one."""
        (kind,) = self._chance.choices(list(MIX), list(MIX.values()))
        if kind == "home":
            return kind, "/"
        if kind == "search":
            words = " ".join(self._chance.sample(self._words, self._chance.choice((1, 1, 2))))
            return kind, f"/-/quotes?q={quote(words)}"
        return kind, f"/-/{kind}/{self._chance.choice(self._keys[kind])}"


@dataclass(slots=True)
class Load:
    """The wall times of the pages of one kind, and how many were not answered with status 200."""

    seconds: list[float] = field(default_factory=list)
    errors: int = 0


async def ask(address: str, pages: Pages, clients: int, seconds: float) -> dict[str, Load]:
    """The load of each kind of page, while this many clients ask one page after another."""
    loads = {kind: Load() for kind in MIX}
    until = time.monotonic() + seconds
    await asyncio.gather(*(_client(address, pages, loads, until) for _ in range(clients)))
    return loads


async def _client(address: str, pages: Pages, loads: dict[str, Load], until: float) -> None:
    host, port = urlsplit(address).hostname, urlsplit(address).port
    reader, writer = await asyncio.open_connection(host, port, limit=1 << 24)
    while time.monotonic() < until:
        kind, path = pages.draw()
        began = time.perf_counter()
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        status = await _read(reader)
        loads[kind].seconds.append(time.perf_counter() - began)
        loads[kind].errors += status != 200
    writer.close()


async def _read(reader: asyncio.StreamReader) -> int:
    """Read one response; its status."""
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head.split(None, 2)[1])
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    if length:
        await reader.readexactly(int(length[1]))
    elif b"chunked" in head.lower():
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    return status


def report(loads: dict[str, Load], seconds: float, cpu: float) -> Table:
    """A row for each kind of page, and one for all."""
    rows: Table = [("page", "pages a second", "median, ms", "99th percentile, ms", "errors")]
    everything = Load()
    for kind, load in loads.items():
        everything.seconds += load.seconds
        everything.errors += load.errors
        rows.append(_row(kind, load, seconds))
    rows.append(_row("all", everything, seconds))
    per_page = 1000 * cpu / len(everything.seconds)
    print(f"{per_page:.1f} ms of CPU time a page, {cpu / seconds:.2f} cores", file=sys.stderr)
    return rows


def _row(name: str, load: Load, seconds: float) -> tuple[str, ...]:
    cuts = quantiles(load.seconds, n=100)
    times = (f"{1000 * cuts[n - 1]:.0f}" for n in (50, 99))
    return (name, f"{len(load.seconds) / seconds:.1f}", *times, str(load.errors))


if __name__ == "__main__":
    main()
