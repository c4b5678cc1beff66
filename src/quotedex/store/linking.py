"""Linking all that a file holds, for one of an earlier version that was linked by names alone."""

from __future__ import annotations

import sqlite3
from collections import defaultdict

from quotedex.models import Speaker
from quotedex.store import speakers, statements
from quotedex.store.articles import Batch
from quotedex.store.counts import agree, settle, tally
from quotedex.store.people_list import load
from quotedex.store.speakers import describe


def link_anew(conn: sqlite3.Connection) -> None:
    """Make sightings and wordings of the stored quotations. Of the speakers and statements that
    become one, or several, one keeps the id."""
    batch = Batch(conn, load(conn))
    for table in ("speakers", "statements"):
        conn.execute(f"UPDATE {table} SET quotes = 0, articles = 0")
    conn.execute("DELETE FROM aliases")
    articles = conn.execute("SELECT id, location FROM articles ORDER BY id").fetchall()
    for article_id, location in articles:
        _mark(batch, article_id, location)
    batch.sightings.stale.update(batch.sightings.fresh)
    speakers.link(batch.sightings)
    _keep_statements(conn)
    conn.execute(_FOLLOW)
    touched = batch.touched
    tally(conn, [article_id for article_id, _ in articles], 1, touched)
    for table, ids in (("speakers", touched.speakers), ("statements", touched.statements)):
        ids.update(number for (number,) in conn.execute(f"SELECT id FROM {table}"))
    describe(conn, touched.speakers, batch.listed)
    agree(conn, touched)
    settle(conn, touched)


def _mark(batch: Batch, article_id: int, location: str) -> None:
    """Note the sighting and the wording of each quotation of an article."""
    conn = batch.conn
    (text,) = conn.execute("SELECT text FROM articles WHERE id = ?", (article_id,)).fetchone()
    rows = conn.execute(_QUOTES, (article_id,)).fetchall()
    speakers = [None if row[2] is None else Speaker(*row[3:]) for row in rows]
    seen = batch.sightings.put(article_id, location, text, speakers)
    copies, _ = statements.put(conn, [row[1] for row in rows])
    for (quote, _, speaker, *_), sighting, wording in zip(rows, seen, copies, strict=True):
        conn.execute(_MARK, (sighting, wording, sighting and "article", quote))
        conn.execute("UPDATE sightings SET speaker_id = ? WHERE id = ?", (speaker, sighting))


def _keep_statements(conn: sqlite3.Connection) -> None:
    """Give statements that were made now the ids of those from which their quotations come."""
    quotes: dict[int, list[int]] = defaultdict(list)
    before: dict[int, int] = {}
    for quote, old, new in conn.execute(_STATEMENTS):
        quotes[new].append(quote)
        before[quote] = old
    made = sorted(quotes)
    kept = speakers.heirs([quotes[new] for new in made], before)
    pairs = [(old, made[index]) for index, old in kept.items()]
    conn.executemany("UPDATE wordings SET statement_id = ? WHERE statement_id = ?", pairs)


_QUOTES = """
SELECT quotes.id, text, speaker_id, speakers.name, speakers.kind, speakers.description
FROM quotes LEFT JOIN speakers ON speakers.id = speaker_id
WHERE article_id = ? ORDER BY quotes.id"""

_MARK = "UPDATE quotes SET sighting_id = ?, wording_id = ?, speaker_from = ? WHERE id = ?"

_STATEMENTS = """
SELECT quotes.id, quotes.statement_id, wordings.statement_id
FROM quotes JOIN wordings ON wordings.id = wording_id ORDER BY quotes.id"""

_FOLLOW = """
UPDATE quotes SET
    speaker_id = (SELECT speaker_id FROM sightings WHERE id = sighting_id),
    statement_id = (SELECT statement_id FROM wordings WHERE id = wording_id)"""
