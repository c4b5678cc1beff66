"""Whatever `quotedex search` sees of a file, `quotedex serve` sees, and so do copies and checks."""

from __future__ import annotations

import asyncio
import ctypes
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from quotedex.check import check
from quotedex.errors import DatabaseError
from quotedex.index import index
from quotedex.site.publish import publish
from quotedex.site.search import search
from quotedex.site.serve import build_site
from quotedex.store import Store
from tests.helpers import toy_extractor as toy
from tests.helpers.site_client import get

TEXTS = ["“Rents rise,” Ada Okafor said.", "“The tide is low,” Bo Lindqvist said."]
CAPABILITY_VERSION, CAP_DAC_OVERRIDE = 0x20080522, 1 << 1


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that others may enter, unlike those of pytest."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


@pytest.fixture
def killed(folder: Path) -> Path:
    """A first run that was killed: all that it stored is in the log beside an empty file."""
    live = folder / "live.db"
    with Store(live) as store:
        run = store.start_run()
        documents = [toy.document(f"{n}.txt", text) for n, text in enumerate(TEXTS)]
        store.write([toy.extract(document) for document in documents], run)
        for suffix in ("", "-wal", "-shm"):
            shutil.copy(f"{live}{suffix}", f"{folder / 'quotes.db'}{suffix}")
    return folder / "quotes.db"


@pytest.fixture
def in_wal_mode(folder: Path) -> Path:
    """A file in WAL mode, as the last connection left it: without a log."""
    path = folder / "quotes.db"
    documents = [toy.document(f"{n}.txt", text) for n, text in enumerate(TEXTS)]
    index(path, documents, extract=toy.extract)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        connection.execute("SELECT count(*) FROM quotes").fetchone()
    assert not Path(f"{path}-wal").exists()
    return path


@pytest.fixture
def write_protected(folder: Path) -> Iterator[None]:
    """Nobody, not even root, may write into the folder, from when the test calls `protect`."""
    yield
    if os.geteuid() == 0:
        _override_permissions(True)


def protect(folder: Path) -> None:
    for path in folder.iterdir():
        path.chmod(0o444)
    folder.chmod(0o555)
    if os.geteuid() == 0:
        _override_permissions(False)


def _override_permissions(may: bool) -> None:
    """Whether root may write where the permissions of files forbid it (Linux's capset)."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted and inheritable, and again for the rest
    assert libc.capget(header, sets) == 0
    sets[0] = sets[0] | CAP_DAC_OVERRIDE if may else sets[0] & ~CAP_DAC_OVERRIDE
    assert libc.capset(header, sets) == 0


def seen(path: Path) -> list[int]:
    """How many quotations the search, the site, and a copy to publish find."""
    site = build_site(path)
    served = asyncio.run(get(site, "/-/quotes.json?q=okafor OR lindqvist")).json()["total"]
    with tempfile.TemporaryDirectory() as target:
        copied = search(publish(path, target, excerpts=None), "okafor OR lindqvist")
    assert all(result.ok for result in check(path))
    return [len(search(path, "okafor OR lindqvist")), served, len(copied)]


@pytest.mark.parametrize("lost", [[], ["-shm"]])
def test_a_killed_first_run(killed: Path, lost: list[str]) -> None:
    for suffix in lost:
        Path(f"{killed}{suffix}").unlink()
    assert seen(killed) == [2, 2, 2]


@pytest.mark.usefixtures("write_protected")
def test_a_killed_first_run_in_a_folder_that_nobody_may_write_to(killed: Path) -> None:
    protect(killed.parent)
    assert seen(killed) == [2, 2, 2]


@pytest.mark.usefixtures("write_protected")
def test_a_log_that_cannot_be_read_there(killed: Path) -> None:
    """It is never left out silently: the site would have no tables."""
    Path(f"{killed}-shm").unlink()
    protect(killed.parent)
    for read in (build_site, check, lambda path: search(path, "rents")):
        with pytest.raises(DatabaseError, match=r"last changes are in quotes\.db-wal"):
            read(killed)


@pytest.mark.usefixtures("write_protected")
def test_a_file_in_wal_mode_where_no_log_can_be_created(in_wal_mode: Path) -> None:
    protect(in_wal_mode.parent)
    assert seen(in_wal_mode) == [2, 2, 2]


def test_a_writer_in_the_middle(killed: Path) -> None:
    with Store(killed) as store:
        run = store.start_run()
        store.write([toy.extract(toy.document("more.txt", "“No,” Ada Okafor said."))], run)
        assert seen(killed) == [3, 3, 3]
