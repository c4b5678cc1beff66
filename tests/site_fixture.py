"""Small databases with the tables of `quotedex index`, filled with invented news.

Written by hand, so that the plugin is tested where quotedex itself is not installed.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

CASES: dict[str, Any] = json.loads(
    (Path(__file__).parent / "cases" / "site.json").read_text(encoding="utf-8")
)

SCHEMA = """
CREATE TABLE runs (id INTEGER PRIMARY KEY, version TEXT, model TEXT, started_at TEXT,
    finished_at TEXT, articles INTEGER, quotes INTEGER, failures INTEGER) STRICT;
CREATE TABLE articles (id INTEGER PRIMARY KEY, sha256 TEXT UNIQUE, location TEXT, title TEXT,
    byline TEXT, publication TEXT, published TEXT, language TEXT, text TEXT NOT NULL,
    words INTEGER, indexed_at TEXT, run_id INTEGER REFERENCES runs(id)) STRICT;
CREATE TABLE speakers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, kind TEXT, description TEXT,
    wikidata TEXT, quotes INTEGER, articles INTEGER, first_quoted TEXT, last_quoted TEXT) STRICT;
CREATE TABLE aliases (speaker_id INTEGER REFERENCES speakers(id), name TEXT, articles INTEGER,
    PRIMARY KEY (speaker_id, name)) STRICT;
CREATE TABLE statements (id INTEGER PRIMARY KEY, text TEXT,
    speaker_id INTEGER REFERENCES speakers(id), quotes INTEGER, articles INTEGER,
    first_published TEXT, last_published TEXT) STRICT;
CREATE TABLE quotes (id INTEGER PRIMARY KEY, article_id INTEGER NOT NULL REFERENCES articles(id),
    speaker_id INTEGER REFERENCES speakers(id), statement_id INTEGER REFERENCES statements(id),
    parent_id INTEGER REFERENCES quotes(id), utterance INTEGER, text TEXT NOT NULL, start INTEGER,
    "end" INTEGER, kind TEXT, mention TEXT, mention_start INTEGER, mention_end INTEGER, cue TEXT,
    confidence REAL, published TEXT) STRICT;
CREATE TABLE failures (run_id INTEGER REFERENCES runs(id), location TEXT, error TEXT) STRICT;
CREATE INDEX quotes_speaker ON quotes (speaker_id);
CREATE INDEX quotes_article ON quotes (article_id);
CREATE INDEX quotes_published ON quotes (published);
CREATE VIEW quote_search_content AS SELECT q.id, q.text, s.name AS speaker, a.title
    FROM quotes q JOIN articles a ON a.id = q.article_id LEFT JOIN speakers s ON s.id = q.speaker_id;
CREATE VIRTUAL TABLE quote_search USING fts5(text, speaker, title, content='quote_search_content',
    content_rowid='id', tokenize='porter unicode61 remove_diacritics 2', prefix='2 3');
CREATE VIEW quote_details AS SELECT q.id, q.text, q.kind, q.confidence, q.published,
        s.name AS speaker, s.kind AS speaker_kind, s.description AS speaker_description, q.mention,
        q.cue, a.title, a.publication, a.location, q.article_id, q.speaker_id, q.statement_id
    FROM quotes q JOIN articles a ON a.id = q.article_id LEFT JOIN speakers s ON s.id = q.speaker_id;
"""


def build(path: Path, articles: list[dict[str, Any]] | None = None) -> Path:
    """A database at `path` with these articles (those of cases/site.json when not given)."""
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA)
    connection.execute("INSERT INTO runs VALUES (1, '0.1.0', 'm', '2025-02-01', '2025-02-01', 0, 0, 0)")
    for article in CASES["articles"] if articles is None else articles:
        _add(connection, article)
    connection.execute(
        "UPDATE speakers SET quotes = (SELECT count(*) FROM quotes WHERE speaker_id = speakers.id),"
        " articles = (SELECT count(DISTINCT article_id) FROM quotes WHERE speaker_id = speakers.id)"
    )
    for name, aliases in CASES["aliases"].items():
        for alias in aliases:
            connection.execute(
                "INSERT INTO aliases SELECT id, ?, 1 FROM speakers WHERE name = ?", (alias, name)
            )
    connection.execute("INSERT INTO quote_search(quote_search) VALUES ('rebuild')")
    connection.commit()
    connection.close()
    return path


def hostile(strings: list[str]) -> list[dict[str, Any]]:
    """One article per string, with the string in every column that text can come from."""
    return [
        {
            "title": f"title {string}",
            "publication": f"outlet {string}",
            "published": f"2024 {string}",
            "location": f"https://news.example/{string}",
            "byline": string,
            "text": f"Then: “rent {string}” {string}",
            "quotes": [[f"rent {string}", f"speaker {string}", "full", string, string]],
            "description": string,
        }
        for string in strings
    ]


def many(number: int) -> list[dict[str, Any]]:
    """One article in which so many short things are said about lamps, a day of May apart."""
    return [
        {
            "title": f"Lamp report {n}",
            "publication": "Lantern Weekly",
            "published": f"2023-05-{n % 28 + 1:02}",
            "location": f"https://lantern.example/{n}",
            "byline": None,
            "text": f"“Lamp {n} burns,” a keeper said.",
            "quotes": [[f"Lamp {n} burns,", "Ana Okafor", "full", "a keeper", "said"]],
        }
        for n in range(number)
    ]


def _add(connection: sqlite3.Connection, article: dict[str, Any]) -> None:
    text = article["text"]
    article_id = connection.execute(
        "INSERT INTO articles (sha256, location, title, byline, publication, published, text, words,"
        " indexed_at, run_id) VALUES (hex(randomblob(32)), ?, ?, ?, ?, ?, ?, ?, '2025-02-01', 1)",
        [article[key] for key in ("location", "title", "byline", "publication", "published", "text")]
        + [len(text.split())],
    ).lastrowid
    for utterance, (words, speaker, kind, mention, cue) in enumerate(article["quotes"]):
        start = text.index(words)
        connection.execute(
            "INSERT INTO quotes (article_id, speaker_id, utterance, text, start, \"end\", kind, mention,"
            " cue, confidence, published) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0.9, ?)",
            (article_id, _speaker(connection, speaker, article), utterance, words, start)
            + (start + len(words), kind, mention, cue, article["published"]),
        )


def _speaker(connection: sqlite3.Connection, name: str | None, article: dict[str, Any]) -> int | None:
    if name is None:
        return None
    found = connection.execute("SELECT id FROM speakers WHERE name = ?", (name,)).fetchone()
    if found:
        return int(found[0])
    kind, description = CASES["speakers"].get(name, ("person", article.get("description")))
    return connection.execute(
        "INSERT INTO speakers (name, kind, description) VALUES (?, ?, ?)", (name, kind, description)
    ).lastrowid
