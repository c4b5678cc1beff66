"""A table or view of any SQLite file: sqlite:news.db?table=articles&text=body."""

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
from quotedex.locations import absolute_path
from quotedex.models import Document
from quotedex.read.source import ReadOptions, Source
from quotedex.read.tables import Record, record_documents
from quotedex.text.keys import article_url

SCHEME = "sqlite:"


@dataclass(frozen=True, slots=True)
class TableAddress:
    """A table that the user asked for; `text_column` is the column that holds the articles."""

    given: str
    file: Path
    table: str
    text_column: str | None

    @property
    def location(self) -> str:
        """That of its rows, without their names: /news/news.db?table=articles."""
        return f"{self.file.as_posix()}?table={self.table}"


def parse_table_address(given: str) -> TableAddress:
    """Parse sqlite:FILE?table=NAME&text=COLUMN, the last of which is optional.

    Raises InputError for another form or a file that does not exist.
    """
    path, _, query = given.removeprefix(SCHEME).partition("?")
    values = {name: values[-1] for name, values in parse_qs(query).items()}
    if "table" not in values or not set(values) <= {"table", "text"}:
        raise InputError(given, "a table is given as sqlite:FILE?table=NAME&text=COLUMN")
    if not os.path.isfile(path):
        raise InputError(given, "no such file")
    return TableAddress(given, Path(absolute_path(path)), values["table"], values.get("text"))


def read_table(address: TableAddress, options: ReadOptions) -> Iterator[Document | InputError]:
    """One article for each row, named by its rowid: news.db?table=articles#7."""
    file = address.file
    source = Source(
        name=address.table,
        id=f"{file.name}?table={address.table}",
        location=address.location,
        stream=BytesIO(),
        options=replace(options, text_column=address.text_column or options.text_column),
    )
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as db:
            for document in record_documents(_records(db, address.table), source):
                yield _named(document)
    except sqlite3.Error as error:
        raise InputError(address.location, f"cannot read the SQLite table ({error})") from error


def _named(document: Document | InputError) -> Document | InputError:
    """The rowid, the number in the document's id, names a row without URL and id."""
    if isinstance(document, InputError) or article_url(document.url) or document.guid:
        return document
    return replace(document, row=document.id.rpartition("#")[2])


def _records(db: sqlite3.Connection, table: str) -> Iterator[tuple[int, Record]]:
    """Rows with their rowid. Those of a view, which has no rowids, are counted from 1."""
    quoted = '"' + table.replace('"', '""') + '"'
    try:
        cursor = db.execute(f"SELECT rowid, * FROM {quoted} ORDER BY rowid")
        has_rowid = True
    except sqlite3.OperationalError:
        cursor = db.execute(f"SELECT NULL, * FROM {quoted}")
        has_rowid = False
    names = [column[0] for column in cursor.description[1:]]
    for number, (rowid, *values) in enumerate(cursor, 1):
        known = has_rowid and rowid is not None
        yield rowid if known else number, dict(zip(names, values, strict=True))
