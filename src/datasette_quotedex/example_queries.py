"""Example queries, which Datasette shows with their SQL to build on."""

from __future__ import annotations

QUERIES: dict[str, dict[str, str]] = {
    "most-quoted": {
        "title": "Most quoted speakers",
        "description": "In all articles.",
        "sql": """SELECT key AS speaker_key, label AS name, kind, description, quote_count,
    article_count,
    first_quoted, last_quoted
FROM speakers ORDER BY quote_count DESC, name LIMIT 50""",
    },
    "most-quoted-this-month": {
        "title": "Most quoted speakers this month",
        "description": "In the month of the newest article.",
        "sql": """WITH newest AS (SELECT substr(max(published), 1, 7) || '-01' AS month FROM quotes)
SELECT speakers.key AS speaker_key, label AS name, speakers.kind, count(*) AS quote_count,
    count(DISTINCT article_id) AS article_count
FROM quotes JOIN speakers ON speakers.id = quotes.speaker_id
WHERE quotes.published >= (SELECT month FROM newest) AND speakers.kind <> 'anonymous'
GROUP BY speakers.id ORDER BY count(*) DESC, name LIMIT 50""",
    },
    "new-speakers": {
        "title": "Speakers quoted for the first time",
        "description": "In the month up to the newest article.",
        "sql": """SELECT key AS speaker_key, label AS name, kind, description, first_quoted,
    quote_count
FROM speakers
WHERE last_quoted >= (SELECT date(max(published), '-1 month') FROM quotes)
    AND first_quoted >= (SELECT date(max(published), '-1 month') FROM quotes)
ORDER BY first_quoted DESC, quote_count DESC LIMIT 50""",
    },
    "most-quoted-by-outlet": {
        "title": "Most quoted speakers of an outlet",
        "description": "Type the name of an outlet, or part of it.",
        "sql": """SELECT outlet, speakers.key AS speaker_key, speakers.label AS speaker,
    count(*) AS quote_count
FROM articles JOIN quotes ON quotes.article_id = articles.id
JOIN speakers ON speakers.id = quotes.speaker_id
WHERE outlet LIKE '%' || :outlet || '%'
GROUP BY outlet, speakers.id ORDER BY count(*) DESC, speaker LIMIT 50""",
    },
    "anonymous-by-outlet": {
        "title": "Anonymous sources by outlet",
        "description": "How many of each outlet's quotations are from anonymous sources.",
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
        "description": "The same description in two articles may mean different sources.",
        "sql": """SELECT name AS described_as, count(*) AS article_count,
    sum(quote_count) AS quote_count
FROM speakers WHERE kind = 'anonymous'
GROUP BY name ORDER BY count(*) DESC, name LIMIT 50""",
    },
    "quotations-by-month": {
        "title": "Quotations by month",
        "description": "By publication date; articles without a date are left out.",
        "sql": """SELECT substr(published, 1, 7) AS month, count(*) AS quote_count
FROM quotes WHERE published IS NOT NULL GROUP BY month ORDER BY month""",
    },
    "speakers-on-a-subject": {
        "title": "Speakers on a subject",
        "description": "Based on speakers' topics. Type a word, or part of one.",
        "sql": """SELECT speakers.key AS speaker_key, label AS name, kind, description, term, score,
    quote_count
FROM topics JOIN speakers ON speakers.id = topics.speaker_id
WHERE term LIKE '%' || :subject || '%' ORDER BY score DESC, name LIMIT 50""",
    },
    "repeated-statements": {
        "title": "Repeated statements",
        "description": "Statements printed by several articles, most repeated first.",
        "sql": """SELECT statements.key AS statement_key, text AS statement,
    speakers.key AS speaker_key, speakers.label AS speaker, statements.article_count,
    first_published, last_published
FROM statements LEFT JOIN speakers ON speakers.id = statements.speaker_id
WHERE statements.article_count > 1
ORDER BY statements.article_count DESC, first_published LIMIT 50""",
    },
    "statements-in-three-outlets": {
        "title": "Statements in three or more outlets",
        "description": "Among the 2,000 statements that the most articles print.",
        "sql": """WITH widely AS MATERIALIZED (
    SELECT id, key, text, article_count FROM statements WHERE article_count >= 3
    ORDER BY article_count DESC LIMIT 2000
)
SELECT widely.key AS statement_key, widely.text AS statement,
    count(DISTINCT outlet) AS outlet_count, widely.article_count,
    group_concat(DISTINCT outlet) AS outlets
FROM widely JOIN quotes ON quotes.statement_id = widely.id
JOIN articles ON articles.id = quotes.article_id
GROUP BY widely.id HAVING outlet_count >= 3
ORDER BY outlet_count DESC, widely.article_count DESC LIMIT 50""",
    },
    "quoted-together": {
        "title": "Speakers quoted together",
        "description": "Who is quoted in the same articles as a speaker. Type a name or an alias.",
        "sql": """WITH one AS (
    SELECT id FROM speakers WHERE name = :speaker
    UNION SELECT speaker_id FROM aliases WHERE name = :speaker
)
SELECT other.key AS speaker_key, other.label AS name,
    count(DISTINCT theirs.article_id) AS article_count
FROM quotes AS ours
JOIN quotes AS theirs ON theirs.article_id = ours.article_id
    AND theirs.speaker_id NOT IN (SELECT id FROM one)
JOIN speakers AS other ON other.id = theirs.speaker_id
WHERE ours.speaker_id IN (SELECT id FROM one)
GROUP BY other.id ORDER BY article_count DESC, other.name LIMIT 50""",
    },
    "reporting-verbs": {
        "title": "Reporting verbs",
        "description": "How often “said”, “told” and other verbs introduce quotations.",
        "sql": """SELECT cue, count(*) AS quote_count FROM quotes WHERE cue IS NOT NULL
GROUP BY cue ORDER BY quote_count DESC, cue LIMIT 50""",
    },
    "quoted-by-others": {
        "title": "Quotations inside quotations",
        "description": "Who quotes whose words.",
        "sql": """SELECT outer_quote.key AS quote_key, outer_speaker.key AS speaker_key,
    outer_speaker.label AS speaker, outer_quote.text,
    inner_speaker.label AS repeats, inner_quote.text AS words
FROM quotes AS inner_quote
JOIN quotes AS outer_quote ON outer_quote.id = inner_quote.parent_id
LEFT JOIN speakers AS outer_speaker ON outer_speaker.id = outer_quote.speaker_id
LEFT JOIN speakers AS inner_speaker ON inner_speaker.id = inner_quote.speaker_id
WHERE inner_quote.parent_id IS NOT NULL ORDER BY inner_quote.id DESC LIMIT 50""",
    },
    "least-certain": {
        "title": "Least certain attributions",
        "description": "The lowest confidence among the 5,000 most recently stored quotations.",
        "sql": """WITH latest AS (SELECT * FROM quotes ORDER BY id DESC LIMIT 5000)
SELECT latest.key AS quote_key, speakers.key AS speaker_key, round(confidence, 2) AS confidence,
    speakers.label AS speaker, mention, why, speaker_why, latest.text
FROM latest LEFT JOIN speakers ON speakers.id = latest.speaker_id
ORDER BY latest.confidence LIMIT 50""",
    },
    "unread-documents": {
        "title": "Documents that could not be read",
        "description": "Documents that are missing from this file, and why.",
        "sql": """SELECT CASE WHEN location GLOB '/*'
    THEN replace(location, rtrim(location, replace(location, '/', '')), '…/')
    ELSE location END AS location, error, version, started_at AS since
FROM failures JOIN runs ON runs.id = failures.run_id ORDER BY 1 LIMIT 200""",
    },
}
"""Queries by name, with SQL that may have `:parameters`. Names have a hyphen, as no table has."""
