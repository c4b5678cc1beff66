"""The organizations that an article names, with their acronyms and short forms.

Acronyms are found by a pattern of our own: textacy 0.13's `acronyms_and_definitions` answers the
same question, but raises AttributeError with NumPy 2 (it asks for `np.NaN`), and importing it takes
three seconds.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate
from math import inf

from quotedex.extract.resolve.article import Page
from quotedex.extract.resolve.entities import Figure, Place
from quotedex.extract.resolve.proper_names import Run
from quotedex.models import Span
from quotedex.text.lexicon import lexicon, vocabulary
from quotedex.text.names import fold

_CONNECTED = re.compile(r" (?:(?:of|for|and|&|the|de|du) ){1,2}")
_TO = re.compile(r" (?:on|to) (?:the )?")  # "Commission on Debates", not "Commission on Friday"
_ACRONYM = re.compile(r" ?\(([A-Z][A-Za-z&.]{1,9}s?)\)")
_ARTICLE = re.compile(r"^(?:the|an?) ", re.IGNORECASE)
_POSSESSIVE = re.compile("['\N{RIGHT SINGLE QUOTATION MARK}]s? ")


def find_organizations(
    page: Page,
    capitalized: Sequence[Run],
    people: Collection[Place],
    sources: Collection[Span],
) -> list[Place]:
    """Every place where an organization is named, in text order.

    `capitalized` are all runs of capitalized words, `people` the places already taken; a
    capitalized source that is none of them is one.
    """
    starts, ends = [place.start for place in people], [place.end for place in people]
    stretches = [
        stretch
        for stretch in _stretches(page, capitalized, sources)
        if not (before := bisect_left(starts, stretch[1])) or ends[before - 1] <= stretch[0]
    ]
    acronyms = _acronyms(page, stretches)
    figures: list[Figure] = []
    places = []
    for start, end in sorted(stretches, key=lambda s: s[0] - s[1]):
        name = _clean(page.text[start:end])
        figure = _find(name, figures, acronyms)
        if figure is None:
            figure = _new(name)
            figures.append(figure)
        figure.forms[name] += 1
        places.append(_place(start, end, figure, page))
    return sorted(places, key=lambda place: place.start)


def _new(name: str) -> Figure:
    """ "Ashby Council"; a group if the name ends in people: "Senate Democrats"."""
    role = lexicon().roles.get(fold(name.split()[-1]))
    plural = role is not None and role.number == "plural"
    return Figure("group" if plural else "organization", named=True, plural=plural)


def _stretches(
    page: Page, capitalized: Sequence[Run], sources: Collection[Span]
) -> Iterator[tuple[int, int]]:
    """Capitalized words that name something that can speak: by the recognizer, by their last noun
    ("Bison Creek Fire District", "Ministry of Food"), or because a source stands here or before."""
    nouns = lexicon().organization_nouns
    runs = [(run.words[0].start, run.end) for run in capitalized]
    begun = _Begun(sources)
    for start, end in _connected(runs, page.text, begun):
        words = [fold(word) for word in page.text[start:end].split()]
        if len(words) == 1 and _is_common(words[0]):
            continue
        # Where somebody has spoken by here, it may be the short form of one that speaks.
        source = begun.soonest(start) <= end + 2
        if source or page.label(start, end) == "ORG" or words[-1] in nouns or words[0] in nouns:
            yield start, end


class _Begun:
    """The sources that begin at a character or before it: where the first and the last of them
    end. Asked for every name of an article, so it must not go through them all."""

    def __init__(self, sources: Collection[Span]) -> None:
        ordered = sorted(sources, key=lambda source: source.start)
        self._starts = [source.start for source in ordered]
        self._soonest = list(accumulate((source.end for source in ordered), min))
        self._latest = list(accumulate((source.end for source in ordered), max))

    def soonest(self, at: int) -> float:
        count = bisect_right(self._starts, at)
        return self._soonest[count - 1] if count else inf

    def latest(self, at: int) -> float:
        count = bisect_right(self._starts, at)
        return self._latest[count - 1] if count else -inf


def _is_common(word: str) -> bool:
    """ "Officials", "Widow", "Union", capitalized at a line's beginning; "Friday"."""
    known = lexicon()
    if word in vocabulary().calendar:
        return True
    return word in known.roles or word in known.organization_nouns or word in known.document_nouns


def _connected(runs: list[tuple[int, int]], text: str, begun: _Begun) -> Iterator[tuple[int, int]]:
    """Joins what small words divide: "Department | of | Homeland Security", "Growers’ | Forum"."""
    nouns = lexicon().organization_nouns
    at = 0
    while at < len(runs):
        start, end = runs[at]
        while at + 1 < len(runs):
            after, next_end = runs[at + 1]
            gap = text[end:after]
            source = next_end <= begun.latest(start) + 2
            heads = any(fold(word) in nouns for word in text[start:end].split())
            last = fold(text[after:next_end].split()[-1])
            day = fold(text[after:next_end].split()[0]) in vocabulary().calendar
            people = fold(text[start:end]) in lexicon().roles
            joined = (
                (_CONNECTED.fullmatch(gap) and (heads or source) and not people)
                or (_TO.fullmatch(gap) and fold(text[start:end].split()[-1]) in nouns and not day)
                or gap in (" & ", "&")
                or (_POSSESSIVE.fullmatch(gap) and (source or last in nouns))
            )
            if not joined:
                break
            at += 1
            end = next_end
        yield start, end
        at += 1


def _acronyms(page: Page, stretches: Collection[tuple[int, int]]) -> dict[str, str]:
    """Acronym -> name, as defined in the text: "Department of Homeland Security (DHS)"."""
    found = {}
    for start, end in stretches:
        defined = _ACRONYM.match(page.text, end)
        if defined:
            found[defined.group(1)] = _clean(page.text[start:end])
    return found


def _clean(name: str) -> str:
    return _ARTICLE.sub("", re.sub(r"\s+", " ", name))


def _find(name: str, figures: Collection[Figure], acronyms: dict[str, str]) -> Figure | None:
    """The organization whose name, acronym or short form a name is; longer ones come first."""
    name = acronyms.get(name, name)
    words = [fold(word) for word in name.split()]
    for figure in figures:
        full = [fold(word) for word in figure.name.split()]
        if words in (full, full[: len(words)], full[-len(words) :]):
            return figure
        if len(words) == 1 and name.isupper() and words[0] == _initials(full):
            return figure
    return None


def _initials(words: list[str]) -> str:
    """ "International Monetary Fund" -> "imf"; small words do not count."""
    return "".join(word[0] for word in words if word not in {"of", "the", "and", "for", "on", "&"})


def _place(start: int, end: int, figure: Figure, page: Page) -> Place:
    possessive = page.text[end : end + 2] in ("'s", "\N{RIGHT SINGLE QUOTATION MARK}s")
    return Place(
        start,
        end,
        figure,
        standing=page.standing(start, end),
        possessive=possessive,
        quoted=page.quoted(start),
    )
