"""Which speakers of different articles are one.

A name alone proves little: two plumbers may be called John Osei. Two sightings are one person when
their names can be one person's and something else joins them: what they are said to be, or others
whom both articles name. Where that is missing they stay apart; a reader can join two rows by the
authority file, but not take one apart.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from quotedex.lexicon import lexicon
from quotedex.link.groups import Groups
from quotedex.models import SpeakerKind
from quotedex.resolve.names import Name, fold, same_person, short_for, take_apart
from quotedex.resolve.vocabulary import roles_of

_SMALL_WORDS = frozenset({"the", "a", "an"})
_EMPTY_ROLES = frozenset({"leader", "politician", "officer", "official", "head", "chief", "boss"})
_PROPER_NAME = re.compile(
    r"\b[^\W\d_a-z][\w'-]*\.?(?: (?:of |and )?[^\W\d_a-z](?:\.(?= [^\W\d_a-z])|[\w'-]+))+"
)


@dataclass(frozen=True, slots=True)
class Sighting:
    """One speaker in one article.

    `forms` are the other names that the article uses ("DHS" for the department), `company` the
    names of other people and organizations in it.
    """

    article: str
    name: str
    kind: SpeakerKind
    description: str | None = None
    forms: tuple[str, ...] = ()
    company: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Authority:
    """A line of a user's list: who has these names is this one."""

    name: str
    aliases: tuple[str, ...] = ()
    wikidata: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """One speaker over articles. `key` stays when later sightings join; `aliases` counts the
    articles in which each form of the name stands."""

    key: str
    name: str
    kind: SpeakerKind
    description: str | None
    wikidata: str | None
    aliases: Mapping[str, int]
    sightings: tuple[Sighting, ...]


def link_speakers(
    sightings: Iterable[Sighting], authorities: Collection[Authority] = ()
) -> list[Linked]:
    """The speakers that the sightings are of, in the order of their keys.

    Sightings of different blocks are never joined, save by an authority.
    """
    listed = _listed(authorities)
    known: dict[Authority, list[Sighting]] = defaultdict(list)
    blocks: dict[str, list[Sighting]] = defaultdict(list)
    for sighting in sorted(set(sightings), key=_order):
        authority = listed.get(_plain(sighting.name)) if sighting.kind != "anonymous" else None
        if authority is not None:
            known[authority].append(sighting)
        else:
            blocks[block(sighting)].append(sighting)
    linked = [_linked(members, authority) for authority, members in known.items()]
    for members in blocks.values():
        linked += [_linked(group) for group in _groups(members)]
    return sorted(linked, key=lambda speaker: speaker.key)


def company(text: str) -> frozenset[str]:
    """The names of two words or more in an article, as `Sighting` wants them."""
    return frozenset(_PROPER_NAME.findall(text))


def block(sighting: Sighting) -> str:
    """Sightings whose blocks differ are different speakers: the surname, the organization's name,
    and for the nameless the article itself."""
    if sighting.kind == "person":
        return f"person {_name(sighting).surname}"
    if sighting.kind == "anonymous" or not _is_proper(sighting.name):
        return f"{sighting.kind} in {sighting.article}: {_plain(sighting.name)}"
    return f"{sighting.kind} {_plain(_longest(sighting))}"


def _longest(sighting: Sighting) -> str:
    """ "Department of Homeland Security" where the article also says "DHS"."""
    return max((sighting.name, *sighting.forms), key=lambda form: (len(form.split()), form))


def _is_proper(name: str) -> bool:
    """ "White House officials" are the same over articles, "protesters" are not."""
    first, *others = name.split()
    return any(word[0].isupper() for word in others) or (
        first[0].isupper() and not {fold(first)} & (set(lexicon().roles) | _SMALL_WORDS)
    )


