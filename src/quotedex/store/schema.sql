-- The schema of a quotedex file. `quotedex.store.schema` runs this script in a new file.
-- SQLite keeps the comments inside the statements: `.schema` and Datasette show them.
--
-- Tables and columns without an underscore are for everybody and documented in docs/database.md.
-- Tables whose names begin with an underscore are for the program alone and may change in any
-- version. No foreign key leads from one kind to the other, because datasette-graphql fails on
-- foreign keys between tables that the site shows and tables that it hides; `quotedex check`
-- compares their ids.
--
-- All dates are ISO dates, all times ISO 8601 in UTC. An `id` joins tables and may change when an
-- article is indexed again; a `key` names the row in addresses and outlasts that (docs/addresses.md).


-- Runs of `quotedex index`

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    version TEXT NOT NULL,          -- version of quotedex
    model TEXT,                     -- attribution model + spaCy pipeline
    started_at TEXT NOT NULL,
    finished_at TEXT,               -- NULL while the run goes on, and if it was killed
    outcome TEXT CHECK (outcome IN ('completed', 'interrupted', 'failed')),
    article_count INTEGER NOT NULL DEFAULT 0,  -- articles stored, new or changed
    quote_count INTEGER NOT NULL DEFAULT 0,    -- quotations stored
    failure_count INTEGER NOT NULL DEFAULT 0,  -- documents that could not be read
    pruned_count INTEGER NOT NULL DEFAULT 0    -- articles removed because their files are gone
) STRICT;

CREATE TABLE failures (
    location TEXT PRIMARY KEY NOT NULL,  -- path or URL; the row goes once it can be indexed
    error TEXT NOT NULL,            -- the reason, in a sentence
    -- Hash of the text as given; of a file that broke a limit, of its size, its time of change and
    -- the limits. While it stays the same, the document is not tried again.
    sha256 TEXT,
    run_id INTEGER NOT NULL REFERENCES runs(id)  -- the run that met this error first
) STRICT;

CREATE INDEX failures_by_run_id ON failures (run_id);


-- Articles. Long columns stand last: SQLite reads a row from its beginning.

CREATE TABLE articles (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,       -- made from the identity
    identity TEXT NOT NULL UNIQUE,  -- its URL, id, path or hash, the same on any machine
    identified_by TEXT NOT NULL CHECK (identified_by IN ('url', 'id', 'path', 'text')),
    location TEXT NOT NULL UNIQUE,  -- path or URL it was read from
    path TEXT,                      -- its path below the folder that was indexed
    url TEXT,                       -- address of the page itself
    title TEXT,
    byline TEXT,
    outlet TEXT,                    -- newspaper, agency or site that published it
    published TEXT,                 -- date of publication
    language TEXT,                  -- ISO 639 code
    word_count INTEGER NOT NULL,    -- words in the text
    sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),  -- hash of the text as given
    indexed_at TEXT NOT NULL,
    run_id INTEGER NOT NULL REFERENCES runs(id),  -- the run that stored it
    metadata TEXT                   -- everything else that came with the document; JSON object
        CHECK (metadata IS NULL OR json_valid(metadata)),  -- json_valid(NULL) may be 0
    text TEXT NOT NULL              -- cleaned; offsets in quotes count its characters
) STRICT;

CREATE INDEX articles_by_run_id ON articles (run_id);
CREATE INDEX articles_by_outlet_and_published ON articles (outlet, published, key);
CREATE INDEX articles_by_published ON articles (published, key);
CREATE INDEX articles_by_language ON articles (language);
CREATE INDEX articles_by_byline ON articles (byline);
CREATE INDEX articles_by_url ON articles (url);
CREATE INDEX articles_by_path ON articles (path);


-- Speakers

CREATE TABLE speakers (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,       -- the name as it stands in addresses: ada-okafor
    name TEXT NOT NULL,             -- fullest name, or the description of an anonymous source
    label TEXT NOT NULL,            -- the name, and what tells speakers of one name apart
    kind TEXT NOT NULL CHECK (kind IN ('person', 'organization', 'group', 'anonymous')),
    description TEXT,               -- who this is, in the words of an article
    wikidata TEXT,                  -- Wikidata item, such as Q42, from the list of people
    quote_count INTEGER NOT NULL DEFAULT 0,    -- quotations of this speaker
    article_count INTEGER NOT NULL DEFAULT 0,  -- articles that quote this speaker
    first_quoted TEXT,              -- earliest publication date of a quotation
    last_quoted TEXT                -- latest
) STRICT;

