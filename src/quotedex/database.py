"""A finished file, opened by those who only read it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from quotedex.errors import DatabaseError
from quotedex.store.file import connect, file_version, said_plainly
from quotedex.store.schema import SCHEMA_VERSION


def open_index(path: str | Path) -> sqlite3.Connection:
    """A read-only connection to the file that `quotedex index` wrote; rows by column name.

    Raises DatabaseError where there is no such file, or nothing in it, or what an earlier version
    of quotedex has written.
    """
    path = Path(path)
    if not path.exists():
        raise DatabaseError(f"{path} does not exist: make it with `quotedex index {path} FOLDER`")
    version = file_version(path)
    if version == 0:
        raise DatabaseError(f"{path} is empty: fill it with `quotedex index {path} FOLDER`")
    if version < SCHEMA_VERSION:
        raise DatabaseError(
            f"{path} was written by an earlier quotedex:"
            f" `quotedex index {path} FOLDER` brings it up to date"
        )
    with said_plainly(path):
        connection = connect(path, "mode=ro")
    connection.row_factory = sqlite3.Row
    return connection
