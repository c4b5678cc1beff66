"""Small databases with the tables of `quotedex index`, filled with invented news."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path
from typing import Any

from datasette.plugins import pm

import datasette_quotedex
from quotedex.store import Store
from tests.helpers import load_cases

CASES: dict[str, Any] = load_cases("site")


def register() -> None:
    """Register the plugin with Datasette if it is on the path but not installed."""
    if not any(plugin is datasette_quotedex for plugin in pm.get_plugins()):
        pm.register(datasette_quotedex, "quotedex")


def build(path: Path, articles: list[dict[str, Any]] | None = None) -> Path:
    """A database at `path` with these articles (by default those of cases/site.json)."""
    with Store(path):
        pass
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO runs (id, version, started_at) VALUES (1, '0', '2025-02-01')")
    for article in CASES["articles"] if articles is None else articles:
        _add(connection, article)
    connection.execute(
        "UPDATE speakers SET"
        " quote_count = (SELECT count(*) FROM quotes WHERE speaker_id = speakers.id),"
        " article_count = (SELECT count(DISTINCT article_id) FROM quotes"
        " WHERE speaker_id = speakers.id)"
    )
    connection.execute(
        "UPDATE speakers SET (first_quoted, last_quoted) ="
        " (SELECT min(published), max(published) FROM quotes WHERE speaker_id = speakers.id)"
    )
    connection.execute(
        "UPDATE statements SET (quote_count, article_count, first_published, last_published) ="
        " (SELECT count(*), count(DISTINCT article_id), min(published), max(published)"
        " FROM quotes WHERE statement_id = statements.id)"
    )
    connection.execute(
        "INSERT INTO topics SELECT id, 'old pier', 0.25 FROM speakers WHERE quote_count >= 5"
    )
    for name, aliases in CASES["aliases"].items():
        for alias in aliases:
            connection.execute(
                "INSERT INTO aliases SELECT id, ?, 1 FROM speakers WHERE name = ?", (alias, name)
            )
    connection.commit()
    connection.close()
    return path


def hostile(strings: list[str]) -> list[dict[str, Any]]:
    """One article per string, with the string in every column that text is read from."""
    return [
        {
            "title": f"title {string}",
            "outlet": f"outlet {string}",
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
    """This many articles, each with a short quotation about a lamp, on the days of May."""
    return [
        {
            "title": f"Lamp report {n}",
            "outlet": "Lantern Weekly",
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
    article_id = _insert(
        connection,
        "articles",
        sha256=hashlib.sha256(repr(article).encode("utf-8", "surrogatepass")).hexdigest(),
        text=text,
        word_count=len(text.split()),
        indexed_at="2025-02-01",
        run_id=1,
        **{name: article[name] for name in _ARTICLE},
    )
    ids: list[int] = []
    for utterance, quotation in enumerate(article["quotes"]):
        words, speaker, kind, mention, cue, *more = quotation
        start = text.index(words)
        speaker_id = _speaker(connection, speaker, article) if speaker else None
        values = {
            "article_id": article_id,
            "speaker_id": speaker_id,
            "utterance": utterance,
            "text": words,
            "start_char": start,
            "end_char": start + len(words),
            "kind": kind,
            "cue": cue,
            "confidence": 0.9,
            "why": f"named near it, with “{cue}”",
            "speaker_why": _speaker_why(speaker, mention),
            "published": article["published"],
            **(place := _place("mention", mention, text, start, start + len(words))),
            "mention": mention if place else None,
            **_place("cue", cue, text, start, start + len(words)),
            **(more[0] if more else {}),
        }
        for name in ("parent", "repeats"):
            if (other := values.pop(name, None)) is not None:
                values[f"{name}_id"] = ids[other]
        statement = values.pop("statement", words)
        values["statement_id"] = _statement(connection, statement, words, speaker_id)
        ids.append(_insert(connection, "quotes", **values))


def _speaker_why(speaker: str | None, mention: str | None) -> str | None:
    if speaker is None:
        return None
    return "named in full" if speaker in (mention or "") else "the only one named so far"


def _place(name: str, part: str | None, text: str, start: int, end: int) -> dict[str, int]:
    """The offsets of the mention or cue closest to the quotation, if it occurs in the text."""
    if not part:
        return {}
    after, before = text.find(part, end), text.rfind(part, 0, start)
    places = [place for place in (after, before) if place >= 0]
    if not places:
        return {}
    nearest = min(places, key=lambda place: place - end if place >= end else start - place)
    return {f"{name}_start_char": nearest, f"{name}_end_char": nearest + len(part)}


def _statement(connection: sqlite3.Connection, key: str, words: str, speaker_id: int | None) -> int:
    found = connection.execute("SELECT id FROM statements WHERE key = ?", (key,)).fetchone()
    if found:
        return int(found[0])
    return _insert(connection, "statements", key=key, text=words, speaker_id=speaker_id)


_ARTICLE = ("location", "title", "byline", "outlet", "published")


def _speaker(connection: sqlite3.Connection, name: str, article: dict[str, Any]) -> int:
    found = connection.execute("SELECT id FROM speakers WHERE name = ?", (name,)).fetchone()
    if found:
        return int(found[0])
    kind, description = CASES["speakers"].get(name, ("person", article.get("description")))
    return _insert(connection, "speakers", key=name, name=name, kind=kind, description=description)


def _insert(connection: sqlite3.Connection, table: str, **values: Any) -> int:
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    sql = f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING id"
    (row,) = connection.execute(sql, list(values.values())).fetchall()
    return int(row[0])