def _groups(members: Sequence[Sighting]) -> list[list[Sighting]]:
    if members[0].kind != "person":
        return [list(members)]
    groups = Groups(members, _name)
    whole = [sighting for sighting in members if len(_name(sighting).words) > 1]
    by_reason = _by_reason(whole)
    for bearers in by_reason.values():
        for left, right in pairwise(bearers):
            if _can_be_one(groups.tags(left), groups.tags(right)):
                groups.join(left, right)
    leaders = {
        reason: {groups.leader(bearer): bearer for bearer in bearers}
        for reason, bearers in by_reason.items()
    }
    for sighting in members:
        if len(_name(sighting).words) == 1:
            meant = _meant(sighting, leaders)
            if meant is not None:
                groups.join(meant, sighting)
    return groups.all(_order)


def _by_reason(sightings: Iterable[Sighting]) -> dict[str, list[Sighting]]:
    """The sightings that share a reason, those with equal names beside each other."""
    found: dict[str, list[Sighting]] = defaultdict(list)
    for sighting in sorted(sightings, key=lambda s: (_name(s).words, _order(s))):
        for reason in _reasons(sighting):
            found[reason].append(sighting)
    return dict(sorted(found.items()))


def _can_be_one(left: Collection[Name], right: Collection[Name]) -> bool:
    return all(a == b or same_person(a, b) for a in left for b in right)


def _meant(
    sighting: Sighting, leaders: Mapping[str, Mapping[Sighting, Sighting]]
) -> Sighting | None:
    """Whom a surname alone stands for: the one with whom it shares most reasons by far."""
    shared: Counter[Sighting] = Counter()
    for reason in _reasons(sighting):
        shared.update(
            leader
            for leader, bearer in leaders.get(reason, {}).items()
            if short_for(_name(sighting), _name(bearer)) == 2
        )
    ranked = shared.most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] < 2 * ranked[1][1]):
        return None
    return ranked[0][0]


def _reasons(sighting: Sighting) -> Iterator[str]:
    """What can join a sighting to another: a role, a whole name beside it."""
    words = tuple(fold(word) for word in (sighting.description or "").split())
    for role in roles_of(words) - _EMPTY_ROLES:
        yield f"is {role}"
    for name in sighting.company:
        if len(name.split()) > 1 and short_for(_name(sighting), take_apart(name)) == 0:
            yield f"with {_plain(name)}"


def _linked(members: Sequence[Sighting], authority: Authority | None = None) -> Linked:
    aliases: Counter[str] = Counter()
    for _, form in {(s.article, form) for s in members for form in (s.name, *s.forms)}:
        aliases[form] += 1
    descriptions = Counter(s.description for s in members if s.description)
    if authority is not None:
        key = f"listed: {authority.wikidata or _plain(authority.name)}"
        name, wikidata = authority.name, authority.wikidata
    else:
        key = _order(min(members, key=_order))
        wikidata = None
        name = max((s.name for s in members), key=lambda n: (len(n.split()), aliases[n], n))
    description = (authority and authority.description) or max(
        descriptions, key=lambda words: (descriptions[words], len(words), words), default=None
    )
    return Linked(
        key,
        name,
        members[0].kind,
        description,
        wikidata,
        dict(sorted(aliases.items())),
        tuple(members),
    )


def _listed(authorities: Collection[Authority]) -> dict[str, Authority]:
    """By every name; a name that two lines give names neither."""
    found: dict[str, Authority | None] = {}
    for authority in authorities:
        for name in {_plain(name) for name in (authority.name, *authority.aliases)}:
            found[name] = None if name in found else authority
    return {name: authority for name, authority in found.items() if authority is not None}


def _order(sighting: Sighting) -> str:
    return f"{sighting.kind}: {sighting.name} in {sighting.article}"


def _plain(name: str) -> str:
    """Folded, without the article: "The Washington Post" -> "washington post"."""
    words = [fold(word) for word in name.split()]
    return " ".join(words[1:] if words and words[0] in _SMALL_WORDS else words)


def _name(sighting: Sighting) -> Name:
    return take_apart(sighting.name)
