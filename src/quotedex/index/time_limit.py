"""A limit to the time that one document may take, where the system has the means for one."""

from __future__ import annotations

import faulthandler
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from multiprocessing import parent_process
from types import FrameType
from typing import IO


class TookTooLong(BaseException):
    """Not an Exception, which what is interrupted might take for its own."""


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Raise TookTooLong in the block after so many seconds; None sets no limit.

    Code outside of Python does not hear of it before it returns. So a worker process ends itself
    a while later, however stuck it is. Works in a process's main thread; in others, as in a
    cluster's workers, only that end is left.
    """
    if not seconds:
        yield
        return
    in_worker = parent_process() is not None
    in_main = threading.current_thread() is threading.main_thread()
    if in_worker:
        faulthandler.dump_traceback_later(2 * seconds + 1, exit=True, file=_nowhere())
    if in_main:
        before = signal.signal(signal.SIGALRM, _raise)
        signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        if in_main:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        if in_worker:
            faulthandler.cancel_dump_traceback_later()


def _raise(number: int, frame: FrameType | None) -> None:
    raise TookTooLong


@cache
def _nowhere() -> IO[str]:
    return open(os.devnull, "w")  # the watchdog writes to it as long as we live
