"""Capitalized words in a row, and which of them are a name.

Read from the characters, not from spaCy's tokens or entities: its tokens split "Ki-moon" in three,
and its small entity recognizer takes every third surname for an organization.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from quotedex.extract.resolve.article import ParsedArticle
from quotedex.text.lexicon import is_abbreviation, lexicon, vocabulary
from quotedex.text.marks import APOSTROPHES, CLOSING
from quotedex.text.names import (
    NAME_WORD,
    NICKNAME_BETWEEN,
    Name,
    given_names,
    normalize,
    parse_name,
)

if TYPE_CHECKING:
    from spacy.tokens import Token

_WORD = re.compile(NAME_WORD)
_REALM = re.compile(r" (of) ([^\W\d_a-z][^\W\d_]+)\b(?! [^\W\d_a-z])")
# Longer ones are no names: a run of letters without white space, a list without commas.
_MAX_CHARS, _MAX_WORDS = 80, 40
_MASK = "\N{NULL}"
# "Mayor-elect", "ex-mayor"
_TITLE_AFFIX = re.compile(r"^(?:ex|co|vice|deputy)-|-(?:elect|designate|general|in-chief)$")
# "Dockworker", "Innkeeper": no surname ends like this
_JOB = re.compile(r"[a-z]{3,}(?:worker|keeper|fighter|owner|player)")


@dataclass(frozen=True, slots=True)
class NameWord:
    """A capitalized word (or a particle within a name), without its possessive ending."""

    start: int
    end: int
    text: str
    possessive: bool


@dataclass(frozen=True)
class ProperName:
    """Capitalized words in a row: a title, possibly empty, and a name from `words[name_index]` on.

    "Former House Speaker Nancy Pelosi's": three words of title, two of name, possessive.
    """

    words: tuple[NameWord, ...]
    name_index: int
    source: str = field(repr=False, default="")

    @cached_property
    def text(self) -> str:
        """The name as it is written, nickname included, on one line."""
        return " ".join(self.source[self.start : self.end].split())

    @cached_property
    def parsed(self) -> Name:
        return parse_name(self.text)

    @property
    def start(self) -> int:
        return self.words[self.name_index].start

    @property
    def end(self) -> int:
        return self.words[-1].end

    @property
    def possessive(self) -> bool:
        return self.words[-1].possessive

    @property
    def size(self) -> int:
        return len(self.words) - self.name_index

    @property
    def title(self) -> tuple[str, ...]:
        """The words before the name, normalized: ("house", "speaker")."""
        return tuple(normalize(word.text) for word in self.words[: self.name_index])


def find_proper_names(article: ParsedArticle) -> list[ProperName]:
    """All proper names in text order; words with a capital only because they begin a sentence
    ("But Clinton") are left out."""
    tokens = dict(zip(article.token_starts, article.tokens, strict=True))
    rows = [
        part
        for row in _capitalized_words(article.text)
        for part in _split_title_case(row, in_headline=article.is_headline(row[0].start))
    ]
    inside = {_normalized(row) for row in rows if not article.begins_sentence(row[0].start)}
    inside |= {_normalized(row[-1:]) for row in rows if len(row) > 1}
    found = []
    for words in rows:
        words = _trim(words, tokens, known=_normalized(words) in inside)
        if words:
            name = ProperName(words, _name_index(words, article), article.text)
            found.append(_with_realm(name))
    return found


def _with_realm(name: ProperName) -> ProperName:
    """The name with the place that belongs to it: "Prince Ivo | of Ashby"."""
    if name.size != 1 or name.possessive or not vocabulary().ranks.intersection(name.title[-1:]):
        return name
    realm = _REALM.match(name.source, name.end)
    if realm is None:
        return name
    parts = tuple(NameWord(*realm.span(at), realm[at], possessive=False) for at in (1, 2))
    return replace(name, words=name.words + parts)


def _normalized(words: Sequence[NameWord]) -> tuple[str, ...]:
    return tuple(normalize(word.text) for word in words)


def _capitalized_words(text: str) -> Iterator[tuple[NameWord, ...]]:
    """Words with only a space, a nickname in marks or ", Jr." between them."""
    row: list[NameWord] = []
    particles: list[NameWord] = []
    masked = NICKNAME_BETWEEN.sub(lambda match: _MASK * len(match.group()), text)
    for match in _WORD.finditer(masked):
        is_capitalized = _is_capitalized(match.group())
        if match.end() - match.start() > _MAX_CHARS or not (row or is_capitalized):
            continue
        word = _as_word(match)
        gap = masked[(particles or row)[-1].end : word.start] if row else ""
        is_full = len(row) + len(particles) >= _MAX_WORDS
        if row and (is_full or not _joins(gap, row[-1], word)):
            yield tuple(row)
            row, particles = [], []
        if is_capitalized:
            row += [*particles, word]
            particles = []
        elif row and normalize(word.text) in vocabulary().particles:
            particles.append(word)
        elif row:
            yield tuple(row)
            row, particles = [], []
    if row:
        yield tuple(row)


def _split_title_case(
    row: tuple[NameWord, ...], *, in_headline: bool
) -> Iterator[tuple[NameWord, ...]]:
    """The parts of a title-cased line between its verbs of speech and small words: "Ana Osei" and
    "Tom Bell" in "Ana Osei Said Of Tom Bell"."""
    verbs = [_is_verb_of_speech(word.text) for word in row]
    in_title_case = in_headline or any(verbs[1:])
    part: list[NameWord] = []
    for word, is_verb in zip(row, verbs, strict=True):
        if is_verb or (in_title_case and normalize(word.text) in vocabulary().fillers):
            if part:
                yield tuple(part)
            part = []
        else:
            part.append(word)
    if part:
        yield tuple(part)


def _is_verb_of_speech(word: str) -> bool:
    """ "Said", "Warned", but not "Post" or "Reports", which names have too."""
    verb = lexicon().cues.get(word.casefold())
    if verb is None or word.casefold() == verb:
        return False
    return word.endswith("ed") or verb in ("say", "tell", "write")


def _is_capitalized(word: str) -> bool:
    """ "Osei", "al-Osei"."""
    prefix, _, rest = word.partition("-")
    return word[0].isupper() or (rest[:1].isupper() and normalize(prefix) in vocabulary().particles)


def _as_word(match: re.Match[str]) -> NameWord:
    """Cuts off a possessive ending or a sentence's full stop: "Osei’s", "Osei." -> "Osei"."""
    word = match.group()
    possessive = len(word) > 2 and word[-2] in APOSTROPHES and word[-1] in "sS"
    if possessive:
        word = word[:-2]
    elif word.endswith(".") and "." not in word[:-1] and not is_abbreviation(word[:-1]):
        word = word[:-1]
    return NameWord(match.start(), match.start() + len(word), word, possessive)


