"""Attack a served file while a visitor asks for ordinary pages."""

from __future__ import annotations

import http.client
import json
import random
import re
import socket
import sqlite3
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlencode

from benchmarks.hostile.outcome import Outcome
from benchmarks.hostile.queries import Address, Attack, attacks, tables
from benchmarks.hostile.watch import Watched

MEMORY = 512.0  # MB
PAGE = 1.0  # seconds
ENDS = 5.0  # seconds from SIGTERM to the end of the server
GRACE = 5.0  # seconds that a server gets beyond that
LATE = 15.0  # seconds that the last answers may take after the end of an attack
SETTLED = 2.0  # seconds of ordinary pages after an attack
PAUSE = 0.1  # seconds between two ordinary pages
ANSWERS = {200, 400, 503}  # whatever an attacker asks for
PAGES_PER_SECOND, P99 = 100.0, 1.5
CLIENTS = 32
NONE = "none in time"
START = 60.0  # seconds
# Datasette without `quotedex serve`: with the plugin, which an installation would register.
PLAIN = (
    "import sys; from datasette.plugins import pm; from datasette.cli import cli;"
    "import datasette_quotedex;"
    "pm.is_registered(datasette_quotedex) or pm.register(datasette_quotedex); cli(sys.argv[1:])"
)


@dataclass(frozen=True, slots=True)
class Target:
    """The file to serve, and how: with which Python, by `quotedex serve` or by plain Datasette."""

    file: Path
    folder: Path
    ceiling: float
    seconds: float
    python: str = sys.executable
    plain: bool = False

    def command(self) -> list[str]:
        if self.plain:
            return [self.python, "-c", PLAIN, "serve", str(self.file), "--port", "0"]
        return [self.python, "-m", "quotedex", "serve", str(self.file), "--port", "0"]


@dataclass(slots=True)
class Served:
    """A running server."""

    watched: Watched
    host: str
    port: int

    def get(self, path: str, timeout: float) -> tuple[int, bytes]:
        with closing(http.client.HTTPConnection(self.host, self.port, timeout=timeout)) as client:
            client.request("GET", path)
            answer = client.getresponse()
            return answer.status, answer.read()


@dataclass(slots=True)
class Visits:
    """The ordinary pages that were asked for: how long each took, and what went wrong."""

    times: list[float] = field(default_factory=list)
    problems: Counter[str] = field(default_factory=Counter)


def known_attacks(target: Target) -> list[str]:
    """The names of all attacks."""
    known = [*attacks(str), *tables(target.file.stem)]
    return ["no attack", *(attack.name for attack in known), "32 visitors"]


def attack_site(target: Target, names: Sequence[str]) -> Iterator[Outcome]:
    """Each attack on a server of its own."""
    for name in names:
        with serving(target) as server:
            if name == "32 visitors":
                yield _visited(server, target)
                continue
            known = [*attacks(_address(server, target)), *tables(target.file.stem)]
            quiet = Attack(name, "threads", ())
            attack = next((attack for attack in known if attack.name == name), quiet)
            yield _attacked(server, target, attack)


@contextmanager
def serving(target: Target) -> Iterator[Served]:
    """A server that answers, watched."""
    log = target.folder / "serve.log"
    # An attack, the ordinary pages after it and the end of the server fit in.
    deadline = START + 2 * target.seconds + LATE + SETTLED + 3 * GRACE
    with Watched(target.command(), log, ceiling=target.ceiling, deadline=deadline) as watched:
        while not (found := re.search(r"http://([\d.]+|\[.*?\]):(\d+)", log.read_text("utf-8"))):
            if watched.ended:
                raise RuntimeError(f"the server did not start: {log.read_text('utf-8')[-2000:]}")
            time.sleep(0.05)
        yield Served(watched, found[1].strip("[]"), int(found[2]))


def ordinary_pages(file: Path, seed: int = 0) -> list[str]:
    """Many different pages, in the order in which a visitor asks for them."""
    chance = random.Random(seed)
    with closing(sqlite3.connect(file)) as conn:
        keys = {
            kind: [key for (key,) in conn.execute(f"SELECT key FROM {kind} ORDER BY id LIMIT 5000")]
            for kind in ("quotes", "speakers", "articles", "statements")
        }
        texts = conn.execute("SELECT text FROM quotes ORDER BY id LIMIT 5000").fetchall()
    pages = []
    for _ in range(500):
        words = chance.choice(texts)[0].strip(",").split()
        pages.append(f"/-/quotes?{urlencode({'q': chance.choice(words)})}")
        pages += [f"/-/{kind}/{chance.choice(known)}" for kind, known in keys.items()]
    return ["/", *pages]


def _address(server: Served, target: Target) -> Address:
    versions = json.loads(server.get("/-/versions.json", START)[1])
    old = versions["datasette"]["version"].startswith("0.")
    page = f"/{target.file.stem}.json" if old else f"/{target.file.stem}/-/query.json"
    return lambda sql: f"{page}?{urlencode({'sql': sql})}"


