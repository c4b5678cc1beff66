"""Putting articles and their quotations in the place of what the file held of them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

from quotedex.extract.clean import clean
from quotedex.models import Document, Extraction
from quotedex.store import speakers, statements
from quotedex.store.counts import Touched, agree, follow, settle, tally
from quotedex.store.people_list import Authorities
from quotedex.store.sightings import Sightings
from quotedex.store.speakers import describe
from quotedex.store.storable import storable

_TEXTS = ("title", "byline", "outlet", "published", "language", "url")
_METADATA = (*_TEXTS, "metadata")


class _StagedQuote(NamedTuple):
    """A row of `quotes` whose speaker and statement are not known yet; the SQL below is made of
    these names. The last two are for `_quote_links`."""

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
    """What one transaction changes. `put` and `remove` articles, then `finish`.

    Quotations wait in a table of their own until their speakers and statements are known.
    """

    conn: sqlite3.Connection
    listed: Authorities
    sightings: Sightings = field(init=False)
    touched: Touched = field(default_factory=Touched)
    moved_wordings: set[int] = field(default_factory=set)
    next_quote: int = field(init=False)
    _new_from: tuple[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self.sightings = Sightings(self.conn, self.listed.names)
        self.next_quote = _next_id(self.conn, "quotes")
        self._new_from = _next_id(self.conn, "speakers"), _next_id(self.conn, "statements")
        self.conn.execute(_CREATE_STAGED)

    def finish(self) -> None:
        """Link what was put to the rest of the file and bring the counts up to date."""
        conn, touched = self.conn, self.touched
        moved = speakers.link(self.sightings)
        follow(conn, moved, self.moved_wordings, touched)
        describe(conn, touched.speakers | speakers.speakers(conn, moved), self.listed)
        articles = [row for (row,) in conn.execute("SELECT DISTINCT article_id FROM staged_quotes")]
        # In one statement: FTS5 writes its index out after every statement that fires triggers.
        conn.execute(_INSERT_QUOTES)
        conn.execute(_INSERT_LINKS)
        conn.execute("DELETE FROM staged_quotes")
        tally(conn, articles, 1, touched)
        follow(conn, (), statements.drop_unused(conn, touched.wordings), touched)
        # Of those that were made on the way some were joined to others and are left empty.
        for table, ids, first in zip(
            ("speakers", "statements"),
            (touched.speakers, touched.statements),
            self._new_from,
            strict=True,
        ):
            ids.update(
                row for (row,) in conn.execute(f"SELECT id FROM {table} WHERE id >= {first}")
            )
        agree(conn, touched)
        settle(conn, touched)


def put(batch: Batch, extraction: Extraction, run_id: int) -> int | None:
    """Store one article; its id, or None when the same text stands at another location.

    The location is the article's identity. Of several locations with one text, the first by
    alphabet keeps the article, in whatever order they come.
    """
    conn = batch.conn
    place = location(extraction.document)
    digest = text_hash(extraction.document)
    conn.execute("DELETE FROM failures WHERE location = ?", (place,))
    here = _one(conn, "SELECT id, location FROM articles WHERE location = ?", place)
    same = _one(conn, "SELECT id, location FROM articles WHERE sha256 = ?", digest)
    if same and same != here:
        if here:
            remove(batch, here[0])
        if same[1] < place:
            return None
        here = same
    if here:
        batch.sightings.note(here[0])
        _remove_quotes(batch, here[0])
    article_id = _put_article(conn, here[0] if here else None, extraction, run_id)
    _stage_quotes(batch, article_id, extraction)
    return article_id


def remove(batch: Batch, article_id: int) -> None:
    """Delete an article and its quotations."""
    _remove_quotes(batch, article_id)
    batch.sightings.remove(article_id)
    batch.conn.execute("DELETE FROM articles WHERE id = ?", (article_id,))


def last_of_each(batch: Iterable[Extraction]) -> list[Extraction]:
    """Without those whose location comes again."""
    return list({location(extraction.document): extraction for extraction in batch}.values())


def leave(batch: Batch, place: str) -> int:
    """Delete the article of a location that is gone, if it has one; how many were deleted.

    Where the run has seen its text at another location (by `temp.seen`), it moves there.
    """
    conn = batch.conn
    row = conn.execute("SELECT id, sha256 FROM articles WHERE location = ?", (place,)).fetchone()
    if row is None:
        return 0
    sql = "SELECT min(location) FROM temp.seen WHERE sha256 = ?"
    (other,) = conn.execute(sql, (row[1],)).fetchone()
    if other is None:
        remove(batch, row[0])
        return 1
    batch.touched.speakers |= batch.sightings.move(row[0], other)
    conn.execute("UPDATE articles SET location = ? WHERE id = ?", (other, row[0]))
    return 0


def location(document: Document) -> str:
    """Where the document is from, as the file keeps it; its name in the run if unknown."""
    return storable(document.location or document.id)


def text_hash(document: Document) -> str:
    """SHA-256 of the text as given, in UTF-8."""
    return sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest()


def metadata(document: Document) -> tuple[str | None, ...]:
    """What `articles` keeps of the document besides text and location, in the columns' order.

    Repaired as the text is: a headline suffers from the same damage.
    """
    values = (getattr(document, name) for name in _TEXTS)
    texts = (None if value is None else storable(clean(value).text) for value in values)
    return *texts, _as_json(document.metadata)


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _as_json(pairs: Sequence[tuple[str, str]]) -> str | None:
    """An object of what has these names, with a list for a name that comes again."""
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(storable(name), []).append(storable(value))
    plain = {name: held[0] if len(held) == 1 else held for name, held in values.items()}
    return json.dumps(plain, ensure_ascii=False) if plain else None


def _put_article(
    conn: sqlite3.Connection, article_id: int | None, extraction: Extraction, run_id: int
) -> int:
    row = {
        "id": article_id or _next_id(conn, "articles"),
        "sha256": text_hash(extraction.document),
        "location": location(extraction.document),
        **dict(zip(_METADATA, metadata(extraction.document), strict=True)),
        "text": storable(extraction.text),
        "word_count": len(extraction.text.split()),
        "indexed_at": now(),
        "run_id": run_id,
    }
    columns, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    changes = ", ".join(f"{name} = excluded.{name}" for name in row if name != "id")
    conn.execute(
        f"INSERT INTO articles ({columns}) VALUES ({values})"
        f" ON CONFLICT (id) DO UPDATE SET {changes}",
        row,
    )
    return int(row["id"] or 0)


def _remove_quotes(batch: Batch, article_id: int) -> None:
    """Before their article and speakers, whose words the search index must be told to forget."""
    tally(batch.conn, [article_id], -1, batch.touched)
    for statement in _DELETE_QUOTES:
        batch.conn.execute(statement, (article_id,))


def _stage_quotes(batch: Batch, article_id: int, extraction: Extraction) -> None:
    quotes = extraction.quotes
    text = storable(extraction.text)
    place = location(extraction.document)
    seen = batch.sightings.put(article_id, place, text, [quote.speaker for quote in quotes])
    copies, moved = statements.put(batch.conn, [text[quote.start : quote.end] for quote in quotes])
    batch.moved_wordings |= moved
    published = metadata(extraction.document)[_METADATA.index("published")]
    first = batch.next_quote
    batch.next_quote += len(quotes)
    rows = [
        _StagedQuote(
            id=first + number,
            article_id=article_id,
            parent_id=None if quote.parent is None else first + quote.parent,
            repeats_id=None if quote.repeats is None else first + quote.repeats,
            utterance=quote.utterance,
            text=text[quote.start : quote.end],
            start_char=quote.start,
            end_char=quote.end,
            kind=quote.kind,
            mention=text[quote.mention.start : quote.mention.end] if quote.mention else None,
            mention_start_char=quote.mention.start if quote.mention else None,
            mention_end_char=quote.mention.end if quote.mention else None,
            cue=text[quote.cue.start : quote.cue.end] if quote.cue else None,
            cue_start_char=quote.cue.start if quote.cue else None,
            cue_end_char=quote.cue.end if quote.cue else None,
            confidence=quote.confidence,
            why=quote.why,
            speaker_why=(quote.speaker and quote.speaker.why) or None,
            published=published,
            article_speaker_id=seen[number],
            wording_id=copies[number],
        )
        for number, quote in enumerate(quotes)
    ]
    batch.conn.executemany(_STAGE_QUOTE, rows)


def _next_id(conn: sqlite3.Connection, table: str) -> int:
    (highest,) = conn.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()
    return int(highest) + 1


def _one(conn: sqlite3.Connection, sql: str, value: str) -> tuple[int, str] | None:
    row: tuple[int, str] | None = conn.execute(sql, (value,)).fetchone()
    return row


_STAGED = _StagedQuote._fields
_COPIED = ", ".join(name for name in _STAGED if name not in ("article_speaker_id", "wording_id"))

_CREATE_STAGED = f"CREATE TEMP TABLE IF NOT EXISTS staged_quotes ({', '.join(_STAGED)})"

_STAGE_QUOTE = f"INSERT INTO staged_quotes VALUES ({', '.join('?' * len(_STAGED))})"

_INSERT_QUOTES = f"""
INSERT INTO quotes ({_COPIED}, speaker_id, speaker_from, statement_id)
SELECT {", ".join(f"staged.{name}" for name in _COPIED.split(", "))},
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