def _joins(gap: str, before: NameWord, word: NameWord) -> bool:
    """Whether a word belongs to the same row as the word before it."""
    if before.possessive or (
        before.text.endswith(".") and _opens_sentence_after_stop(normalize(word.text))
    ):
        return False
    if gap == " " or (gap == ", " and normalize(word.text) in vocabulary().suffixes):
        return True
    return bool(gap) and not gap.strip(_MASK)


def _opens_sentence_after_stop(word: str) -> bool:
    """Small words that begin a sentence: "in the U.S. | He", "at 5 p.m. | The"."""
    return word in lexicon().pronouns or word in vocabulary().openers


def _trim(
    words: tuple[NameWord, ...], tokens: dict[int, Token], *, known: bool
) -> tuple[NameWord, ...]:
    """Drops words before a name that only begin the sentence ("But", "Replied"), and behind it the
    letters of an office ("Ana Osei MP") or a day ("Osei Tuesday").

    `known` says that the same words stand within a sentence, where they cannot begin it.
    """
    while words:
        token = tokens.get(words[0].start)
        if token is None or not _only_opens_sentence(token, known=known):
            break
        words = words[1:]
    while len(words) > 2 and normalize(words[-1].text) in vocabulary().credentials:
        words = words[:-1]
    while len(words) > 1 and normalize(words[-1].text) in vocabulary().calendar:
        words = words[:-1]
    if _ends_in_capitals(words):
        words = words[:-1]
    return words


def _ends_in_capitals(words: Sequence[NameWord]) -> bool:
    """Whether a word printed large stands behind a whole name: "Ana Osei | QUIT", but not "Ana
    OSEI" nor "Ana Maria OSEI"."""
    if len(words) < 3 or not words[-1].text.isupper() or any(w.text.isupper() for w in words[:-1]):
        return False
    given, surname, last = (normalize(word.text) for word in words[-3:])
    return (
        given in given_names()
        and surname not in given_names()
        and surname not in vocabulary().particles
        and last not in vocabulary().suffixes
    )


def _only_opens_sentence(token: Token, *, known: bool) -> bool:
    """A first word that is not a name: "Asked", "Meanwhile", "The"."""
    verb = lexicon().cues.get(token.lower_)
    if verb is not None and (token.pos_ == "VERB" or token.text.endswith("ed")):
        return True
    if verb not in (None, token.lower_) and _follows_quotation(token):
        return True
    if (
        known
        and token.lower_ not in vocabulary().openers
        and token.lower_ not in lexicon().pronouns
    ):
        return False
    if token.is_stop and token.pos_ != "PROPN":
        return True
    return bool(token.is_sent_start) and token.pos_ in {"VERB", "ADV", "AUX", "INTJ", "SCONJ"}


def _follows_quotation(token: Token) -> bool:
    """ "“Never.” | Sneers Osei", but not "the workers’ Claims Court"."""
    return token.i > 1 and token.nbor(-1).text in CLOSING and token.nbor(-2).text in ".,?!"


def _name_index(words: tuple[NameWord, ...], article: ParsedArticle) -> int:
    """The index after the last title or role: "Tulsa Police Chief | Chuck Osei", "Dr. | Osei".

    "Don" is a title in "Don Miguel Osei", and a given name in "Don Osei".
    """
    last = len(words) - 1
    while last > 0 and normalize(words[last].text) in vocabulary().suffixes:
        last -= 1
    for index in range(last - 1, -1, -1):
        word = normalize(words[index].text)
        is_given_name = (
            index == 0
            and last == 1
            and word in given_names()
            and word not in vocabulary().courtesy
            and article.is_entity(words[0].start, words[-1].end, "PERSON")
        )
        if word in given_names() and 0 < index == last - 1:
            # "Dr | Guy Osei"
            is_given_name |= word not in lexicon().titles and _is_title(
                normalize(words[index - 1].text)
            )
        if (_is_title(word) and not is_given_name) or _is_rank(words[index], words[index + 1]):
            return index + 1
    return 0


def _is_rank(word: NameWord, following: NameWord) -> bool:
    """ "DI | Osei", but not "Di Osei" nor "DI OSEI", which can be a name in capitals."""
    is_acronym = word.text.isupper() and not following.text.isupper()
    return is_acronym and normalize(word.text) in vocabulary().police_ranks


def _is_title(word: str) -> bool:
    words = lexicon()
    if word in words.titles or _JOB.fullmatch(word):
        return True
    stem = _TITLE_AFFIX.sub("", word)
    return (word in words.roles and words.roles[word].number == "singular") or (
        stem != word and _is_title(stem)
    )
