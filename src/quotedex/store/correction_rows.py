"""The rows of the table `corrections`."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from quotedex.models import Correction
from quotedex.store.file import friendly_errors, open_index
from quotedex.store.values import storable

_NAMES = (
    *("what", "key", "new_value", "kind", "who", "made_at", "why", "old_value", "undone_by"),
    *("undone_at", "undone_why", "article_key", "words", "names", "state", "leads_to", "id"),
)
_SELECT = f"SELECT {', '.join(_NAMES)} FROM corrections"
_INSERT = f"INSERT INTO corrections ({', '.join(_NAMES)}) VALUES ({', '.join('?' * len(_NAMES))})"
_UPDATE = f"UPDATE corrections SET {', '.join(f'{name} = ?' for name in _NAMES)} WHERE id = ?"


def load_corrections(
    conn: sqlite3.Connection, where: str = "TRUE", *values: Any
) -> list[Correction]:
    """The corrections of a condition, in the order in which they were made."""
    rows = conn.execute(f"{_SELECT} WHERE {where} ORDER BY id", values)
    found = (dict(zip(_NAMES, row, strict=True)) for row in rows)
    return [Correction(**{**row, "names": tuple(json.loads(row["names"]))}) for row in found]


def list_corrections(path: str | Path) -> list[Correction]:
    """The corrections of the file at `path`, which is only read. Raises DatabaseError."""
    with closing(open_index(path)) as conn, friendly_errors(Path(path)):
        return load_corrections(conn)


def insert(conn: sqlite3.Connection, correction: Correction) -> int:
    """Add a row; returns its id."""
    return int(conn.execute(_INSERT, _values(correction)).lastrowid or 0)


def update(conn: sqlite3.Connection, correction: Correction) -> None:
    """Write the row of a correction that the file has."""
    conn.execute(_UPDATE, (*_values(correction), correction.id))


def _values(correction: Correction) -> list[Any]:
    values = {**correction.to_dict(), "names": json.dumps(correction.names)}
    texts = {name: storable(value) for name, value in values.items() if isinstance(value, str)}
    return [texts.get(name, values[name]) for name in _NAMES]
