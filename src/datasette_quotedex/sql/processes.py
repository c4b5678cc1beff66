"""The processes that run readers' SQL: started when needed, ended when they take too much."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import marshal
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasette_quotedex.lanes import TooBusy
from datasette_quotedex.sql import worker as program

logger = logging.getLogger(__name__)

GRACE_SECONDS = 0.5
"""After its time limit a process has this long to answer. It needs it in the middle of a function
such as `instr`, where SQLite does not look at the time; then it is ended."""

START_SECONDS = 10
RETRY_START_SECONDS = 60
MAX_WAIT_SECONDS = 10
"""How long a statement may wait for a process before its reader is sent away."""

USED_UP = "memory", "too large"
"""After these answers a process is replaced: it may keep the memory that it took."""

Call = Callable[[str, tuple[Any, ...]], Any]
"""Runs a function of another plugin: `call(name, arguments)`."""


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """What one process may take, in bytes: of memory, of memory within SQLite, and for the rows
    of one result. `nice` is how far it stands back when others want the processor."""

    memory: int
    heap: int
    result: int
    nice: int


class CannotStart(Exception):  # noqa: N818  (not shown to anyone)
    """This host does not start our processes."""


class Died(Exception):  # noqa: N818  (becomes an error of the statement)
    """A process ended in the middle of a statement, or had to be ended; `in_time`: by itself."""

    def __init__(self, in_time: bool) -> None:
        super().__init__("the process that ran this statement has ended")
        self.in_time = in_time


class Process:
    """One process, which runs one statement at a time. Raises CannotStart."""

    def __init__(self, limits: ProcessLimits, uses_pysqlite3: bool = False) -> None:
        if not hasattr(select, "poll"):
            raise CannotStart("this system has no poll()")
        # Of the packages that are installed it may need this one. Without `site` it starts in half
        # the time.
        options = ["-I"] if uses_pysqlite3 else ["-I", "-S"]
        try:
            self._process = subprocess.Popen(
                [sys.executable, *options, str(Path(program.__file__))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                # A second arena of malloc would reserve the memory that the process may take.
                env={**os.environ, "MALLOC_ARENA_MAX": "1"},
            )
        except (OSError, ValueError) as error:
            raise CannotStart(str(error)) from error
        assert self._process.stdin
        assert self._process.stdout
        self._input = self._process.stdin.fileno()
        self._output = self._process.stdout.fileno()
        self._poll = select.poll()
        self._poll.register(self._output, select.POLLIN)
        try:
            self._send(
                {
                    "memory": limits.memory,
                    "heap": limits.heap,
                    "result": limits.result,
                    "nice": limits.nice,
                    "pysqlite3": uses_pysqlite3,
                }
            )
            self._receive(time.monotonic() + START_SECONDS)
        except Died as error:
            self.end()
            raise CannotStart("the process ended at once") from error

    @property
    def number(self) -> int:
        """Its id in the system."""
        return self._process.pid

    def answer(self, statement: dict[str, Any], call: Call) -> tuple[Any, ...]:
        """Run a statement. Raises Died."""
        self._send(statement)
        deadline = time.monotonic() + statement["seconds"] + GRACE_SECONDS
        while True:
            answer = self._receive(deadline)
            if answer[0] != "call":
                return answer
            try:
                value: tuple[str, Any] = ("value", call(*answer[1:]))
            except Exception as error:
                value = ("error", str(error))
            self._send(value)

    def kill(self) -> None:
        """End the process, whatever it does. Whoever waits for its answer gets Died."""
        self._process.kill()

    def end(self) -> None:
        """End the process, and take its remains away. Nobody may be waiting for it."""
        self._process.kill()
        self._process.wait()
        for file in (self._process.stdin, self._process.stdout):
            if file:
                with contextlib.suppress(OSError):
                    file.close()

    def _send(self, value: object) -> None:
        try:
            program.send(self._input, value)
        except OSError as error:
            raise Died(in_time=True) from error

    def _receive(self, deadline: float) -> tuple[Any, ...]:
        (length,) = program.HEADER.unpack(self._read(program.HEADER.size, deadline))
        answer: tuple[Any, ...] = marshal.loads(self._read(length, deadline))
        return answer

    def _read(self, length: int, deadline: float) -> bytearray:
        data = bytearray()
        while len(data) < length:
            left = deadline - time.monotonic()
            if left <= 0 or not self._poll.poll(left * 1000):
                raise Died(in_time=False)
            part = os.read(self._output, length - len(data))
            if not part:
                raise Died(in_time=True)
            data += part
        return data


@dataclass(slots=True)
class Starts:
    """Whether this host starts our processes, for all pools of a site: `worked` once, or `again`
    to be tried at this time. Where it worked, SQL never leaves its bounds for a thread: whoever
    overloads the host would get that."""

    worked: bool = False
    again: float = 0.0


class SqlPool:
    """Processes for statements of one kind, and a queue before them, both bounded."""

    def __init__(
        self,
        name: str,
        size: int,
        waiting: int,
        limits: ProcessLimits,
        uses_pysqlite3: bool,
        starts: Starts,
    ) -> None:
        self._limits = limits
        self._starts = starts
        self._uses_pysqlite3 = uses_pysqlite3
        self._most = size + waiting
        self._executor = ThreadPoolExecutor(size, f"quotedex-{name}")
        self._lock = threading.Lock()
        self._pending = 0
        self._idle: list[Process] = []
        self._all: list[Process] = []
        self._closed = False

    async def answer(self, statement: dict[str, Any], call: Call) -> tuple[Any, ...]:
        """Run a statement in a process. Raises TooBusy, CannotStart, Died."""
        if time.monotonic() < self._starts.again:
            raise CannotStart
        with self._lock:
            if self._closed or self._pending >= self._most:
                raise TooBusy
            self._pending += 1
        give_up = time.monotonic() + MAX_WAIT_SECONDS
        try:
            future = self._executor.submit(self._answer, statement, call, give_up)
        except BaseException:
            self._forget()
            raise
        future.add_done_callback(lambda _: self._forget())
        return await asyncio.wrap_future(future)

    def numbers(self) -> list[int]:
        """The ids of the processes that run."""
        with self._lock:
            return [process.number for process in self._all]

    def stop(self) -> None:
        """End all processes, and so all statements, and take no more."""
        self._closed = True
        for process in list(self._all):
            process.kill()

    def close(self) -> None:
        """The same, and take away what is left of them."""
        self.stop()
        with self._lock:
            idle, self._idle = self._idle, []
        for process in idle:
            self._drop(process)
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _forget(self) -> None:
        with self._lock:
            self._pending -= 1

    def _answer(self, statement: dict[str, Any], call: Call, give_up: float) -> tuple[Any, ...]:
        if self._closed or time.monotonic() > give_up:
            raise TooBusy
        process = self._idle_process()
        if process is not None:
            try:
                return self._ask(process, statement, call)
            except Died as died:
                if not died.in_time:
                    raise
                # Perhaps something else ended it, while nobody asked it anything.
        return self._ask(self._new_process(), statement, call)

    def _ask(self, process: Process, statement: dict[str, Any], call: Call) -> tuple[Any, ...]:
        try:
            answer = process.answer(statement, call)
        except BaseException:
            self._drop(process)
            if self._closed:
                raise TooBusy("This site is stopping.") from None
            raise
        if answer[0] in USED_UP:
            self._drop(process)
        else:
            self._give_back(process)
        return answer

    def _idle_process(self) -> Process | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _new_process(self) -> Process:
        try:
            process = Process(self._limits, self._uses_pysqlite3)
        except CannotStart as error:
            if self._starts.worked:
                logger.warning("no process for SQL could be started: %s", error)
                raise TooBusy from error
            self._starts.again = time.monotonic() + RETRY_START_SECONDS
            raise
        self._starts.worked = True
        with self._lock:
            self._all.append(process)
            closed = self._closed
        if closed:
            self._drop(process)
            raise TooBusy
        return process

    def _give_back(self, process: Process) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(process)
                return
        self._drop(process)

    def _drop(self, process: Process) -> None:
        process.end()
        with self._lock:
            if process in self._all:
                self._all.remove(process)
