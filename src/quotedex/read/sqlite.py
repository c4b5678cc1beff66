"""A table of any SQLite file: sqlite:news.db?table=articles&text=body."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read.source import Settings, Source
from quotedex.read.tables import Record, documents

SCHEME = "sqlite:"


@dataclass(frozen=True, slots=True)
class Table:
    """What the user asked for: the file, the table, and the column that holds the text."""

    given: str
    file: Path
    name: str
    text_column: str | None


def table_of(given: str) -> Table:
    """The table that `given` asks for. Raises InputError where it asks for none."""
    path, _, query = given.removeprefix(SCHEME).partition("?")
    wanted = {name: values[-1] for name, values in parse_qs(query).items()}
    if "table" not in wanted or not set(wanted) <= {"table", "text"}:
        raise InputError(given, "a table is asked for as sqlite:FILE?table=NAME&text=COLUMN")
    if not os.path.isfile(path):
        raise InputError(given, "there is no such file")
    return Table(given, Path(path), wanted["table"], wanted.get("text"))


def rows_of(table: Table, settings: Settings) -> Iterator[Document | InputError]:
    """An article for each row, named by its rowid: news.db?table=articles#7."""
    source = Source(
        name=table.name,
        id=f"{table.file.name}?table={table.name}",
        location=f"{table.file.absolute()}?table={table.name}",
        stream=BytesIO(),
        settings=replace(settings, text_column=table.text_column or settings.text_column),
    )
    try:
        with closing(sqlite3.connect(f"{table.file.absolute().as_uri()}?mode=ro", uri=True)) as db:
            db.row_factory = sqlite3.Row
            yield from documents(_records(db, table.name), source)
    except sqlite3.Error as error:
        raise InputError(table.given, f"it cannot be read as SQLite table ({error})") from error


def _records(db: sqlite3.Connection, name: str) -> Iterator[tuple[int, Record]]:
    """Rows under their rowid; those of a view, which has none, are counted."""
    quoted = '"' + name.replace('"', '""') + '"'
    try:
        cursor = db.execute(f"SELECT rowid, * FROM {quoted} ORDER BY rowid")
        counted = False
    except sqlite3.OperationalError:
        cursor = db.execute(f"SELECT NULL, * FROM {quoted}")
        counted = True
    names = [column[0] for column in cursor.description[1:]]
    for number, row in enumerate(cursor, 1):
        yield (
            number if counted or row[0] is None else row[0],
            dict(zip(names, tuple(row)[1:], strict=True)),
        )
