"""Entities in a document and their mentions."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

from quotedex.extract.resolve.article import NO_SUBJECT, GrammaticalRole
from quotedex.models import Span, SpeakerKind
from quotedex.text.lexicon import Gender
from quotedex.text.names import Name

# Evidence of gender: a title or a role, a given name; a pronoun counts 1.
STRONG_EVIDENCE = 10
WEAK_EVIDENCE = 3
_MAX_NAME_CHARS = 120  # of a name with its titles
_MAX_MENTIONS_TO_SUBJECT = 200

Method = Literal["name", "pronoun", "description", "issuer", "words", "speaker"]
"""How an entity was found."""


@dataclass(slots=True, eq=False)
class Entity:
    """A person, organization or group that a document mentions, with what is known of it so far.

    `forms` counts the forms of the name in the article or, without a name, its description.
    """

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
        """The form with most words; of equal ones not the one in capitals, then the most used."""
        return max(
            self.forms,
            key=lambda form: (len(form.split()), not form.isupper(), self.forms[form]),
        )

    @property
    def gender(self) -> Gender:
        """The gender with more evidence, "any" without evidence or with equal evidence."""
        masculine, feminine = self.genders["masculine"], self.genders["feminine"]
        if masculine == feminine:
            return "any"
        return "masculine" if masculine > feminine else "feminine"

    def contradicts(self, gender: Gender) -> bool:
        """Whether a title or role shows another gender; a given name alone is not enough."""
        other: Gender = "feminine" if gender == "masculine" else "masculine"
        return gender in ("masculine", "feminine") and (
            self.genders[other] >= STRONG_EVIDENCE > self.genders[gender]
        )


@dataclass(frozen=True, slots=True)
class Mention:
    """Words that refer to an entity.

    `quotation` is the number of the quotation around them. `bearers` counts the people whom a short
    name fits equally well.
    """

    start: int
    end: int
    entity: Entity
    grammatical_role: GrammaticalRole = NO_SUBJECT
    possessive: bool = False
    quotation: int | None = None
    form: Literal["name", "description", "pronoun"] = "name"
    bearers: int = 1


@dataclass(frozen=True, slots=True)
class Resolution:
    """The entity that a source's mention refers to, how it was found, and why in plain words.

    `probability` is that of the entity among several candidates.
    """

    entity: Entity
    method: Method
    why: str
    probability: float = 1.0


class DiscourseModel:
    """All mentions in text order: the named ones from the start, others added as they are read.

    `times_source` counts the sources that name each entity.
    """

    def __init__(self, mentions: Iterable[Mention], sources: Iterable[Span] = ()) -> None:
        self.mentions: list[Mention] = []
        self._starts: list[int] = []
        self._by_entity: dict[Entity, list[Mention]] = {}
        for mention in sorted(mentions, key=lambda mention: mention.start):
            self.add(mention)
        self.times_source = Counter(
            mention.entity
            for source in sources
            for mention in self.names_overlapping(source.start, source.end)
        )

    def add(self, mention: Mention) -> None:
        at = bisect_right(self._starts, mention.start)
        self._starts.insert(at, mention.start)
        self.mentions.insert(at, mention)
        own = self._by_entity.setdefault(mention.entity, [])
        insort(own, mention, key=lambda other: other.start)

    def entities(self) -> list[Entity]:
        """All entities, in the order in which their first mentions were added."""
        return list(self._by_entity)

    def mentions_of(self, entity: Entity) -> list[Mention]:
        """All mentions of an entity, in text order."""
        return self._by_entity[entity]

    def preceding(self, at: int) -> Iterator[Mention]:
        """The mentions that end at or before a character, nearest first."""
        for index in range(bisect_right(self._starts, at) - 1, -1, -1):
            if self.mentions[index].end <= at:
                yield self.mentions[index]

    def last_subject(self, at: int) -> Entity | None:
        """The entity of the last main subject before a character, outside of quotations."""
        for mention in islice(self.preceding(at), _MAX_MENTIONS_TO_SUBJECT):
            if mention.quotation is None and mention.grammatical_role.in_main_clause:
                return mention.entity
        return None

    def names_overlapping(self, start: int, end: int) -> list[Mention]:
        """The mentions by name that share a character with a span, in text order."""
        found = []
        for index in range(bisect_left(self._starts, end) - 1, -1, -1):
            mention = self.mentions[index]
            if mention.start < start - _MAX_NAME_CHARS:
                break
            if start < mention.end and mention.form == "name":
                found.append(mention)
        return found[::-1]
