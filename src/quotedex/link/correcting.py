"""Apply corrections to the quotations of one article, as the program has read them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from quotedex.link.statements import closest_wording, comparable_wording
from quotedex.models import Correction, Quote, Speaker
from quotedex.text.keys import folded_words

WHY = "corrected by hand"
_MAX_DISTANCE = 600
"""Characters between the words that the program took for the quotation and the right ones."""


@dataclass(frozen=True, slots=True)
class CorrectedArticle:
    """Quotations after corrections. `origins` has the index that each had before, `found` the one
    that each applied correction, by its id, is about."""

    quotes: tuple[Quote, ...]
    origins: tuple[int, ...]
    found: Mapping[int, int] = field(default_factory=dict)


def correct_quotes(
    text: str,
    quotes: Sequence[Quote],
    keys: Sequence[str],
    corrections: Iterable[Correction],
) -> CorrectedArticle:
    """Apply corrections, in the order in which they were made, to all quotations of an article.

    `keys` are the keys of the quotations. A quotation whose key has changed is found by its words.
    A correction whose quotation or whose words the text does not have is not among `found`.
    """
    corrected = list(quotes)
    removed: set[int] = set()
    found: dict[int, int] = {}
    for correction in corrections:
        index = find_quote(quotes, keys, correction)
        if index is None or (correction.what == "speaker" and not correction.names):
            continue
        if correction.what == "text":
            span = find_words(text, correction.new_value or "", quotes[index])
            others = [other for n, other in enumerate(corrected) if n not in (index, *removed)]
            if span is None or any((other.start, other.end) == span for other in others):
                continue
            start, end = span
            corrected[index] = replace(corrected[index], text=text[start:end], start=start, end=end)
        elif correction.what == "nobody":
            removed.add(index)
        else:
            removed.discard(index)
            speaker = Speaker(correction.names[0], correction.kind or "person", why=WHY)
            corrected[index] = replace(corrected[index], speaker=speaker, confidence=1.0)
        found[correction.id or 0] = index
    return _without(corrected, removed, found)


def find_quote(quotes: Sequence[Quote], keys: Sequence[str], correction: Correction) -> int | None:
    """The quotation that a correction is about: that of its key, or else of its words."""
    if correction.key in keys:
        return keys.index(correction.key)
    if not correction.words:
        return None
    by_words: dict[str, list[int]] = defaultdict(list)
    for number, quote in enumerate(quotes):
        by_words[folded_words(quote.text)].append(number)
    if same := by_words.get(folded_words(correction.words)):
        return same[0]
    wordings = [comparable_wording(quote.text) for quote in quotes]
    return closest_wording(comparable_wording(correction.words), wordings)


def find_words(text: str, words: str, quote: Quote) -> tuple[int, int] | None:
    """Where the right words of a quotation stand: the place nearest to it, whatever white space
    is between them. None if they are not near it."""
    pattern = r"\s+".join(map(re.escape, words.split()))
    if not pattern:
        return None
    low, high = max(0, quote.start - _MAX_DISTANCE), quote.end + _MAX_DISTANCE
    places = [match.span() for match in re.compile(pattern).finditer(text, low, high)]
    return min(
        places,
        key=lambda place: abs(place[0] - quote.start) + abs(place[1] - quote.end),
        default=None,
    )


def _without(
    quotes: Sequence[Quote], removed: set[int], found: Mapping[int, int]
) -> CorrectedArticle:
    """The quotations that are left, with the indices that they have now."""
    origins = [number for number in range(len(quotes)) if number not in removed]
    now = {number: index for index, number in enumerate(origins)}
    left = tuple(
        replace(
            quotes[number],
            parent=now.get(_parent(quotes, number, removed)),
            repeats=now.get(-1 if (repeats := quotes[number].repeats) is None else repeats),
        )
        for number in origins
    )
    return CorrectedArticle(left, tuple(origins), found)


def _parent(quotes: Sequence[Quote], number: int, removed: set[int]) -> int:
    """The nearest quotation around one that is still around it; -1 if there is none."""
    parent, seen = quotes[number].parent, {number}
    while parent is not None and parent not in seen:
        around, inside = quotes[parent], quotes[number]
        fits = around.start <= inside.start and inside.end <= around.end
        if parent not in removed and fits:
            return parent
        seen.add(parent)
        parent = around.parent
    return -1
