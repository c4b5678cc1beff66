"""Decide which speakers of different articles are the same.

One full name is one person, unless something speaks against it. A name like "John Smith", a name
with only an initial and two forms of a name ("Mara Ilves", "M. Ilves") need something that joins
them: a role or a place that both articles give ("the mayor"), or another name that occurs in both.
Descriptions that cannot be of one person ("a plumber", "a senator") make two people.

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
from quotedex.text.namesakes import broad_roles, claims, exclude, is_common
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
_SAME_ROLE = {"mum": "mother", "mom": "mother", "dad": "father"}
# Words have an end: "O'O'O'..." could begin at each letter and be read to its end from there.
_PROPER_NAME = re.compile(
    r"\b[^\W\d_a-z][\w'-]{0,60}\.?(?: (?:of |and )?[^\W\d_a-z](?:\.(?= [^\W\d_a-z])|[\w'-]+))+"
)

_PROPER_WORD = re.compile(r"(?<=[a-z] )[^\W\d_a-z][\w-]{3,}")


@dataclass(frozen=True, slots=True)
class ArticleSpeaker:
    """One speaker of one article.

    `article` is its identity. `co_mentioned_names` are the full names in its text, as the function
    of this name finds them; for people only. `outlet` is what published the article.
    """

    article: str
    name: str
    kind: SpeakerKind
    description: str | None = None
    co_mentioned_names: frozenset[str] = frozenset()
    outlet: str | None = None


@dataclass(frozen=True, slots=True)
class Bearer:
    """A name, and what a description claims of who bears it (see `namesakes.claims`)."""

    name: Name
    claims: frozenset[str] = frozenset()


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


def bearer(speaker: ArticleSpeaker) -> Bearer:
    """The name of a speaker with what the description claims."""
    return Bearer(parse_name(speaker.name), claims(speaker.description))


def name_classes(bearers: Collection[Bearer]) -> dict[Bearer, str | None]:
    """Class label of each full name with one surname; bearers of a class can be the same person.

    "Mara Ilves" and "Mara D. Ilves" share a class. If "Mara F. Ilves" occurs too, "Mara Ilves" can
    be either of them and gets a class of its own. A class that claims both "plumber" and "senator"
    is split between them. Whoever can be either, such as a bearer who is not described, gets None.
    """
    compatible = _compatible_names({each.name for each in bearers})
    twins: dict[frozenset[Name], set[Bearer]] = defaultdict(set)
    for each in bearers:
        twins[compatible[each.name]].add(each)
    classes: dict[Bearer, str | None] = {}
    for members in twins.values():
        label = min(name_label(each.name) for each in members)
        parts = _parts_by_claims({each.claims for each in members})
        for each in members:
            part = parts[each.claims]
            classes[each] = part if part is None else f"{label}{part}"
    return classes


def name_label(name: Name) -> str:
    """All parts of a name in one string: "robert c scott jr (bobby)"."""
    words = " ".join((*name.words, name.suffix)).strip()
    return f"{words} ({name.nickname})" if name.nickname else words


def link_evidence(speaker: ArticleSpeaker) -> frozenset[int]:
    """Hashes of what links this speaker to others of its name class who share one of them.

    One for each role and place of the description and for each full name in the article. Then one
    for the name itself, or for a common name one for the outlet.
    """
    name = parse_name(speaker.name)
    evidence = {*_evidence(speaker)}
    if is_common(name):
        evidence -= {f"is {role}" for role in broad_roles()}
        evidence |= {f"in {speaker.outlet}"} if speaker.outlet else set()
    elif is_full_name(name) and len(name.words[0]) > 1:
        evidence.add(f"named {name.words[0]} {name.suffix}")
    return _hashes(name, evidence)


def choice_evidence(speaker: ArticleSpeaker) -> frozenset[int]:
    """The hashes that count for a speaker who can be one of several people.

    They are those of roles, places and other names: the name itself and the outlet do not tell
    between people.
    """
    return _hashes(parse_name(speaker.name), set(_evidence(speaker)))


def can_be(name: Name, other: Name) -> bool:
    """Whether a speaker who can be one of several people can be the one of another name."""
    if not is_full_name(name):
        return True
    # News uses a suffix to distinguish people: "Clarence Dubose" is seldom the junior.
    return name.suffix == other.suffix and same_person(name, other)


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
    bearers = {member: bearer(member) for member in members}
    classes = name_classes({each for each in bearers.values() if is_full_name(each.name)})
    labels = {member: classes.get(each) for member, each in bearers.items()}
    first_with: dict[int, dict[str, ArticleSpeaker]] = defaultdict(dict)
    for member, label in labels.items():
        for evidence in link_evidence(member) if label is not None else ():
            first = first_with[evidence].setdefault(label or "", member)
            people.union(first, member)
    chosen = {
        member: majority_speaker(
            Counter(
                people.find(first)
                for evidence in choice_evidence(member)
                for first in first_with[evidence].values()
                if can_be(bearers[member].name, bearers[first].name)
            )
        )
        for member, label in labels.items()
        if label is None
    }
    for member, person in chosen.items():
        if person is not None:
            people.union(person, member)
    return people.sets(_order)


def _parts_by_claims(found: Collection[frozenset[str]]) -> dict[frozenset[str], str | None]:
    """A label of the part of a class that makes these claims; None for those of several parts.

    The label is empty if no two exclude each other.
    """
    compatible = {each: {other for other in found if not exclude(each, other)} for each in found}
    if all(len(others) == len(found) for others in compatible.values()):
        return dict.fromkeys(found, "")
    certain = {
        each
        for each, others in compatible.items()
        if all(others <= compatible[other] for other in others)
    }
    return {
        each: f"; {min(', '.join(sorted(other)) for other in others & certain)}"
        if each in certain
        else None
        for each, others in compatible.items()
    }


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
                if can_be(left, right):
                    compatible[left].add(right)
                    compatible[right].add(left)
    return {name: frozenset(others) for name, others in compatible.items()}


def _hashes(name: Name, evidence: Iterable[str]) -> frozenset[int]:
    surname = "".join(name.words[-1:])
    return frozenset(stable_hash(f"{surname} {item}") for item in evidence)


def _evidence(speaker: ArticleSpeaker) -> Iterator[str]:
    """ "is mayor", "of ashby", "with una reyes"."""
    words = (normalize(word) for word in re.split(r"[\s-]+", speaker.description or ""))
    roles = frozenset(_SAME_ROLE.get(role, role) for role in implied_roles(tuple(words)))
    for role in roles - _VAGUE_ROLES:
        yield f"is {role}"
    for place in _PROPER_WORD.findall(speaker.description or ""):
        yield f"of {normalize(place)}"
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
