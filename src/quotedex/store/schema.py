"""The tables of a quotedex file, and how a file of an earlier version becomes one of this version.

`migrate` brings a connection's file to `SCHEMA_VERSION`. Every migration ends by raising the
file's `user_version`, so that any SQLite reader can tell the version without our code.
Comments inside the statements are kept in the file: `.schema` and Datasette show them.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from quotedex.store import link_schema, origin_schema, topic_schema

# "qdex" in ASCII, at byte 68 of the file, where file(1) and SQLite look for it.
APPLICATION_ID = int.from_bytes(b"qdex", "big")

migrations = Migrations("quotedex")


def migrate(db: Database) -> None:
    """Apply what is missing, all of it or nothing: the caller holds the transaction."""
    migrations.apply(db)


@migrations()
def m001_articles_speakers_quotes(db: Database) -> None:
    for statement in (*_TABLES, *_INDEXES, *_SEARCH):
        db.execute(statement)
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute("PRAGMA user_version = 1")


@migrations()
def m002_failures_by_hash(db: Database) -> None:
    """A document that failed is known again, and a run tells what it removed."""
    db.execute("ALTER TABLE failures ADD COLUMN sha256 TEXT")
    db.execute("ALTER TABLE runs ADD COLUMN pruned INTEGER NOT NULL DEFAULT 0")
    db.execute("PRAGMA user_version = 2")


@migrations()
def m003_linking(db: Database) -> None:
    """The tables stay empty: `Store` fills them, for which it takes the program and not SQL."""
    for statement in link_schema.STATEMENTS:
        db.execute(statement)
    db.execute("PRAGMA user_version = 3")


@migrations()
def m004_origin_and_repeats(db: Database) -> None:
    """In rows from before all of it is NULL; an article that is indexed anew has it."""
    for statement in origin_schema.STATEMENTS:
        db.execute(statement)
    db.execute("PRAGMA user_version = 4")


@migrations()
def m005_topics(db: Database) -> None:
    """The next run makes the topics: for that it takes the program and not SQL."""
    for statement in topic_schema.STATEMENTS:
        db.execute(statement)
    db.execute("PRAGMA user_version = 5")


SCHEMA_VERSION = 5
LINKED_SINCE = 3

_TABLES = (
    """
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    version TEXT NOT NULL,        -- of quotedex
    model TEXT,                   -- the language model that read the articles
    started_at TEXT NOT NULL,     -- UTC, ISO 8601
    finished_at TEXT,             -- NULL while it runs, and for good when it was killed
    outcome TEXT CHECK (outcome IN ('completed', 'interrupted', 'failed')),
    articles INTEGER NOT NULL DEFAULT 0,  -- stored by this run, new or changed
    quotes INTEGER NOT NULL DEFAULT 0,    -- stored by this run
    failures INTEGER NOT NULL DEFAULT 0   -- documents this run could not read
) STRICT""",
    """
CREATE TABLE failures (
    run_id INTEGER NOT NULL REFERENCES runs(id),  -- that met this error first
    location TEXT PRIMARY KEY NOT NULL,           -- the row goes once the document is indexed
    error TEXT NOT NULL
) STRICT""",
    """
CREATE TABLE articles (
    id INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),  -- of the text as given
    location TEXT NOT NULL UNIQUE,  -- path or URL it was read from
    title TEXT,
    byline TEXT,
    publication TEXT,
    published TEXT,                 -- ISO date
    language TEXT,
    text TEXT NOT NULL,             -- cleaned; the offsets in quotes count its characters
    words INTEGER NOT NULL,
    indexed_at TEXT NOT NULL,       -- UTC, ISO 8601
    run_id INTEGER NOT NULL REFERENCES runs(id)
) STRICT""",
    """
CREATE TABLE speakers (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,       -- what makes two mentions the same speaker
    name TEXT NOT NULL,             -- fullest name, or the description of a nameless one
    kind TEXT NOT NULL CHECK (kind IN ('person', 'organization', 'group', 'anonymous')),
    description TEXT,
    wikidata TEXT,                  -- Q number
    quotes INTEGER NOT NULL DEFAULT 0,    -- kept right as articles come and go
    articles INTEGER NOT NULL DEFAULT 0,
    first_quoted TEXT,              -- earliest publication date among the quotations
    last_quoted TEXT
) STRICT""",
    """
CREATE TABLE aliases (
    speaker_id INTEGER NOT NULL REFERENCES speakers(id),
    name TEXT NOT NULL,             -- a form of the name, as articles print it
    articles INTEGER NOT NULL,      -- that use this form to attribute a quotation
    PRIMARY KEY (speaker_id, name)
) STRICT, WITHOUT ROWID""",
    """
CREATE TABLE statements (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,       -- what makes two quotations the same statement
    text TEXT NOT NULL,             -- as first printed
    speaker_id INTEGER REFERENCES speakers(id),  -- when the attributed copies agree
    quotes INTEGER NOT NULL DEFAULT 0,           -- its copies
    articles INTEGER NOT NULL DEFAULT 0,         -- that print it
    first_published TEXT,
    last_published TEXT
) STRICT""",
    """