CREATE INDEX speakers_by_name ON speakers (name);
-- The lists of speakers: A to Z (a key is the name in lower case), and the most quoted first.
CREATE INDEX speakers_by_kind_and_key ON speakers (kind, key);
CREATE INDEX speakers_by_kind_and_quote_count ON speakers (kind, quote_count DESC, key);
CREATE INDEX speakers_by_quote_count ON speakers (quote_count);
CREATE INDEX speakers_by_article_count ON speakers (article_count);
CREATE INDEX speakers_by_last_quoted ON speakers (last_quoted);
CREATE INDEX speakers_by_wikidata ON speakers (wikidata);

CREATE TABLE aliases (
    speaker_id INTEGER NOT NULL REFERENCES speakers(id),
    name TEXT NOT NULL,             -- a form of the name, as articles print it
    article_count INTEGER NOT NULL, -- articles that use this form for somebody they quote
    slug TEXT NOT NULL,             -- the form as it stands in addresses, where it leads to the key
    PRIMARY KEY (speaker_id, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX aliases_by_name ON aliases (name);
CREATE INDEX aliases_by_slug ON aliases (slug);

CREATE TABLE topics (
    speaker_id INTEGER NOT NULL REFERENCES speakers(id),
    term TEXT NOT NULL,             -- in the form that the speaker uses most
    score REAL NOT NULL CHECK (score BETWEEN 0 AND 1),  -- share of the weight of all terms
    PRIMARY KEY (speaker_id, term)
) STRICT, WITHOUT ROWID;

CREATE INDEX topics_by_term ON topics (term, score);

CREATE TABLE people_list (
    key TEXT PRIMARY KEY NOT NULL,  -- identifies the line: the Wikidata item, or all its names
    name TEXT NOT NULL,
    aliases TEXT NOT NULL,          -- other names; JSON list
    wikidata TEXT,
    description TEXT
) STRICT, WITHOUT ROWID;


-- Statements and quotations

CREATE TABLE statements (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,       -- made from the words as first printed
    text TEXT NOT NULL,             -- the words as first printed
    speaker_id INTEGER REFERENCES speakers(id),  -- if all articles that name one agree, or nearly all
    quote_count INTEGER NOT NULL DEFAULT 0,    -- quotations of this statement
    article_count INTEGER NOT NULL DEFAULT 0,  -- articles that print it
    first_published TEXT,           -- earliest publication date of a quotation
    last_published TEXT             -- latest
) STRICT;

CREATE INDEX statements_by_speaker_id ON statements (speaker_id);
CREATE INDEX statements_by_quote_count ON statements (quote_count);
CREATE INDEX statements_by_article_count ON statements (article_count);
CREATE INDEX statements_by_first_published ON statements (first_published);
CREATE INDEX statements_by_last_published ON statements (last_published);

CREATE TABLE quotes (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,       -- made from its article's identity, its words and their number
    article_id INTEGER NOT NULL REFERENCES articles(id),
    speaker_id INTEGER REFERENCES speakers(id),  -- NULL if no source could be named
    speaker_from TEXT               -- article: named here; statement: only in other copies
        CHECK (speaker_from IN ('article', 'statement')),
    speaker_why TEXT,               -- how the speaker was found: "the only woman named so far"
    statement_id INTEGER NOT NULL REFERENCES statements(id),
    parent_id INTEGER REFERENCES quotes(id)  -- the quotation around this one
        DEFERRABLE INITIALLY DEFERRED,
    repeats_id INTEGER REFERENCES quotes(id)  -- for a pull-quote: the quotation it repeats
        DEFERRABLE INITIALLY DEFERRED,
    utterance INTEGER NOT NULL,     -- parts of one utterance in an article share this number
    text TEXT NOT NULL,             -- the words inside the quotation marks
    start_char INTEGER NOT NULL,    -- substr(articles.text, start_char + 1,
    end_char INTEGER NOT NULL,      --        end_char - start_char) = text
    kind TEXT NOT NULL CHECK (kind IN ('full', 'partial', 'turn')),  -- full: a clause or more
    mention TEXT,                   -- the words that name the source here: "he"
    mention_start_char INTEGER,
    mention_end_char INTEGER,
    cue TEXT,                       -- the reporting expression: "said"
    cue_start_char INTEGER,
    cue_end_char INTEGER,
    confidence REAL NOT NULL CHECK (confidence BETWEEN 0 AND 1),  -- probability of being right
    why TEXT NOT NULL,              -- how the source was found
    published TEXT,                 -- publication date of the article, for fast filters
    first_indexed TEXT NOT NULL,    -- when this file had it first, whatever was indexed again
    CHECK (0 <= start_char AND start_char <= end_char),
    CHECK ((mention IS NULL) = (mention_start_char IS NULL)),
    CHECK ((mention IS NULL) = (mention_end_char IS NULL)),
    CHECK ((cue_start_char IS NULL) = (cue_end_char IS NULL))
) STRICT;

-- The pairs also answer "first and last of this speaker" and "of this statement".
CREATE INDEX quotes_by_article_id ON quotes (article_id, speaker_id);
CREATE INDEX quotes_by_speaker_id_and_published ON quotes (speaker_id, published);
CREATE INDEX quotes_by_statement_id_and_published ON quotes (statement_id, published);
CREATE INDEX quotes_by_speaker_id_and_first_indexed ON quotes (speaker_id, first_indexed);
-- With the date, so that a range of dates is compared without reading the rows.
CREATE INDEX quotes_by_first_indexed ON quotes (first_indexed, id, published);
CREATE INDEX quotes_by_parent_id ON quotes (parent_id);
CREATE INDEX quotes_by_kind ON quotes (kind);
CREATE INDEX quotes_by_cue ON quotes (cue);
CREATE INDEX quotes_by_published ON quotes (published);
CREATE INDEX quotes_by_speaker_from ON quotes (speaker_from);
-- Few rows have it. Without this index, deleting a quotation would read all the others.
CREATE INDEX quotes_by_repeats_id ON quotes (repeats_id) WHERE repeats_id IS NOT NULL;
-- Do the copies of a statement agree on a speaker, and which copies take that speaker over?
CREATE INDEX quotes_with_own_speaker ON quotes (statement_id, speaker_id, article_id)
    WHERE speaker_from = 'article';
CREATE INDEX quotes_without_own_speaker ON quotes (statement_id, speaker_id)
    WHERE speaker_from IS NOT 'article';

CREATE VIEW quote_details AS
SELECT
    quotes.id,
    quotes.key,
    quotes.text,
    speakers.name AS speaker,
    speakers.kind AS speaker_kind,
    speakers.description AS speaker_description,
    quotes.speaker_from,
    articles.title,
    articles.outlet,
    articles.byline,
    quotes.published,
    coalesce(articles.path, articles.location) AS location,
    articles.url,
    quotes.kind,
    quotes.mention,
    quotes.cue,
    quotes.confidence,
    quotes.why,
    quotes.speaker_why,
    quotes.utterance,
    quotes.start_char,
    quotes.end_char,
    statements.text AS statement,
    statements.article_count AS statement_article_count,
    articles.key AS article_key,
    speakers.key AS speaker_key,
    statements.key AS statement_key,
    (SELECT key FROM quotes AS parent WHERE parent.id = quotes.parent_id) AS parent_key,
    (SELECT key FROM quotes AS repeated WHERE repeated.id = quotes.repeats_id) AS repeats_key,
    quotes.article_id,
    quotes.speaker_id,
    quotes.statement_id,
    quotes.parent_id,
    quotes.repeats_id
FROM quotes
JOIN articles ON articles.id = quotes.article_id
LEFT JOIN statements ON statements.id = quotes.statement_id
LEFT JOIN speakers ON speakers.id = quotes.speaker_id;


-- Corrections by hand, which outrank every guess. A row is never deleted: undoing is recorded, too.

CREATE TABLE corrections (
    id INTEGER PRIMARY KEY,
    what TEXT NOT NULL CHECK (what IN ('speaker', 'nobody', 'text', 'merge', 'split', 'name')),
    key TEXT NOT NULL,              -- the quotation as the program reads it, or the speaker
    new_value TEXT,                 -- a name or key, the right words, keys of articles
    kind TEXT CHECK (kind IN ('person', 'organization', 'group', 'anonymous')),  -- of the speaker
    who TEXT,
    made_at TEXT NOT NULL,
    why TEXT,
    old_value TEXT,                 -- what the program had found
    undone_by TEXT,
    undone_at TEXT,                 -- NULL unless it has been undone
    undone_why TEXT,
    article_key TEXT,               -- of a quotation: its article
    words TEXT,                     -- of a quotation: its words when it was corrected
    names TEXT NOT NULL DEFAULT '[]',  -- the speaker's name, then the names that are theirs; JSON
    state TEXT NOT NULL CHECK (state IN ('applied', 'waiting', 'undone')),
    leads_to TEXT                   -- key of the quotation or speaker now; NULL if there is none
) STRICT;

CREATE INDEX corrections_by_key ON corrections (key);
CREATE INDEX corrections_by_article_key ON corrections (article_key);
CREATE INDEX corrections_by_leads_to ON corrections (leads_to);

-- What the program reads in articles with a corrected quotation, so that this can be undone.
CREATE TABLE _guesses (
    article_id INTEGER PRIMARY KEY NOT NULL,
    quotes TEXT NOT NULL            -- JSON list of all quotations of the article
) STRICT;


-- Addresses of before

CREATE TABLE former_keys (
    page TEXT NOT NULL CHECK (page IN ('articles', 'quotes', 'speakers', 'statements')),
    key TEXT NOT NULL,
    leads_to TEXT,                  -- the key now in its place; NULL if there is none
    label TEXT NOT NULL,            -- what was there: a name, or a headline with outlet and date
    words TEXT,                     -- how a quotation or statement began; NULL if its article is gone
    article_key TEXT,               -- of a quotation or statement: its article
    url TEXT,                       -- of an article: its address on the web
    PRIMARY KEY (page, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX former_keys_by_leads_to ON former_keys (page, leads_to);
CREATE INDEX former_keys_by_article_key ON former_keys (article_key);


-- Full-text search

-- The index keeps no copy of the text: FTS5 reads it back through the view, so that snippet() and
-- highlight() work (SQLite skips a LEFT JOIN that nothing is read from). Therefore it has to be
-- given the old words of a row before they go, and rows of quotes have to be deleted before the
-- speaker and the article that they name.

CREATE VIRTUAL TABLE quote_search USING fts5(
    -- Datasette, sqlite-utils and datasette-search-all find the index of the table quotes by these
    -- words: content="quotes"
    text, speaker, title,
    content = 'quote_details', content_rowid = 'id',
    tokenize = 'porter unicode61 remove_diacritics 2', prefix = '2 3'
);

-- What readers type for a letter that the tokenizer leaves as it is: o for ø, ss for ß.
CREATE TABLE _letters (
    id INTEGER PRIMARY KEY,         -- from 1
    letter TEXT NOT NULL,
    plain TEXT NOT NULL
) STRICT;

-- Every change of the index passes through this table, which is always empty: its trigger writes to
-- the index instead. There a text with one of the _letters has a copy with plain letters before it:
-- "Soren Kjaer Søren Kjær". Both have the same words, so highlight() marks those of the text.
CREATE TABLE _search_changes (
    command TEXT,                   -- 'delete', or NULL to insert
    quote_id INTEGER,
    text TEXT,
    speaker TEXT,
    title TEXT
) STRICT;

CREATE TRIGGER search_changed BEFORE INSERT ON _search_changes BEGIN
    INSERT INTO quote_search (quote_search, rowid, text, speaker, title) VALUES (
        new.command,
        new.quote_id,
        CASE
            WHEN new.text GLOB '*[Æ-ώẞ]*'  -- quick, and nearly always false in English
                AND new.text GLOB '*[ÆÐØÞßæðøþĐđĦħıĲĳĸŁłŊŋŒœŦŧƀ-ʋΆ-ώẞ]*'
            THEN (
                WITH RECURSIVE replaced(n, words) AS (
                    SELECT 0, new.text
                    UNION ALL SELECT id, replace(words, letter, plain)
                    FROM replaced JOIN _letters ON id = n + 1
                )
                SELECT iif(words = new.text, words, words || ' ' || new.text)
                FROM replaced ORDER BY n DESC LIMIT 1
            )
            ELSE new.text
        END,
        CASE
            WHEN new.speaker GLOB '*[Æ-ώẞ]*'  -- quick, and nearly always false in English
                AND new.speaker GLOB '*[ÆÐØÞßæðøþĐđĦħıĲĳĸŁłŊŋŒœŦŧƀ-ʋΆ-ώẞ]*'
            THEN (
                WITH RECURSIVE replaced(n, words) AS (
                    SELECT 0, new.speaker
                    UNION ALL SELECT id, replace(words, letter, plain)
                    FROM replaced JOIN _letters ON id = n + 1
                )
                SELECT iif(words = new.speaker, words, words || ' ' || new.speaker)
                FROM replaced ORDER BY n DESC LIMIT 1
            )
            ELSE new.speaker
        END,
        CASE
            WHEN new.title GLOB '*[Æ-ώẞ]*'  -- quick, and nearly always false in English
                AND new.title GLOB '*[ÆÐØÞßæðøþĐđĦħıĲĳĸŁłŊŋŒœŦŧƀ-ʋΆ-ώẞ]*'
            THEN (
                WITH RECURSIVE replaced(n, words) AS (
                    SELECT 0, new.title
                    UNION ALL SELECT id, replace(words, letter, plain)
                    FROM replaced JOIN _letters ON id = n + 1
                )
                SELECT iif(words = new.title, words, words || ' ' || new.title)
                FROM replaced ORDER BY n DESC LIMIT 1
            )
            ELSE new.title
        END
    );
    SELECT raise(IGNORE);
END;

CREATE TRIGGER quotes_inserted AFTER INSERT ON quotes BEGIN
    INSERT INTO _search_changes (quote_id, text, speaker, title) VALUES (
        new.id, new.text,
        (SELECT name FROM speakers WHERE id = new.speaker_id),
        (SELECT title FROM articles WHERE id = new.article_id));
END;

CREATE TRIGGER quotes_deleted AFTER DELETE ON quotes BEGIN
    INSERT INTO _search_changes (command, quote_id, text, speaker, title) VALUES (
        'delete', old.id, old.text,
        (SELECT name FROM speakers WHERE id = old.speaker_id),
        (SELECT title FROM articles WHERE id = old.article_id));
END;

CREATE TRIGGER quotes_updated AFTER UPDATE OF id, text, speaker_id, article_id ON quotes BEGIN
    INSERT INTO _search_changes (command, quote_id, text, speaker, title) VALUES (
        'delete', old.id, old.text,
        (SELECT name FROM speakers WHERE id = old.speaker_id),
        (SELECT title FROM articles WHERE id = old.article_id));
    INSERT INTO _search_changes (quote_id, text, speaker, title) VALUES (
        new.id, new.text,
        (SELECT name FROM speakers WHERE id = new.speaker_id),
        (SELECT title FROM articles WHERE id = new.article_id));
END;

CREATE TRIGGER speakers_renamed AFTER UPDATE OF name ON speakers
WHEN old.name IS NOT new.name BEGIN
    INSERT INTO _search_changes (command, quote_id, text, speaker, title)
        SELECT 'delete', quotes.id, quotes.text, old.name, articles.title
        FROM quotes JOIN articles ON articles.id = quotes.article_id
        WHERE quotes.speaker_id = old.id;
    INSERT INTO _search_changes (quote_id, text, speaker, title)
        SELECT quotes.id, quotes.text, new.name, articles.title
        FROM quotes JOIN articles ON articles.id = quotes.article_id
        WHERE quotes.speaker_id = new.id;
END;

CREATE TRIGGER articles_retitled AFTER UPDATE OF title ON articles
WHEN old.title IS NOT new.title BEGIN
    INSERT INTO _search_changes (command, quote_id, text, speaker, title)
        SELECT 'delete', quotes.id, quotes.text, speakers.name, old.title
        FROM quotes LEFT JOIN speakers ON speakers.id = quotes.speaker_id
        WHERE quotes.article_id = old.id;
    INSERT INTO _search_changes (quote_id, text, speaker, title)
        SELECT quotes.id, quotes.text, speakers.name, new.title
        FROM quotes LEFT JOIN speakers ON speakers.id = quotes.speaker_id
        WHERE quotes.article_id = new.id;
END;


-- Bookkeeping of linking: what the program has to know of articles it has stored before, so that
-- it can add one without reading those again.

CREATE TABLE _article_speakers (
    id INTEGER PRIMARY KEY,
    article_id INTEGER NOT NULL,
    speaker_id INTEGER,             -- the speaker over all articles; NULL until linked
    kind TEXT NOT NULL CHECK (kind IN ('person', 'organization', 'group', 'anonymous')),
    name TEXT NOT NULL,             -- fullest name in this article
    description TEXT,
    normalized_name TEXT NOT NULL,  -- lower case, without accents and a leading "the"
    blocking_key TEXT NOT NULL,     -- rows with different keys are never the same speaker
    claims TEXT NOT NULL,           -- what the description says that may exclude other people
    name_class TEXT,                -- rows of one class can be the same person; NULL for those
                                    -- that can be of several
    UNIQUE (article_id, kind, name)
) STRICT;

CREATE INDEX _article_speakers_by_words ON _article_speakers
    (speaker_id, kind, length(name) - length(replace(name, ' ', '')), name);
CREATE INDEX _article_speakers_by_description ON _article_speakers
    (speaker_id, claims <> '', length(description), description);
CREATE INDEX _article_speakers_by_normalized_name ON _article_speakers (normalized_name);
CREATE INDEX _article_speakers_by_blocking_key ON _article_speakers
    (blocking_key, name, claims, name_class);

CREATE TABLE _link_evidence (
    evidence INTEGER NOT NULL,      -- hash of the surname with what links two people
    article_speaker_id INTEGER NOT NULL,  -- first of its name_class; the others are linked to it
    PRIMARY KEY (evidence, article_speaker_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE _choice_evidence (
    evidence INTEGER NOT NULL,      -- as in _link_evidence, without the name itself and the outlet
    article_speaker_id INTEGER NOT NULL,  -- without a name_class, such as a surname alone
    PRIMARY KEY (evidence, article_speaker_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE _wordings (
    id INTEGER PRIMARY KEY,
    statement_id INTEGER,           -- NULL until linked, and for common words
    normalized_text TEXT NOT NULL,  -- without punctuation and case, in one spelling
    word_count INTEGER NOT NULL,
    key TEXT NOT NULL UNIQUE        -- of a statement that was first printed in these words
) STRICT;

CREATE INDEX _wordings_by_statement_id ON _wordings (statement_id, key);

CREATE TABLE _common_statements (
    wording_id INTEGER NOT NULL REFERENCES _wordings(id),
    said_by TEXT NOT NULL,          -- 'speaker 7', or 'article 7' if the speaker is unknown
    statement_id INTEGER NOT NULL UNIQUE,
    PRIMARY KEY (wording_id, said_by)
) STRICT, WITHOUT ROWID;

CREATE TABLE _wording_fingerprints (
    fingerprint INTEGER NOT NULL,   -- hash of a few words; wordings that share one are compared
    wording_id INTEGER NOT NULL,
    PRIMARY KEY (fingerprint, wording_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE _wording_parts (
    part_id INTEGER NOT NULL,       -- a wording whose words are some or all of the other's
    whole_id INTEGER NOT NULL,
    PRIMARY KEY (part_id, whole_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX _wording_parts_by_whole_id ON _wording_parts (whole_id);

CREATE TABLE _quote_links (
    quote_id INTEGER PRIMARY KEY NOT NULL,
    article_speaker_id INTEGER REFERENCES _article_speakers(id),  -- NULL if none is named here
    wording_id INTEGER NOT NULL REFERENCES _wordings(id)
) STRICT;

CREATE INDEX _quote_links_by_article_speaker_id ON _quote_links (article_speaker_id);
CREATE INDEX _quote_links_by_wording_id ON _quote_links (wording_id);

CREATE TABLE _topic_samples (
    speaker_id INTEGER PRIMARY KEY NOT NULL,
    digest TEXT,                    -- hash of the statements behind the topics, NULL before
    stale INTEGER NOT NULL CHECK (stale IN (0, 1))  -- 1: quotations have changed since
) STRICT;

CREATE INDEX _topic_samples_stale ON _topic_samples (speaker_id) WHERE stale;

CREATE TABLE _checksums (
    source TEXT NOT NULL,           -- what it is of: an article with its quotations, a run...
    key ANY NOT NULL,               -- of the row
    checksum INTEGER NOT NULL,
    PRIMARY KEY (source, key)
) STRICT, WITHOUT ROWID;


-- Empty in a file of whole articles. In a published copy with excerpts it has one row: the text
-- that linking needs is gone, so nothing can be added to such a file.

CREATE TABLE _excerpts (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    words INTEGER NOT NULL          -- words kept on each side of a quotation
) STRICT;