def _attacked(server: Served, target: Target, attack: Attack) -> Outcome:
    pages = ordinary_pages(target.file)
    for page in pages[:6]:
        server.get(page, START)
    visits, answers, over = Visits(), Counter[str](), threading.Event()
    visitor = threading.Thread(
        target=_visit, args=(server, pages[6:], visits, over, target), daemon=True
    )
    attackers = [
        threading.Thread(
            target=_send, args=(server, attack, number, answers, target.seconds), daemon=True
        )
        for number in range(attack.clients if attack.paths else 0)
    ]
    began = time.monotonic()
    for thread in (visitor, *attackers):
        thread.start()
    for thread in attackers:
        thread.join(max(0.0, began + target.seconds + LATE - time.monotonic()))
    time.sleep(SETTLED)
    over.set()
    visitor.join(GRACE)
    if visitor.is_alive():
        visits.times.append(time.monotonic() - began)
        visits.problems[f"no page within {GRACE + SETTLED:.0f} s"] += 1
    seconds = time.monotonic() - began
    answers = answers.copy()  # those that SIGTERM breaks off do not count
    crashed = server.watched.ended
    stopped = None if crashed else server.watched.terminate(ENDS + GRACE)
    outcome = Outcome(
        attack.name,
        attack.kind if attack.paths else "-",
        server.watched.peak,
        seconds,
        max(visits.times, default=0.0),
        ", ".join(f"{kind} × {number}" for kind, number in sorted(answers.items())),
    )
    outcome.fell.extend(_broken(server, outcome, visits, answers, crashed, stopped))
    return outcome


def _broken(
    server: Served,
    outcome: Outcome,
    visits: Visits,
    answers: Counter[str],
    crashed: bool,
    stopped: float | None,
) -> Iterator[str]:
    """The bounds that were broken."""
    if server.watched.exceeded:
        yield f"over {server.watched.ceiling:,.0f} MB, killed"
        return
    if outcome.memory > MEMORY:
        yield f"over {MEMORY:.0f} MB"
    if crashed:
        yield "the server ended"
        return
    if (outcome.page or 0.0) > PAGE:
        yield f"a page took over {PAGE:g} s"
    yield from (f"{problem} × {number}" for problem, number in visits.problems.items())
    odd = {*answers} - {*map(str, ANSWERS)}
    if outcome.kind == "threads":
        odd.discard(NONE)  # an export may take long, if it keeps nobody waiting
    if odd:
        yield f"answers: {', '.join(odd)}"
    if stopped is None:
        yield f"no end within {ENDS + GRACE:.0f} s of SIGTERM"
    elif stopped > ENDS:
        yield f"ended {stopped:.1f} s after SIGTERM"


def _visit(
    server: Served, pages: Sequence[str], visits: Visits, over: threading.Event, target: Target
) -> None:
    """Ask for one page after another, with short pauses."""
    for number in count():
        began = time.monotonic()
        try:
            status, _ = server.get(pages[number % len(pages)], target.seconds + SETTLED)
            if status != 200:
                visits.problems[f"an ordinary page answered {status}"] += 1
        except OSError as error:
            visits.problems[f"an ordinary page: {type(error).__name__}"] += 1
        except http.client.HTTPException as error:
            visits.problems[f"an ordinary page: {type(error).__name__}"] += 1
        visits.times.append(time.monotonic() - began)
        if over.wait(PAUSE):
            return


def _send(
    server: Served, attack: Attack, number: int, answers: Counter[str], seconds: float
) -> None:
    """One attacker."""
    until = time.monotonic() + seconds
    for turn in count(number, attack.clients):
        path = attack.paths[turn % len(attack.paths)]
        try:
            if not attack.finishes:
                _ask_in_part(server, path, until - time.monotonic())
            elif attack.reads:
                left = max(0.0, until - time.monotonic()) + LATE
                answers[str(server.get(path, left)[0])] += 1
            else:
                _ask_without_reading(server, path, until - time.monotonic())
        except TimeoutError:
            answers[NONE] += 1
        except (OSError, http.client.HTTPException):
            answers["broken off"] += 1
        if not attack.again or time.monotonic() > until or server.watched.ended:
            return


def _ask_without_reading(server: Served, path: str, seconds: float) -> None:
    with closing(http.client.HTTPConnection(server.host, server.port, timeout=seconds)) as client:
        client.request("GET", path)
        time.sleep(max(0.0, seconds))


def _ask_in_part(server: Served, path: str, seconds: float) -> None:
    with socket.create_connection((server.host, server.port), timeout=seconds) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nX-Slow: a".encode())
        time.sleep(max(0.0, seconds))


def _visited(server: Served, target: Target) -> Outcome:
    """How many pages a second many visitors get."""
    until = time.monotonic() + target.seconds
    visits = [Visits() for _ in range(CLIENTS)]

    def ask(number: int) -> None:
        # HTTP/1.1 keeps the connection, as browsers and proxies do.
        with closing(http.client.HTTPConnection(server.host, server.port, timeout=60)) as client:
            for page in ordinary_pages(target.file, number):
                began = time.monotonic()
                if began > until:
                    return
                client.request("GET", page)
                answer = client.getresponse()
                answer.read()
                visits[number].times.append(time.monotonic() - began)
                if answer.status != 200:
                    visits[number].problems[str(answer.status)] += 1

    threads = [threading.Thread(target=ask, args=(n,), daemon=True) for n in range(CLIENTS)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(target.seconds + 60)
    seconds = time.monotonic() - began
    times = [each for visit in visits for each in visit.times]
    p99 = quantiles(times, n=100)[-1]
    rate = len(times) / seconds
    errors = sum((visit.problems for visit in visits), Counter[str]())
    fell = [f"status {status} × {number}" for status, number in errors.items()]
    fell += [f"under {PAGES_PER_SECOND:.0f} a second"] * (rate < PAGES_PER_SECOND)
    fell += [f"p99 over {P99:g} s"] * (p99 > P99)
    fell += [f"over {MEMORY:.0f} MB"] * (server.watched.peak > MEMORY)
    answers = f"{len(times):,}, {rate:.0f} a second, p99 {p99:.2f} s"
    return Outcome("32 visitors", "load", server.watched.peak, seconds, max(times), answers, fell)
