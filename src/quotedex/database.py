"""A finished file, opened by those who only read it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from quotedex.errors import DatabaseError
from quotedex.store.file import connect, file_version, said_plainly


def open_index(path: str | Path) -> sqlite3.Connection:
    """A read-only connection to the file that `quotedex index` wrote; rows by column name.

    Raises DatabaseError where there is no such file, or nothing in it.
    """
    path = Path(path)
    if not path.exists():
        raise DatabaseError(f"{path} does not exist: make it with `quotedex index {path} FOLDER`")
    if file_version(path) == 0:
        raise DatabaseError(f"{path} is empty: fill it with `quotedex index {path} FOLDER`")
    with said_plainly(path):
        connection = connect(path, "mode=ro")
    connection.row_factory = sqlite3.Row
    return connection
