"""What the fifth version of the file adds: what speakers speak about."""

from __future__ import annotations

LEAST_QUOTES = 5
"""Who has fewer quotations has no topics: all that they said is read in a minute."""

STATEMENTS = (
    """
CREATE TABLE topics (
    speaker_id INTEGER NOT NULL REFERENCES speakers(id),
    term TEXT NOT NULL,             -- as the speaker says it most
    score REAL NOT NULL CHECK (score BETWEEN 0 AND 1),
    PRIMARY KEY (speaker_id, term)
) STRICT, WITHOUT ROWID""",
    """
CREATE TABLE topic_samples (
    speaker_id INTEGER PRIMARY KEY NOT NULL REFERENCES speakers(id),
    digest TEXT,                    -- of the statements of which the topics were made, NULL before
    due INTEGER NOT NULL CHECK (due IN (0, 1))  -- 1: the quotations have changed since
) STRICT""",
    "CREATE INDEX topics_by_term ON topics (term, score)",
    "CREATE INDEX topic_samples_due ON topic_samples (speaker_id) WHERE due",
    f"""
INSERT INTO topic_samples (speaker_id, due)
SELECT id, 1 FROM speakers WHERE quotes >= {LEAST_QUOTES} AND kind <> 'anonymous' ORDER BY id""",
)
