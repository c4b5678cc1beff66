"""Whether the topics of speakers are what the file says that they are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from quotedex.store.topics import LEAST_QUOTES, samples
from quotedex.text.keyterms import MAX_TOPICS


def topics_as_made(conn: sqlite3.Connection) -> Iterator[str]:
    """Those who are quoted enough, and nobody else, have topics or are to have them; a topic is
    of their words. Topics that the next run makes anew may be of words that are gone."""
    for (speaker_id,) in conn.execute(_ENOUGH):
        yield f"speaker {speaker_id} should have topics, or should not"
    made = [row for (row,) in conn.execute(_MADE)]
    for sample in samples(conn, made):
        sql = "SELECT term FROM topics WHERE speaker_id = ?"
        terms = [term for (term,) in conn.execute(sql, (sample.speaker_id,))]
        said = " ".join(" ".join(sample.statements).split())
        if sample.digest != sample.kept:
            yield f"the topics of speaker {sample.speaker_id} are of other words than the file's"
        elif len(terms) > MAX_TOPICS or not all(term in said for term in terms):
            yield f"speaker {sample.speaker_id} does not say what the topics are"


_MADE = "SELECT speaker_id FROM _topic_samples WHERE NOT stale"

_ENOUGH = f"""
WITH enough AS (SELECT id FROM speakers WHERE quote_count >= {LEAST_QUOTES} AND kind <> 'anonymous')
SELECT id FROM enough EXCEPT SELECT speaker_id FROM _topic_samples
UNION SELECT * FROM (
    SELECT speaker_id FROM _topic_samples UNION SELECT speaker_id FROM topics
    EXCEPT SELECT id FROM enough
)"""
