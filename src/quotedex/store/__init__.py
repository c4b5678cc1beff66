"""The SQLite file: `Store` opens it, brings it to this version's schema, and is its only writer."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from sqlite_utils import Database

from quotedex import __version__
from quotedex.models import Document, Extraction
from quotedex.store import articles, counts, schema
from quotedex.store.file import connect, file_version, said_plainly
from quotedex.store.keys import SpeakerKey, StatementKey, speaker_key, statement_key

Known = Literal["unchanged", "duplicate"]
Outcome = Literal["completed", "interrupted", "failed"]


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that could not be read or extracted; `error` is the sentence that says why."""

    location: str
    error: str


@dataclass(frozen=True, slots=True)
class Written:
    """What one batch put into the file. `duplicates` are the texts that another location holds."""

    articles: int
    quotes: int
    attributed: int
    duplicates: int


class Store:
    """A quotedex file open for writing; a context manager.

    Creates the file if there is none and migrates one of an earlier version. Raises
    `DatabaseError`, and leaves the file as it was, if it is no SQLite database, a database of
    something else, or of a newer version.

    `speaker_key` and `statement_key` decide what is one over many articles.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        speaker_key: SpeakerKey = speaker_key,
        statement_key: StatementKey = statement_key,
    ) -> None:
        self.path = Path(path)
        self._logging = False
        self._opened_at = articles.now()
        self._keys = articles.Keys(speaker_key, statement_key)
        version = file_version(self.path) if self.path.exists() else 0
        with said_plainly(self.path):
            self._conn = connect(self.path, "mode=rwc")
            try:
                self._prepare(version)
            except BaseException:
                self._conn.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave one file, without a log beside it, unless somebody is reading."""
        if self._logging:
            with suppress(sqlite3.OperationalError):
                self._conn.execute("PRAGMA journal_mode = DELETE").fetchone()
        self._conn.close()

    def start_run(self, model: str | None = None) -> int:
        """Add a row to `runs`, as begun when the file was opened; its id."""
        with self._transaction() as conn:
            row = conn.execute(
                "INSERT INTO runs (version, model, started_at) VALUES (?, ?, ?) RETURNING id",
                (__version__, model, self._opened_at),
            ).fetchone()
        return int(row[0])

    def finish_run(self, run_id: int, outcome: Outcome) -> None:
        """Close the run's row; after a completed run that stored something, tidy the file."""
        with self._transaction() as conn:
            conn.execute(
                "UPDATE runs SET finished_at = ?, outcome = ? WHERE id = ?",
                (articles.now(), outcome, run_id),
            )
            (stored,) = conn.execute("SELECT articles FROM runs WHERE id = ?", (run_id,)).fetchone()
            if stored and outcome == "completed":
                conn.execute("INSERT INTO quote_search (quote_search) VALUES ('optimize')")
                conn.execute("ANALYZE")

    def write(self, batch: Sequence[Extraction], run_id: int) -> Written:
        """Store articles, each in the place of what its location held, in one transaction."""
        touched = counts.Touched()
        with self._transaction() as conn:
            stored = [
                extraction
                for extraction in batch
                if articles.put(conn, extraction, run_id, self._keys, touched) is not None
            ]
            counts.settle(conn, touched)
            written = _written(stored, len(batch))
            conn.execute(
                "UPDATE runs SET articles = articles + ?, quotes = quotes + ? WHERE id = ?",
                (written.articles, written.quotes, run_id),
            )
        return written

    def fail(self, failures: Sequence[Failure], run_id: int) -> None:
        """List documents that could not be indexed. One that failed alike before stays as it is."""
        with self._transaction() as conn:
            conn.executemany(
                "INSERT INTO failures (run_id, location, error) VALUES (?, ?, ?)"
                " ON CONFLICT (location) DO UPDATE"
                " SET run_id = excluded.run_id, error = excluded.error"
                " WHERE error <> excluded.error",
                [(run_id, *_failure_row(failure)) for failure in failures],
            )
            conn.execute(
                "UPDATE runs SET failures = failures + ? WHERE id = ?", (len(failures), run_id)
            )

    def has_failure(self, failure: Failure) -> bool:
        """Whether the file lists this document with this very error."""
        sql = "SELECT 1 FROM failures WHERE location = ? AND error = ?"
        return self._conn.execute(sql, _failure_row(failure)).fetchone() is not None

    def known(self, document: Document, pending: Collection[str] = ()) -> Known | None:
        """Whether writing this document would change nothing: known by hash and metadata.

        "duplicate": the same text is stored under another location, which keeps it.
        `pending` are locations about to be written, whose rows say nothing any more.
        """
        place, digest = articles.location(document), articles.text_hash(document)
        if place in pending or self._failed(place):
            return None
        rows = self._conn.execute(_KNOWN, (place, digest)).fetchall()
        for sha256, location, *metadata in rows:
            if location == place:
                same = sha256 == digest and tuple(metadata) == articles.metadata(document)
                return "unchanged" if same else None
        for _, location, *_ in rows:
            if location < place and location not in pending:
                return "duplicate"
        return None

    def speakers_of(self, run_id: int) -> int:
        """How many speakers the articles stored by a run quote."""
        (number,) = self._conn.execute(_SPEAKERS_OF, (run_id,)).fetchone()
        return int(number)

    def _failed(self, place: str) -> bool:
        sql = "SELECT 1 FROM failures WHERE location = ?"
        return self._conn.execute(sql, (place,)).fetchone() is not None

    def _prepare(self, version: int) -> None:
        """Create or migrate in one transaction: a killed first run leaves an empty file."""
        conn = self._conn
        conn.execute("PRAGMA foreign_keys = ON")
        conn.execute("PRAGMA cache_size = -65536")
        counts.register(conn)
        if version < schema.SCHEMA_VERSION:
            with self._transaction():
                schema.migrate(Database(conn, execute_plugins=False))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """IMMEDIATE: what is read in it is still so when it is written."""
        conn = self._conn
        with said_plainly(self.path):
            self._start_log()
            conn.execute("BEGIN IMMEDIATE")
            try:
                yield conn
                conn.execute("COMMIT")
            except BaseException:
                if conn.in_transaction:
                    conn.execute("ROLLBACK")
                raise

    def _start_log(self) -> None:
        """Write ahead, so that readers go on reading; not before there is something to write."""
        if not self._logging:
            self._conn.execute("PRAGMA journal_mode = WAL").fetchone()
            self._conn.execute("PRAGMA synchronous = NORMAL")
            self._logging = True


def _written(stored: Sequence[Extraction], offered: int) -> Written:
    quotes = [quote for extraction in stored for quote in extraction.quotes]
    return Written(
        articles=len(stored),
        quotes=len(quotes),
        attributed=sum(quote.speaker is not None for quote in quotes),
        duplicates=offered - len(stored),
    )


def _failure_row(failure: Failure) -> tuple[str, str]:
    return articles.storable(failure.location), articles.storable(failure.error)


_KNOWN = """
SELECT sha256, location, title, byline, publication, published, language FROM articles
WHERE location = ? OR sha256 = ?"""

_SPEAKERS_OF = """
SELECT count(DISTINCT quotes.speaker_id) FROM quotes
JOIN articles ON articles.id = quotes.article_id WHERE articles.run_id = ?"""
