"""Whom a text tells of: somebody or something, named or not, and the places where it is told of."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from quotedex.lexicon import Gender
from quotedex.models import SpeakerKind
from quotedex.resolve.names import Name


@dataclass(slots=True, eq=False)
class Figure:
    """`forms` counts how the article writes the name or, for the nameless, the description."""

    kind: SpeakerKind
    names: list[Name] = field(default_factory=list)
    forms: Counter[str] = field(default_factory=Counter)
    genders: Counter[Gender] = field(default_factory=Counter)
    roles: set[str] = field(default_factory=set)
    plural: bool = False
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

    @property
    def named(self) -> bool:
        return bool(self.names)


@dataclass(frozen=True, slots=True)
class Place:
    """Words that tell of a figure. `quoted`: inside a quotation; `subject`: of its clause."""

    start: int
    end: int
    figure: Figure
    subject: bool = False
    possessive: bool = False
    quoted: bool = False
    pronoun: bool = False


@dataclass(slots=True)
class Trail:
    """All places, in text order: the named ones from the start, others as they are read."""

    places: list[Place]

    def add(self, place: Place) -> None:
        insort(self.places, place, key=lambda other: other.start)

    def back(self, at: int) -> Iterator[Place]:
        """The places that end before a character, the nearest first."""
        index = bisect_right(self.places, at, key=lambda place: place.start)
        return (place for place in reversed(self.places[:index]) if place.end <= at)

    def named_within(self, start: int, end: int) -> list[Place]:
        return [
            place
            for place in self.places
            if place.start < end and start < place.end and place.figure.forms and not place.pronoun
        ]
