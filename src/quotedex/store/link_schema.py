"""What the third version of the file adds: how speakers and statements were linked over articles.

Only the program reads these tables. They hold what linking has to know of the articles before, so
that an article can be added without reading those again.
"""

from __future__ import annotations

STATEMENTS = (
    """
CREATE TABLE authorities (
    line TEXT PRIMARY KEY NOT NULL, -- what makes it another line
    name TEXT NOT NULL,             -- the user's list of people, as given last
    aliases TEXT NOT NULL,          -- JSON list
    wikidata TEXT,
    description TEXT
) STRICT, WITHOUT ROWID""",
    """
CREATE TABLE sightings (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles(id),
    speaker_id INTEGER REFERENCES speakers(id),  -- who that is over all articles
    kind TEXT NOT NULL CHECK (kind IN ('person', 'organization', 'group', 'anonymous')),
    name TEXT NOT NULL,             -- the fullest in this article
    description TEXT,
    plain TEXT NOT NULL,            -- the name as the user's list is searched for it
    block TEXT NOT NULL,            -- sightings of other blocks are other speakers
    class TEXT,                     -- of the whole names that can be one person's
    digest TEXT NOT NULL UNIQUE,    -- of location, kind and name
    UNIQUE (article_id, kind, name)
) STRICT""",
    """
CREATE TABLE ties (
    tie INTEGER NOT NULL,           -- a surname, and a role or another's name beside it
    sighting_id INTEGER NOT NULL,   -- the first of its class that has it: the others are joined
    PRIMARY KEY (tie, sighting_id)
) STRICT, WITHOUT ROWID""",
    """
CREATE TABLE loose_ties (
    tie INTEGER NOT NULL,           -- the same
    sighting_id INTEGER NOT NULL,   -- of a surname alone
    PRIMARY KEY (tie, sighting_id)
) STRICT, WITHOUT ROWID""",
    """
CREATE TABLE wordings (
    id INTEGER PRIMARY KEY,
    statement_id INTEGER REFERENCES statements(id),
    form TEXT NOT NULL,             -- of quotations, without marks, letter case and spelling
    words INTEGER NOT NULL,         -- in it
    digest TEXT NOT NULL UNIQUE     -- of the form
) STRICT""",
    """
CREATE TABLE wording_keys (
    key INTEGER NOT NULL,           -- of some words of the form; which share none are not compared
    wording_id INTEGER NOT NULL,
    PRIMARY KEY (key, wording_id)
) STRICT, WITHOUT ROWID""",
    "ALTER TABLE quotes ADD COLUMN speaker_from TEXT"
    " CHECK (speaker_from IN ('article', 'statement'))",
    "ALTER TABLE quotes ADD COLUMN sighting_id INTEGER REFERENCES sightings(id)",
    "ALTER TABLE quotes ADD COLUMN wording_id INTEGER REFERENCES wordings(id)",
    "CREATE INDEX sightings_by_speaker ON sightings"
    " (speaker_id, kind, length(name) - length(replace(name, ' ', '')), name)",
    "CREATE INDEX sightings_by_description ON sightings"
    " (speaker_id, length(description), description)",
    "CREATE INDEX sightings_by_digest ON sightings (speaker_id, digest)",
    "CREATE INDEX sightings_by_plain ON sightings (plain)",
    "CREATE INDEX sightings_by_block ON sightings (block, name, class)",
    "CREATE INDEX wordings_by_statement ON wordings (statement_id, digest)",
    "CREATE INDEX quotes_by_sighting_id ON quotes (sighting_id)",
    "CREATE INDEX quotes_by_wording_id ON quotes (wording_id)",
    "CREATE INDEX quotes_by_speaker_from ON quotes (speaker_from)",
    # Whether the copies that name a speaker agree, and which copies follow them.
    "DROP INDEX quotes_by_statement_id_and_speaker_id",
    "CREATE INDEX quotes_attributed ON quotes (statement_id, speaker_id)"
    " WHERE sighting_id IS NOT NULL",
    "CREATE INDEX quotes_unattributed ON quotes (statement_id, speaker_id)"
    " WHERE sighting_id IS NULL",
    "DROP VIEW quote_details",
    """
CREATE VIEW quote_details AS
SELECT
    quotes.id,
    quotes.text,
    speakers.name AS speaker,
    speakers.kind AS speaker_kind,
    speakers.description AS speaker_description,
    quotes.speaker_from,
    articles.title,
    articles.publication,
    articles.byline,
    quotes.published,
    articles.location,
    quotes.kind,
    quotes.mention,
    quotes.cue,
    quotes.confidence,
    quotes.why,
    quotes.utterance,
    quotes.start,
    quotes.end,
    statements.text AS statement,
    statements.articles AS statement_articles,
    quotes.article_id,
    quotes.speaker_id,
    quotes.statement_id,
    quotes.parent_id
FROM quotes
JOIN articles ON articles.id = quotes.article_id
LEFT JOIN statements ON statements.id = quotes.statement_id
LEFT JOIN speakers ON speakers.id = quotes.speaker_id""",
)
