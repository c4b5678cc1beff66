"""Run a command, add up the memory of its processes, and end them all when they take too much."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

MEGABYTE = 1_000_000
SAMPLE_SECONDS = 0.05
ADDRESS_SPACE = 9_000_000_000
"""Of each process, in case one fills the memory between two samples."""


class Watched:
    """A command, in a session of its own, and all processes that it starts.

    They are killed when their memory exceeds `ceiling` (MB) or when they have run for `deadline`
    seconds. `peak` is the most that they took together: the sum of their proportional set sizes,
    in which memory that several processes share is counted once.
    """

    def __init__(
        self, command: Sequence[str], output: Path, *, ceiling: float, deadline: float
    ) -> None:
        self.peak = 0.0
        self.exceeded = self.late = False
        self.ceiling, self._deadline = ceiling, deadline
        self._done = threading.Event()
        self._output = output.open("wb")
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            preexec_fn=_limit_address_space,
        )
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()
        self.kill()
        self.process.wait()
        self._output.close()

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def terminate(self, within: float) -> float | None:
        """Ask the command to end: the seconds that it takes, None if it doesn't end in time."""
        began = time.monotonic()
        self.process.terminate()
        try:
            self.process.wait(within)
        except subprocess.TimeoutExpired:
            return None
        return time.monotonic() - began

    def kill(self) -> None:
        """End all of them now."""
        for pid in _family(self.process.pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def _watch(self) -> None:
        while not self._done.wait(SAMPLE_SECONDS):
            memory = sum(map(_memory, _family(self.process.pid)))
            self.peak = max(self.peak, memory)
            self.exceeded = self.exceeded or memory > self.ceiling
            self.late = self.late or time.monotonic() - self.began > self._deadline
            if self.exceeded or self.late:
                self.kill()


def _limit_address_space() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))


def _family(leader: int) -> set[int]:
    """The processes of a session, also those whose parent has ended, and all that they started."""
    parents, family = {}, set()
    for name in filter(str.isdecimal, os.listdir("/proc")):
        try:
            stat = Path("/proc", name, "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        state, parent, _, session, *_ = stat.rpartition(")")[2].split()
        parents[int(name)] = int(parent)
        if int(session) == leader and state != "Z":
            family.add(int(name))
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def _memory(process: int) -> float:
    """The proportional set size of a process in MB; 0 if it has ended."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0.0
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name == "Pss":
            return int(value.split()[0]) * 1024 / MEGABYTE
    return 0.0
