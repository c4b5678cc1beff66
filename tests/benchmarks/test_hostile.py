"""The benchmark of attacks: it ends what it starts, and tells what held from what fell."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from benchmarks.hostile.documents import DOCUMENTS
from benchmarks.hostile.outcome import Outcome, table
from benchmarks.hostile.site import Target, known_attacks
from benchmarks.hostile.watch import Watched

GREEDY = "import time\nkept = b'x' * 300_000_000\ntime.sleep(60)"
FORKED = "import os, time\nif os.fork(): os._exit(0)\nkept = b'x' * 300_000_000\ntime.sleep(60)"


DETACHED = "import os, time\nif os.fork(): time.sleep(60)\nos.setsid()\n" + GREEDY


def watched(code: str, log: Path, ceiling: float, deadline: float) -> Watched:
    with Watched([sys.executable, "-c", code], log, ceiling=ceiling, deadline=deadline) as run:
        until = time.monotonic() + 20
        while not (run.exceeded or run.late) and time.monotonic() < until:
            time.sleep(0.05)
    return run


def test_a_command_that_takes_too_much_memory_is_killed(tmp_path: Path) -> None:
    run = watched(GREEDY, tmp_path / "log", ceiling=200, deadline=20)
    assert run.exceeded
    assert run.peak > 200


def test_memory_of_processes_whose_parent_has_ended_counts(tmp_path: Path) -> None:
    assert watched(FORKED, tmp_path / "log", ceiling=200, deadline=20).exceeded


def test_memory_of_processes_in_a_session_of_their_own_counts(tmp_path: Path) -> None:
    assert watched(DETACHED, tmp_path / "log", ceiling=200, deadline=20).exceeded


def test_a_command_that_takes_too_long_is_killed(tmp_path: Path) -> None:
    run = watched("import time\ntime.sleep(60)", tmp_path / "log", ceiling=200, deadline=0.3)
    assert (run.late, run.exceeded, run.process.returncode) == (True, False, -9)


def test_names_of_attacks_differ(tmp_path: Path) -> None:
    names = known_attacks(Target(tmp_path / "quotes.db", tmp_path, ceiling=1, seconds=1))
    names += [hostile.name for hostile in DOCUMENTS]
    assert len(names) == len(set(names)) > 40


def test_a_row_says_what_fell() -> None:
    held = Outcome("none", "load", 99.4, 3.2, 0.021)
    fell = Outcome("many", "load", 4000.0, 9.0, None, "503 × 2", ["over 512 MB", "no end"])
    _, *rows = table([held, fell])
    assert rows == [
        ("load: none", "99", "0.02", "3", "", "held"),
        ("load: many", "4,000", "", "9", "503 × 2", "fell: over 512 MB; no end"),
    ]
