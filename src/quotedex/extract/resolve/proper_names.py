"""Runs of capitalized words, where the names of a text are, and what of each run is a name.

Read from the characters, not from the pipeline's tokens or entities: "Ki-moon" is three tokens
there, and its small entity recognizer takes every third surname for an organization.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from quotedex.extract.resolve.article import Page
from quotedex.text.lexicon import lexicon, vocabulary
from quotedex.text.names import fold, given_names

if TYPE_CHECKING:
    from spacy.tokens import Token

_APOSTROPHES = "'\N{RIGHT SINGLE QUOTATION MARK}"
_WORD = re.compile(rf"(?:[^\W\d_]\.)+(?:-?[^\W\d_]\.)*|[^\W\d_]+(?:[{_APOSTROPHES}-][^\W\d_]+)*\.?")
# A nickname in marks between two words of a name: Ana “Annie” Osei, Ana 'Annie' Osei.
_NICKNAME_BETWEEN = re.compile(
    "(?<=[\\w.]) [\"'(\N{LEFT DOUBLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}]"
    "[^\\W\\d_][\\w .-]{0,20}"
    "[\"')\N{RIGHT DOUBLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}] (?=[^\\W\\d_])"
)
_MASK = "\N{NULL}"


@dataclass(frozen=True, slots=True)
class Word:
    """A capitalized word (or a particle within a name), without its possessive ending."""

    start: int
    end: int
    text: str
    possessive: bool


@dataclass(frozen=True, slots=True)
class Run:
    """Capitalized words that follow one another; `name` is where the name begins in `words`.

    "Former House Speaker Nancy Pelosi's": three words of title, a name, possessive.
    """

    words: tuple[Word, ...]
    name: int
    source: str = field(repr=False, default="")

    @property
    def text(self) -> str:
        """The name as it is written, nickname and all, on one line."""
        return " ".join(self.source[self.start : self.end].split())

    @property
    def start(self) -> int:
        return self.words[self.name].start

    @property
    def end(self) -> int:
        return self.words[-1].end

    @property
    def possessive(self) -> bool:
        return self.words[-1].possessive

    @property
    def size(self) -> int:
        return len(self.words) - self.name

    @property
    def title(self) -> tuple[str, ...]:
        """The words before the name, folded: ("house", "speaker")."""
        return tuple(fold(word.text) for word in self.words[: self.name])


def capitalized_runs(page: Page) -> list[Run]:
    """All runs of a text in their order; words that only begin a sentence ("But Clinton") go."""
    tokens = dict(zip(page.token_starts, page.tokens, strict=True))
    runs = []
    for words in _sequences(page.text):
        words = _trim(words, tokens)
        if words:
            runs.append(Run(words, _name_start(words, page), page.text))
    return runs


def _sequences(text: str) -> Iterator[tuple[Word, ...]]:
    """Words with nothing but a space, a nickname in marks or ", Jr." between them."""
    run: list[Word] = []
    particles: list[Word] = []
    masked = _NICKNAME_BETWEEN.sub(lambda match: _MASK * len(match.group()), text)
    for match in _WORD.finditer(masked):
        word = _as_word(match)
        if run and not _joins(masked[(particles or run)[-1].end : word.start], run[-1], word):
            yield tuple(run)
            run, particles = [], []
        if _is_capitalized(word.text):
            run += [*particles, word]
            particles = []
        elif run and fold(word.text) in vocabulary().particles:
            particles.append(word)
        elif run:
            yield tuple(run)
            run, particles = [], []
    if run:
        yield tuple(run)


def _is_capitalized(word: str) -> bool:
    """ "Osei", "al-Osei"."""
    prefix, _, rest = word.partition("-")
    return word[0].isupper() or (rest[:1].isupper() and fold(prefix) in vocabulary().particles)


def _as_word(match: re.Match[str]) -> Word:
    """Cuts a possessive ending and a sentence's full stop: "Osei’s", "Osei." -> "Osei"."""
    word = match.group()
    possessive = len(word) > 2 and word[-2] in _APOSTROPHES and word[-1] in "sS"
    if possessive:
        word = word[:-2]
    elif word.endswith(".") and "." not in word[:-1] and not _abbreviates(word[:-1]):
        word = word[:-1]
    return Word(match.start(), match.start() + len(word), word, possessive)


def _abbreviates(word: str) -> bool:
    """ "Sen", "J" keep their full stop."""
    return len(word) == 1 or word.casefold() in vocabulary().abbreviations


def _joins(gap: str, before: Word, word: Word) -> bool:
    if before.possessive or (before.text.endswith(".") and _begins(fold(word.text))):
        return False
    if gap == " " or (gap == ", " and fold(word.text) in vocabulary().suffixes):
        return True
    return bool(gap) and not gap.strip(_MASK)


def _begins(word: str) -> bool:
    """Behind a full stop, a small word begins a sentence: "in the U.S. | He", "at 5 p.m. | The"."""
    return word in lexicon().pronouns or word in vocabulary().openers


def _trim(words: tuple[Word, ...], tokens: dict[int, Token]) -> tuple[Word, ...]:
    """Drops what stands before a name only because it begins a sentence ("But", "Replied"), and
    letters of an office behind it ("Ana Osei MP")."""
    while words:
        token = tokens.get(words[0].start)
        if token is None or not _opens(token):
            break
        words = words[1:]
    while len(words) > 2 and fold(words[-1].text) in vocabulary().credentials:
        words = words[:-1]
    return words


def _opens(token: Token) -> bool:
    """A sentence's first word that is no name: "Asked", "Meanwhile", "The"."""
    if token.lower_ in lexicon().cues and (token.pos_ == "VERB" or token.text.endswith("ed")):
        return True
    if token.is_stop and token.pos_ != "PROPN":
        return True
    return bool(token.is_sent_start) and token.pos_ in {"VERB", "ADV", "AUX", "INTJ", "SCONJ"}


def _name_start(words: tuple[Word, ...], page: Page) -> int:
    """After the last title or role: "Tulsa Police Chief | Chuck Osei", "Dr. | Osei".

    "Don" is a title before "Don Miguel Osei", and a given name in "Don Osei".
    """
    last = len(words) - 1
    while last > 0 and fold(words[last].text) in vocabulary().suffixes:
        last -= 1
    for index in range(last - 1, -1, -1):
        word = fold(words[index].text)
        given = (
            index == 0
            and last == 1
            and word in given_names()
            and word not in vocabulary().courtesy
            and page.is_entity(words[0].start, words[-1].end, "PERSON")
        )
        if _is_title(word) and not given:
            return index + 1
    return 0


def _is_title(word: str) -> bool:
    words = lexicon()
    return word in words.titles or (word in words.roles and words.roles[word].number == "singular")
