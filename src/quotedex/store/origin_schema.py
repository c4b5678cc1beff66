"""What the fourth version of the file adds: what came with an article, and what it prints twice."""

from __future__ import annotations

STATEMENTS = (
    "ALTER TABLE articles ADD COLUMN url TEXT",  # the page's own address
    # JSON object: the other columns or properties that came with the document. Older SQLite says
    # of NULL that it is not valid.
    "ALTER TABLE articles ADD COLUMN metadata TEXT"
    " CHECK (metadata IS NULL OR json_valid(metadata))",
    # The quotation of the same article that this one, set in large type, prints again
    "ALTER TABLE quotes ADD COLUMN repeats_id INTEGER REFERENCES quotes(id)"
    " DEFERRABLE INITIALLY DEFERRED",
    "ALTER TABLE quotes ADD COLUMN cue_start INTEGER",
    "ALTER TABLE quotes ADD COLUMN cue_end INTEGER CHECK ((cue_start IS NULL) = (cue_end IS NULL))",
    "CREATE INDEX articles_by_url ON articles (url)",
    # Few do; without it, deleting a quotation would read all the others.
    "CREATE INDEX quotes_by_repeats_id ON quotes (repeats_id) WHERE repeats_id IS NOT NULL",
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
    articles.url,
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
    quotes.parent_id,
    quotes.repeats_id
FROM quotes
JOIN articles ON articles.id = quotes.article_id
LEFT JOIN statements ON statements.id = quotes.statement_id
LEFT JOIN speakers ON speakers.id = quotes.speaker_id""",
)
