"""Check the integrity of a quotedex file without writing to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlite_utils import Database

from quotedex.check import keys, links
from quotedex.check.corrections import wrong_corrections
from quotedex.check.topics import wrong_topics
from quotedex.errors import DatabaseError
from quotedex.store import checksums, schema
from quotedex.store.counts import (
    FORMS,
    INHERITED,
    MOST_NAMED,
    null_unless_text,
    register_functions,
)
from quotedex.store.file import connect, file_version, friendly_errors, reading_mode
from quotedex.store.values import one_line

_MAX_SHOWN = 3
_NAMED = """
SELECT local.speaker_id, quotes.article_id
FROM quotes
JOIN _quote_links AS links ON links.quote_id = quotes.id
JOIN _article_speakers AS local ON local.id = links.article_speaker_id
WHERE quotes.statement_id = statements.id"""


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check; `detail` has the first few violations."""

    name: str
    ok: bool
    detail: str = ""


def damage(path: str | Path) -> str | None:
    """What is wrong with a file, in a sentence for the user; None if every check passes."""
    try:
        failing = [each for each in check(path) if not each.ok]
    except DatabaseError as error:
        return str(error)
    if not failing:
        return None
    return f"{path} is damaged: {failing[0].name}: {failing[0].detail} (see `quotedex check`)"


def check(path: str | Path) -> list[Check]:
    """Run all checks, in a fixed order, on the file as it is at this moment.

    Raises DatabaseError if there is no such file, or if this version cannot read it.
    """
    path = Path(path)
    if not path.exists():
        raise DatabaseError(f"{path} does not exist")
    if not file_version(path):
        raise DatabaseError(f"{path} is empty: no run has written to it")
    with friendly_errors(path), closing(connect(path, reading_mode(path))) as conn:
        register_functions(conn)
        conn.execute("BEGIN")
        checks = [_run(conn, name, violations) for name, violations in CHECKS]
        conn.execute("ROLLBACK")
    return checks


Violations = Callable[[sqlite3.Connection], Iterator[str]]
"""Yields a short description of each violation."""


def _run(conn: sqlite3.Connection, name: str, violations: Violations) -> Check:
    try:
        found = list(map(one_line, islice(violations(conn), _MAX_SHOWN + 1)))
    except sqlite3.DatabaseError as error:
        return Check(name, False, str(error))
    except Exception as error:  # a damaged file may have a value of any kind anywhere
        return Check(name, False, f"cannot be checked ({type(error).__name__}: {error})")
    shown = "; ".join(found[:_MAX_SHOWN])
    return Check(name, not found, f"{shown}; and more" if len(found) > _MAX_SHOWN else shown)


def _schema(conn: sqlite3.Connection) -> Iterator[str]:
    (version,) = conn.execute("PRAGMA user_version").fetchone()
    if version != schema.SCHEMA_VERSION:
        yield f"version {version}; the next indexing run migrates it to {schema.SCHEMA_VERSION}"
        return
    listing = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"
    with closing(sqlite3.connect(":memory:")) as fresh:
        schema.migrate(Database(fresh, execute_plugins=False))
        expected = dict(fresh.execute(listing).fetchall())
        letters = fresh.execute("SELECT * FROM _letters ORDER BY id").fetchall()
    found = dict(conn.execute(listing).fetchall())
    for name, sql in expected.items():
        if name not in found:
            yield f"{name} is missing"
        elif found[name] != sql:
            yield f"{name} has been altered"
    if letters != conn.execute("SELECT * FROM _letters ORDER BY id").fetchall():
        yield "_letters has been altered"
    if conn.execute("SELECT 1 FROM _search_changes").fetchone():
        yield "_search_changes is not empty"


def _integrity(conn: sqlite3.Connection) -> Iterator[str]:
    for (line,) in conn.execute("PRAGMA integrity_check(10)"):
        if line != "ok":
            yield line


def _foreign_keys(conn: sqlite3.Connection) -> Iterator[str]:
    for table, row, parent, _ in conn.execute("PRAGMA foreign_key_check"):
        yield f"row {row} of {table} refers to a missing row of {parent}"


def _article_hashes(conn: sqlite3.Connection) -> Iterator[str]:
    """Articles that are not, with their quotations and speakers, as they were stored.

    The SHA-256 is that of the text as given, which the file does not have.
    """
    sql = "SELECT id FROM articles WHERE length(sha256) <> 64 OR sha256 GLOB '*[^0-9a-f]*'"
    for (row_id,) in conn.execute(sql):
        yield f"article {row_id} has an invalid SHA-256"
    for key in checksums.changed_rows(conn, "article"):
        yield f"article {key} is not as it was stored"


