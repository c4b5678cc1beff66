"""The words of the lexicon that only resolution looks up."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from importlib.resources import files

from quotedex.lexicon import lexicon


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """`title_roles`: "sen" -> "senator"; `broader_roles`: "senator" -> "lawmaker" and more."""

    calendar: frozenset[str]
    openers: frozenset[str]
    particles: frozenset[str]
    suffixes: frozenset[str]
    courtesy: frozenset[str]
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
    source = files("quotedex") / "lexicons" / f"{language}.toml"
    data = tomllib.loads(source.read_text(encoding="utf-8"))["resolution"]
    return Vocabulary(
        **{field.name: frozenset(data[field.name]) for field in fields(Vocabulary)[:-2]},
        title_roles=data["title_roles"],
        broader_roles={role: tuple(words) for role, words in data["broader_roles"].items()},
    )


@lru_cache(maxsize=20_000)
def plain_roles(words: tuple[str, ...]) -> frozenset[str]:
    """The roles that some folded words name: ("vermont", "sen") -> senator."""
    known = lexicon()
    roles = (vocabulary().title_roles.get(word, word) for word in words)
    return frozenset(
        role
        for role in roles
        if role not in vocabulary().courtesy and (role in known.roles or role in known.titles)
    )


@lru_cache(maxsize=20_000)
def roles_of(words: tuple[str, ...]) -> frozenset[str]:
    """The roles that some folded words name, with their broader words.

    ("vermont", "sen") -> senator, lawmaker, legislator, politician.
    """
    roles = plain_roles(words)
    return roles.union(*(vocabulary().broader_roles.get(role, ()) for role in roles))
