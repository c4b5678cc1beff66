"""Decide which speakers of different articles are the same.

A name alone proves little, since two plumbers may be called John Osei. The speakers of two articles
are one person if their names can belong to the same person and there is further evidence: a role
that both articles give ("the mayor"), or another name that occurs in both. Without it they stay
apart, because a user can merge two rows with a list of people, but not split one.

Every rule depends on the whole set of speakers and not on their order, and most rules only ever
merge. So a store can add one article at a time and get the same result as for all at once.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from quotedex.link.union_find import DisjointSets
from quotedex.models import SpeakerKind
from quotedex.text.lexicon import implied_roles, lexicon, vocabulary
from quotedex.text.names import Name, normalize, parse_name, same_person, short_form_score
from quotedex.text.wording import stable_hash

Person = TypeVar("Person", bound=Hashable)

IN_ARTICLE = " @ "
"""Separates a name from the identity of an article, for a name that is meant in that one only."""

LISTED = "listed: "
"""Begins the blocking keys of speakers on the user's list."""

_PERSON = "person: "
_UNNAMED = ("anonymous in ", "group in ", "organization in ")
_ARTICLES = frozenset({"the", "a", "an"})
_VAGUE_ROLES = frozenset({"leader", "politician", "officer", "official", "head", "chief", "boss"})
_PROPER_NAME = re.compile(
    r"\b[^\W\d_a-z][\w'-]*\.?(?: (?:of |and )?[^\W\d_a-z](?:\.(?= [^\W\d_a-z])|[\w'-]+))+"
)


@dataclass(frozen=True, slots=True)
class ArticleSpeaker:
    """One speaker of one article.

    `article` is its identity. `co_mentioned_names` are the full names in its text, as the function
    of this name finds them; for people only.
    """

    article: str
    name: str
    kind: SpeakerKind
    description: str | None = None
    co_mentioned_names: frozenset[str] = frozenset()


def link_speakers(
    speakers: Iterable[ArticleSpeaker], listed: Mapping[str, str] | None = None
) -> list[list[ArticleSpeaker]]:
    """Partition the speakers of articles into groups that are one speaker each.

    Groups and their members are in the order of article, kind and name. `listed` maps names to
    entries of the user's list (see `people_list.entries_by_name`), which overrides the rules.
    """
    blocks: dict[str, list[ArticleSpeaker]] = defaultdict(list)
    for speaker in sorted(set(speakers), key=_order):
        blocks[blocking_key(speaker, listed or {})].append(speaker)
    groups = [
        group
        for key, members in blocks.items()
        for group in (_link_people(members) if is_person_key(key) else [members])
    ]
    return sorted(groups, key=lambda group: _order(group[0]))


def co_mentioned_names(text: str) -> frozenset[str]:
    """The names of two words or more in an article."""
    return frozenset(filter(None, map(_without_openers, set(_PROPER_NAME.findall(text)))))


def blocking_key(speaker: ArticleSpeaker, listed: Mapping[str, str]) -> str:
    """What speakers must share to be compared at all.

    That is the surname of a person, the name of an organization, or the entry of the user's list.
    An anonymous source has a key within its article only.
    """
    name = normalized_name(speaker.name)
    proper = speaker.kind == "person" or (
        speaker.kind != "anonymous" and _is_proper_name(speaker.name)
    )
    entry = listed.get(f"{name}{IN_ARTICLE}{speaker.article}") or (
        listed.get(name) if proper else None
    )
    if entry and speaker.kind != "anonymous":
        return f"{LISTED}{entry}"
    if speaker.kind == "person":
        return f"{_PERSON}{_surname(speaker.name)}"
    return f"{speaker.kind}: {name}" if proper else f"{speaker.kind} in {speaker.article}: {name}"


def is_person_key(key: str) -> bool:
    """Whether several people may share this blocking key; any other key belongs to one speaker."""
    return key.startswith(_PERSON)


def is_unnamed_key(key: str) -> bool:
    """Whether this is the blocking key of an anonymous source or an unnamed group, who are others
    in every article."""
    return key.startswith(_UNNAMED)


def normalized_name(name: str) -> str:
    """In lower case and without a leading article: "The Washington Post" -> "washington post"."""
    words = [normalize(word) for word in name.split()]
    return " ".join(words[1:] if len(words) > 1 and words[0] in _ARTICLES else words)


def is_full_name(name: Name) -> bool:
    """Whether the name is more than a surname."""
    return len(name.words) > 1 or bool(name.suffix)


