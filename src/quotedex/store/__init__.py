"""The SQLite file: `Store` opens it, brings it to this version's schema, and is its only writer."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from sqlite_utils import Database

from quotedex._version import __version__
from quotedex.link import Authority
from quotedex.models import Document, Extraction
from quotedex.store import articles, counts, people_list, schema, topics
from quotedex.store.file import connect, file_version, said_plainly
from quotedex.store.storable import storable
from quotedex.text.keyterms import Topic

Known = Literal["unchanged", "duplicate"]
Outcome = Literal["completed", "interrupted", "failed"]
Reader = tuple[str, str]
"""Who reads articles: the version of quotedex and the model, as the rows of `runs` have them."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that could not be read or extracted; `error` is the sentence that says why.

    `sha256` is the hash of its text as given, None where there was no text to read.
    """

    location: str
    error: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What one batch put into the file.

    `attributed` are the quotations with a speaker; those of each confidence level add up to
    `quotes`. `duplicates` are the texts that another location holds.
    """

    articles: int
    quotes: int
    attributed: int
    high_confidence: int
    medium_confidence: int
    low_confidence: int
    duplicates: int


class Store:
    """A quotedex file open for writing; a context manager.

    Creates the file if there is none and migrates one of an earlier version. Raises
    `DatabaseError`, and leaves the file as it was, if it is no SQLite database, a database of
    something else, or of a newer version.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._logging = False
        self._opened_at = articles.now()
        version = file_version(self.path) if self.path.exists() else 0
        with said_plainly(self.path):
            self._conn = connect(self.path, "mode=rwc")
            try:
                self._prepare(version)
                self._listed = people_list.load(self._conn)
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
            changed = "SELECT article_count + pruned_count FROM runs WHERE id = ?"
            if conn.execute(changed, (run_id,)).fetchone()[0] and outcome == "completed":
                conn.execute("INSERT INTO quote_search (quote_search) VALUES ('optimize')")
                conn.execute("ANALYZE")

    def write(self, batch: Sequence[Extraction], run_id: int) -> Written:
        """Store articles, each in the place of what its location held, in one transaction."""
        with self._transaction() as conn:
            offered = articles.last_of_each(batch)
            changes = articles.Batch(conn, self._listed)
            stored = [
                extraction
                for extraction in offered
                if articles.put(changes, extraction, run_id) is not None
            ]
            changes.finish()
            written = _written(stored, len(offered))
            conn.execute(
                "UPDATE runs SET article_count = article_count + ?, quote_count = quote_count + ?"
                " WHERE id = ?",
                (written.articles, written.quotes, run_id),
            )
        return written

    def use_people(self, listed: Iterable[Authority]) -> bool:
        """Let a user's list say who is who, in place of the list before; False if it is the same.

        Speakers whom either list names are linked anew, those of articles stored before too.
        """
        new = people_list.authorities(listed)
        if new == self._listed:
            return False
        with self._transaction() as conn:
            changes = articles.Batch(conn, new)
            changes.touched.speakers |= people_list.replace(conn, self._listed, changes.sightings)
            people_list.save(conn, new)
            changes.finish()
        self._listed = new
        return True

    def fail(self, failures: Sequence[Failure], run_id: int) -> None:
        """List documents that could not be indexed. One that failed alike before stays as it is."""
        with self._transaction() as conn:
            conn.executemany(
                "INSERT INTO failures (run_id, location, error, sha256) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (location) DO UPDATE SET"
                " run_id = excluded.run_id, error = excluded.error, sha256 = excluded.sha256"
                " WHERE error <> excluded.error OR sha256 IS NOT excluded.sha256",
                [(run_id, *_failure_row(failure)) for failure in failures],
            )
            conn.execute(
                "UPDATE runs SET failure_count = failure_count + ? WHERE id = ?",
                (len(failures), run_id),
            )

    def has_failure(self, failure: Failure) -> bool:
        """Whether the file lists this document, with this very text and error."""
        sql = "SELECT 1 FROM failures WHERE location = ? AND error = ? AND sha256 IS ?"
        return self._conn.execute(sql, _failure_row(failure)).fetchone() is not None

    def listed_failure(self, document: Document) -> Failure | None:
        """What the file says of a document that failed with the text that it still has."""
        row = articles.location(document), articles.text_hash(document)
        sql = "SELECT error FROM failures WHERE location = ? AND sha256 = ?"
        found = self._conn.execute(sql, row).fetchone()
        return found and Failure(row[0], found[0], row[1])

    def known(
        self, document: Document, pending: Collection[str] = (), reader: Reader | None = None
    ) -> Known | None:
        """Whether writing this document would change nothing: known by hash and metadata.

        "duplicate": the same text is stored under another location, which keeps it.
        `pending` are locations about to be written, whose rows say nothing any more. With `reader`,
        what another one has read is not known.
        """
        place, digest = articles.location(document), articles.text_hash(document)
        if place in pending or self._failed(place):
            return None
        rows = self._conn.execute(_KNOWN, (place, digest)).fetchall()
        for sha256, location, version, model, *metadata in rows:
            if location == place:
                same = sha256 == digest and tuple(metadata) == articles.metadata(document)
                return "unchanged" if same and reader in (None, (version, model)) else None
        for _, location, *_ in rows:
            if location < place and location not in pending:
                return "duplicate"
        return None

    def saw(self, location: str, sha256: str | None = None) -> None:
        """Note a location that the run has met, for `gone`; with the hash of its text, if read."""
        self._conn.execute(
            "CREATE TEMP TABLE IF NOT EXISTS seen (location TEXT PRIMARY KEY, sha256 TEXT)"
        )
        self._conn.execute(
            "INSERT OR REPLACE INTO temp.seen VALUES (?, ?)", (storable(location), sha256)
        )

    def gone(self, roots: Collection[str]) -> list[str]:
        """Locations of articles and failures at or below `roots` that no `saw` has told of.

        What lies below a location that was met but could not be read is not taken for gone.
        """
        self._conn.execute("CREATE INDEX IF NOT EXISTS temp.seen_by_sha256 ON seen (sha256)")
        unread = [place for (place,) in self._conn.execute(_UNREAD)]
        found: set[str] = set()
        for root in map(storable, roots):
            for low, high in _at_or_below(root):
                found.update(place for (place,) in self._conn.execute(_NOT_SEEN, (low, high)))
        kept = [span for place in unread for span in _at_or_below(place)]
        return sorted(p for p in found if not any(low <= p < high for low, high in kept))

    def prune(self, locations: Sequence[str], run_id: int) -> int:
        """Remove the articles and failures of these locations, in one transaction; how many
        articles went. An article whose text was seen elsewhere moves there."""
        removed = 0
        with self._transaction() as conn:
            changes = articles.Batch(conn, self._listed)
            for place in locations:
                conn.execute("DELETE FROM failures WHERE location = ?", (place,))
                removed += articles.leave(changes, place)
            changes.finish()
            conn.execute(
                "UPDATE runs SET pruned_count = pruned_count + ? WHERE id = ?", (removed, run_id)
            )
        return removed

    def speakers_of(self, run_id: int) -> int:
        """How many speakers the articles stored by a run quote."""
        (number,) = self._conn.execute(_SPEAKERS_OF, (run_id,)).fetchone()
        return int(number)

    def speakers_due(self) -> list[int]:
        """The ids of speakers whose quotations have changed since their topics were made."""
        return topics.speakers_due(self._conn)

    def topic_samples(self, speakers: Iterable[int]) -> list[topics.Sample]:
        """Of what their topics are to be made; some speakers at a time, or it is much."""
        return list(topics.samples(self._conn, speakers))

    def put_topics(
        self, samples: Iterable[topics.Sample], made: Mapping[int, Sequence[Topic]]
    ) -> None:
        """Store the topics made of samples, by speaker, in one transaction. Of a speaker for whom
        none were made, those that the file has are up to date."""
        with self._transaction() as conn:
            for sample in samples:
                if sample.speaker_id in made:
                    topics.keep(conn, sample, made[sample.speaker_id])
                else:
                    topics.keep_as_they_are(conn, sample.speaker_id)

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
    # This imports Datasette: not for worker processes, which never store anything.
    from datasette_quotedex.confidence import level

    quotes = [quote for extraction in stored for quote in extraction.quotes]
    levels = Counter(level(quote.confidence) for quote in quotes)
    return Written(
        articles=len(stored),
        quotes=len(quotes),
        attributed=sum(quote.speaker is not None for quote in quotes),
        high_confidence=levels["high"],
        medium_confidence=levels["medium"],
        low_confidence=levels["low"],
        duplicates=offered - len(stored),
    )


def _failure_row(failure: Failure) -> tuple[str, str, str | None]:
    return storable(failure.location), storable(failure.error), failure.sha256


def _at_or_below(root: str) -> Iterator[tuple[str, str]]:
    """Ranges (first, end) of the locations "root", "root/a.txt", "root#3", "root?table=t"."""
    yield root, root + "\0"
    for mark in "/#?":
        yield root.rstrip("/") + mark, root.rstrip("/") + chr(ord(mark) + 1)


_KNOWN = """
SELECT sha256, location, version, model,
    title, byline, outlet, published, language, url, metadata
FROM articles JOIN runs ON runs.id = run_id WHERE location = ? OR sha256 = ?"""

_UNREAD = "SELECT location FROM temp.seen WHERE sha256 IS NULL"

_NOT_SEEN = """
SELECT location FROM (
    SELECT location FROM articles UNION SELECT location FROM failures
) WHERE location >= ? AND location < ? AND location NOT IN (SELECT location FROM temp.seen)"""

_SPEAKERS_OF = """
SELECT count(DISTINCT quotes.speaker_id) FROM quotes
JOIN articles ON articles.id = quotes.article_id WHERE articles.run_id = ?"""
