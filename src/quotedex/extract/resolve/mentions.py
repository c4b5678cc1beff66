"""The words that name a quotation's source, and which of them are its core."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from quotedex.models import Attribution, MarkedSpan, Span
from quotedex.text.lexicon import vocabulary
from quotedex.text.names import fold

_PART_ENDS = re.compile(
    r",? (?:who|whom|whose|which|that)\b|, | \(|\s+[\N{EM DASH}\N{EN DASH}-]\s", re.IGNORECASE
)
_COMPLEMENT = re.compile(
    r" (?:of|for|at|in|on|with|from|by|to|near|behind|about|inside|outside|as|close|familiar|"
    r"briefed|speaking)\b"
)
_POSSESSIVE_END = re.compile(r"['\N{RIGHT SINGLE QUOTATION MARK}]s?$|[,.]$")


@dataclass(frozen=True, slots=True)
class Source:
    """The mention of quotation number `index`, whose words are `quotation`."""

    index: int
    quotation: tuple[int, int]
    mention: Span
    antecedent: Span | None


def find_sources(
    spans: Sequence[MarkedSpan], attributions: Sequence[Attribution | None]
) -> Iterator[Source]:
    for index, (span, attribution) in enumerate(zip(spans, attributions, strict=True)):
        if attribution is not None and attribution.mention is not None:
            quotation = (span.start, span.end)
            yield Source(index, quotation, attribution.mention, attribution.antecedent)


def parts(text: str, mention: Span) -> list[Span]:
    """What commas and relative clauses divide: "Kenneth Osei | a former official who ...".

    The first part is what the mention names, unless only a later one gives the name.
    """
    found = []
    start = mention.start
    for match in _PART_ENDS.finditer(text, mention.start, mention.end):
        if match.start() > start:
            found.append(Span(start, match.start()))
        start = match.end()
    if start < mention.end:
        found.append(Span(start, mention.end))
    return found or [mention]


def core(text: str, part: Span) -> Span:
    """Up to what depends on the last noun: "a spokesman | for Ana Osei", "Ms Osei | of Ashby",
    "Ana Osei | MP"."""
    complement = _COMPLEMENT.search(text, part.start, part.end)
    end = complement.start() if complement else part.end
    words = _POSSESSIVE_END.sub("", text[part.start : end])
    first, _, last = words.rpartition(" ")
    if " " in first and last.isupper() and fold(last) in vocabulary().credentials:
        words = first
    return Span(part.start, part.start + len(words))
