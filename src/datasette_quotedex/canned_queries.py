"""Questions that Datasette's pages answer at a click, each with its SQL to go on from."""

from __future__ import annotations

QUERIES: dict[str, dict[str, str]] = {
    "most-quoted": {
        "title": "Who is quoted most",
        "description": "Over all articles. The counts are kept with each speaker.",
        "sql": """SELECT id, name, kind, description, quote_count, article_count,
    first_quoted, last_quoted
FROM speakers ORDER BY quote_count DESC, name LIMIT 50""",
    },
    "most-quoted-this-month": {
        "title": "Who was quoted most this month",
        "description": "In the month of the newest article.",
        "sql": """WITH newest AS (SELECT substr(max(published), 1, 7) || '-01' AS month FROM quotes)
SELECT speakers.id, name, speakers.kind, count(*) AS quote_count,
    count(DISTINCT article_id) AS article_count
FROM quotes JOIN speakers ON speakers.id = quotes.speaker_id
WHERE quotes.published >= (SELECT month FROM newest) AND speakers.kind <> 'anonymous'
GROUP BY speakers.id ORDER BY count(*) DESC, name LIMIT 50""",
    },
    "new-speakers": {
        "title": "Who was quoted for the first time lately",
        "description": "Speakers whose first quotation is the newest.",
        "sql": """SELECT id, name, kind, description, first_quoted, quote_count FROM speakers
WHERE last_quoted >= (SELECT date(max(published), '-1 month') FROM quotes)
    AND first_quoted >= (SELECT date(max(published), '-1 month') FROM quotes)
ORDER BY first_quoted DESC, quote_count DESC LIMIT 50""",
    },
    "most-quoted-by-outlet": {
        "title": "Whom one outlet quotes most",
        "description": "Type the name of an outlet, or a part of it.",
        "sql": """SELECT outlet, speakers.name AS speaker, count(*) AS quote_count
FROM articles JOIN quotes ON quotes.article_id = articles.id
JOIN speakers ON speakers.id = quotes.speaker_id
WHERE outlet LIKE '%' || :outlet || '%'
GROUP BY outlet, speakers.id ORDER BY count(*) DESC, speaker LIMIT 50""",
    },
    "anonymous-by-outlet": {
        "title": "Anonymous sources by outlet",
        "description": "An anonymous source belongs to one article, so its count is one outlet's.",
        "sql": """WITH everyone AS (
    SELECT outlet, count(*) AS quote_count
    FROM articles JOIN quotes ON quotes.article_id = articles.id GROUP BY outlet
), anonymous AS (
    SELECT outlet, sum(speakers.quote_count) AS quote_count
    FROM speakers
    JOIN quotes ON quotes.id = (SELECT min(id) FROM quotes WHERE speaker_id = speakers.id)
    JOIN articles ON articles.id = quotes.article_id
    WHERE speakers.kind = 'anonymous' GROUP BY outlet
)
SELECT outlet, everyone.quote_count, anonymous.quote_count AS anonymous_quote_count,
    round(100.0 * anonymous.quote_count / everyone.quote_count, 1) AS percent
FROM everyone JOIN anonymous USING (outlet)
ORDER BY anonymous_quote_count DESC, outlet LIMIT 50""",
    },
    "anonymous-sources": {
        "title": "How anonymous sources are described",
        "description": "The same words in several articles need not be the same source.",
        "sql": """SELECT name AS described_as, count(*) AS article_count,
    sum(quote_count) AS quote_count
FROM speakers WHERE kind = 'anonymous'
GROUP BY name ORDER BY count(*) DESC, name LIMIT 50""",
    },
    "quotations-by-month": {
        "title": "Quotations by month",
        "description": "By the date of the article; articles without a date are left out.",
        "sql": """SELECT substr(published, 1, 7) AS month, count(*) AS quote_count
FROM quotes WHERE published IS NOT NULL GROUP BY month ORDER BY month""",
    },
    "speakers-on-a-subject": {
        "title": "Who speaks about a subject",
        "description": "By the terms to which speakers come back. Type a word or a part of one.",
        "sql": """SELECT speakers.id, name, kind, description, term, score, quote_count
FROM topics JOIN speakers ON speakers.id = topics.speaker_id
WHERE term LIKE '%' || :subject || '%' ORDER BY score DESC, name LIMIT 50""",
    },
    "repeated-statements": {
        "title": "Statements printed by several articles",
        "description": "The words as first printed, the most printed first.",
        "sql": """SELECT statements.id, text, speakers.name AS speaker, statements.article_count,
    first_published, last_published
FROM statements LEFT JOIN speakers ON speakers.id = statements.speaker_id
WHERE statements.article_count > 1
ORDER BY statements.article_count DESC, first_published LIMIT 50""",
    },
    "statements-in-three-outlets": {
        "title": "Statements printed by three or more outlets",
        "description": "Among the 2,000 statements that most articles print.",
        "sql": """WITH widely AS MATERIALIZED (
    SELECT id, text, article_count FROM statements WHERE article_count >= 3
    ORDER BY article_count DESC LIMIT 2000
)
SELECT widely.id, widely.text, count(DISTINCT outlet) AS outlet_count,
    widely.article_count, group_concat(DISTINCT outlet) AS outlets
FROM widely JOIN quotes ON quotes.statement_id = widely.id
JOIN articles ON articles.id = quotes.article_id
GROUP BY widely.id HAVING outlet_count >= 3
ORDER BY outlet_count DESC, widely.article_count DESC LIMIT 50""",
    },
    "quoted-together": {
        "title": "Who is quoted in the same articles as somebody",
        "description": "Type a name as the list of speakers has it, or one of its other forms.",
        "sql": """WITH one AS (
    SELECT id FROM speakers WHERE name = :speaker
    UNION SELECT speaker_id FROM aliases WHERE name = :speaker
)
SELECT other.name, count(DISTINCT theirs.article_id) AS article_count
FROM quotes AS ours
JOIN quotes AS theirs ON theirs.article_id = ours.article_id
    AND theirs.speaker_id NOT IN (SELECT id FROM one)
JOIN speakers AS other ON other.id = theirs.speaker_id
WHERE ours.speaker_id IN (SELECT id FROM one)
GROUP BY other.id ORDER BY article_count DESC, other.name LIMIT 50""",
    },
    "reporting-verbs": {
        "title": "Which words report speech",
        "description": "“said”, “told” and the like, and how often each stands with a quotation.",
        "sql": """SELECT cue, count(*) AS quote_count FROM quotes WHERE cue IS NOT NULL
GROUP BY cue ORDER BY quote_count DESC, cue LIMIT 50""",
    },
    "quoted-by-others": {
        "title": "Who quotes whom",
        "description": "A quotation inside another: the outer speaker repeats the inner one.",
        "sql": """SELECT who.name AS speaker, outside.text, whom.name AS repeats,
    inside.text AS words
FROM quotes AS inside JOIN quotes AS outside ON outside.id = inside.parent_id
LEFT JOIN speakers AS who ON who.id = outside.speaker_id
LEFT JOIN speakers AS whom ON whom.id = inside.speaker_id
WHERE inside.parent_id IS NOT NULL ORDER BY inside.id DESC LIMIT 50""",
    },
    "second-look": {
        "title": "Which attributions deserve a second look",
        "description": "The least sure of the 5,000 quotations stored last.",
        "sql": """WITH latest AS (SELECT * FROM quotes ORDER BY id DESC LIMIT 5000)
SELECT latest.id, round(confidence, 2) AS confidence, speakers.name AS speaker, mention, why,
    latest.text
FROM latest LEFT JOIN speakers ON speakers.id = latest.speaker_id
ORDER BY latest.confidence LIMIT 50""",
    },
    "not-read": {
        "title": "What could not be read",
        "description": "Documents that are not in the file, and why.",
        "sql": """SELECT location, error, version, started_at AS since
FROM failures JOIN runs ON runs.id = failures.run_id ORDER BY location LIMIT 200""",
    },
}
"""By a name with a hyphen, which no table has: its title, what to know of it, and SQL that asks for
what it needs as `:parameters`."""
