"""Checksums that somebody forges who knows how they are made."""

from __future__ import annotations

import sqlite3

from quotedex.store.checksums import SOURCES, checksum


def renew(conn: sqlite3.Connection) -> None:
    """Make all checksums anew from the file as it is."""
    conn.execute("DELETE FROM _checksums")
    for name, source in SOURCES.items():
        keys = conn.execute(f"SELECT DISTINCT {source.key} FROM {source.table}").fetchall()
        for (key,) in keys:
            row = (name, key, checksum(conn, source, key))
            conn.execute("INSERT INTO _checksums VALUES (?, ?, ?)", row)
