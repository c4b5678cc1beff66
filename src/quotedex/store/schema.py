"""Create the tables of a quotedex file, or bring a file of an earlier version up to date.

The tables of version 1 are in `schema.sql`. A later version adds a migration here, which ends by
raising the file's `user_version`, so that any SQLite reader can see the version without our code.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from importlib.resources import files

from sqlite_utils import Database, Migrations

# "qdex" in ASCII, at byte 68 of the file, where file(1) and SQLite look for it.
APPLICATION_ID = int.from_bytes(b"qdex", "big")
SCHEMA_VERSION = 1

migrations = Migrations("quotedex")


def migrate(db: Database) -> None:
    """Apply the migrations that the file lacks; the caller holds the transaction."""
    migrations.apply(db)


@migrations()
def m001_first_release(db: Database) -> None:
    script = (files(__package__) / "schema.sql").read_text(encoding="utf-8")
    for statement in _statements(script):
        db.execute(statement)
    from datasette_quotedex.search.letters import REPLACEMENTS

    rows = enumerate(REPLACEMENTS.items(), start=1)
    db.conn.executemany(
        "INSERT INTO _letters (id, letter, plain) VALUES (?, ?, ?)",
        [(number, letter, plain) for number, (letter, plain) in rows],
    )
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute("PRAGMA user_version = 1")


def _statements(script: str) -> Iterator[str]:
    """The statements of a script, one by one: `executescript` would end the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
