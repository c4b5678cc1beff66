"""The SQLite file: `Store` opens it, migrates it, and is the only code that writes to it."""

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

from datasette_quotedex.confidence import level
from quotedex._version import __version__
from quotedex.errors import DatabaseError
from quotedex.link import ListedSpeaker
from quotedex.locations import canonical
from quotedex.models import Correction, Document, Extraction
from quotedex.store import (
    articles,
    checksums,
    correction_rows,
    corrections,
    counts,
    excerpts,
    fingerprints,
    local_paths,
    people_list,
    schema,
    seen,
    topics,
)
from quotedex.store.articles import Known
from quotedex.store.correction_rows import load_corrections
from quotedex.store.file import connect, file_version, friendly_errors
from quotedex.store.former_keys import KeyHistory
from quotedex.store.identity import location, path, text_hash
from quotedex.store.making_corrections import CorrectionMaker
from quotedex.store.values import storable
from quotedex.text.keyterms import Topic

Outcome = Literal["completed", "interrupted", "failed"]
ExtractedBy = tuple[str, str]
"""The version of quotedex and the model that extracted an article, as in the rows of `runs`."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that could not be read or extracted; `error` is the reason, in a sentence.

    `sha256` is the hash of its text as given, or of what else tells whether it would fail again;
    None if there is neither.
    """

    location: str
    error: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What one batch added to the file.

    `attributed` are the quotations with a speaker; those of each confidence level add up to
    `quotes`. `replaced` of the articles took the place of one that was stored before. `duplicates`
    are articles whose text another location keeps.
    """

    articles: int
    quotes: int
    attributed: int
    high_confidence: int
    medium_confidence: int
    low_confidence: int
    replaced: int
    duplicates: int


class Store:
    """A quotedex file open for writing; a context manager.

    Creates the file if there is none, and migrates a file of an earlier version. Raises
    DatabaseError, and leaves the file as it was, if it is not a SQLite database, not one that
    quotedex made, or one of a newer version.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._uses_wal = False
        self._notes_changes = False
        self._opened_at = articles.now()
        self._people_list = people_list.PeopleList({}, {})
        version = file_version(self.path) if self.path.exists() else 0
        with friendly_errors(self.path):
            self._conn = connect(self.path, "mode=rwc")
            try:
                self._prepare(version)
                self._people_list = people_list.load(self._conn)
                self._history = KeyHistory.watch(self._conn)
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
        """Close the file. No log is left beside it, unless another process is reading; even then
        the file itself is complete."""
        if self._uses_wal:
            with suppress(sqlite3.OperationalError):
                self._conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                self._conn.execute("PRAGMA journal_mode = DELETE").fetchone()
        self._conn.close()

    def start_run(self, model: str | None = None) -> int:
        """Add a row to `runs`, started when the file was opened; returns its id.

        Raises DatabaseError for a copy with excerpts, which nothing can be added to.
        """
        self._refuse_excerpts()
        with self._transaction() as conn:
            row = conn.execute(
                "INSERT INTO runs (version, model, started_at) VALUES (?, ?, ?) RETURNING id",
                (__version__, model, self._opened_at),
            ).fetchone()
        return int(row[0])

    def _refuse_excerpts(self) -> None:
        if excerpts.excerpt_words(self._conn) is not None:
            raise DatabaseError(
                f"{self.path} has only excerpts of articles: index into the file it was made from"
            )

    def finish_run(self, run_id: int, outcome: Outcome) -> None:
        """Complete the run's row. If the run changed articles, optimize the file."""
        with self._transaction() as conn:
            conn.execute(
                "UPDATE runs SET finished_at = ?, outcome = ? WHERE id = ?",
                (articles.now(), outcome, run_id),
            )
            changed = "SELECT article_count + pruned_count FROM runs WHERE id = ?"
            if conn.execute(changed, (run_id,)).fetchone()[0] and outcome == "completed":
                fingerprints.put_in_place(conn)
                conn.execute("INSERT INTO quote_search (quote_search) VALUES ('optimize')")
                conn.execute("ANALYZE main")

    def write(self, batch: Sequence[Extraction], run_id: int) -> Written:
        """Store articles in one transaction; each replaces the one of the same location."""
        with self._transaction() as conn:
            offered = articles.dedupe_by_location(batch)
            changes = self._batch(conn)
            stored = [each for each in offered if articles.put(changes, each, run_id)]
            self._commit(changes, waiting=fingerprints.MAX_WAITING)
            written = _written(stored, changes.replacements, len(offered))
            conn.execute(
                "UPDATE runs SET article_count = article_count + ?, quote_count = quote_count + ?"
                " WHERE id = ?",
                (written.articles, written.quotes, run_id),
            )
        return written

    def use_people(self, people: Iterable[ListedSpeaker]) -> bool:
        """Replace the user's list of people; False if it is the same as before.

        Speakers that either list names are linked again, those of stored articles included.
        """
        people = list(people)
        new = people_list.PeopleList.of(people)
        if new == people_list.PeopleList.of(people_list.load_given(self._conn)):
            return False
        with self._transaction() as conn:
            changes = self._batch(conn)
            people_list.save(conn, new)
            changes.use_people(people_list.load(conn))
            self._commit(changes)
        return True

    def corrections(self) -> list[Correction]:
        """All corrections in the order in which they were made, those undone included."""
        return load_corrections(self._conn)

    def correct(self, new: Iterable[Correction], *, must_apply: bool = False) -> list[Correction]:
        """Add corrections and apply them, in one transaction; returns their rows.

        One that the file has already is not added again; if the new one says that it is undone, it
        is. Raises CorrectionError with a sentence for each that cannot be made, or with
        `must_apply` would have to wait; then none is made.
        """
        new, known = list(new), self.corrections()
        if all(any(each.is_same(other) for other in known) for each in new):
            same = [next(other for other in known if each.is_same(other)) for each in new]
            if all(b.undone_at or not a.undone_at for a, b in zip(new, same, strict=True)):
                return same  # without a transaction, which would touch the file
        self._refuse_excerpts()
        with self._transaction() as conn:
            return self._corrections_in(conn).make(new, must_apply=must_apply)

    def undo_correction(
        self, row_id: int, who: str | None = None, why: str | None = None
    ) -> Correction:
        """Undo a correction; its row stays. Raises CorrectionError if there is none to undo."""
        self._refuse_excerpts()
        with self._transaction() as conn:
            self._corrections_in(conn).undo(row_id, who, why)
        return load_corrections(self._conn, "id = ?", row_id)[0]

    def settle_corrections(self) -> bool:
        """Apply the corrections that waited for what is in the file now; whether there are any."""
        waiting = load_corrections(self._conn, "state = 'waiting'")
        settled = False
        for correction in waiting:
            try:
                resolved = corrections.resolve(self._conn, correction)
            except ValueError:
                continue  # as a correction of words that the article does not have
            if resolved != correction:
                settled = True
                with self._transaction() as conn:
                    correction_rows.update(conn, resolved)
                    self._corrections_in(conn).apply(resolved)
        return settled

    def _corrections_in(self, conn: sqlite3.Connection) -> CorrectionMaker:
        return CorrectionMaker(conn, lambda: self._batch(conn), self._commit)

    def _batch(self, conn: sqlite3.Connection) -> articles.Batch:
        return articles.Batch(conn, self._people_list, self._history)

    def _commit(self, changes: articles.Batch, *, waiting: int = 0) -> None:
        """Complete a transaction, with at most so many fingerprints that wait for a later one."""
        changes.commit_links()
        fingerprints.put_in_place(changes.conn, above=waiting)
        self._people_list = changes.people_list

    def add_failures(self, failures: Sequence[Failure], run_id: int) -> None:
        """List documents that could not be indexed. The row of one that failed with the same error
        and text before stays as it is."""
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
        """Whether the file lists this document with the same text and error."""
        sql = "SELECT 1 FROM failures WHERE location = ? AND error = ? AND sha256 IS ?"
        return self._conn.execute(sql, _failure_row(failure)).fetchone() is not None

    def find_failure(self, document: Document) -> Failure | None:
        """The listed failure of a document whose text has not changed since."""
        row = location(document), text_hash(document)
        sql = "SELECT error FROM failures WHERE location = ? AND sha256 = ?"
        found = self._conn.execute(sql, row).fetchone()
        return found and Failure(row[0], found[0], row[1])

    def listed_errors(self, file: str, sha256: str) -> dict[str, str]:
        """The listed errors, by location, of a file and of what it holds, with this hash."""
        place = storable(file)
        row = sha256, place, f"{place}/", f"{place}0", f"{place}#", f"{place}$"
        return dict(self._conn.execute(_LISTED_ERRORS, row))

    def known(
        self,
        document: Document,
        pending: Collection[str] = (),
        extracted_by: ExtractedBy | None = None,
    ) -> Known | None:
        """Whether writing this document would change nothing, and why.

        "unchanged": its text and metadata are those of the stored article. "duplicate": the file
        keeps another document with the same text or identity. `pending` are locations that are
        about to be written, so that their rows do not count. With `extracted_by`, neither do
        articles that another version or model extracted.
        """
        places = location(document), storable(canonical(document.location or document.id))
        if any(map(self._has_failed, places)):
            return None
        return articles.known(self._conn, document, pending, extracted_by)

    def mark_seen(self, document: Document) -> None:
        """Remember that the run has met this document."""
        seen.mark(self._conn, location(document), text_hash(document), path(document))

    def mark_unread(self, place: str) -> None:
        """Remember that the run has met this location and could not read it."""
        seen.mark(self._conn, storable(canonical(place)))

    def missing(self, roots: Collection[str]) -> list[str]:
        """Locations at or below `roots` of articles and failures that were not marked as seen.

        Locations below one that was met but could not be read do not count as missing.
        """
        return seen.missing(self._conn, roots)

    def prune(self, locations: Sequence[str], run_id: int) -> int:
        """Remove the articles and failures of these locations in one transaction.

        An article whose text was seen at another location moves there. Returns the number of
        articles removed.
        """
        removed = 0
        with self._transaction() as conn:
            changes = self._batch(conn)
            for place in locations:
                conn.execute("DELETE FROM failures WHERE location = ?", (place,))
                removed += articles.relocate_or_delete(changes, place)
            self._commit(changes)
            conn.execute(
                "UPDATE runs SET pruned_count = pruned_count + ? WHERE id = ?", (removed, run_id)
            )
        return removed

    def old_locations(self) -> list[str]:
        """Locations of articles and failures in another form than `locations.canonical`."""
        places = (place for (place,) in self._conn.execute(_SUSPECTED))
        return [place for place in places if canonical(place) != place]

    def use_canonical_locations(self, old: Iterable[str]) -> None:
        """Give the articles and failures of these locations the canonical ones."""
        with self._transaction() as conn:
            changes = self._batch(conn)
            for place in old:
                articles.move(changes, place, canonical(place))
                conn.execute(_MOVE_FAILURE, (canonical(place), place))
                conn.execute("DELETE FROM failures WHERE location = ?", (place,))
            self._commit(changes)

    def count_speakers(self, run_id: int) -> int:
        """The number of speakers in the articles that a run stored."""
        (number,) = self._conn.execute(_COUNT_SPEAKERS, (run_id,)).fetchone()
        return int(number)

    def stale_speakers(self) -> list[int]:
        """The ids of speakers whose quotations have changed since their topics were made."""
        return topics.stale_speakers(self._conn)

    def topic_samples(self, speakers: Iterable[int]) -> list[topics.Sample]:
        """The statements that topics are made from; ask for some speakers at a time."""
        return list(topics.read_samples(self._conn, speakers))

    def save_topics(
        self, samples: Iterable[topics.Sample], new: Mapping[int, Sequence[Topic]]
    ) -> None:
        """Store the new topics, by speaker, in one transaction.

        The stored topics of speakers that have a sample and no new topics are up to date.
        """
        with self._transaction() as conn:
            for sample in samples:
                if sample.speaker_id in new:
                    topics.save(conn, sample, new[sample.speaker_id])
                else:
                    topics.mark_up_to_date(conn, sample.speaker_id)

    def hide_local_paths(self) -> None:
        """Leave only what follows the folders that were indexed. This cannot be undone."""
        with self._transaction() as conn:
            local_paths.hide_local_paths(conn)

    def shorten_articles(self, words: int) -> None:
        """Cut every article down to its quotations and this many words on each side of them.

        This cannot be undone.
        """
        with self._transaction() as conn:
            excerpts.shorten_articles(conn, words)

    def _has_failed(self, place: str) -> bool:
        sql = "SELECT 1 FROM failures WHERE location = ?"
        return self._conn.execute(sql, (place,)).fetchone() is not None

    def _prepare(self, version: int) -> None:
        """Create or migrate in one transaction, so that a killed first run leaves an empty file."""
        conn = self._conn
        conn.execute("PRAGMA foreign_keys = ON")
        conn.execute("PRAGMA cache_size = -65536")
        # Many pages that a transaction changes, the next ones change again.
        conn.execute("PRAGMA wal_autocheckpoint = 16000")
        seen.attach(conn)
        # After `seen`, which stays in a file. SQLite saves each page that a statement changes if it
        # may have to undo it: to a file, it would write more than to the log.
        conn.execute("PRAGMA temp_store = MEMORY")
        counts.register_functions(conn)
        if version < schema.SCHEMA_VERSION:
            with self._transaction():
                schema.migrate(Database(conn, execute_plugins=False))
        fingerprints.attach(conn)
        checksums.watch(conn)
        self._notes_changes = True

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """An IMMEDIATE transaction: nothing changes between reading and writing in it."""
        conn = self._conn
        with friendly_errors(self.path):
            self._use_wal()
            conn.execute("BEGIN IMMEDIATE")
            try:
                yield conn
                if self._notes_changes:
                    checksums.settle(conn)
                conn.execute("COMMIT")
            except BaseException:
                if conn.in_transaction:
                    conn.execute("ROLLBACK")
                with suppress(sqlite3.Error):
                    self._people_list = people_list.load(conn)
                raise

    def _use_wal(self) -> None:
        """Use a write-ahead log, so that others can read meanwhile, from the first write on."""
        if not self._uses_wal:
            self._conn.execute("PRAGMA journal_mode = WAL").fetchone()
            self._conn.execute("PRAGMA synchronous = NORMAL")
            self._uses_wal = True


