"""A process that reads: `ReaderProcess` here, `main` there, and pipes between them."""

from __future__ import annotations

import json
import logging
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import NoReturn

from quotedex.errors import InputError, QuotedexError
from quotedex.limits import (
    OUT_OF_MEMORY,
    TookTooLong,
    came_close,
    is_swollen,
    limit_memory,
    time_limit,
    too_much_memory,
)
from quotedex.models import Document
from quotedex.read import STANDARD_INPUT, Entry, Opener
from quotedex.read.source import Opening, ReadOptions

# Exit statuses; those of crashes and of the interpreter are others.
RETIRED = 70
OUT_OF_TIME = 72

_GRACE = 2.0
"""Seconds after the time limit in which the process ends itself, before it is killed."""
_START_WITHIN = 60.0
_COMMAND = (
    "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN);"
    " import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    " from quotedex.read.reader import main; main(int(sys.argv[2]), int(sys.argv[3]))"
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may take: seconds, and bytes of the whole process; None is no limit."""

    timeout: float | None = None
    max_memory: int | None = None


@dataclass(frozen=True, slots=True)
class Setup:
    """The first message to the process. `log_level` is that of the logger "quotedex"."""

    options: ReadOptions
    limits: Limits
    log_level: int


@dataclass(frozen=True, slots=True)
class Request:
    """Have an entry read, but not what is `broken` in it, each for a reason.

    The first `answered` documents are known already.
    """

    entry: Entry
    broken: Mapping[str, str] = field(default_factory=dict)
    answered: int = 0


@dataclass(frozen=True, slots=True)
class Opened:
    """From here on the process reads this part of the entry."""

    name: str


@dataclass(frozen=True, slots=True)
class Ready:
    """The first message of the process."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An InputError on its way through the pipe; perhaps a LimitError."""

    location: str
    reason: str
    over_limit: bool


@dataclass(frozen=True, slots=True)
class EntryRead:
    """The last message about an entry."""


class LimitError(InputError):
    """A document that took too much time or memory, or crashed the process that read it.

    `fingerprint` is the same while its file and the limits are; None if that cannot be known.
    """

    def __init__(self, location: str, reason: str, fingerprint: str | None = None) -> None:
        super().__init__(location, reason)
        self.fingerprint = fingerprint


class ReaderEndedError(Exception):
    """The process has ended, with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class ReaderProcess:
    """A process that reads one entry after the other.

    It is not one of `multiprocessing`, which cannot use standard input and would import the user's
    program again. It ends when the pipe to it is closed, thus also with this process.
    """

    def __init__(self, setup: Setup, *, with_stdin: bool) -> None:
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        path = json.dumps([folder or os.getcwd() for folder in sys.path])
        command = [sys.executable, "-P", "-c", _COMMAND, path, str(theirs_in), str(theirs_out)]
        try:
            self._popen = subprocess.Popen(
                command,
                stdin=None if with_stdin else subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(theirs_in, theirs_out),
            )
        finally:
            os.close(theirs_in)
            os.close(theirs_out)
            self._outgoing = Connection(ours_out, readable=False)
            self._incoming = Connection(ours_in, writable=False)
        self._arrivals = select.poll()
        self._arrivals.register(ours_in, select.POLLIN)
        self._is_ready = False
        self._send(setup)

    def send(self, request: Request) -> None:
        """Have it read an entry, after those before."""
        self._send(request)

    def receive(self, seconds: float | None) -> Document | Unreadable | Opened | EntryRead:
        """The next answer, which it must give within this time, with some grace.

        Raises ReaderEndedError, and QuotedexError if the process has never begun.
        """
        if not self._is_ready:
            self._await_start()
        message = self._receive(seconds and seconds + _GRACE)
        assert isinstance(message, Document | Unreadable | Opened | EntryRead)
        return message

    def kill(self) -> None:
        """End it now."""
        self._popen.kill()
        self._popen.wait()
        self._outgoing.close()
        self._incoming.close()

    def _send(self, message: Setup | Request) -> None:
        with suppress(BrokenPipeError):  # it has ended, as `receive` will find
            self._outgoing.send(message)

    def _await_start(self) -> None:
        try:
            self._receive(_START_WITHIN)
        except ReaderEndedError as ended:
            reason = f"the process that reads documents did not start (status {ended.status})"
            raise QuotedexError(reason) from ended
        self._is_ready = True

    def _receive(self, seconds: float | None) -> object:
        """The next message, after the log messages before it, which are handled."""
        deadline = seconds and time.monotonic() + seconds
        while True:
            left = deadline and max(0.0, deadline - time.monotonic())
            if not self._arrivals.poll(None if left is None else left * 1000):
                self.kill()
                raise ReaderEndedError(OUT_OF_TIME)
            try:
                message = self._incoming.recv()
            except (EOFError, OSError) as error:
                raise ReaderEndedError(self._popen.wait()) from error
            if not isinstance(message, logging.LogRecord):
                return message
            logger = logging.getLogger(message.name)
            if logger.isEnabledFor(message.levelno):
                logger.handle(message)


def main(requests: int, answers: int) -> None:
    """What the process does: read each entry that comes through the pipe `requests`."""
    incoming, outgoing = Connection(requests, writable=False), Connection(answers, readable=False)
    setup: Setup = incoming.recv()
    _forward_log(setup.log_level, outgoing)
    limit_memory(setup.limits.max_memory)
    outgoing.send(Ready())
    # From here on, the failures say what went wrong. What native code prints is noise.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    opener = Opener(setup.options)
    for request in _received(incoming):
        _answer(opener, request, setup.limits, outgoing)
        if came_close(setup.limits.max_memory):
            os._exit(RETIRED)  # what was allocated in small pieces is often not given back


def each_document(
    opener: Opener,
    entry: Entry,
    limits: Limits,
    memory_limit: Callable[[int | None], AbstractContextManager[object]] = nullcontext,
    opening: Opening | None = None,
) -> Iterator[Document | InputError]:
    """The documents of an entry, each within the limits. Raises TookTooLong and MemoryError."""
    documents = opener.documents(entry, opening)
    # Standard input may wait for whoever writes it.
    waits = entry.path == STANDARD_INPUT
    while True:
        with time_limit(limits.timeout, of_processor=waits), memory_limit(limits.max_memory):
            document = next(documents, None)
        if document is None:
            return
        if isinstance(document, InputError) and isinstance(document.__cause__, MemoryError):
            reason = f"{too_much_memory(limits.max_memory)} to read"
            document = LimitError(document.location, reason)
        yield document


def _answer(opener: Opener, request: Request, limits: Limits, outgoing: Connection) -> None:
    entry = request.entry

    def opening(name: str) -> None:
        if name in request.broken:
            raise LimitError(name, request.broken[name])
        outgoing.send(Opened(name))

    try:
        documents = each_document(opener, entry, limits, opening=opening)
        for document in islice(documents, request.answered, None):
            if isinstance(document, Document):
                outgoing.send(document)
                continue
            outgoing.send(_unreadable(document, limits))
            is_last = document.location in (entry.location, entry.path)
            if not is_last and is_swollen(limits.max_memory):
                os._exit(OUT_OF_MEMORY)  # the rest of the archive would lack memory
        outgoing.send(EntryRead())
    except TookTooLong:
        os._exit(OUT_OF_TIME)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def _unreadable(error: InputError, limits: Limits) -> Unreadable:
    over_limit, reason = isinstance(error, LimitError), error.reason
    if not over_limit and error.__cause__ is not None and came_close(limits.max_memory):
        over_limit, reason = True, f"{reason}, perhaps because {too_much_memory(limits.max_memory)}"
    return Unreadable(error.location, reason, over_limit)


def _received(incoming: Connection) -> Iterator[Request]:
    """The requests, which a thread takes from the pipe, so that the parent never waits to write.

    When the pipe is closed the process ends at once: its parent has ended, or wants no more.
    """
    waiting: SimpleQueue[Request] = SimpleQueue()

    def receive() -> NoReturn:
        try:
            while True:
                waiting.put(incoming.recv())
        finally:
            os._exit(RETIRED)

    threading.Thread(target=receive, daemon=True).start()
    while True:
        yield waiting.get()


def _forward_log(level: int, outgoing: Connection) -> None:
    """Send log messages to the parent, where the handlers are."""

    class Forwarding(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            plain = logging.makeLogRecord(record.__dict__)
            plain.msg, plain.args, plain.exc_info = record.getMessage(), None, None
            outgoing.send(plain)

    logging.getLogger().addHandler(Forwarding())
    logging.getLogger("quotedex").setLevel(level)
