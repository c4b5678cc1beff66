"""Check that the topics of speakers belong to what they say."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from quotedex.store.topics import MIN_QUOTES, read_samples
from quotedex.text.keyterms import MAX_TOPICS


def wrong_topics(conn: sqlite3.Connection) -> Iterator[str]:
    """Topics of speakers with too few quotations, and terms that a speaker does not use.

    Stale topics, which the next run replaces, may contain any terms.
    """
    for (speaker_id,) in conn.execute(_SPEAKERS_WITH_WRONG_ROWS):
        yield f"speaker {speaker_id} lacks topics, or has too few quotations to have them"
    current = [row for (row,) in conn.execute(_CURRENT)]
    for sample in read_samples(conn, current):
        sql = "SELECT term FROM topics WHERE speaker_id = ?"
        terms = [term for (term,) in conn.execute(sql, (sample.speaker_id,))]
        words = " ".join(" ".join(sample.statements).split())
        if sample.digest != sample.stored_digest:
            yield f"the topics of speaker {sample.speaker_id} were made from other statements"
        elif len(terms) > MAX_TOPICS or not all(term in words for term in terms):
            yield f"speaker {sample.speaker_id} does not use the terms of their topics"


_CURRENT = "SELECT speaker_id FROM _topic_samples WHERE NOT stale"

_SPEAKERS_WITH_WRONG_ROWS = f"""
WITH enough AS (SELECT id FROM speakers WHERE quote_count >= {MIN_QUOTES} AND kind <> 'anonymous')
SELECT id FROM enough EXCEPT SELECT speaker_id FROM _topic_samples
UNION SELECT * FROM (
    SELECT speaker_id FROM _topic_samples UNION SELECT speaker_id FROM topics
    EXCEPT SELECT id FROM enough
)"""
