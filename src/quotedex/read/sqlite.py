"""A table or view of any SQLite file: sqlite:news.db?table=articles&text=body."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from quotedex.errors import InputError
from quotedex.locations import absolute_path, as_text
from quotedex.models import Document
from quotedex.read.source import MEGABYTE, ReadOptions, Source
from quotedex.read.tables import Record, decoded, record_documents
from quotedex.text.keys import article_url

SCHEME = "sqlite:"
# Bad rows of a view. Each makes SQLite compute the view again.
MAX_FAILURES = 100
_Rows = Iterator[tuple[int, Any]]


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
        return as_text(f"{self.file.as_posix()}?table={self.table}")


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
        id=as_text(f"{file.name}?table={address.table}"),
        location=address.location,
        stream=BytesIO(),
        options=replace(options, text_column=address.text_column or options.text_column),
    )
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as db:
            # A row that has more is not read. A row as a whole may be longer than its text.
            db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 2 * options.max_size + MEGABYTE)
            db.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
            for document in record_documents(_records(db, address.table, source), source):
                yield _named(document)
    except sqlite3.Error as error:
        raise InputError(address.location, f"cannot read the SQLite table ({error})") from error


def _named(document: Document | InputError) -> Document | InputError:
    """The rowid, the number in the document's id, names a row without URL and id."""
    if isinstance(document, InputError) or article_url(document.url) or document.guid:
        return document
    return replace(document, row=document.id.rpartition("#")[2])


def _records(
    db: sqlite3.Connection, table: str, source: Source
) -> Iterator[tuple[int, Record | InputError]]:
    """Rows with their rowid. Those of a view, which has no rowids, are counted from 1."""
    quoted = '"' + table.replace('"', '""') + '"'
    columns = [one[0] for one in db.execute(f"SELECT * FROM {quoted} LIMIT 0").description]
    rows = _rows_by_id(db, quoted, columns) or _rows_in_order(db, quoted)
    for number, values in rows:
        name = source.item(number).display_name
        if isinstance(values, sqlite3.Error):
            yield number, _unreadable(values, name, source.options)
        else:
            yield number, decoded(dict(zip(columns, values, strict=True)), name)


def _rows_by_id(db: sqlite3.Connection, table: str, columns: Collection[str]) -> _Rows | None:
    """Each row of a table is read on its own. None for what has no rowids."""
    used = {column.lower() for column in columns}
    rowid = next((name for name in ("rowid", "_rowid_", "oid") if name not in used), None)
    try:
        ids = db.execute(f"SELECT {rowid} FROM {table} ORDER BY {rowid}")
        first = ids.fetchone()
    except sqlite3.OperationalError:
        return None
    if rowid is None or (first and first[0] is None):
        return None
    select = f"SELECT * FROM {table} WHERE {rowid} = ?"
    found = chain([first] if first else [], ids)
    return ((number, _row(db, select, number)) for (number,) in found)


def _rows_in_order(db: sqlite3.Connection, table: str) -> _Rows:
    """The rows of a view or of a table WITHOUT ROWID. After a bad one, the query starts again."""
    number = failures = 0
    while True:
        try:
            for row in db.execute(f"SELECT * FROM {table} LIMIT -1 OFFSET ?", (number,)):
                number += 1
                yield number, row
            return
        except sqlite3.OperationalError:
            raise
        except sqlite3.Error:
            # Python has read one row ahead, so that the bad one may be the one after this.
            row = _row(db, f"SELECT * FROM {table} LIMIT 1 OFFSET ?", number)
            number += 1
            yield number, row
            failures += 1
            if failures > MAX_FAILURES:
                raise


def _row(db: sqlite3.Connection, query: str, number: int) -> Any:
    """A row, or the error that makes it unreadable."""
    try:
        return db.execute(query, (number,)).fetchone()
    except sqlite3.OperationalError:
        raise
    except sqlite3.Error as error:
        return error


def _unreadable(error: sqlite3.Error, name: str, options: ReadOptions) -> InputError:
    if isinstance(error, sqlite3.DataError):
        return InputError(name, f"larger than {options.max_size / MEGABYTE:g} MB (see --max-size)")
    return InputError(name, f"this row cannot be read ({error})")
