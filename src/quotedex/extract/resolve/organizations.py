"""The organizations that an article names, with their acronyms and short forms.

Acronyms have a pattern of their own here: textacy 0.13's `acronyms_and_definitions` raises
AttributeError with NumPy 2 (it uses `np.NaN`), and importing it takes three seconds.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import accumulate
from math import inf

from quotedex.extract.resolve.article import ParsedArticle
from quotedex.extract.resolve.entities import Entity, Mention
from quotedex.extract.resolve.proper_names import ProperName
from quotedex.models import Span
from quotedex.text.lexicon import lexicon, vocabulary
from quotedex.text.marks import APOSTROPHES
from quotedex.text.names import normalize

_CONNECTIVE = re.compile(
    r" (?:of|for|de|du)(?: the)? | (?:and|&) | (?:and|&) (?:of|for) ", re.IGNORECASE
)
# "Commission on Debates", but not "Commission on Friday"
_ON_OR_TO = re.compile(r" (?:on|to) (?:the )?")
_ACRONYM = re.compile(r" ?\(([A-Z][A-Za-z&.]{1,9}s?)\)")
_ARTICLE = re.compile(r"^(?:the|an?) ", re.IGNORECASE)
_HAS_ARTICLE = re.compile(r"\b(?:the|an?) ", re.IGNORECASE)
_ARTICLE_CHARS = 4
_POSSESSIVE = re.compile(rf"[{APOSTROPHES}]s? ")
_POSSESSIVE_S = tuple(f"{apostrophe}s" for apostrophe in APOSTROPHES)
_NOT_IN_ACRONYMS = frozenset({"of", "the", "and", "for", "on", "&"})
_LIST_GAP = re.compile(r",? (?:(?:of|the|and|for|on|&) )*|, ")
_MAX_NAMES_IN_LIST = 6
_AFTER_NAME = 2  # characters by which a mention may end before its name, as at a possessive


def find_organizations(
    article: ParsedArticle,
    proper_names: Sequence[ProperName],
    people: Collection[Mention],
    sources: Collection[Span],
) -> list[Mention]:
    """Every mention of an organization by name, in text order.

    `proper_names` are all of the article and `people` the mentions of people. A capitalized
    source that is not a person is an organization.
    """
    starts, ends = [mention.start for mention in people], [mention.end for mention in people]
    names = [
        name
        for name in _organization_names(article, proper_names, sources)
        if not (before := bisect_left(starts, name[1])) or ends[before - 1] <= name[0]
    ]
    acronyms = _acronyms(article, names)
    introduced = _introductions(article, names)
    full_names: dict[Entity, tuple[str, ...]] = {}
    mentions = []
    for start, end in sorted(names, key=lambda s: s[0] - s[1]):
        name = _without_article(article.text[start:end])
        entity = _match_organization(name, full_names, acronyms, introduced)
        entity = entity or _new_entity(name)
        entity.forms[name] += 1
        full_names[entity] = _normalized(entity.name)
        mentions.append(_mention(start, end, entity, article))
    return sorted(mentions, key=lambda mention: mention.start)


def _organization_names(
    article: ParsedArticle, proper_names: Sequence[ProperName], sources: Collection[Span]
) -> Iterator[tuple[int, int]]:
    """Start and end of each name of something that can speak.

    The entity recognizer says so, or its first or last noun ("Bison Creek Fire District", "Ministry
    of Food"), or a source that stands here or before: later it may be in its short form.
    """
    nouns = lexicon().organization_nouns
    index = _SourceIndex(sources)
    for start, end in _joined_names(proper_names, article.text, index):
        words = [normalize(word) for word in article.text[start:end].split()]
        if len(words) == 1 and _is_common(words[0]):
            continue
        speaks = index.first_end(start) <= end + _AFTER_NAME
        labelled = article.entity_label(start, end) == "ORG"
        if not speaks and article.is_headline(start):
            continue
        if speaks and not labelled:
            speaks = not _is_somebody(article.text[max(0, start - _ARTICLE_CHARS) : end])
        if speaks or labelled or not nouns.isdisjoint(words):
            yield start, end


class _SourceIndex:
    """Where the sources that begin at or before a character end.

    Every name of an article asks, so the answer must not go through all sources.
    """

    def __init__(self, sources: Collection[Span]) -> None:
        ordered = sorted(sources, key=lambda source: source.start)
        self._starts = [source.start for source in ordered]
        self._first_ends = list(accumulate((source.end for source in ordered), min))
        self._last_ends = list(accumulate((source.end for source in ordered), max))

    def first_end(self, at: int) -> float:
        """The earliest end of a source that begins at or before `at`; infinity if there is none."""
        count = bisect_right(self._starts, at)
        return self._first_ends[count - 1] if count else inf

    def last_end(self, at: int) -> float:
        """The latest end of a source that begins at or before `at`; -infinity without any."""
        count = bisect_right(self._starts, at)
        return self._last_ends[count - 1] if count else -inf


def _is_common(word: str) -> bool:
    """ "Officials", "Widow" and "Union" with a capital at the beginning of a line; "Friday"."""
    known = lexicon()
    if word in vocabulary().calendar:
        return True
    return word in known.roles or word in known.organization_nouns or word in known.document_nouns


def _is_somebody(name: str) -> bool:
    """ "The Chief Justice", "the Lakes MP", "the Swede": a description of a person, with the words
    before it."""
    known, last = lexicon(), normalize(name.split()[-1])
    if last in known.organization_nouns:
        return False
    if last in known.titles or (last in known.roles and known.roles[last].number == "singular"):
        return True
    return last in vocabulary().affiliations and _HAS_ARTICLE.search(name) is not None


def _joined_names(
    proper_names: Sequence[ProperName], text: str, index: _SourceIndex
) -> Iterator[tuple[int, int]]:
    """Start and end of each name, joined over small words: "Department | of | Homeland Security",
    "Growers’ | Forum"."""
    names = _joined_by_acronym([(each.words[0].start, each.end) for each in proper_names], text)
    at = 0
    while at < len(names):
        start, end = names[at]
        in_source_until = index.last_end(start) + _AFTER_NAME
        while at + 1 < len(names):
            next_start, next_end = names[at + 1]
            before, gap, after = text[start:end], text[end:next_start], text[next_start:next_end]
            if not _belong_together(before, gap, after, in_source=next_end <= in_source_until):
                break
            at += 1
            end = next_end
        yield start, end
        at += 1


def _joined_by_acronym(names: Sequence[tuple[int, int]], text: str) -> list[tuple[int, int]]:
    """The names, those joined whose first letters an acronym behind them has: "Board of | Rivers,
    | Ponds and | Canals (BRPC)"."""
    found: list[tuple[int, int]] = []
    for start, end in names:
        found.append((start, end))
        defined = _ACRONYM.match(text, end)
        if defined is None:
            continue
        for count in range(2, min(_MAX_NAMES_IN_LIST, len(found)) + 1):
            (first, before), (after, _) = found[-count], found[1 - count]
            if not _LIST_GAP.fullmatch(text[before:after]):
                break
            if _is_acronym(defined[1]) and _spells(defined[1], _normalized(text[first:end])):
                found[-count:] = [(first, end)]
                break
    return found


def _belong_together(before: str, gap: str, after: str, *, in_source: bool) -> bool:
    """Whether two names and the words between them are one name.

    `in_source` says that both are in the same mention of a source.
    """
    if gap in (" & ", "&"):
        return True
    nouns = lexicon().organization_nouns
    words = [normalize(word) for word in before.split()]
    following = after.split()
    if _CONNECTIVE.fullmatch(gap) and (in_source or any(word in nouns for word in words)):
        # "Ministry of Food", but not "Officials of Ashby"
        return normalize(before) not in lexicon().roles
    if _ON_OR_TO.fullmatch(gap):
        return words[-1] in nouns and normalize(following[0]) not in vocabulary().calendar
    return bool(_POSSESSIVE.fullmatch(gap)) and (in_source or normalize(following[-1]) in nouns)


def _acronyms(article: ParsedArticle, names: Collection[tuple[int, int]]) -> dict[str, str]:
    """Acronym -> name, as the text defines them: "Department of Homeland Security (DHS)"."""
    found = {}
    for start, end in names:
        defined = _ACRONYM.match(article.text, end)
        if defined:
            found[defined.group(1)] = _without_article(article.text[start:end])
    return found


def _introductions(
    article: ParsedArticle, names: Collection[tuple[int, int]]
) -> dict[tuple[str, ...], int]:
    """Normalized name -> where it stands first in the article, headlines aside."""
    found: dict[tuple[str, ...], int] = {}
    for start, end in names:
        if not article.is_headline(start):
            words = _normalized(_without_article(article.text[start:end]))
            found[words] = min(start, found.get(words, start))
    return found


def _normalized(name: str) -> tuple[str, ...]:
    return tuple(normalize(word) for word in name.split())


def _without_article(name: str) -> str:
    """ "The Ashby Post" -> "Ashby Post", on one line."""
    return _ARTICLE.sub("", re.sub(r"\s+", " ", name))


def _match_organization(
    name: str,
    full_names: Mapping[Entity, tuple[str, ...]],
    acronyms: dict[str, str],
    introduced: Mapping[tuple[str, ...], int],
) -> Entity | None:
    """The organization with that name, acronym or short form; longer names have come first.

    "Ashby" is short for "Ashby Foods", but not if the article has named it before that: then
    "Ashby Foods" is a part of it.
    """
    name = acronyms.get(name, name)
    words = _normalized(name)
    is_acronym = len(words) == 1 and _is_acronym(name)
    for entity, full in full_names.items():
        if words in (full, full[-len(words) :]):
            return entity
        if words == full[: len(words)] and introduced.get(words, inf) >= introduced.get(full, inf):
            return entity
        if is_acronym and len(full) > 1 and _spells(name, full):
            return entity
    return None


def _is_acronym(word: str) -> bool:
    """ "IMF" or "MoD", but not "Ashby"."""
    return sum(letter.isupper() for letter in word) > 1


def _spells(acronym: str, words: Sequence[str]) -> bool:
    """Whether an acronym has the first letters of normalized words, with or without those of small
    words: IMF, "international monetary fund"; MoD, "ministry of defence"."""
    parts = [part for word in words for part in word.strip(",").split("-") if part]
    letters = (re.escape(part[0]) + "?" * (part in _NOT_IN_ACRONYMS) for part in parts)
    return re.fullmatch("".join(letters), normalize(acronym)) is not None


def _new_entity(name: str) -> Entity:
    """An organization ("Ashby Council"), or a group if the name ends in people ("Senate
    Democrats")."""
    role = lexicon().roles.get(normalize(name.split()[-1]))
    plural = role is not None and role.number == "plural"
    return Entity("group" if plural else "organization", named=True, plural=plural)


def _mention(start: int, end: int, entity: Entity, article: ParsedArticle) -> Mention:
    return Mention(
        start,
        end,
        entity,
        grammatical_role=article.grammatical_role(start, end),
        possessive=article.text.startswith(_POSSESSIVE_S, end),
        quotation=article.quotation_at(start),
    )
