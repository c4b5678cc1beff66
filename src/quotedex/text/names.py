"""People's names, taken apart and compared.

Written for what news text shows: a name seldom comes whole, and never as a form's two fields. What
tells two people apart is the words in their order, so a name is kept as its words, without titles,
and a short form is a beginning or an end of them ("van Aalst", "Ban" for "Ban Ki-moon"). The
parsers on the registry assign given and family name instead, which news text seldom allows to do,
and read a nickname between marks as a middle name.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

from quotedex.text.lexicon import vocabulary

GivenGender = Literal["masculine", "feminine", "either"]

_NICKNAME = re.compile(
    "\\s*[\"'(\N{LEFT DOUBLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}]"
    '([^"()\N{RIGHT DOUBLE QUOTATION MARK}]+?)'
    "[\"')\N{RIGHT DOUBLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}](?=\\s|$)"
)


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name without its titles; every part folded (see `fold`).

    `words` are the given and family names in their order, particles among them.
    """

    words: tuple[str, ...]
    suffix: str = ""
    nickname: str = ""

    @property
    def surname(self) -> str:
        return self.words[-1]


@lru_cache(maxsize=100_000)
def take_apart(text: str) -> Name:
    """A name, from words that hold no title: "Robert C. “Bobby” Scott Jr." and "O’Neill"."""
    nickname = _NICKNAME.search(text)
    if nickname:
        text = f"{text[: nickname.start()]} {text[nickname.end() :]}"
    words = [fold(word) for word in re.split(r"[\s,]+", text)]
    words = [word for word in words if word]
    suffix = words.pop() if len(words) > 1 and words[-1] in vocabulary().suffixes else ""
    return Name(tuple(words), suffix, fold(nickname.group(1)) if nickname else "")


@lru_cache(maxsize=100_000)
def fold(word: str) -> str:
    """Lower case, no diacritics or full stops, one kind of apostrophe: "D’Arcy" -> "d'arcy"."""
    word = word.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").replace(".", "")
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).strip()


def same_person(left: Name, right: Name) -> bool:
    """Whether two names of two words or more can be one person's.

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


def short_for(short: Name, full: Name) -> int:
    """How well a short form fits a whole name: 0 not, 1 by its given name, 2 by its surname.

    "Dubose Sr.", "van Aalst" and "Aalst" fit "Clarence van Aalst Sr." by surname, "Clarence" by
    given name, "Smith" does not.
    """
    if short.suffix and short.suffix != full.suffix:
        return 0
    size = len(short.words)
    if short.words == full.words[-size:]:
        return 2
    if size == 1 and short.words[0] in full.surname.split("-"):
        return 2
    if short.words == full.words[:size] or short.words == (full.nickname,):
        return 1
    return 0


def given_gender(name: Name) -> GivenGender | None:
    """What the first word tells, if it is a given name; None where it tells nothing."""
    return given_names().get(name.words[0]) or given_names().get(name.words[0].split("-")[0])


@cache
def given_names() -> dict[str, GivenGender]:
    source = files("quotedex") / "lexicons" / "given_names.toml"
    data = tomllib.loads(source.read_text(encoding="utf-8"))
    genders: tuple[GivenGender, ...] = ("masculine", "feminine", "either")
    return {name: gender for gender in genders for name in data[gender].split()}


def _given_agree(left: Name, right: Name) -> bool:
    """Given names that can be one: "Robert" with "R", "RC", his nickname "Bobby"."""
    a, b = left.words[0], right.words[0]
    return _initial_agree(a, b) or a == right.nickname or b == left.nickname


def _initial_agree(a: str, b: str) -> bool:
    """ "d" and "donald", "jk" and "joan", "ed" and "edward": a beginning stands for a name."""
    short, long = sorted((a, b), key=len)
    initials = len(short) <= 2 and not set(short[1:]) & set("aeiou")
    return long.startswith(short) or (initials and short[0] == long[0])
