"""Write articles and their quotations, replacing what the file had for the same article."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple

from quotedex.extract.clean import clean
from quotedex.models import Document, Extraction, Quote, Span
from quotedex.store import speakers, statements
from quotedex.store.article_speakers import ArticleSpeakerChanges
from quotedex.store.counts import (
    Dirty,
    add_counts,
    inherit_speakers,
    propagate_links,
    refresh_and_delete,
)
from quotedex.store.ids import next_id
from quotedex.store.people_list import PeopleList
from quotedex.store.values import storable

METADATA_TEXTS = ("title", "byline", "outlet", "published", "language", "url")
METADATA_COLUMNS = (*METADATA_TEXTS, "metadata")
"""What `articles` has of a document besides its text and location."""


class _StagedQuote(NamedTuple):
    """A row of `quotes` without speaker and statement, which are not known yet.

    The SQL at the end of this module is made from these names. The last two go to `_quote_links`.
    """

    id: int
    article_id: int
    parent_id: int | None
    repeats_id: int | None
    utterance: int
    text: str
    start_char: int
    end_char: int
    kind: str
    mention: str | None
    mention_start_char: int | None
    mention_end_char: int | None
    cue: str | None
    cue_start_char: int | None
    cue_end_char: int | None
    confidence: float
    why: str
    speaker_why: str | None
    published: str | None
    article_speaker_id: int | None
    wording_id: int


@dataclass(slots=True)
class Batch:
    """The changes of one transaction: `put` and `delete` articles, then `commit_links`.

    Quotations wait in a temporary table until their speakers and statements are known.
    """

    conn: sqlite3.Connection
    people_list: PeopleList
    article_speakers: ArticleSpeakerChanges = field(init=False)
    dirty: Dirty = field(default_factory=Dirty)
    moved_wordings: set[int] = field(default_factory=set)
    next_quote: int = field(init=False)
    _first_new: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.article_speakers = ArticleSpeakerChanges(self.conn, self.people_list.keys)
        self.next_quote = next_id(self.conn, "quotes")
        self._first_new = {table: next_id(self.conn, table) for table in ("speakers", "statements")}
        self.conn.execute(_CREATE_STAGED)

    def commit_links(self) -> None:
        """Link the new quotations to the rest of the file and update all counts."""
        conn, dirty = self.conn, self.dirty
        moved = speakers.link(self.article_speakers)
        propagate_links(conn, moved, self.moved_wordings, dirty)
        described = dirty.speakers | speakers.speakers_of(conn, moved)
        speakers.update_details(conn, described, self.people_list)
        articles = [row for (row,) in conn.execute("SELECT DISTINCT article_id FROM staged_quotes")]
        # In one statement, because FTS5 writes its index after each one that fires triggers.
        conn.execute(_INSERT_QUOTES)
        conn.execute(_INSERT_LINKS)
        conn.execute("DELETE FROM staged_quotes")
        add_counts(conn, articles, 1, dirty)
        propagate_links(conn, (), statements.delete_unused(conn, dirty.wordings), dirty)
        dirty.speakers |= self._new_rows("speakers")
        dirty.statements |= self._new_rows("statements")
        inherit_speakers(conn, dirty)
        refresh_and_delete(conn, dirty)

    def _new_rows(self, table: str) -> set[int]:
        """Speakers or statements that this transaction added; some have been merged into others
        since and have no quotations."""
        rows = self.conn.execute(f"SELECT id FROM {table} WHERE id >= {self._first_new[table]}")
        return {row_id for (row_id,) in rows}


def put(batch: Batch, extraction: Extraction, run_id: int) -> bool:
    """Store one article; False if another location keeps the same text.

    The location identifies an article. Of several locations with the same text, the first in
    alphabetical order keeps the article, whatever the order in which they come.
    """
    conn = batch.conn
    place = location(extraction.document)
    digest = text_hash(extraction.document)
    conn.execute("DELETE FROM failures WHERE location = ?", (place,))
    here = _one(conn, "SELECT id, location FROM articles WHERE location = ?", place)
    same = _one(conn, "SELECT id, location FROM articles WHERE sha256 = ?", digest)
    if same and same != here:
        if here:
            delete(batch, here[0])
        if same[1] < place:
            return False
        here = same
    if here:
        batch.article_speakers.remember(here[0])
        _delete_quotes(batch, here[0])
    row = {
        "id": here[0] if here else next_id(conn, "articles"),
        "location": place,
        **dict(zip(METADATA_COLUMNS, metadata(extraction.document), strict=True)),
        "text": storable(extraction.text),
        "word_count": len(extraction.text.split()),
        "sha256": digest,
        "indexed_at": now(),
        "run_id": run_id,
    }
    _upsert(conn, row)
    _stage_quotes(batch, row, extraction.quotes)
    return True


def delete(batch: Batch, article_id: int) -> None:
    """Delete an article and its quotations."""
    _delete_quotes(batch, article_id)
    batch.article_speakers.delete(article_id)
    batch.conn.execute("DELETE FROM articles WHERE id = ?", (article_id,))


def dedupe_by_location(batch: Iterable[Extraction]) -> list[Extraction]:
    """The last extraction of each location."""
    return list({location(extraction.document): extraction for extraction in batch}.values())


def relocate_or_delete(batch: Batch, place: str) -> bool:
    """Delete the article of a location that is gone; False if there is none to delete.

    If the run has seen the same text at another location (see `temp.seen`), the article moves
    there.
    """
    conn = batch.conn
    row = conn.execute("SELECT id, sha256 FROM articles WHERE location = ?", (place,)).fetchone()
    if row is None:
        return False
    sql = "SELECT min(location) FROM temp.seen WHERE sha256 = ?"
    (other,) = conn.execute(sql, (row[1],)).fetchone()
    if other is None:
        delete(batch, row[0])
        return True
    batch.dirty.speakers |= batch.article_speakers.relocate(row[0], other)
    conn.execute("UPDATE articles SET location = ? WHERE id = ?", (other, row[0]))
    return False


def location(document: Document) -> str:
    """Where the document is from, as the file keeps it; its id if that is unknown."""
    return storable(document.location or document.id)


def text_hash(document: Document) -> str:
    """SHA-256 of the text as given, in UTF-8."""
    return sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest()


def metadata(document: Document) -> tuple[str | None, ...]:
    """The values of METADATA_COLUMNS, cleaned as the text is: headlines have the same damage."""
    values = (getattr(document, name) for name in METADATA_TEXTS)
    texts = (None if value is None else storable(clean(value).text) for value in values)
    return *texts, _to_json(document.metadata)


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _to_json(pairs: Sequence[tuple[str, str]]) -> str | None:
    """A JSON object; a name that occurs several times has a list of values."""
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(storable(name), []).append(storable(value))
    plain = {name: held[0] if len(held) == 1 else held for name, held in values.items()}
    return json.dumps(plain, ensure_ascii=False) if plain else None


def _upsert(conn: sqlite3.Connection, row: Mapping[str, object]) -> None:
    columns, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    changes = ", ".join(f"{name} = excluded.{name}" for name in row if name != "id")
    conn.execute(
        f"INSERT INTO articles ({columns}) VALUES ({values})"
        f" ON CONFLICT (id) DO UPDATE SET {changes}",
        row,
    )


def _delete_quotes(batch: Batch, article_id: int) -> None:
    """Quotations go before their article and speakers, whose words the search index needs to
    delete its entries."""
    add_counts(batch.conn, [article_id], -1, batch.dirty)
    for statement in _DELETE_QUOTES:
        batch.conn.execute(statement, (article_id,))


def _stage_quotes(batch: Batch, article: Mapping[str, Any], quotes: Sequence[Quote]) -> None:
    """Put the quotations of an article into the temporary table."""
    article_id, text = article["id"], article["text"]
    of_article = [quote.speaker for quote in quotes]
    speaker_ids = batch.article_speakers.put(article_id, article["location"], text, of_article)
    words = [text[quote.start : quote.end] for quote in quotes]
    wording_ids, moved = statements.add_wordings(batch.conn, words)
    batch.moved_wordings |= moved
    first = batch.next_quote
    batch.next_quote += len(quotes)
    rows = [
        _StagedQuote(
            id=first + number,
            article_id=article_id,
            parent_id=None if quote.parent is None else first + quote.parent,
            repeats_id=None if quote.repeats is None else first + quote.repeats,
            utterance=quote.utterance,
            text=words[number],
            start_char=quote.start,
            end_char=quote.end,
            kind=quote.kind,
            mention=_words(text, quote.mention),
            mention_start_char=quote.mention.start if quote.mention else None,
            mention_end_char=quote.mention.end if quote.mention else None,
            cue=_words(text, quote.cue),
            cue_start_char=quote.cue.start if quote.cue else None,
            cue_end_char=quote.cue.end if quote.cue else None,
            confidence=quote.confidence,
            why=quote.why,
            speaker_why=(quote.speaker and quote.speaker.why) or None,
            published=article["published"],
            article_speaker_id=speaker_ids[number],
            wording_id=wording_ids[number],
        )
        for number, quote in enumerate(quotes)
    ]
    batch.conn.executemany(_STAGE_QUOTE, rows)


def _words(text: str, span: Span | None) -> str | None:
    return None if span is None else text[span.start : span.end]


def _one(conn: sqlite3.Connection, sql: str, value: str) -> tuple[int, str] | None:
    row: tuple[int, str] | None = conn.execute(sql, (value,)).fetchone()
    return row


_STAGED = _StagedQuote._fields
_COPIED = [name for name in _STAGED if name not in ("article_speaker_id", "wording_id")]

_CREATE_STAGED = f"CREATE TEMP TABLE IF NOT EXISTS staged_quotes ({', '.join(_STAGED)})"

_STAGE_QUOTE = f"INSERT INTO staged_quotes VALUES ({', '.join('?' * len(_STAGED))})"

_INSERT_QUOTES = f"""
INSERT INTO quotes ({", ".join(_COPIED)}, speaker_id, speaker_from, statement_id)
SELECT {", ".join(f"staged.{name}" for name in _COPIED)},
    local.speaker_id, iif(article_speaker_id IS NULL, NULL, 'article'), wordings.statement_id
FROM staged_quotes AS staged
JOIN _wordings AS wordings ON wordings.id = wording_id
LEFT JOIN _article_speakers AS local ON local.id = article_speaker_id
ORDER BY staged.id"""

_INSERT_LINKS = """
INSERT INTO _quote_links (quote_id, article_speaker_id, wording_id)
SELECT id, article_speaker_id, wording_id FROM staged_quotes ORDER BY id"""

_DELETE_QUOTES = (
    "DELETE FROM _quote_links WHERE quote_id IN (SELECT id FROM quotes WHERE article_id = ?)",
    "DELETE FROM quotes WHERE article_id = ?",
    "DELETE FROM staged_quotes WHERE article_id = ?",
)
