"""Limits to the time and memory that one document may take."""

from __future__ import annotations

import faulthandler
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing import parent_process
from pathlib import Path
from types import FrameType
from typing import IO

if sys.platform != "win32":
    import resource

    _CLOCK = signal.SIGALRM

DEFAULT_MAX_MEMORY = 2_000_000_000
"""Bytes that a process may use for documents, unless the user says otherwise."""

OUT_OF_MEMORY = 71
"""The exit status of a process that has ended itself because it used too much memory."""

_WATCH_EVERY = 0.1
_HAS_PROC = os.path.exists("/proc/self/status")


class TookTooLong(BaseException):
    """Not an Exception, which the interrupted code might catch."""


@contextmanager
def time_limit(seconds: float | None, *, of_processor: bool = False) -> Iterator[None]:
    """Raise TookTooLong in the block after this many seconds; None sets no limit.

    Seconds `of_processor` are those in which the process works and does not wait.

    Native code is not interrupted until it returns, so a worker process also ends itself some time
    later, whatever it is doing. In threads other than the main thread, as in the workers of a
    cluster, only that works. On systems without signals, it is the only limit too.
    """
    if not seconds:
        yield
        return
    _set_watchdog(dies_after(seconds))
    try:
        with _alarm(seconds, of_processor):
            yield
    finally:
        _set_watchdog(None)


@contextmanager
def outside_time_limit() -> Iterator[None]:
    """Stop the clock of `time_limit` in the block, which loads what later documents need too."""
    if sys.platform == "win32" or not _in_main_thread() or signal.getsignal(_CLOCK) is not _raise:
        yield
        return
    left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
    _set_watchdog(None)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, left)
        _set_watchdog(dies_after(left))


def dies_after(seconds: float) -> float:
    """When a worker process ends itself, if `time_limit` cannot interrupt it."""
    return 2 * seconds + 1


def _set_watchdog(seconds: float | None) -> None:
    """Have a worker process end itself after this time, or no longer."""
    if parent_process() is None:
        return
    if seconds is None:
        faulthandler.cancel_dump_traceback_later()
    else:
        faulthandler.dump_traceback_later(seconds, exit=True, file=_devnull())


@contextmanager
def _alarm(seconds: float, of_processor: bool) -> Iterator[None]:
    if sys.platform == "win32" or not _in_main_thread():
        yield
        return
    timer = signal.ITIMER_PROF if of_processor else signal.ITIMER_REAL
    number = signal.SIGPROF if of_processor else _CLOCK
    before = signal.signal(number, _raise)
    signal.setitimer(timer, seconds)
    try:
        yield
    finally:
        signal.setitimer(timer, 0)
        signal.signal(number, before)


def limit_memory(most: int | None, warn: Callable[[], None] | None = None) -> None:
    """Hold this process to `most` bytes from now on; None sets no limit.

    Where the system counts what a process may write to, as Linux does, allocating more raises
    MemoryError. Address space that is only reserved does not count, because some libraries reserve
    much of it. Everywhere but on Windows, a thread looks at what the process holds, and ends it
    with the status OUT_OF_MEMORY, after a call of `warn`, if that is too much.
    """
    if most is None:
        return
    if _HAS_PROC:
        _set_data_limit(most)

    threading.Thread(target=_watch, args=(most, warn), daemon=True).start()


def lift_memory_limit() -> None:
    """Let this process allocate more. `limit_memory` still ends it if it holds too much."""
    if _HAS_PROC:
        _set_data_limit(resource.RLIM_INFINITY)


@contextmanager
def memory_limit(more: int | None) -> Iterator[None]:
    """Raise MemoryError in the block if the process takes this many bytes more than it has now.

    It works on Linux, and in the main thread, since the limit is that of the whole process.
    Elsewhere, and in other processes than the first, it sets no limit.
    """
    held = _proc_status("VmData") if more and _HAS_PROC and _in_main_thread() else None
    if more is None or held is None or parent_process() is not None:
        yield
        return
    before, _ = resource.getrlimit(resource.RLIMIT_DATA)
    _set_data_limit(held + more)
    try:
        yield
    finally:
        _set_data_limit(before)


def is_swollen(most: int | None) -> bool:
    """Whether so much of `most` bytes is in use after a document that the next may lack memory.

    What was allocated in small pieces is often not given back.
    """
    if most is None or held_memory() <= most // 2:
        return False
    gc.collect()
    return held_memory() > most // 2


def held_memory() -> int:
    """The bytes that this process holds, without the files that it has mapped.

    Where the system does not say, the most that it has held at any time, or 0.
    """
    if _HAS_PROC:
        return _proc_status("RssAnon", "RssShmem")
    if sys.platform == "win32":
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def came_close(most: int | None) -> bool:
    """Whether this process has ever used so much of `most` bytes that errors may come from that.

    Many libraries report a lack of memory as an error in the file.
    """
    if most is None:
        return False
    return (_proc_status("VmHWM") if _HAS_PROC else held_memory()) > most // 2


def took_longer_than(seconds: float) -> str:
    """Why a document failed, as the user reads it."""
    return f"it took longer than {seconds:g} seconds"


def too_much_memory(most: int | None) -> str:
    """Why a document failed, as the user reads it."""
    if most is None:
        return "it needed more memory than there is"
    size = f"{most / 1e9:g} GB" if most >= 1e9 else f"{most / 1e6:g} MB"
    return f"it needed more than {size} of memory"


def _watch(most: int, warn: Callable[[], None] | None) -> None:
    while True:
        with suppress(MemoryError):  # the document has taken the rest; it will give up, or grow
            if held_memory() > most:
                break
        time.sleep(_WATCH_EVERY)
    if warn is not None:
        warn()
    os._exit(OUT_OF_MEMORY)


def _set_data_limit(most: int) -> None:
    """Limit the memory that the process may write to, as far as the system's own limit allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard != resource.RLIM_INFINITY and (most == resource.RLIM_INFINITY or most > hard):
        most = hard
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def _proc_status(*names: str) -> int:
    """The sum of values of /proc/self/status, in bytes; 0 if this system's does not have them."""
    lines = Path("/proc/self/status").read_text().splitlines()
    fields = [line.partition(":") for line in lines]
    return sum(int(value.split()[0]) * 1024 for name, _, value in fields if name in names)


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _raise(number: int, frame: FrameType | None) -> None:
    raise TookTooLong


@cache
def _devnull() -> IO[str]:
    return open(os.devnull, "w")  # the watchdog may write to it until the process ends
