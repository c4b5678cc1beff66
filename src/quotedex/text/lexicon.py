"""Words that several stages look up: reporting verbs, titles, pronouns, roles, particles of names.

The words and their sources are in `lexicons/<language>.toml`. This module adds the inflected forms
("say" -> "said", "official" -> "officials") and keeps the result.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

Gender = Literal["masculine", "feminine", "neuter", "any"]
Number = Literal["singular", "plural", "any"]


@dataclass(frozen=True, slots=True)
class Pronoun:
    """The gender, number and person that a pronoun's antecedent must agree with."""

    gender: Gender
    number: Number
    person: int
    kind: str


@dataclass(frozen=True, slots=True)
class Role:
    """A noun for people by what they are or do: "spokeswoman", "officials"."""

    lemma: str
    gender: Gender
    number: Number


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words in lower case and without full stops ("Sen." is "sen").

    `cues` maps each form to its verb ("said" -> "say"), `titles` each title to its gender.
    """

    cues: Mapping[str, str]
    titles: Mapping[str, Gender]
    pronouns: Mapping[str, Pronoun]
    roles: Mapping[str, Role]
    organization_nouns: frozenset[str]
    document_nouns: frozenset[str]
    vague_nouns: frozenset[str]


@cache
def lexicon(language: str = "en") -> Lexicon:
    """The lexicon of a language, read once. Raises FileNotFoundError for any but "en"."""
    source = files("quotedex") / "lexicons" / f"{language}.toml"
    data = tomllib.loads(source.read_text(encoding="utf-8"))
    return Lexicon(
        cues=MappingProxyType(_cue_forms(data)),
        titles=MappingProxyType(_titles(data["titles"])),
        pronouns=MappingProxyType({word: Pronoun(**v) for word, v in data["pronouns"].items()}),
        roles=MappingProxyType(_roles(data["roles"])),
        organization_nouns=frozenset(data["organizations"]["nouns"]),
        document_nouns=frozenset(data["organizations"]["documents"]),
        vague_nouns=frozenset(data["topics"]["vague"]),
    )


def _cue_forms(data: Mapping[str, Any]) -> dict[str, str]:
    """Every form of every reporting verb, with its lemma: {"says": "say", "said": "say", ...}."""
    irregular = data["inflection"]
    doubling = frozenset(data["inflection_rules"]["doubling"])
    forms: dict[str, str] = {}
    for lemma in data["cues"]["verbs"]:
        for form in (lemma, *irregular.get(lemma, _inflect(lemma, lemma in doubling))):
            forms.setdefault(form, lemma)
    return forms


def _inflect(lemma: str, doubles: bool) -> tuple[str, str, str]:
    """Third person, past and present participle: "reply" -> "replies", "replied", "replying"."""
    if lemma.endswith("y") and lemma[-2] not in "aeiou":
        return f"{lemma[:-1]}ies", f"{lemma[:-1]}ied", f"{lemma}ing"
    if lemma.endswith("e"):
        return f"{lemma}s", f"{lemma}d", f"{lemma[:-1]}ing"
    third = f"{lemma}es" if lemma.endswith(("s", "x", "z", "ch", "sh")) else f"{lemma}s"
    stem = lemma + lemma[-1] if doubles else lemma
    return third, f"{stem}ed", f"{stem}ing"


def _titles(sections: Mapping[str, Iterable[str]]) -> dict[str, Gender]:
    return {title: gender for gender, titles in _by_gender(sections) for title in titles}


def _roles(sections: Mapping[str, Any]) -> dict[str, Role]:
    """Both numbers of each role noun: "official" and "officials"."""
    plurals: Mapping[str, str] = sections["plurals"]
    roles: dict[str, Role] = {}
    for gender, nouns in _by_gender(sections):
        for noun in nouns:
            roles[noun] = Role(noun, gender, "singular")
            roles.setdefault(_plural(noun, plurals), Role(noun, gender, "plural"))
    return roles


def _by_gender(sections: Mapping[str, Iterable[str]]) -> Iterator[tuple[Gender, Iterable[str]]]:
    """The words under "masculine", "feminine" and "neutral", the last as gender "any"."""
    yield "masculine", sections["masculine"]
    yield "feminine", sections["feminine"]
    yield "any", sections["neutral"]


def _plural(noun: str, irregular: Mapping[str, str]) -> str:
    """The plural of a role noun: "spokesmen" (it ends in "man"), "allies", "witnesses"."""
    for singular, plural in irregular.items():
        if noun.endswith(singular):
            return noun[: -len(singular)] + plural
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return f"{noun[:-1]}ies"
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return f"{noun}es"
    return f"{noun}s"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words that resolution needs, in lower case and without full stops.

    `title_roles` maps a title to its role ("sen" -> "senator"), `broader_roles` a role to more
    general ones ("senator" -> "lawmaker").
    """

    calendar: frozenset[str]
    openers: frozenset[str]
    fillers: frozenset[str]
    particles: frozenset[str]
    suffixes: frozenset[str]
    courtesy: frozenset[str]
    academic: frozenset[str]
    affiliations: frozenset[str]
    companies: frozenset[str]
    ranks: frozenset[str]
    police_ranks: frozenset[str]
    places: frozenset[str]
    collective: frozenset[str]
    abbreviations: frozenset[str]
    credentials: frozenset[str]
    several: frozenset[str]
    definite: frozenset[str]
    title_roles: Mapping[str, str]
    broader_roles: Mapping[str, tuple[str, ...]]


@cache
def vocabulary(language: str = "en") -> Vocabulary:
    """The vocabulary of a language, read once. Raises FileNotFoundError for any but "en"."""
    source = files("quotedex") / "lexicons" / f"{language}.toml"
    data = tomllib.loads(source.read_text(encoding="utf-8"))["resolution"]
    return Vocabulary(
        **{field.name: frozenset(data[field.name]) for field in fields(Vocabulary)[:-2]},
        title_roles=data["title_roles"],
        broader_roles={role: tuple(words) for role, words in data["broader_roles"].items()},
    )


def is_abbreviation(word: str) -> bool:
    """Whether a word keeps its full stop within a sentence: "Sen", and the "J" of "J. Poole"."""
    return len(word) == 1 or word.casefold() in vocabulary().abbreviations


@lru_cache(maxsize=20_000)
def named_roles(words: tuple[str, ...]) -> frozenset[str]:
    """The roles among some normalized words: ("vermont", "sen") -> senator."""
    known = lexicon()
    roles = (vocabulary().title_roles.get(word, word) for word in words)
    return frozenset(
        role
        for role in roles
        if role not in vocabulary().courtesy and (role in known.roles or role in known.titles)
    )


@lru_cache(maxsize=20_000)
def implied_roles(words: tuple[str, ...]) -> frozenset[str]:
    """The roles among some normalized words, and the more general ones that these imply.

    ("vermont", "sen") -> senator, lawmaker, legislator, politician.
    """
    roles = named_roles(words)
    return roles.union(*(vocabulary().broader_roles.get(role, ()) for role in roles))


@cache
def resolver_weights() -> Mapping[str, Mapping[str, float]]:
    """Table -> feature -> weight, as training/fit_resolver.py wrote them."""
    source = files("quotedex") / "lexicons" / "weights.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))