def _other_hashes(conn: sqlite3.Connection) -> Iterator[str]:
    for name in checksums.SOURCES:
        for key in checksums.changed_rows(conn, name) if name != "article" else ():
            yield f"the {name} {key} is not as it was stored"


def _word_counts(conn: sqlite3.Connection) -> Iterator[str]:
    for row_id, stored, text in conn.execute("SELECT id, word_count, text FROM articles"):
        if stored != (counted := len(text.split())):
            yield f"article {row_id} has a word_count of {stored}, but {counted} words"


def _search_index(conn: sqlite3.Connection) -> Iterator[str]:
    """FTS5 compares its index with the texts only in a statement that counts as a write. So it gets
    a copy of the index in the temporary database, over the texts as they are indexed."""
    from datasette_quotedex.search.letters import indexed_text

    conn.create_function("indexed_text", 1, null_unless_text(indexed_text), deterministic=True)
    (sql,) = conn.execute("SELECT sql FROM sqlite_master WHERE name = 'quote_search'").fetchone()
    conn.execute(
        "CREATE TEMP VIEW quote_details AS SELECT id, indexed_text(text) AS text,"
        " indexed_text(speaker) AS speaker, indexed_text(title) AS title FROM main.quote_details"
    )
    conn.execute(sql.replace("quote_search", "temp.quote_search", 1))
    for part in ("data", "idx", "docsize", "config"):
        conn.execute(f"DELETE FROM temp.quote_search_{part}")
        conn.execute(f"INSERT INTO temp.quote_search_{part} SELECT * FROM main.quote_search_{part}")
    try:
        conn.execute(
            "INSERT INTO temp.quote_search (quote_search, rank) VALUES ('integrity-check', 1)"
        )
    except sqlite3.DatabaseError:
        yield "the index differs from the words of quotations, speakers and titles"


def _rows(sql: str, message: str) -> Violations:
    """Every row of the query is a violation; its values fill in the message."""

    def violations(conn: sqlite3.Connection) -> Iterator[str]:
        for row in conn.execute(sql):
            yield message.format(*row)

    return violations


