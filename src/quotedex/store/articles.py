"""Putting one article and its quotations in the place of what the file held of it."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from quotedex.clean import clean
from quotedex.models import Document, Extraction, Quote, Span
from quotedex.store.counts import Touched, tally
from quotedex.store.keys import SpeakerKey, StatementKey, one_line

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_METADATA = ("title", "byline", "publication", "published", "language")


@dataclass(frozen=True, slots=True)
class Keys:
    """The rules of what is one over many articles."""

    speaker: SpeakerKey
    statement: StatementKey


def put(
    conn: sqlite3.Connection, extraction: Extraction, run_id: int, keys: Keys, touched: Touched
) -> int | None:
    """Store one article; its id, or None when the same text stands at another location.

    The location is the article's identity. Of several locations with one text, the first by
    alphabet keeps the article, in whatever order they come.
    """
    place = location(extraction.document)
    digest = text_hash(extraction.document)
    conn.execute("DELETE FROM failures WHERE location = ?", (place,))
    here = _one(conn, "SELECT id, location FROM articles WHERE location = ?", place)
    same = _one(conn, "SELECT id, location FROM articles WHERE sha256 = ?", digest)
    if same and same != here:
        if here:
            remove(conn, here[0], touched)
        if same[1] < place:
            return None
        here = same
    if here:
        _remove_quotes(conn, here[0], touched)
    article_id = _put_article(conn, here[0] if here else None, extraction, run_id)
    _insert_quotes(conn, article_id, extraction, keys)
    tally(conn, article_id, 1, touched)
    return article_id


def remove(conn: sqlite3.Connection, article_id: int, touched: Touched) -> None:
    """Delete an article and its quotations."""
    _remove_quotes(conn, article_id, touched)
    conn.execute("DELETE FROM articles WHERE id = ?", (article_id,))


def leave(conn: sqlite3.Connection, place: str, touched: Touched) -> int:
    """Delete the article of a location that is gone, if it has one; how many were deleted.

    Where the run has seen its text at another location (by `temp.seen`), it moves there.
    """
    row = conn.execute("SELECT id, sha256 FROM articles WHERE location = ?", (place,)).fetchone()
    if row is None:
        return 0
    sql = "SELECT min(location) FROM temp.seen WHERE sha256 = ?"
    (other,) = conn.execute(sql, (row[1],)).fetchone()
    if other is None:
        remove(conn, row[0], touched)
        return 1
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
    values = (getattr(document, name) for name in _METADATA)
    return tuple(None if value is None else storable(clean(value).text) for value in values)


def storable(text: str) -> str:
    """The text as SQLite can hold and count it, as long as before.

    NUL ends a text for SQL's length() and substr(); half of a surrogate pair has no UTF-8.
    """
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _put_article(
    conn: sqlite3.Connection, article_id: int | None, extraction: Extraction, run_id: int
) -> int:
    row = {
        "id": article_id or _next_id(conn, "articles"),
        "sha256": text_hash(extraction.document),
        "location": location(extraction.document),
        **dict(zip(_METADATA, metadata(extraction.document), strict=True)),
        "text": storable(extraction.text),
        "words": len(extraction.text.split()),
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


def _remove_quotes(conn: sqlite3.Connection, article_id: int, touched: Touched) -> None:
    """Before their article and speakers, whose words the search index must be told to forget."""
    tally(conn, article_id, -1, touched)
    conn.execute("DELETE FROM quotes WHERE article_id = ?", (article_id,))


def _insert_quotes(
    conn: sqlite3.Connection, article_id: int, extraction: Extraction, keys: Keys
) -> None:
    quotes = extraction.quotes
    text = storable(extraction.text)
    speakers = _speaker_ids(conn, extraction, article_id, keys)
    statements = _statement_ids(conn, [text[q.start : q.end] for q in quotes], keys)
    first_id = _next_id(conn, "quotes")
    published = metadata(extraction.document)[_METADATA.index("published")]
    rows = (
        (
            first_id + number,
            article_id,
            speakers[number],
            statements[number],
            None if quote.parent is None else first_id + quote.parent,
            quote.utterance,
            text[quote.start : quote.end],
            quote.start,
            quote.end,
            quote.kind,
            *_mention(text, quote),
            _words(text, quote.cue),
            quote.confidence,
            quote.why,
            published,
        )
        for number, quote in enumerate(quotes)
    )
    # By way of a table without triggers, and then in one statement: FTS5 writes its index out
    # after every statement that fires triggers, which doubles the cost when each has one row.
    conn.execute("CREATE TEMP TABLE IF NOT EXISTS new_quotes AS SELECT * FROM quotes LIMIT 0")
    conn.executemany(_STAGE_QUOTE, rows)
    conn.execute(f"INSERT INTO quotes ({_QUOTE_COLUMNS}) SELECT {_QUOTE_COLUMNS} FROM new_quotes")
    conn.execute("DELETE FROM new_quotes")


def _mention(text: str, quote: Quote) -> tuple[str | None, int | None, int | None]:
    if quote.mention is None:
        return None, None, None
    return _words(text, quote.mention), quote.mention.start, quote.mention.end


def _words(text: str, span: Span | None) -> str | None:
    return None if span is None else text[span.start : span.end]


def _speaker_ids(
    conn: sqlite3.Connection, extraction: Extraction, article_id: int, keys: Keys
) -> list[int | None]:
    """The speaker's id of each quotation; speakers new to the file get a row.

    Of several descriptions the longest is kept, whatever the order they come in.
    """
    rows: list[tuple[str, str, str, str | None] | None] = []
    for quote in extraction.quotes:
        speaker = quote.speaker
        if speaker is None:
            rows.append(None)
            continue
        description = speaker.description and storable(one_line(speaker.description))
        key = storable(keys.speaker(speaker, extraction, article_id))
        rows.append((key, storable(one_line(speaker.name)), speaker.kind, description))
    conn.executemany(_INSERT_SPEAKER, dict.fromkeys(row for row in rows if row))
    ids = _ids(conn, "speakers", {row[0] for row in rows if row})
    return [row and ids[row[0]] for row in rows]


def _statement_ids(conn: sqlite3.Connection, texts: list[str], keys: Keys) -> list[int]:
    rows = [(keys.statement(text), text) for text in texts]
    conn.executemany(_INSERT_STATEMENT, rows)
    ids = _ids(conn, "statements", {key for key, _ in rows})
    return [ids[key] for key, _ in rows]


def _ids(conn: sqlite3.Connection, table: str, keys: set[str]) -> dict[str, int]:
    marks = ", ".join("?" * len(keys))
    found = conn.execute(f"SELECT key, id FROM {table} WHERE key IN ({marks})", tuple(keys))
    return dict(found.fetchall())


def _next_id(conn: sqlite3.Connection, table: str) -> int:
    (highest,) = conn.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()
    return int(highest) + 1


def _one(conn: sqlite3.Connection, sql: str, value: str) -> tuple[int, str] | None:
    row: tuple[int, str] | None = conn.execute(sql, (value,)).fetchone()
    return row


_QUOTE_COLUMNS = """
    id, article_id, speaker_id, statement_id, parent_id, utterance, text, start, end, kind,
    mention, mention_start, mention_end, cue, confidence, why, published"""

_STAGE_QUOTE = f"""
INSERT INTO new_quotes ({_QUOTE_COLUMNS}
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""

_INSERT_SPEAKER = """
INSERT INTO speakers (key, name, kind, description) VALUES (?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE SET description = excluded.description
WHERE description IS NULL OR length(excluded.description) > length(description)
    OR (length(excluded.description) = length(description) AND excluded.description < description)
"""

_INSERT_STATEMENT = """
INSERT INTO statements (key, text) VALUES (?, ?) ON CONFLICT (key) DO NOTHING"""
