"""Whom a text tells of: somebody or something, named or not, and the places where it is told of."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from quotedex.extract.resolve.article import NO_SUBJECT, Standing
from quotedex.models import SpeakerKind
from quotedex.text.lexicon import Gender
from quotedex.text.names import Name

# What a title or a role counts as evidence of gender, and a given name; a pronoun counts 1.
STRONG = 10
LIKELY = 3
_LONGEST = 120  # characters that a name with its titles has at most


@dataclass(slots=True, eq=False)
class Figure:
    """`forms` counts how the article writes the name or, for the nameless, the description."""

    kind: SpeakerKind
    named: bool = False
    names: list[Name] = field(default_factory=list)
    forms: Counter[str] = field(default_factory=Counter)
    genders: Counter[Gender] = field(default_factory=Counter)
    roles: set[str] = field(default_factory=set)
    plural: bool = False
    uses_they: bool = False
    age: str | None = None
    description: str | None = None

    @property
    def name(self) -> str:
        """The fullest form; of equally full ones not the one in capitals, then the most used."""
        return max(
            self.forms,
            key=lambda form: (len(form.split()), not form.isupper(), self.forms[form]),
        )

    @property
    def gender(self) -> Gender:
        """ "any" where nothing tells, or as much for one as for the other."""
        masculine, feminine = self.genders["masculine"], self.genders["feminine"]
        if masculine == feminine:
            return "any"
        return "masculine" if masculine > feminine else "feminine"

    def contradicts(self, gender: Gender) -> bool:
        """Whether a title or role shows another gender; a given name alone shows none."""
        other: Gender = "feminine" if gender == "masculine" else "masculine"
        return gender in ("masculine", "feminine") and (
            self.genders[other] >= STRONG > self.genders[gender]
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Words that tell of a figure. `quoted`: the number of the quotation that they stand in;
    `bearers`: how many people a short name fits equally well."""

    start: int
    end: int
    figure: Figure
    standing: Standing = NO_SUBJECT
    possessive: bool = False
    quoted: int | None = None
    by: Literal["name", "description", "pronoun"] = "name"
    bearers: int = 1


@dataclass(frozen=True, slots=True)
class Answer:
    """Whom a source means, the way in which that was found, why, in words for the reader, and how
    much more likely than others (0 to 1) the figure is that was chosen among several."""

    figure: Figure
    way: Literal["name", "pronoun", "description", "guess", "issuer", "words", "speaker"]
    why: str
    share: float = 1.0


class Trail:
    """All places, in text order: the named ones from the start, others as they are read."""

    def __init__(self, places: Iterable[Place]) -> None:
        self.places: list[Place] = []
        self._starts: list[int] = []
        self._told: dict[Figure, list[Place]] = {}
        for place in sorted(places, key=lambda place: place.start):
            self.add(place)

    def add(self, place: Place) -> None:
        at = bisect_right(self._starts, place.start)
        self._starts.insert(at, place.start)
        self.places.insert(at, place)
        insort(self._told.setdefault(place.figure, []), place, key=lambda other: other.start)

    def back(self, at: int) -> Iterator[Place]:
        """The places that end before a character, the nearest first."""
        for index in range(bisect_right(self._starts, at) - 1, -1, -1):
            if self.places[index].end <= at:
                yield self.places[index]

    def told(self, figure: Figure) -> list[Place]:
        """All places of a figure, in text order."""
        return self._told[figure]

    def figures(self) -> list[Figure]:
        """Everybody, in the order of their first places that were added."""
        return list(self._told)

    def named_within(self, start: int, end: int) -> list[Place]:
        """The places of names that a stretch touches."""
        found = []
        for index in range(bisect_left(self._starts, end) - 1, -1, -1):
            place = self.places[index]
            if place.start < start - _LONGEST:
                break
            if start < place.end and place.by == "name":
                found.append(place)
        return found[::-1]