CHECKS: tuple[tuple[str, Violations], ...] = (
    ("schema", _schema),
    ("SQLite integrity", _integrity),
    ("foreign keys", _foreign_keys),
    ("internal ids", links.dangling_ids),
    ("article hashes", _article_hashes),
    ("other hashes", _other_hashes),
    ("word counts", _word_counts),
    (
        "quotation offsets",
        _rows(
            """
            SELECT quotes.id FROM articles JOIN quotes ON quotes.article_id = articles.id
            WHERE substr(articles.text, start_char + 1, end_char - start_char) <> quotes.text""",
            "quotation {} differs from the text at its offsets",
        ),
    ),
    (
        "mention offsets",
        _rows(
            """
            SELECT quotes.id, mention FROM articles JOIN quotes ON quotes.article_id = articles.id
            WHERE mention <> substr(
                articles.text, mention_start_char + 1, mention_end_char - mention_start_char)
            """,
            'the mention of quotation {}, "{}", differs from the text at its offsets',
        ),
    ),
    (
        "cue offsets",
        _rows(
            """
            SELECT quotes.id, cue FROM articles JOIN quotes ON quotes.article_id = articles.id
            WHERE cue <> substr(
                articles.text, cue_start_char + 1, cue_end_char - cue_start_char)""",
            'the cue of quotation {}, "{}", differs from the text at its offsets',
        ),
    ),
    (
        "quotation dates",
        _rows(
            """
            SELECT quotes.id FROM quotes JOIN articles ON articles.id = quotes.article_id
            WHERE quotes.published IS NOT articles.published""",
            "the date of quotation {} differs from that of its article",
        ),
    ),
    (
        "nested quotations",
        _rows(
            """
            SELECT nested.id, parent.id
            FROM quotes AS nested JOIN quotes AS parent ON parent.id = nested.parent_id
            WHERE parent.article_id <> nested.article_id OR parent.id = nested.id
                OR nested.start_char < parent.start_char OR nested.end_char > parent.end_char""",
            "quotation {} is not inside its parent, quotation {}",
        ),
    ),
    (
        "pull-quotes",
        _rows(
            """
            SELECT pull_quotes.id, original.id
            FROM quotes AS pull_quotes JOIN quotes AS original
                ON original.id = pull_quotes.repeats_id
            WHERE original.article_id <> pull_quotes.article_id OR original.id = pull_quotes.id
                OR original.repeats_id IS NOT NULL""",
            "quotation {} cannot be a pull-quote of quotation {}",
        ),
    ),
    ("search index", _search_index),
    (
        "speaker counts",
        _rows(
            """
            SELECT speakers.id, name FROM speakers LEFT JOIN (
                SELECT speaker_id, count(*) AS n, count(DISTINCT article_id) AS articles,
                    min(published) AS first, max(published) AS last
                FROM quotes GROUP BY speaker_id
            ) AS actual ON actual.speaker_id = speakers.id
            WHERE quote_count IS NOT n OR speakers.article_count IS NOT actual.articles
                OR first_quoted IS NOT first OR last_quoted IS NOT last""",
            "speaker {} ({}) has wrong counts or dates",
        ),
    ),
    (
        "alias counts",
        _rows(
            f"""
            WITH actual AS (
                SELECT speaker_id, form, count(*) AS articles FROM ({FORMS.format(here=1)})
                GROUP BY speaker_id, form
            )
            SELECT speaker_id, form, articles FROM actual
                EXCEPT SELECT speaker_id, name, article_count FROM aliases
            UNION ALL
            SELECT * FROM (
                SELECT speaker_id, name, article_count FROM aliases EXCEPT SELECT * FROM actual
            )""",
            'alias "{1}" of speaker {0} has a wrong count',
        ),
    ),
    (
        "statement counts",
        _rows(
            """
            SELECT statements.id FROM statements LEFT JOIN (
                SELECT statement_id, count(*) AS n, count(DISTINCT article_id) AS articles,
                    min(published) AS first, max(published) AS last
                FROM quotes GROUP BY statement_id
            ) AS actual ON actual.statement_id = statements.id
            WHERE quote_count IS NOT n OR statements.article_count IS NOT actual.articles
                OR first_published IS NOT first OR last_published IS NOT last""",
            "statement {} has wrong counts or dates",
        ),
    ),
    (
        "statement texts",
        _rows(
            """
            SELECT id FROM statements WHERE NOT EXISTS (
                SELECT 1 FROM quotes
                WHERE statement_id = statements.id AND quotes.text = statements.text)
                AND EXISTS (SELECT 1 FROM quotes WHERE statement_id = statements.id)""",
            "the text of statement {} is not that of any of its quotations",
        ),
    ),
    (
        "statement speakers",
        _rows(
            f"""
            SELECT id FROM statements LEFT JOIN (
                SELECT statement_id, min(speaker_id) AS low, max(speaker_id) AS high
                FROM quotes JOIN _quote_links ON quote_id = quotes.id
                WHERE article_speaker_id IS NOT NULL GROUP BY statement_id
            ) AS actual ON actual.statement_id = statements.id
            WHERE speaker_id IS NOT iif(low = high, low, ({MOST_NAMED.format(named=_NAMED)}))""",
            "statement {} does not have the speaker that its quotations agree on",
        ),
    ),
    (
        "quotation speakers",
        _rows(
            f"""
            SELECT quotes.id FROM quotes
            JOIN _quote_links AS links ON links.quote_id = quotes.id
            LEFT JOIN _article_speakers AS local ON local.id = links.article_speaker_id
            WHERE (speaker_from IS 'article') <> (local.id IS NOT NULL)
                OR (local.id IS NOT NULL AND (quotes.speaker_id IS NOT local.speaker_id
                    OR quotes.article_id <> local.article_id))
            UNION ALL
            SELECT id FROM ({INHERITED}) WHERE speaker_id IS NOT speaker
                OR speaker_from IS NOT iif(speaker IS NULL, NULL, 'statement')
            UNION ALL
            SELECT id FROM quotes WHERE speaker_id IS NULL AND speaker_why IS NOT NULL""",
            "quotation {} does not have the speaker of its article or statement",
        ),
    ),
    ("article speakers", links.wrong_article_speakers),
    ("linked speakers", links.wrong_speakers),
    ("link evidence", links.wrong_evidence),
    ("wordings", links.wrong_wordings),
    ("linked statements", links.wrong_statements),
    ("article keys", keys.wrong_article_keys),
    ("quotation keys", keys.wrong_quote_keys),
    ("statement keys", keys.wrong_statement_keys),
    ("speaker keys", keys.wrong_speaker_keys),
    ("former keys", keys.wrong_former_keys),
    ("corrections", wrong_corrections),
    ("topics", wrong_topics),
    (
        "run counts",
        _rows(
            """
            SELECT id FROM runs
            WHERE article_count < (SELECT count(*) FROM articles AS a WHERE a.run_id = runs.id)
                OR quote_count < (SELECT count(*) FROM quotes AS q JOIN articles AS a
                    ON a.id = q.article_id WHERE a.run_id = runs.id)
                OR failure_count < (SELECT count(*) FROM failures AS f WHERE f.run_id = runs.id)""",
            "run {} has stored more rows than it counted",
        ),
    ),
)
"""All checks by name, in the order of their output."""
