"""Read documents in a process of its own, so that none of them takes the program with it."""

from __future__ import annotations

import logging
import os
import stat
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

from quotedex.errors import InputError
from quotedex.limits import (
    DEFAULT_MAX_MEMORY,
    OUT_OF_MEMORY,
    TookTooLong,
    memory_limit,
    too_much_memory,
    took_longer_than,
)
from quotedex.models import Document
from quotedex.read import STANDARD_INPUT, Entry, Opener, entries, may_hold_many_articles
from quotedex.read.reader import (
    OUT_OF_TIME,
    RETIRED,
    EntryRead,
    LimitError,
    Limits,
    Opened,
    ReaderEndedError,
    ReaderProcess,
    Request,
    Setup,
    Unreadable,
    each_document,
)
from quotedex.read.source import ReadOptions

_ENTRIES_AHEAD = 4
_MAX_RESTARTS = 10
"""How often a file is read again from its beginning, each time without one part more."""


FindListed = Callable[[str, str], Mapping[str, str]]
"""Why a file of this location and fingerprint, or parts of it, failed before: by location."""


class Reading:
    """What `read` reads, within limits, in a process of its own that starts at once.

    A file whose next document takes longer than `timeout` seconds or more than `max_memory` bytes,
    or that crashes the process, gives a LimitError; a new process goes on with the next file.
    None sets no limit. This process itself reads what the other cannot open (standard input that a
    program has replaced, pipes), and everything on Windows; there the limits are those of
    `time_limit` and `memory_limit`.

    Iterate over it once. As a context manager it ends the process. Raises InputError as `read`
    does, and QuotedexError if the process does not start.
    """

    def __init__(
        self,
        paths: Iterable[str | Path],
        options: ReadOptions | None = None,
        *,
        timeout: float | None = None,
        max_memory: int | None = DEFAULT_MAX_MEMORY,
    ) -> None:
        given = [str(path) for path in paths]
        self._options = options or ReadOptions()
        self._limits = Limits(timeout, max_memory)
        self._entries = entries(given, self._options)
        self._opener = Opener(self._options)
        self._uses_stdin = STANDARD_INPUT in given
        self._waiting: deque[_Asked | InputError] = deque()
        self._process: ReaderProcess | None = None
        if any(_is_for_process(Entry(path)) for path in given):
            self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Document | InputError]:
        return self.documents()

    def documents(self, find_listed: FindListed | None = None) -> Iterator[Document | InputError]:
        """The documents. Files whose failure `find_listed` knows are not opened again."""
        try:
            for entry in self._entries:
                self._waiting.append(self._ask(entry, find_listed))
                if len(self._waiting) > _ENTRIES_AHEAD:
                    yield from self._answer()
            while self._waiting:
                yield from self._answer()
        finally:
            self.close()

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def _ask(
        self, entry: Entry | InputError, find_listed: FindListed | None
    ) -> _Asked | InputError:
        if isinstance(entry, InputError):
            return entry
        asked = _Asked(entry, _is_for_process(entry), _fingerprint(entry, self._limits))
        if find_listed and asked.fingerprint:
            asked.broken.update(find_listed(entry.location, asked.fingerprint))
            if reason := asked.broken.get(entry.location):
                return LimitError(entry.location, reason, asked.fingerprint)
        if asked.for_process and self._process is not None:
            self._process.send(asked.request())
        return asked

    def _answer(self) -> Iterator[Document | InputError]:
        """What the first of those that wait gives."""
        asked = self._waiting[0]
        if isinstance(asked, InputError):
            yield asked
        else:
            yield from self._receive(asked) if asked.for_process else self._read_here(asked)
        self._waiting.popleft()

    def _receive(self, asked: _Asked) -> Iterator[Document | InputError]:
        """What the process answers. If it dies, what it was reading is to blame."""
        seconds = None if asked.entry.path == STANDARD_INPUT else self._limits.timeout
        while True:
            process = self._process or self._start()
            try:
                message = process.receive(seconds)
            except ReaderEndedError as ended:
                self.close()
                if ended.status == RETIRED:  # before it began with this one
                    continue
                if self._goes_on_without_part(asked, ended.status):
                    continue
                yield self._exceeded(asked, self._reason(ended.status))
                return
            if isinstance(message, EntryRead):
                return
            if isinstance(message, Opened):
                asked.part = None if message.name == asked.entry.location else message.name
            else:
                yield asked.answer(message)

    def _goes_on_without_part(self, asked: _Asked, status: int) -> bool:
        """Whether the file can be read again without the part that broke a limit."""
        if asked.part is None or asked.restarts == _MAX_RESTARTS:
            return False
        if not asked.fingerprint or asked.fingerprint != _fingerprint(asked.entry, self._limits):
            return False
        if asked.part not in asked.broken:
            asked.broken[asked.part] = self._reason(status)
        elif status != OUT_OF_MEMORY:  # it was what follows the part that took the time
            return False
        asked.part = None
        asked.restarts += 1
        return True

    def _start(self) -> ReaderProcess:
        """Start a process and give it what waits."""
        setup = Setup(
            self._options, self._limits, logging.getLogger("quotedex").getEffectiveLevel()
        )
        self._process = ReaderProcess(setup, with_stdin=self._uses_stdin)
        for asked in self._waiting:
            if isinstance(asked, _Asked) and asked.for_process:
                self._process.send(asked.request())
        return self._process

    def _read_here(self, asked: _Asked) -> Iterator[Document | InputError]:
        try:
            for document in each_document(self._opener, asked.entry, self._limits, memory_limit):
                asked.answered += 1
                yield document
        except TookTooLong:
            yield self._exceeded(asked, self._reason(OUT_OF_TIME))
        except MemoryError:
            yield self._exceeded(asked, self._reason(OUT_OF_MEMORY))

    def _reason(self, status: int) -> str:
        if status == OUT_OF_TIME and self._limits.timeout:
            return f"{took_longer_than(self._limits.timeout)} to read"
        if status == OUT_OF_MEMORY:
            return f"{too_much_memory(self._limits.max_memory)} to read"
        return "the process that read it died"

    def _exceeded(self, asked: _Asked, reason: str) -> LimitError:
        if asked.answered or may_hold_many_articles(asked.entry.path):
            reason += "; the rest was not read"
        return LimitError(asked.entry.location, reason, asked.fingerprint)


