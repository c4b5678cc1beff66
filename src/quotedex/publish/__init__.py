"""A folder with all that plain `datasette` needs to show a file elsewhere."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from quotedex.database import open_index
from quotedex.errors import QuotedexError
from quotedex.publish.excerpts import shorten
from quotedex.publish.host import write_host_files
from quotedex.store.file import connect, said_plainly


def publish(path: str | Path, folder: str | Path, excerpts: int | None = None) -> Path:
    """Write the folder, made if it is not there, and return the path of the file's copy in it.

    With `excerpts` the copy has, of each article's text, only the quotations, so many words on
    either side of them, and the words that name their sources; its offsets count in that.
    Raises DatabaseError for a file that is no index, QuotedexError where the copy would overwrite
    the file itself.
    """
    path, folder = Path(path), Path(folder)
    open_index(path).close()
    copy = folder / f"{path.stem}.db"
    if copy.exists() and copy.samefile(path):
        raise QuotedexError(f"{folder} is where {path.name} lies itself: choose another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _copy(path, copy, excerpts)
        write_host_files(folder, copy)
    except OSError as error:
        raise QuotedexError(f"{folder} cannot be written to: {error.strerror}") from error
    return copy


def _copy(path: Path, copy: Path, excerpts: int | None) -> None:
    """VACUUM writes afresh what the file holds: no page with the words of a text that was cut."""
    whole = copy.with_name(f".{copy.name}.whole")
    whole.unlink(missing_ok=True)
    try:
        _vacuum(path, whole)
        if excerpts is not None:
            with said_plainly(whole), closing(connect(whole, "mode=rw")) as connection:
                shorten(connection, excerpts)
            cut = copy.with_name(f".{copy.name}.cut")
            cut.unlink(missing_ok=True)
            _vacuum(whole, cut)
            cut.replace(copy)
        else:
            whole.replace(copy)
    finally:
        whole.unlink(missing_ok=True)


def _vacuum(path: Path, into: Path) -> None:
    with said_plainly(path), closing(connect(path, "mode=ro")) as connection:
        connection.execute("VACUUM INTO ?", [str(into)])
    with said_plainly(into), closing(sqlite3.connect(into)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
