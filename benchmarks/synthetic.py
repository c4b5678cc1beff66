"""Synthetic quotations of any number, to serve and to measure with.

Word frequencies are as in natural language. There are 20,000 speakers, a few of them quoted most;
fifteen years; forty outlets; and seven quotations per article, some of them nested and some copies
of what others printed. Only the tables that the site reads are filled; those that only indexing
uses stay empty.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path

from quotedex.models import Document, Extraction, Quote, Speaker
from quotedex.store import Store

SPEAKERS = 20_000
WORDS = 30_000
OUTLETS = 40
DAYS = 15 * 365
QUOTES_OF_ARTICLE = 7
# Words that stand in this share of the quotations, whatever their number.
PLANTED = {"plenty": 0.175, "seldom": 0.001, "almostnever": 0.00001}
KINDS = ("person", "person", "person", "organization", "group", "anonymous")
REPEATED = 2_000  # statements that other articles print too, most often the first
COPIES = 0.1  # share of the quotations that are such copies
NESTED = 40  # one quotation in 40 is the end of the one before


def build(path: Path, quotations: int) -> None:
    """Write a file with this many quotations, the same in every call."""
    with Store(path):
        pass
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        for pragma in ("foreign_keys = OFF", "journal_mode = OFF", "cache_size = -500000"):
            conn.execute(f"PRAGMA {pragma}").fetchone()
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
    conn.execute(
        "INSERT INTO runs"
        " (id, version, started_at, finished_at, outcome, article_count, quote_count)"
        " VALUES (1, 'made up', '2024-01-01', '2024-01-02', 'completed', ?, ?)",
        (quotations // QUOTES_OF_ARTICLE, quotations),
    )
    names = [f"{_name(n)} {_name(n * 7 + 3)}" for n in range(SPEAKERS)]
    conn.executemany(
        "INSERT INTO speakers (id, key, name, kind) VALUES (?, ?, ?, ?)",
        ((n + 1, str(n), name, KINDS[n % len(KINDS)]) for n, name in enumerate(names)),
    )
    for article in _articles(quotations, names):
        conn.execute(_ARTICLE, article.row)
        conn.executemany(_STATEMENT, (quote.statement for quote in article.quotes))
        conn.executemany(_QUOTE, (article.placed(quote) for quote in article.quotes))
    for table, dates in (("speakers", "quoted"), ("statements", "published")):
        conn.execute(_COUNTED.format(table=table, one=f"{table.removesuffix('s')}_id", dates=dates))
    conn.execute(
        "INSERT INTO aliases SELECT id, name, article_count FROM speakers WHERE quote_count > 0"
    )


@dataclass(slots=True)
class _Quote:
    """`copied`: the number of the quotation that printed the words first, if not this one."""

    number: int
    text: str
    speaker: int
    name: str
    start: int
    copied: int | None = None
    parent: int | None = None

    @property
    def statement(self) -> tuple[int, str, str, int]:
        return self.copied or self.number, str(self.copied or self.number), self.text, self.speaker


@dataclass(slots=True)
class _Article:
    number: int
    title: str
    day: str
    body: str = ""
    quotes: list[_Quote] = field(default_factory=list)

    @property
    def row(self) -> tuple[object, ...]:
        place, outlet = f"/news/{self.number}.txt", f"The {_name(self.number % OUTLETS)} Post"
        what = place, self.title, outlet, self.day, self.body, len(self.body.split())
        return (self.number, f"{self.number:064x}", *what)

    def say(self, quote: _Quote) -> None:
        quote.start = len(self.body) + 1
        self.body += f"“{quote.text}” {quote.name} said on Monday.\n\n"
        self.quotes.append(quote)

    def nest(self, quote: _Quote) -> None:
        """Within the quotation before, whose last words it has."""
        around = self.quotes[-1]
        quote.text, quote.parent = " ".join(around.text.split()[-5:]), around.number
        quote.start = around.start + len(around.text) - len(quote.text)
        self.quotes.append(quote)

    def placed(self, quote: _Quote) -> tuple[object, ...]:
        end = quote.start + len(quote.text)
        # A nested one has no mention of its own.
        after = end + 2, end + 2 + len(quote.name)
        mention = (None, None, None) if quote.parent else (quote.name, *after)
        kind = "partial" if quote.number % 5 == 0 else "full"
        told = "said", 0.5 + quote.number % 50 / 100, "made up", self.day, quote.parent
        numbers = quote.number, self.number, quote.speaker, quote.statement[0], quote.number
        return (*numbers, quote.text, quote.start, end, kind, *mention, *told)


def _articles(quotations: int, names: list[str]) -> Iterator[_Article]:
    chance = random.Random(1)
    words = _Words(chance)
    said: list[tuple[int, str]] = []
    known = _skew(REPEATED)
    speakers = chance.choices(range(SPEAKERS), cum_weights=_skew(SPEAKERS), k=quotations)
    for number, speaker in enumerate(speakers, 1):
        first = (number - 1) % QUOTES_OF_ARTICLE == 0
        if first:
            day = date(2010, 1, 1) + timedelta(days=chance.randrange(DAYS))
            article = _Article(number // QUOTES_OF_ARTICLE + 1, words.title(), day.isoformat())
        quote = _Quote(number, words.sentence(), speaker + 1, names[speaker], 0)
        if number % NESTED == 0 and not first:
            article.nest(quote)
        elif len(said) < REPEATED:
            said.append((number, quote.text))
            article.say(quote)
        else:
            if chance.random() < COPIES:
                quote.copied, quote.text = chance.choices(said, cum_weights=known)[0]
            article.say(quote)
        if number % QUOTES_OF_ARTICLE == 0 or number == quotations:
            yield article


class _Words:
    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._words = [_name(n).lower() for n in range(WORDS)]
        self._skew = _skew(WORDS)

    def sentence(self) -> str:
        """A quotation of 6 to 40 words."""
        drawn = self._draw(self._chance.randint(6, 40))
        for word, share in PLANTED.items():
            if self._chance.random() < share:
                drawn[self._chance.randrange(len(drawn))] = word
        return " ".join(drawn).capitalize() + ","

    def title(self) -> str:
        return " ".join(self._draw(8)).capitalize()

    def _draw(self, number: int) -> list[str]:
        return self._chance.choices(self._words, cum_weights=self._skew, k=number)


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


_ARTICLE = """
INSERT INTO articles (id, sha256, location, title, outlet, published, text, word_count,
    indexed_at, run_id, language)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, '2024-01-01', 1, 'en')"""
_STATEMENT = "INSERT OR IGNORE INTO statements (id, key, text, speaker_id) VALUES (?, ?, ?, ?)"
_QUOTE = """
INSERT INTO quotes (id, article_id, speaker_id, statement_id, utterance, text, start_char,
    end_char, kind, mention, mention_start_char, mention_end_char, cue, confidence, why,
    published, parent_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_COUNTED = """
UPDATE {table} SET quote_count = n, article_count = m, first_{dates} = first, last_{dates} = last
FROM (
    SELECT {one}, count(*) AS n, count(DISTINCT article_id) AS m,
        min(published) AS first, max(published) AS last FROM quotes GROUP BY {one}
) AS said
WHERE said.{one} = {table}.id"""


QUOTES = 10  # of an article
COPIED = 0.3  # of the quotations were printed before
PEOPLE = 5_000


def articles(quotations: int, seed: int = 0) -> Iterator[Extraction]:
    """Extractions with this many quotations in all, a third of them without a speaker."""
    chance = random.Random(seed)
    words = [_word(chance) for _ in range(WORDS)]
    weights = list(accumulate(1 / (rank + 3) for rank in range(WORDS)))
    names = [f"{_syllable_name(chance)} {_syllable_name(chance)}" for _ in range(PEOPLE)]
    fame = list(accumulate(1 / (rank + 10) for rank in range(PEOPLE)))
    said: list[list[str]] = []
    for number in range(quotations // QUOTES):
        present = chance.choices(names, cum_weights=fame, k=6)
        text = f"{', '.join(present)} met."
        quotes: list[Quote] = []
        for utterance in range(QUOTES):
            if said and chance.random() < COPIED:
                spoken = _again(chance.choice(said), chance)
            else:
                spoken = chance.choices(words, cum_weights=weights, k=chance.randint(4, 35))
                said.append(spoken)
            by = Speaker(chance.choice(present), "person") if chance.random() < 2 / 3 else None
            start, line = len(text) + 2, " ".join(spoken)
            text += f" “{line}.”"
            end = start + len(line)
            quotes.append(
                Quote(line, start, end, "full", utterance, None, 0.9, None, None, by, "made up")
            )
        document = Document(str(number), text, f"{number:08}", published="2024-05-01")
        yield Extraction(document, text, tuple(quotes))


def _again(words: list[str], chance: random.Random) -> list[str]:
    """As it was, cut short, or with a slip."""
    how = chance.randrange(3)
    if how == 1:
        return words[: max(4, len(words) * 2 // 3)]
    if how == 2:
        longest = max(range(len(words)), key=lambda i: len(words[i]))
        word = words[longest]
        return [*words[:longest], word[:1] + word[2:], *words[longest + 1 :]]
    return words


def _word(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=chance.randint(1, 4)))


def _syllable_name(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=chance.randint(2, 3))).capitalize()


SYLLABLES = [consonant + vowel for consonant in "bcdfghjklmnprstvwz" for vowel in "aeiou"]
