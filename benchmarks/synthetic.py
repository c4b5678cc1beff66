"""Synthetic articles with any number of quotations, to store, to link and to serve.

Words are invented and as frequent as in natural language. There are 20,000 people, a few of them
quoted most; fifteen years; forty outlets; and ten quotations per article, of which some are nested,
some have no speaker, and three in ten were printed before, whole, cut short or with a misprint.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import accumulate, islice
from pathlib import Path

from quotedex.models import Document, Extraction, Quote, Span, Speaker, SpeakerKind
from quotedex.store import Store
from quotedex.text.keyterms import MAX_TOPICS, Topic

PEOPLE = 20_000
WORDS = 30_000
OUTLETS = 40
DAYS = 15 * 365
QUOTES = 10  # per article
BATCH = 32  # articles of a transaction, as many as an indexing run writes at once
REPEATED = 0.3  # share of the quotations that were printed before
ATTRIBUTED = 2 / 3  # share of the quotations with a speaker
NESTED = 0.025  # share of the quotations that are the end of the one before
PARTIAL = 0.2  # share of the quotations that are fragments
# Words that occur in this share of the quotations, whatever their number.
PLANTED = {"always": 0.9, "plenty": 0.175, "seldom": 0.001, "almostnever": 0.00001}
# A word of old articles that were indexed early: neither the newest nor the latest quotations have
# it. It is in nearly all of these years in the first part of the file.
OLD_WORD, OLD_BEFORE, OLD_SHARE, OLD_PART = "formerly", "2012", 0.9, 0.3
KINDS: tuple[SpeakerKind, ...] = (
    *("person", "person", "person", "person", "organization", "anonymous"),
)
SYLLABLES = [consonant + vowel for consonant in "bcdfghjklmnprstvwz" for vowel in "aeiou"]


def build(path: Path, quotations: int) -> None:
    """Write a file with this many quotations, the same in every call."""
    made = articles(quotations)
    with Store(path) as store:
        run = store.start_run("synthetic")
        while batch := list(islice(made, BATCH)):
            store.write(batch, run)
        add_topics(store)
        store.finish_run(run, "completed")


def add_topics(store: Store) -> None:
    """Give each speaker with enough quotations topics: words that they say, alone and in pairs."""
    chance = random.Random(0)
    speakers = iter(store.stale_speakers())
    while some := list(islice(speakers, BATCH)):
        samples = store.topic_samples(some)
        made = {one.speaker_id: _topics(one.statements, chance) for one in samples}
        store.save_topics(samples, made)


def _topics(statements: Sequence[str], chance: random.Random) -> list[Topic]:
    terms = set()
    for _ in range(MAX_TOPICS):
        words = chance.choice(statements).rstrip(",").split()
        start = chance.randrange(len(words))
        terms.add(" ".join(words[start : start + chance.randint(1, 2)]))
    return [Topic(term, 1 / (rank + 2)) for rank, term in enumerate(sorted(terms))]


def articles(quotations: int, seed: int = 0) -> Iterator[Extraction]:
    """Extractions with this many quotations in all."""
    press = _Press(random.Random(seed))
    number_of_articles = quotations // QUOTES
    for number in range(number_of_articles):
        yield press.article(number, is_early=number < OLD_PART * number_of_articles)


class _Press:
    """Writes articles; what it has printed it may print again."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._words = [_word(chance, 1, 4) for _ in range(WORDS)]
        self._word_weights = list(accumulate(1 / (rank + 3) for rank in range(WORDS)))
        names = (f"{_word(chance, 2, 3)} {_word(chance, 2, 3)}".title() for _ in range(PEOPLE))
        self._people = [(name, KINDS[rank % len(KINDS)]) for rank, name in enumerate(names)]
        self._fame = list(accumulate(1 / (rank + 10) for rank in range(PEOPLE)))
        self._outlets = [f"The {_word(chance, 2, 2).title()} Post" for _ in range(OUTLETS)]
        self._printed: list[list[str]] = []

    def article(self, number: int, is_early: bool = False) -> Extraction:
        """One article, in which some of six people speak."""
        chance = self._chance
        published = (date(2010, 1, 1) + timedelta(days=chance.randrange(DAYS))).isoformat()
        is_old = is_early and published < OLD_BEFORE
        present = chance.choices(self._people, cum_weights=self._fame, k=6)
        text = f"{', '.join(name for name, _ in present)} met."
        quotes: list[Quote] = []
        for utterance in range(QUOTES):
            if quotes and chance.random() < NESTED:
                quotes.append(_nested(quotes, utterance))
                continue
            said = self._said()
            if is_old and chance.random() < OLD_SHARE:
                said = [*said, OLD_WORD]
            words = f"{' '.join(said)},"
            start = len(text) + 3
            text += f"\n\n“{words}”"
            speaker = mention = cue = None
            if chance.random() < ATTRIBUTED:
                name, kind = chance.choice(present)
                speaker = Speaker(name, kind, why="named in full")
                mention = Span(len(text) + 1, len(text) + 1 + len(name))
                cue = Span(mention.end + 1, mention.end + 5)
                text += f" {name} said on Monday."
            quotes.append(
                Quote(
                    text=words,
                    start=start,
                    end=start + len(words),
                    kind="partial" if chance.random() < PARTIAL else "full",
                    utterance=utterance,
                    parent=None,
                    confidence=chance.uniform(0.5, 1),
                    cue=cue,
                    mention=mention,
                    speaker=speaker,
                    why="synthetic",
                )
            )
        document = Document(
            str(number),
            text,
            f"/news/{number:08}.txt",
            title=" ".join(self._draw(8)).capitalize(),
            outlet=chance.choice(self._outlets),
            published=published,
            language="en",
        )
        return Extraction(document, text, tuple(quotes))

    def _said(self) -> list[str]:
        """The words of a quotation, 4 to 35 unless it repeats a part of another."""
        chance = self._chance
        if self._printed and chance.random() < REPEATED:
            return _repeated(chance.choice(self._printed), chance)
        words = self._draw(chance.randint(4, 35))
        for word, share in PLANTED.items():
            if chance.random() < share:
                words[chance.randrange(len(words))] = word
        self._printed.append(words)
        return words

    def _draw(self, number: int) -> list[str]:
        return self._chance.choices(self._words, cum_weights=self._word_weights, k=number)


def _nested(quotes: Sequence[Quote], utterance: int) -> Quote:
    """The last words of the last quotation, as a quotation inside it."""
    outer = quotes[-1]
    words = outer.text.split()
    text = " ".join(words[-max(1, len(words) // 3) :])
    return replace(
        outer,
        text=text,
        start=outer.end - len(text),
        parent=len(quotes) - 1,
        utterance=utterance,
        mention=None,
        cue=None,
    )


def _repeated(words: list[str], chance: random.Random) -> list[str]:
    """Words printed again: unchanged, cut short, or with a misprint."""
    how = chance.randrange(3)
    if how == 1:
        return words[: max(4, len(words) * 2 // 3)]
    if how == 2:
        longest = max(range(len(words)), key=lambda i: len(words[i]))
        word = words[longest]
        return [*words[:longest], word[:1] + word[2:], *words[longest + 1 :]]
    return words


def _word(chance: random.Random, low: int, high: int) -> str:
    """An invented word of this many syllables: "bo", "tozaru"."""
    return "".join(chance.choices(SYLLABLES, k=chance.randint(low, high)))
