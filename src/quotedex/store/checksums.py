"""Checksums of what is stored, by which `quotedex check` notices what others have changed.

Much of a file follows from the rest, and `check` derives it again: counts, keys, links, the search
index. The rest, such as the text of an article between its quotations, has a checksum. Temporary
triggers note every row that a transaction changes, whichever statement does so, and `settle` writes
their checksums at its end. A checksum shows damage and careless changes; it is no signature.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b


@dataclass(frozen=True, slots=True)
class Checksummed:
    """Rows that have one checksum together.

    `key` is an SQL expression that names them, in `table`. `queries` select what the checksum is
    made from, with the key as parameter; the first finds nothing if the row is gone. `changes` are
    tables with the columns whose changes make it out of date ("" for any column), and there the
    expression for the key, with `{row}` for old or new.
    """

    table: str
    key: str
    queries: tuple[str, ...]
    changes: tuple[tuple[str, str, str], ...]


def _row(table: str, key: str, *columns: str) -> Checksummed:
    """Single rows of a table, with these columns."""
    query = f"SELECT {', '.join(columns)} FROM {table} WHERE {key} = ?"
    return Checksummed(table, key, (query,), ((table, ", ".join(columns), f"{{row}}.{key}"),))


_ARTICLE = (
    *("id", "key", "identity", "identified_by", "location", "path", "url", "title", "byline"),
    *("outlet", "published", "language", "word_count", "sha256", "indexed_at", "run_id"),
    *("metadata", "text"),
)
# Those that an article gives its quotations; the others depend on other articles or follow from
# the text.
_QUOTE = (
    *("id", "parent_id", "repeats_id", "utterance", "text", "start_char", "end_char", "kind"),
    *("mention", "mention_start_char", "mention_end_char", "cue", "cue_start_char"),
    *("cue_end_char", "confidence", "why", "first_indexed"),
)
_SPEAKER = ("id", "key", "name", "label", "kind", "description", "wikidata")

SOURCES: Mapping[str, Checksummed] = {
    "article": Checksummed(
        "articles",
        "id",
        (
            f"SELECT {', '.join(_ARTICLE)} FROM articles WHERE id = ?",
            f"""SELECT {", ".join(f"quotes.{name}" for name in _QUOTE)},
                iif(speaker_from = 'article', speaker_why, NULL), local.kind, local.name
            FROM quotes LEFT JOIN _quote_links AS links ON links.quote_id = quotes.id
            LEFT JOIN _article_speakers AS local ON local.id = links.article_speaker_id
            WHERE quotes.article_id = ? ORDER BY quotes.id""",
            "SELECT id, kind, name, description FROM _article_speakers"
            " WHERE article_id = ? ORDER BY id",
        ),
        (
            ("articles", ", ".join(_ARTICLE), "{row}.id"),
            ("quotes", f"article_id, {', '.join(_QUOTE)}", "{row}.article_id"),
            ("_article_speakers", "article_id, kind, name, description", "{row}.article_id"),
        ),
    ),
    "speaker": _row("speakers", "id", *_SPEAKER),
    "run": _row(
        *("runs", "id", "id", "version", "model", "started_at", "finished_at", "outcome"),
        *("article_count", "quote_count", "failure_count", "pruned_count"),
    ),
    "failure": _row("failures", "location", "location", "error", "sha256", "run_id"),
    "former key": Checksummed(
        "former_keys",
        "page || ' ' || key",
        (
            "SELECT page, key, leads_to, label, words, article_key, url FROM former_keys"
            " WHERE (page, key) = (substr(?1, 1, instr(?1, ' ') - 1),"
            " substr(?1, instr(?1, ' ') + 1))",
        ),
        (("former_keys", "", "{row}.page || ' ' || {row}.key"),),
    ),
    "listed person": _row(
        "people_list", "key", "key", "name", "aliases", "wikidata", "description"
    ),
    "correction": _row(
        *("corrections", "id", "id", "what", "key", "new_value", "kind", "who", "made_at", "why"),
        *("old_value", "undone_by", "undone_at", "undone_why", "article_key", "words", "names"),
        *("state", "leads_to"),
    ),
    "reading of a corrected article": _row("_guesses", "article_id", "article_id", "quotes"),
    "list of topics": Checksummed(
        "topics",
        "speaker_id",
        ("SELECT term, score FROM topics WHERE speaker_id = ? ORDER BY term",),
        (("topics", "", "{row}.speaker_id"),),
    ),
    "sample of topics": _row("_topic_samples", "speaker_id", "speaker_id", "digest", "stale"),
    "excerpt": _row("_excerpts", "id", "id", "words"),
}


def watch(conn: sqlite3.Connection) -> None:
    """Begin to note changes in the file of a connection."""
    # Not unique: in a trigger, the conflict clause of the statement outside it would count.
    conn.execute("CREATE TEMP TABLE changed_rows (source, key)")
    for name, source in SOURCES.items():
        for table, columns, key in source.changes:
            update = f"UPDATE OF {columns}" if columns else "UPDATE"
            for event, rows in (("INSERT", ["new"]), ("DELETE", ["old"]), (update, ["old", "new"])):
                conn.execute(_trigger(name, table, event, [key.format(row=row) for row in rows]))


def settle(conn: sqlite3.Connection) -> None:
    """Write the checksums of the rows that this transaction has changed, at its end."""
    changed = conn.execute("SELECT DISTINCT source, key FROM temp.changed_rows").fetchall()
    for name, key in changed:
        _save(conn, name, key, checksum(conn, SOURCES[name], key))
    conn.execute("DELETE FROM temp.changed_rows")


def changed_rows(conn: sqlite3.Connection, name: str) -> Iterator[object]:
    """The keys of the rows of a source that are not as they were stored, or that are missing."""
    source = SOURCES[name]
    stored = "SELECT key, checksum FROM _checksums WHERE source = ?"
    expected = dict(conn.execute(stored, (name,)))
    for key in _keys(conn, source):
        if checksum(conn, source, key) != expected.pop(key, None):
            yield key
    yield from expected


def checksum(conn: sqlite3.Connection, source: Checksummed, key: object) -> int | None:
    """The checksum of one row and what belongs to it, None if there is none."""
    found = [conn.execute(query, (key,)).fetchall() for query in source.queries]
    if not found[0]:
        return None
    # With floats in full, and without a difference between a missing value and the word "None".
    values = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    digest = blake2b(values.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def _keys(conn: sqlite3.Connection, source: Checksummed) -> Iterator[object]:
    sql = f"SELECT DISTINCT {source.key} FROM {source.table}"
    yield from (key for (key,) in conn.execute(sql))


def _save(conn: sqlite3.Connection, name: str, key: object, value: int | None) -> None:
    if value is None:
        conn.execute("DELETE FROM _checksums WHERE source = ? AND key = ?", (name, key))
    else:
        conn.execute("INSERT OR REPLACE INTO _checksums VALUES (?, ?, ?)", (name, key, value))


def _trigger(name: str, table: str, event: str, keys: list[str]) -> str:
    """A temporary trigger that notes the changed rows of a source."""
    notes = " ".join(f"INSERT INTO changed_rows VALUES ('{name}', {key});" for key in keys)
    title = f"{name}_{table}_{event.partition(' ')[0]}".replace(" ", "_")
    return f"CREATE TEMP TRIGGER {title} AFTER {event} ON main.{table} BEGIN {notes} END"
