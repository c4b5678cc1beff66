"""What speaks for and against two people of one name: common names, and roles that exclude others.

A full name is mostly one person's. It may be several people's if it is as common as "John Smith",
or if their descriptions cannot be of one person: "a plumber" and "a senator", "the mayor of Ashby"
and "the mayor of Derrow". The figures and words are in `lexicons/namesakes.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise

from quotedex.text.lexicon import vocabulary
from quotedex.text.names import Name, normalize

COMMON = 300
"""A name is common if the US census of 1990 lets expect as many bearers or more."""

_POPULATION = 250_000_000
_ELSEWHERE = 500
"""Bearers in 100,000 of a name that is common in another country."""

_BEFORE_PLACE = re.compile(r"\b(?:about|at|by|for|from|in|near|of|on|to|who|whose|with)\b|[,;(]")
# "a harbour pilot before he went into politics", "the mayor until 2019"
_UNTIL = re.compile(r"\buntil\b|\bbefore (?:he|she|they|his|her|their|\d{4}|[a-z]+ing)\b")
_WORKS_AS = re.compile(r"\bwho (?:now )?works as an? ([^,;]{3,60})")
_DOES = re.compile(r"\bwho (?:now )?([a-z]+s)\b(?: an? ((?:[\w-]+ ){0,2}[\w-]+))?")
_OWNER = re.compile(r"^.*(?:['’]s|s['’])\s")
_PLACE = re.compile(
    r"^ ?(?:of|from|in|for) (?:the )?([^\W\d_a-z][\w'’.-]*(?: [^\W\d_a-z][\w'’.-]*)*)"
)


def is_common(name: Name) -> bool:
    """Whether several people of this name are likely: "John Smith", not "John Q. Smith".

    An initial stands for many given names, so a common surname is enough then.
    """
    given, *middle = name.words[:-1] or ("",)
    if middle or name.suffix:
        return False
    known = _namesakes()
    surname = known.surnames.get(name.surname, 0)
    share = 5_000 if len(given) == 1 else known.given.get(given, 0)
    return _POPULATION * share * surname / 10**10 >= COMMON


@lru_cache(maxsize=20_000)
def claims(description: str | None) -> frozenset[str]:
    """What a description says that not everybody of a name can be.

    "a plumber" -> building; "the mayor of Ashby" -> politics, "mayor of ashby"; "a mother of three
    who drives a van" -> transport; nothing for "a friend of the mayor", "the mayor's brother", "a
    former mayor" or "a sailor before he went into politics".
    """
    text = description or ""
    if _UNTIL.search(text):
        return frozenset()
    if end := _BEFORE_PLACE.search(text):
        head, rest = text[: end.start()], text[end.start() :]
    else:
        head, rest = text, ""
    known = _namesakes()
    words = [normalize(word) for word in _OWNER.sub("", head).split()]
    if known.past.intersection(word for part in words for word in (part, part.split("-")[0])):
        return frozenset()
    roles = {vocabulary().title_roles.get(word, word) for word in words}
    found = {*_callings(words), *_activities(rest)}
    if place := _PLACE.match(rest):
        found |= {f"{role} of {normalize(place[1])}" for role in roles & known.local}
    return frozenset(found)


def _callings(words: Sequence[str]) -> Iterator[str]:
    """The callings of some normalized words. Those of "auditor general" and "front-runner" are not
    those of a general and a runner."""
    known = _namesakes()
    left = list(words)
    for one, two in pairwise(words):
        pair = f"{one}-{two}"
        if one in known.games and two in known.stars:
            yield "sport"
        elif pair in known.callings or pair in known.unlike_parts:
            yield from known.callings.get(pair, ())
            left = [word for word in left if word not in (one, two)]
    for word in left:
        yield from known.callings.get(vocabulary().title_roles.get(word, word), ())


def _activities(clause: str) -> Iterator[str]:
    """The callings of what somebody does for work: "who works as a nurse", "who drives a bus"."""
    known = _namesakes()
    if works := _WORKS_AS.search(clause):
        yield from claims(works[1])
    for verb, objects in _DOES.findall(clause):
        if verb in known.activities:
            yield known.activities[verb]
        elif verb == "drives" and not known.drives.isdisjoint(objects.split()):
            yield "transport"


def exclude(left: frozenset[str], right: frozenset[str]) -> bool:
    """Whether two descriptions cannot be of one person, by their claims."""
    places, others = _places(left), _places(right)
    if any(places[role] != others[role] for role in places.keys() & others.keys()):
        return True
    callings = [{each for each in side if " of " not in each} for side in (left, right)]
    compatible = _namesakes().compatible
    return all(callings) and not any(
        one == two or frozenset((one, two)) in compatible
        for one in callings[0]
        for two in callings[1]
    )


def broad_roles() -> frozenset[str]:
    """Roles that say little about who somebody is: "resident"."""
    return _namesakes().broad


@dataclass(frozen=True, slots=True)
class _Namesakes:
    given: Mapping[str, int]
    surnames: Mapping[str, int]
    callings: Mapping[str, tuple[str, ...]]
    games: frozenset[str]
    stars: frozenset[str]
    activities: Mapping[str, str]
    drives: frozenset[str]
    compatible: frozenset[frozenset[str]]
    local: frozenset[str]
    past: frozenset[str]
    unlike_parts: frozenset[str]
    broad: frozenset[str]


@cache
def _namesakes() -> _Namesakes:
    source = files("quotedex") / "lexicons" / "namesakes.toml"
    data = tomllib.loads(source.read_text(encoding="utf-8"))
    shares = {which: _shares(data["shares"][which]) for which in ("given", "surnames")}
    for which, names in shares.items():
        for name in data["elsewhere"][which].split():
            names[name] = max(names.get(name, 0), _ELSEWHERE)
    exclusion, activities = data["exclusion"], data["activities"]
    callings: dict[str, tuple[str, ...]] = {}
    for calling, nouns in data["callings"].items():
        for noun in nouns.split():
            callings[noun] = (*callings.get(noun, ()), calling)
    return _Namesakes(
        given=shares["given"],
        surnames=shares["surnames"],
        callings=callings,
        **{which: frozenset(data["sport"][which].split()) for which in ("games", "stars")},
        activities=dict(pair.split(":") for pair in activities["verbs"].split()),
        drives=frozenset(activities["drives"].split()),
        compatible=frozenset(frozenset(pair.split()) for pair in exclusion["compatible"]),
        **{
            which: frozenset(exclusion[which].split())
            for which in ("local", "past", "unlike_parts", "broad")
        },
    )


def _shares(names: str) -> dict[str, int]:
    """ "smith:1006 johnson:810", bearers in 100,000."""
    pairs = (each.split(":") for each in names.split())
    return {name: int(share) for name, share in pairs}


def _places(found: frozenset[str]) -> dict[str, str]:
    """ "mayor of ashby" -> {"mayor": "ashby"}."""
    pairs = (each.partition(" of ") for each in found)
    return {role: place for role, of, place in pairs if of}
