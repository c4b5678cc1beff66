"""Which speakers of different articles are one.

A name alone proves little: two plumbers may be called John Osei. Two sightings are one person when
their names can be one person's and something else joins them: what they are said to be, or others
whom both articles name. Where that is missing they stay apart; a reader can join two rows by the
authority file, but not take one apart.

Every rule looks at the whole of what is known and at no order, and most only ever join. So a store
can add an article to what it has linked, and come out as if it had linked everything at once.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeVar

from quotedex.link.union_find import Groups
from quotedex.models import SpeakerKind
from quotedex.text.lexicon import implied_roles, lexicon, vocabulary
from quotedex.text.names import Name, normalize, parse_name, same_person, short_form_score

Who = TypeVar("Who", bound=Hashable)

IN_ARTICLE = " @ "
"""Stands between a name and the location of the one article in which it is meant."""

LISTED = "listed: "
_SMALL_WORDS = frozenset({"the", "a", "an"})
_EMPTY_ROLES = frozenset({"leader", "politician", "officer", "official", "head", "chief", "boss"})
_PROPER_NAME = re.compile(
    r"\b[^\W\d_a-z][\w'-]*\.?(?: (?:of |and )?[^\W\d_a-z](?:\.(?= [^\W\d_a-z])|[\w'-]+))+"
)


@dataclass(frozen=True, slots=True)
class Sighting:
    """One speaker in one article; `company` is the names of others in it, as `company` finds."""

    article: str
    name: str
    kind: SpeakerKind
    description: str | None = None
    company: frozenset[str] = frozenset()


def link_speakers(
    sightings: Iterable[Sighting], listed: Mapping[str, str] | None = None
) -> list[list[Sighting]]:
    """The sightings in groups of one speaker each, all in the order of article and name.

    `listed` (name -> whose it is, see `authority.whose`) wins over guesses.
    """
    blocks: dict[str, list[Sighting]] = defaultdict(list)
    for sighting in sorted(set(sightings), key=_order):
        blocks[block(sighting, listed or {})].append(sighting)
    groups = [
        group
        for name, members in blocks.items()
        for group in (_people(members) if is_of_people(name) else [members])
    ]
    return sorted(groups, key=lambda group: _order(group[0]))


def company(text: str) -> frozenset[str]:
    """The names of two words or more in an article, as `Sighting` wants them."""
    return frozenset(filter(None, map(_without_openers, set(_PROPER_NAME.findall(text)))))


def block(sighting: Sighting, listed: Mapping[str, str]) -> str:
    """What speakers must have in common to be one: the surname, the organization's name, for the
    nameless the article itself."""
    plain = plain_name(sighting.name)
    proper = sighting.kind == "person" or (
        sighting.kind != "anonymous" and _is_proper(sighting.name)
    )
    here = f"{plain}{IN_ARTICLE}{sighting.article}"
    line = listed.get(here) or (listed.get(plain) if proper else None)
    if line and sighting.kind != "anonymous":
        return f"{LISTED}{line}"
    if sighting.kind == "person":
        return f"person: {_surname(sighting.name)}"
    return (
        f"{sighting.kind}: {plain}" if proper else f"{sighting.kind} in {sighting.article}: {plain}"
    )


def is_of_people(block: str) -> bool:
    """Whether a block holds several speakers; all sightings of another are one."""
    return block.startswith("person: ")


def plain_name(name: str) -> str:
    """Folded, without the article: "The Washington Post" -> "washington post"."""
    words = [normalize(word) for word in name.split()]
    return " ".join(words[1:] if len(words) > 1 and words[0] in _SMALL_WORDS else words)


def is_whole(name: Name) -> bool:
    """Whether it is more than a surname."""
    return len(name.words) > 1 or bool(name.suffix)


def name_classes(names: Collection[Name]) -> dict[Name, str]:
    """Whole names of one surname -> the class of those that can be one person's.

    "Mara Ilves" and "Mara D. Ilves" are in one class; where "Mara F. Ilves" is known too, the name
    between them can be either's, and is in a class of its own.
    """
    near = _neighbours(names)
    twins: dict[frozenset[Name], list[str]] = defaultdict(list)
    for name in names:
        twins[near[name]].append(spelled(name))
    return {name: min(twins[near[name]]) for name in names}


def spelled(name: Name) -> str:
    """The parts of a name in a line: "robert c scott jr (bobby)"."""
    words = " ".join((*name.words, name.suffix)).strip()
    return f"{words} ({name.nickname})" if name.nickname else words


def ties(sighting: Sighting) -> frozenset[int]:
    """Numbers that two sightings of one block share when something joins them: a role, a whole
    name beside it."""
    surname = _surname(sighting.name)
    return frozenset(_number(f"{surname} {reason}") for reason in _reasons(sighting))


def whom_most(shared: Mapping[Who, int]) -> Who | None:
    """Whom a surname alone stands for: who shares most ties with it, and twice those of any other.

    `shared` counts the ties by person.
    """
    ranked = Counter(shared).most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] < 2 * ranked[1][1]):
        return None
    return ranked[0][0]


def _surname(name: str) -> str:
    """Empty for a name without a letter."""
    return "".join(parse_name(name).words[-1:])


def _people(members: Sequence[Sighting]) -> list[list[Sighting]]:
    """The members of one block of people, by person."""
    groups = Groups(members)
    names = {sighting: parse_name(sighting.name) for sighting in members}
    classes = name_classes({name for name in names.values() if is_whole(name)})
    tied: dict[int, dict[str, Sighting]] = defaultdict(dict)
    for sighting in members:
        if is_whole(names[sighting]):
            for tie in ties(sighting):
                groups.join(tied[tie].setdefault(classes[names[sighting]], sighting), sighting)
    for sighting in members:
        if not is_whole(names[sighting]):
            shared = Counter(
                groups.leader(bearer) for tie in ties(sighting) for bearer in tied[tie].values()
            )
            meant = whom_most(shared)
            if meant is not None:
                groups.join(meant, sighting)
    return groups.all(_order)


def _neighbours(names: Collection[Name]) -> dict[Name, frozenset[Name]]:
    """Each name with those that can be the same person's, itself among them."""
    by_letter: dict[str, list[Name]] = defaultdict(list)
    for name in names:
        for letter in {name.words[0][:1], name.nickname[:1]} - {""}:
            by_letter[letter].append(name)
    near: dict[Name, set[Name]] = {name: {name} for name in names}
    for alike in by_letter.values():
        for index, left in enumerate(alike):
            for right in alike[index + 1 :]:
                # "Clarence Dubose" is seldom the junior: the suffix is what news tells them by.
                if left.suffix == right.suffix and same_person(left, right):
                    near[left].add(right)
                    near[right].add(left)
    return {name: frozenset(others) for name, others in near.items()}