def _written(stored: Sequence[Extraction], replaced: int, offered: int) -> Written:
    quotes = [quote for extraction in stored for quote in extraction.quotes]
    levels = Counter(level(quote.confidence) for quote in quotes)
    return Written(
        articles=len(stored),
        quotes=len(quotes),
        attributed=sum(quote.speaker is not None for quote in quotes),
        high_confidence=levels["high"],
        medium_confidence=levels["medium"],
        low_confidence=levels["low"],
        replaced=replaced,
        duplicates=offered - len(stored),
    )


def _failure_row(failure: Failure) -> tuple[str, str, str | None]:
    return storable(canonical(failure.location)), storable(failure.error), failure.sha256


# "0" follows "/", and "$" follows "#".
_LISTED_ERRORS = """
SELECT location, error FROM failures WHERE sha256 = ? AND (
    location = ? OR (location >= ? AND location < ?) OR (location >= ? AND location < ?)
)"""

_LOCATIONS = "SELECT location FROM articles UNION SELECT location FROM failures"

# Quickly excludes nearly all of a million.
_SUSPECTED = f"""
SELECT location FROM ({_LOCATIONS}) WHERE (location GLOB '/*' OR location GLOB '?:/*')
    AND (instr(location, '//') OR instr(location, '/.'))"""

_MOVE_FAILURE = "UPDATE OR IGNORE failures SET location = ? WHERE location = ?"

_COUNT_SPEAKERS = """
SELECT count(DISTINCT quotes.speaker_id) FROM quotes
JOIN articles ON articles.id = quotes.article_id WHERE articles.run_id = ?"""
