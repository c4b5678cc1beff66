"""People's names: patterns that find them, their parts, and which names can be one person's.

News text gives a name in pieces ("Poole", "Ms Ada Poole"), and the order of words says more about
who is meant than a split into given and family name, which such text seldom allows. So a name is
kept as its words without titles, and a short form is the beginning or the end of them ("van Aalst",
"Ban" for "Ban Ki-moon"). The name parsers on the package index assign given and family name, and
take a nickname between marks for a middle name.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import takewhile
from typing import Literal

from quotedex.text.lexicon import vocabulary
from quotedex.text.marks import APOSTROPHES, LEFT_DOUBLE, LEFT_SINGLE, RIGHT_DOUBLE, RIGHT_SINGLE

GivenGender = Literal["masculine", "feminine", "either"]

_NAME_WORD = r"(?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)[^\W\d_a-z][\w.’'-]*"
_PARTICLES = r"(?:(?:van|von|der|den|de|la|bin|al|el|del|di|da)\s+)*"
PRINTED_NAME = rf"(?-i:{_NAME_WORD}(?:\s+{_PARTICLES}{_NAME_WORD}){{1,3}})"
"""A name as bylines have it: "Ada Brook", "A.J. O’Neill-Poe", "Maria van der Berg", "ADA BROOK"."""

NAME_WORD = rf"(?:[^\W\d_]\.)+(?:-?[^\W\d_]\.)*|[^\W\d_]+(?:[{APOSTROPHES}-][^\W\d_]+)*\.?"
"""A word that can stand in a name, capital or not: "J.K.", "O’Neill", "Ki-moon", "Sen."."""

_SECOND_NAME = re.compile(r"[A-Z][^\W\d_]+")

INITIAL = re.compile(r"(?:[^\W\d_]\.)+|[^\W\d_]")

_OPENING = f"[\"'({LEFT_DOUBLE}{LEFT_SINGLE}]"
_CLOSING = f"[\"'){RIGHT_DOUBLE}{RIGHT_SINGLE}]"
_NICKNAME = re.compile(f'\\s*{_OPENING}([^"(){RIGHT_DOUBLE}]+?){_CLOSING}(?=\\s|$)')
NICKNAME_BETWEEN = re.compile(
    f"(?<=[\\w.]) {_OPENING}[^\\W\\d_][\\w .-]{{0,20}}{_CLOSING} (?=[^\\W\\d_])"
)
"""A nickname in marks between two words of a name: Ana “Annie” Osei, Ana 'Annie' Osei."""


BY_GIVEN_NAME, BY_SURNAME = 1, 2


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name without its titles, every part normalized (see `normalize`).

    `words` are the given and family names in their order, particles among them.
    """

    words: tuple[str, ...]
    suffix: str = ""
    nickname: str = ""

    @property
    def surname(self) -> str:
        return self.words[-1]


@lru_cache(maxsize=100_000)
def parse_name(text: str) -> Name:
    """The parts of a name without titles: "Robert C. “Bobby” Scott Jr.", "O’Neill"."""
    nickname = _NICKNAME.search(text)
    if nickname:
        text = f"{text[: nickname.start()]} {text[nickname.end() :]}"
    words = [normalize(word) for word in re.split(r"[\s,]+", text)]
    words = [word for word in words if word]
    suffix = words.pop() if len(words) > 1 and words[-1] in vocabulary().suffixes else ""
    return Name(tuple(words), suffix, normalize(nickname.group(1)) if nickname else "")


@lru_cache(maxsize=100_000)
def normalize(word: str) -> str:
    """Lower case, no diacritics or full stops, one kind of apostrophe: "D’Arcy" -> "d'arcy"."""
    word = word.replace(RIGHT_SINGLE, "'").replace(".", "")
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).strip()


def same_person(left: Name, right: Name) -> bool:
    """Whether two names of two words or more can belong to one person.

    "John Podesta" and "John D. Podesta", "J.K. Osei" and "Joan Osei"; not "Ann Osei" and "Joan
    Osei", nor "Clarence Dubose Jr." and "Clarence Dubose Sr.".
    """
    if left.surname != right.surname or len({left.suffix, right.suffix, ""}) > 2:
        return False
    if not _given_agree(left, right):
        return False
    middles = left.words[1:-1], right.words[1:-1]
    if not all(middles):
        return True
    return all(_initial_agree(a, b) for a, b in zip(*middles, strict=False))


def short_form_score(short: Name, full: Name) -> int:
    """How well a short form fits a whole name: 0 not at all, BY_GIVEN_NAME or BY_SURNAME.

    "Dubose Sr.", "van Aalst" and "Aalst" fit "Clarence van Aalst Sr." by surname, "Clarence" by
    given name, "Smith" does not.
    """
    if short.suffix and short.suffix != full.suffix:
        return 0
    size = len(short.words)
    if short.words == full.words[-size:]:
        return BY_SURNAME
    if size == 1 and short.words[0] in full.surname.split("-"):
        return BY_SURNAME
    if short.words == full.words[:size] or " ".join(short.words) == full.nickname:
        return BY_GIVEN_NAME
    return 0


def is_double(text: str) -> bool:
    """Whether a name ends in two names: "Tamsin Okoro-Bell"."""
    first, _, second = text.rpartition("-")
    if not _SECOND_NAME.fullmatch(second):
        return False
    letters = list(takewhile(str.isalpha, reversed(first)))
    return any("A" <= letter <= "Z" for letter in letters[1:])


def given_gender(name: Name) -> GivenGender | None:
    """The gender of the first word as a given name; None if it is not a known given name."""
    return given_names().get(name.words[0]) or given_names().get(name.words[0].split("-")[0])


@cache
def given_names() -> dict[str, GivenGender]:
    """Normalized given name -> the gender of the people who bear it."""
    source = files("quotedex") / "lexicons" / "given_names.toml"
    data = tomllib.loads(source.read_text(encoding="utf-8"))
    genders: tuple[GivenGender, ...] = ("masculine", "feminine", "either")
    return {name: gender for gender in genders for name in data[gender].split()}


def _given_agree(left: Name, right: Name) -> bool:
    """Given names that can be one: "Robert" and "R", "RC" or his nickname "Big Bobby"."""
    if _initial_agree(left.words[0], right.words[0]):
        return True
    return _begins_with_nickname(left, right) or _begins_with_nickname(right, left)


def _begins_with_nickname(name: Name, other: Name) -> bool:
    """ "Big Bobby Osei", where the other is "Robert “Big Bobby” Osei"."""
    nickname = tuple(other.nickname.split())
    return bool(nickname) and name.words[:-1][: len(nickname)] == nickname


def _initial_agree(a: str, b: str) -> bool:
    """ "d" and "donald", "jk" and "joan", "ed" and "edward": the beginning stands for the name."""
    short, long = sorted((a, b), key=len)
    initials = len(short) <= 2 and not set(short[1:]) & set("aeiou")
    return long.startswith(short) or (initials and short[0] == long[0])
