"""A format whose files do to the process that reads them what their lines say."""

from __future__ import annotations

import logging
import mmap
import os
import signal
import time
from collections.abc import Iterator

from quotedex.models import Document
from quotedex.read import reader
from quotedex.read.formats import BY_SUFFIX, Format
from quotedex.read.source import Source

_PILE: list[bytes] = []
READER_COMMAND = reader._COMMAND.replace(
    "from quotedex.read.reader",
    "import tests.helpers.toy_formats as toy; toy.register(); from quotedex.read.reader",
)


def read_toy(source: Source) -> Iterator[Document]:
    """A document for each line, after doing what it says."""
    for number, line in enumerate(source.data().decode().splitlines(), 1):
        _do(line.strip())
        place = f"{source.display_name}#{number}"
        yield Document(f"{source.id}#{number}", line, place)


def fill_shared_memory() -> None:
    """Take a gigabyte that no limit of the system counts."""
    block = mmap.mmap(-1, 10**9)
    for at in range(0, 10**9, 10**7):
        block[at : at + 10**7] = bytes(10**7)
        time.sleep(0.01)


def _do(line: str) -> None:
    match line:
        case "#hog":
            bytearray(10**9)
        case "#pile":  # what is not given back
            _PILE.extend(bytes(500) for _ in range(300_000))
            bytearray(10**9)
        case "#shared":
            fill_shared_memory()
        case "#sleep":
            time.sleep(99)
        case "#deaf":  # as native code
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
            time.sleep(99)
        case "#crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "#log":
            logging.getLogger("quotedex.read.toy").info("met %s", line)
        case "#pid":
            logging.getLogger("quotedex.read.toy").info("%d", os.getpid())


TOY = Format((".toy",), read_toy)


def register() -> None:
    """Make the format known in this process."""
    BY_SUFFIX[".toy"] = TOY
