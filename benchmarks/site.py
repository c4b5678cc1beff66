"""How fast the site answers over a file of a million quotations.

    python -m benchmarks.site build FILE [--quotations N]
    python -m benchmarks.site time FILE [--write]

`build` makes the file of made-up words: as frequent as words are in a language, 20,000 speakers of
whom a few are quoted most, fifteen years. It writes the tables that the site reads, and leaves
empty those of which only indexing makes use. `time` serves it as `quotedex serve` does, asks for
each page, once to warm up and then again and again, and prints medians and 95th percentiles.
"""

from __future__ import annotations

import argparse
import random
import re
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path
from statistics import median, quantiles

from benchmarks.speed import PAGE, Table, as_markdown, write
from quotedex.store import Store

SPEAKERS = 20_000
WORDS = 30_000
OUTLETS = 40
DAYS = 15 * 365
A_MILLION = 1_000_000
QUOTES_OF_ARTICLE = 7
# Words that stand in this share of the quotations, whatever their number.
PLANTED = {"plenty": 0.175, "seldom": 0.001, "almostnever": 0.00001}
KINDS = ("person", "person", "person", "organization", "group", "anonymous")
TURNS = 20
LIMITS = 0.1, 0.3  # seconds: median and 95th percentile


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["build", "time"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--quotations", type=int, default=A_MILLION)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if options.command == "build":
        build(options.file, options.quotations)
        return
    table = measure(options.file)
    print(as_markdown(table))
    if options.write:
        write({"site": table}, PAGE)


def build(path: Path, quotations: int) -> None:
    """A file with so many quotations, seven to an article, the same at every call."""
    with Store(path):
        pass
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("PRAGMA foreign_keys = OFF")
        conn.execute("PRAGMA synchronous = OFF")
        conn.execute("PRAGMA cache_size = -500000")
        conn.execute("BEGIN")
        trigger = "SELECT sql FROM sqlite_master WHERE name = 'quotes_inserted'"
        (sql,) = conn.execute(trigger).fetchone()
        conn.execute("DROP TRIGGER quotes_inserted")
        _fill(conn, quotations)
        conn.execute(sql)
        conn.execute("INSERT INTO quote_search (quote_search) VALUES ('rebuild')")
        conn.execute("INSERT INTO quote_search (quote_search) VALUES ('optimize')")
        conn.execute("ANALYZE")
        conn.execute("COMMIT")


def _fill(conn: sqlite3.Connection, quotations: int) -> None:
    chance = random.Random(1)
    conn.execute(
        "INSERT INTO runs (id, version, started_at, finished_at, outcome, articles, quotes)"
        " VALUES (1, 'made up', '2024-01-01', '2024-01-02', 'completed', ?, ?)",
        (quotations // QUOTES_OF_ARTICLE, quotations),
    )
    names = [f"{_name(n)} {_name(n * 7 + 3)}" for n in range(SPEAKERS)]
    conn.executemany(
        "INSERT INTO speakers (id, key, name, kind) VALUES (?, ?, ?, ?)",
        ((n + 1, str(n), name, KINDS[n % len(KINDS)]) for n, name in enumerate(names)),
    )
    texts = _sentences(chance, quotations)
    who = iter(chance.choices(range(1, SPEAKERS + 1), cum_weights=_skew(SPEAKERS), k=quotations))
    number = 0
    for article in range(1, quotations // QUOTES_OF_ARTICLE + 2):
        day = date(2010, 1, 1) + timedelta(days=chance.randrange(DAYS))
        rows, parts, at = [], [], 0
        for text in (next(texts) for _ in range(min(QUOTES_OF_ARTICLE, quotations - number))):
            number += 1
            speaker = next(who)
            start, end = at + 1, at + 1 + len(text)
            mention = end + 2, end + 2 + len(names[speaker - 1])
            parts.append(f"“{text}” {names[speaker - 1]} said on Monday.\n\n")
            at += len(parts[-1])
            kind = "partial" if number % 5 == 0 else "full"
            where = text, start, end, kind, names[speaker - 1], *mention
            told = "said", 0.5 + number % 50 / 100, "made up", day.isoformat()
            rows.append((number, article, speaker, number, number, *where, *told))
        body = "".join(parts)
        place, outlet = f"/news/{article}.txt", f"The {_name(article % OUTLETS)} Post"
        when = day.isoformat(), body, len(body.split())
        conn.execute(
            "INSERT INTO articles (id, sha256, location, title, publication, published, text,"
            " words, indexed_at, run_id, language)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, '2024-01-01', 1, 'en')",
            (article, f"{article:064x}", place, body[1:60], outlet, *when),
        )
        conn.executemany(
            "INSERT INTO statements (id, key, text, speaker_id, quotes, articles,"
            " first_published, last_published) VALUES (?, ?, ?, ?, 1, 1, ?, ?)",
            ((row[0], str(row[0]), row[5], row[2], row[-1], row[-1]) for row in rows),
        )
        conn.executemany(
            "INSERT INTO quotes (id, article_id, speaker_id, statement_id, utterance, text, start,"
            " end, kind, mention, mention_start, mention_end, cue, confidence, why, published)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
    conn.execute(
        "UPDATE speakers SET quotes = n, articles = m, first_quoted = first, last_quoted = last"
        " FROM (SELECT speaker_id, count(*) AS n, count(DISTINCT article_id) AS m,"
        " min(published) AS first, max(published) AS last FROM quotes GROUP BY speaker_id) AS said"
        " WHERE said.speaker_id = speakers.id"
    )
    conn.execute("INSERT INTO aliases SELECT id, name, articles FROM speakers WHERE quotes > 0")


def _sentences(chance: random.Random, number: int) -> Iterator[str]:
    """Quotations of 6 to 40 words."""
    words = [_name(n).lower() for n in range(WORDS)]
    skew = _skew(WORDS)
    for _ in range(number):
        drawn = chance.choices(words, cum_weights=skew, k=chance.randint(6, 40))
        for word, share in PLANTED.items():
            if chance.random() < share:
                drawn[chance.randrange(len(drawn))] = word
        yield " ".join(drawn).capitalize() + ","


def _skew(number: int) -> list[float]:
    """Cumulated weights by Zipf's law: the second is half as frequent as the first."""
    return list(accumulate(1 / (rank + 1) for rank in range(number)))


def _name(number: int) -> str:
    """Another word for each number: "Ba", "Be", ... "Tobaru"."""
    syllables = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
    word = ""
    while number or not word:
        number, digit = divmod(number, len(syllables))
        word += syllables[digit]
    return (word + "n" if len(word) < 4 else word).capitalize()


def measure(path: Path) -> Table:
    rows: Table = [("page", "median, ms", "95th percentile, ms", "within limits")]
    command = [sys.executable, "-m", "quotedex", "serve", str(path), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            address = re.search(r"http://\S+?/", server.stdout.readline())
            assert address
            for name, page in pages(path).items():
                taken = [_ask(address[0].rstrip("/") + page) for _ in range(TURNS + 1)][1:]
                middle, late = median(taken), quantiles(taken, n=20)[-1]
                good = middle < LIMITS[0] and late < LIMITS[1]
                shown = f"{name} `{page}`"
                rows.append((shown, *(f"{1000 * t:.0f}" for t in (middle, late)), "yes" * good))
                print(*rows[-1], file=sys.stderr)
        finally:
            server.terminate()
    return rows


def pages(path: Path) -> dict[str, str]:
    """What is asked for; the rows are those of the most and of a moderately quoted speaker."""
    with closing(sqlite3.connect(path)) as conn:
        most, name = conn.execute("SELECT id, name FROM speakers ORDER BY quotes DESC").fetchone()
        middling = "SELECT id FROM speakers WHERE quotes BETWEEN 90 AND 110 LIMIT 1"
        (some,) = conn.execute(middling).fetchone()
        count = "SELECT count(*) FROM quote_search WHERE quote_search MATCH ?"
        hits = {word: conn.execute(count, (word,)).fetchone()[0] for word in PLANTED}
    search = "/-/quotes?q="
    return {
        "home": "/",
        **{f"{number:,} hits": search + word for word, number in hits.items()},
        "by date": f"{search}plenty&sort=date",
        "one outlet": f"{search}plenty+outlet:ban",
        "one year": f"{search}plenty&year=2018",
        "between dates": f"{search}plenty+after:2015-03+before:2015-06",
        "one speaker's": f"{search}plenty&speaker={most}",
        "by a name": f"{search}speaker:{name.split()[1].lower()}",
        "beginning of a word": f"{search}seldo*",
        "no words": search,
        "answer as JSON": "/-/quotes.json?q=plenty",
        "most quoted speaker": f"/-/speakers/{most}",
        "a speaker": f"/-/speakers/{some}",
        "a statement": "/-/statements/4711",
        "a quotation": "/-/quotes/4711",
        "an article": "/-/articles/671",
    }


def _ask(url: str) -> float:
    began = time.perf_counter()
    with urllib.request.urlopen(url) as answer:
        answer.read()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