CREATE TABLE quotes (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL REFERENCES articles(id),
    speaker_id INTEGER REFERENCES speakers(id),      -- NULL: nobody could be named
    statement_id INTEGER NOT NULL REFERENCES statements(id),
    parent_id INTEGER REFERENCES quotes(id)          -- the quotation around this one
        DEFERRABLE INITIALLY DEFERRED,
    utterance INTEGER NOT NULL,     -- parts split by their attribution share it, per article
    text TEXT NOT NULL,             -- the words inside the marks
    start INTEGER NOT NULL,         -- substr(articles.text, start + 1, end - start) = text
    end INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('full', 'partial')),
    mention TEXT,                   -- the words that name the source here: "he"
    mention_start INTEGER,
    mention_end INTEGER,
    cue TEXT,                       -- the reporting expression: "said"
    confidence REAL NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    why TEXT NOT NULL,              -- how the source was found
    published TEXT,                 -- the article's, repeated for fast filters
    CHECK (0 <= start AND start <= end),
    CHECK ((mention IS NULL) = (mention_start IS NULL)),
    CHECK ((mention IS NULL) = (mention_end IS NULL))
) STRICT""",
)

# For facets, sorting and foreign keys. The pairs also answer "first and last of this speaker",
# "of this statement" and "do its speakers agree" from the index alone.
_INDEXED = (
    "articles(run_id)",
    "articles(publication)",
    "articles(published)",
    "articles(language)",
    "articles(byline)",
    "failures(run_id)",
    "speakers(name)",
    "speakers(kind)",
    "speakers(quotes)",
    "speakers(articles)",
    "speakers(last_quoted)",
    "speakers(wikidata)",
    "aliases(name)",
    "statements(speaker_id)",
    "statements(quotes)",
    "statements(articles)",
    "statements(first_published)",
    "statements(last_published)",
    "quotes(article_id)",
    "quotes(speaker_id, published)",
    "quotes(statement_id, published)",
    "quotes(statement_id, speaker_id)",
    "quotes(parent_id)",
    "quotes(kind)",
    "quotes(cue)",
    "quotes(published)",
)

_INDEXES = tuple(
    "CREATE INDEX {} ON {}".format(
        on.replace("(", "_by_").replace(", ", "_and_").removesuffix(")"), on
    )
    for on in _INDEXED
)

# The index holds no text of its own: FTS5 reads it back through the view, so that snippet() and
# highlight() work (SQLite leaves out a LEFT JOIN that nothing is read from). It must therefore
# be told the old words of a row before they go, and rows of quotes must go before the speaker
# and the article that they name.
_SEARCH = (
    """
CREATE VIEW quote_details AS
SELECT
    quotes.id,
    quotes.text,
    speakers.name AS speaker,
    speakers.kind AS speaker_kind,
    speakers.description AS speaker_description,
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
    """
CREATE VIRTUAL TABLE quote_search USING fts5(
    text, speaker, title,
    content = 'quote_details', content_rowid = 'id',
    tokenize = 'porter unicode61 remove_diacritics 2', prefix = '2 3'
)""",
    """
CREATE TRIGGER quotes_inserted AFTER INSERT ON quotes BEGIN
    INSERT INTO quote_search (rowid, text, speaker, title) VALUES (
        new.id, new.text,
        (SELECT name FROM speakers WHERE id = new.speaker_id),
        (SELECT title FROM articles WHERE id = new.article_id));
END""",
    """
CREATE TRIGGER quotes_deleted AFTER DELETE ON quotes BEGIN
    INSERT INTO quote_search (quote_search, rowid, text, speaker, title) VALUES (
        'delete', old.id, old.text,
        (SELECT name FROM speakers WHERE id = old.speaker_id),
        (SELECT title FROM articles WHERE id = old.article_id));
END""",
    """
CREATE TRIGGER quotes_updated AFTER UPDATE OF id, text, speaker_id, article_id ON quotes BEGIN
    INSERT INTO quote_search (quote_search, rowid, text, speaker, title) VALUES (
        'delete', old.id, old.text,
        (SELECT name FROM speakers WHERE id = old.speaker_id),
        (SELECT title FROM articles WHERE id = old.article_id));
    INSERT INTO quote_search (rowid, text, speaker, title) VALUES (
        new.id, new.text,
        (SELECT name FROM speakers WHERE id = new.speaker_id),
        (SELECT title FROM articles WHERE id = new.article_id));
END""",
    """
CREATE TRIGGER speakers_renamed AFTER UPDATE OF name ON speakers
WHEN old.name IS NOT new.name BEGIN
    INSERT INTO quote_search (quote_search, rowid, text, speaker, title)
        SELECT 'delete', quotes.id, quotes.text, old.name, articles.title
        FROM quotes JOIN articles ON articles.id = quotes.article_id
        WHERE quotes.speaker_id = old.id;
    INSERT INTO quote_search (rowid, text, speaker, title)
        SELECT quotes.id, quotes.text, new.name, articles.title
        FROM quotes JOIN articles ON articles.id = quotes.article_id
        WHERE quotes.speaker_id = new.id;
END""",
    """
CREATE TRIGGER articles_retitled AFTER UPDATE OF title ON articles
WHEN old.title IS NOT new.title BEGIN
    INSERT INTO quote_search (quote_search, rowid, text, speaker, title)
        SELECT 'delete', quotes.id, quotes.text, speakers.name, old.title
        FROM quotes LEFT JOIN speakers ON speakers.id = quotes.speaker_id
        WHERE quotes.article_id = old.id;
    INSERT INTO quote_search (rowid, text, speaker, title)
        SELECT quotes.id, quotes.text, speakers.name, new.title
        FROM quotes LEFT JOIN speakers ON speakers.id = quotes.speaker_id
        WHERE quotes.article_id = new.id;
END""",
)