def name_classes(names: Collection[Name]) -> dict[Name, str]:
    """Class label of each full name with one surname; names of a class can be the same person's.

    "Mara Ilves" and "Mara D. Ilves" share a class. If "Mara F. Ilves" occurs too, "Mara Ilves" can
    be either of them and gets a class of its own.
    """
    compatible = _compatible_names(names)
    twins: dict[frozenset[Name], list[str]] = defaultdict(list)
    for name in names:
        twins[compatible[name]].append(name_label(name))
    return {name: min(twins[compatible[name]]) for name in names}


def name_label(name: Name) -> str:
    """All parts of a name in one string: "robert c scott jr (bobby)"."""
    words = " ".join((*name.words, name.suffix)).strip()
    return f"{words} ({name.nickname})" if name.nickname else words


def link_evidence(speaker: ArticleSpeaker) -> frozenset[int]:
    """Hashes, one for each role of the person and for each full name in the article.

    Two people with one surname who share a hash are linked if their names allow it.
    """
    surname = _surname(speaker.name)
    return frozenset(stable_hash(f"{surname} {item}") for item in _evidence(speaker))


def majority_speaker(shared: Mapping[Person, int]) -> Person | None:
    """The person that a surname alone stands for, given how much evidence it shares with each.

    It is the one with the most, if that is at least twice as much as for any other person.
    """
    ranked = Counter(shared).most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] < 2 * ranked[1][1]):
        return None
    return ranked[0][0]


def _link_people(members: Sequence[ArticleSpeaker]) -> list[list[ArticleSpeaker]]:
    """Partition the members of one block by person."""
    people = DisjointSets(members)
    names = {member: parse_name(member.name) for member in members}
    classes = name_classes({name for name in names.values() if is_full_name(name)})
    first_with: dict[int, dict[str, ArticleSpeaker]] = defaultdict(dict)
    for member in members:
        if is_full_name(names[member]):
            for evidence in link_evidence(member):
                first = first_with[evidence].setdefault(classes[names[member]], member)
                people.union(first, member)
    for member in members:
        if not is_full_name(names[member]):
            shared = Counter(
                people.find(first)
                for evidence in link_evidence(member)
                for first in first_with[evidence].values()
            )
            majority = majority_speaker(shared)
            if majority is not None:
                people.union(majority, member)
    return people.sets(_order)


def _compatible_names(names: Collection[Name]) -> dict[Name, frozenset[Name]]:
    """Each name with those that can be the same person's, itself included."""
    by_letter: dict[str, list[Name]] = defaultdict(list)
    for name in names:
        for letter in {name.words[0][:1], name.nickname[:1]} - {""}:
            by_letter[letter].append(name)
    compatible: dict[Name, set[Name]] = {name: {name} for name in names}
    for alike in by_letter.values():
        for index, left in enumerate(alike):
            for right in alike[index + 1 :]:
                # News uses a suffix to distinguish people: "Clarence Dubose" is seldom the junior.
                if left.suffix == right.suffix and same_person(left, right):
                    compatible[left].add(right)
                    compatible[right].add(left)
    return {name: frozenset(others) for name, others in compatible.items()}


def _evidence(speaker: ArticleSpeaker) -> Iterator[str]:
    """ "is mayor", "with una reyes"."""
    words = tuple(normalize(word) for word in (speaker.description or "").split())
    for role in implied_roles(words) - _VAGUE_ROLES:
        yield f"is {role}"
    name = parse_name(speaker.name)
    for other in speaker.co_mentioned_names:
        if short_form_score(name, parse_name(other)) == 0:
            yield f"with {normalized_name(other)}"


def _surname(name: str) -> str:
    """Empty for a name without letters."""
    return "".join(parse_name(name).words[-1:])


def _without_openers(name: str) -> str | None:
    """ "In New York" -> "New York"; None for "On Monday", "Mr Osei" and other single words."""
    known = vocabulary()
    words = name.split()
    while words and normalize(words[0]) in known.openers | known.courtesy:
        del words[0]
    if len(words) < 2 or any(normalize(word) in known.calendar for word in words):
        return None
    return " ".join(words)


def _is_proper_name(name: str) -> bool:
    """ "White House officials" are the same in every article, "protesters" are not."""
    first, *others = name.split() or [""]
    return any(word[0].isupper() for word in others) or (
        first[:1].isupper() and not {normalize(first)} & (set(lexicon().roles) | _ARTICLES)
    )


def _order(speaker: ArticleSpeaker) -> tuple[str, str, str]:
    return speaker.article, speaker.kind, speaker.name