@dataclass(slots=True)
class _Asked:
    """An entry whose documents are wanted, and how far it has been read.

    `part` is what would be to blame if the process died now, such as a member of an archive that
    has not given anything yet; None if that would be the file itself.
    """

    entry: Entry
    for_process: bool
    fingerprint: str | None
    broken: dict[str, str] = field(default_factory=dict)
    answered: int = 0
    part: str | None = None
    restarts: int = 0

    def request(self) -> Request:
        return Request(self.entry, self.broken, self.answered)

    def answer(self, found: Document | Unreadable) -> Document | InputError:
        """What the process has found, as others know it."""
        self.answered += 1
        self.part = None
        if isinstance(found, Document):
            return found
        if not found.over_limit:
            return InputError(found.location, found.reason)
        # If the process now ends itself, the next one leaves this part out.
        self.part = found.location
        self.broken[found.location] = found.reason
        return LimitError(found.location, found.reason, self.fingerprint)


def _is_for_process(entry: Entry) -> bool:
    """Whether another process can open the same."""
    if sys.platform == "win32" or not sys.executable:
        return False
    if entry.path == STANDARD_INPUT:
        with suppress(AttributeError, OSError, ValueError):
            return sys.stdin.fileno() == 0
        return False
    try:
        mode = os.stat(entry.path).st_mode
    except (OSError, ValueError):
        return True
    ours = entry.path.startswith(("/dev/", "/proc/"))
    return not ours and (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _fingerprint(entry: Entry, limits: Limits) -> str | None:
    """A hash of all that tells whether a file would fail again, without its content."""
    if entry.id is None:
        return None
    try:
        found = os.stat(entry.path)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    state = found.st_size, found.st_mtime_ns, limits.timeout, limits.max_memory
    return sha256(repr(state).encode()).hexdigest()
