"""A limit to the time that one document may take, on systems that have signals."""

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
    """Not an Exception, which the interrupted code might catch."""


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Raise TookTooLong in the block after this many seconds; None sets no limit.

    Native code is not interrupted until it returns, so a worker process also ends itself some time
    later, whatever it is doing. In threads other than the main thread, as in the workers of a
    cluster, only that works.
    """
    if not seconds:
        yield
        return
    in_worker = parent_process() is not None
    in_main_thread = threading.current_thread() is threading.main_thread()
    if in_worker:
        faulthandler.dump_traceback_later(2 * seconds + 1, exit=True, file=_devnull())
    if in_main_thread:
        before = signal.signal(signal.SIGALRM, _raise)
        signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        if in_main_thread:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        if in_worker:
            faulthandler.cancel_dump_traceback_later()


def _raise(number: int, frame: FrameType | None) -> None:
    raise TookTooLong


@cache
def _devnull() -> IO[str]:
    return open(os.devnull, "w")  # the watchdog may write to it until the process ends