def _reasons(sighting: Sighting) -> Iterator[str]:
    words = tuple(normalize(word) for word in (sighting.description or "").split())
    for role in implied_roles(words) - _EMPTY_ROLES:
        yield f"is {role}"
    name = parse_name(sighting.name)
    for other in sighting.company:
        if short_form_score(name, parse_name(other)) == 0:
            yield f"with {plain_name(other)}"


def _without_openers(name: str) -> str | None:
    """ "In New York" -> "New York"; None for "On Monday", "Mr Osei" and what has no second word."""
    known = vocabulary()
    words = name.split()
    while words and normalize(words[0]) in known.openers | known.courtesy:
        del words[0]
    if len(words) < 2 or any(normalize(word) in known.calendar for word in words):
        return None
    return " ".join(words)


def _is_proper(name: str) -> bool:
    """ "White House officials" are the same over articles, "protesters" are not."""
    first, *others = name.split() or [""]
    return any(word[0].isupper() for word in others) or (
        first[:1].isupper() and not {normalize(first)} & (set(lexicon().roles) | _SMALL_WORDS)
    )


def _number(words: str) -> int:
    """As SQLite can keep it."""
    return int.from_bytes(blake2b(words.encode(), digest_size=8).digest(), signed=True)


def _order(sighting: Sighting) -> tuple[str, str, str]:
    return sighting.article, sighting.kind, sighting.name
