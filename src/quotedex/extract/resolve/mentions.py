"""The mention of a quotation's source, and the words in it that name or describe the source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from quotedex.models import Attribution, MarkedSpan, Span
from quotedex.text.lexicon import vocabulary
from quotedex.text.marks import APOSTROPHES
from quotedex.text.names import normalize

_PART_ENDS = re.compile(r",? (?:who|whom|whose|which|that)\b|, | \(|\s+[\N{EM DASH}\N{EN DASH}-]\s")
_COMPLEMENT = re.compile(
    r" (?:of|for|at|in|on|with|from|by|to|near|behind|about|inside|outside|as|close|familiar|"
    r"briefed|speaking)\b"
)
_ANSWER_LABEL = re.compile(r"^[ \t*_>]*(A)[ \t*_]*[.:]?(?=[ \t*_])", re.MULTILINE)
_POSSESSIVE_END = re.compile(rf"[{APOSTROPHES}]s?$|[,.]$")


@dataclass(frozen=True, slots=True)
class SourceMention:
    """The mention of the source of span number `index`, which has its words at `quotation`.

    `cue` is the word that reports it, in lower case. `pointers` are the attribution network's (see
    `models.Attribution`).
    """

    index: int
    quotation: tuple[int, int]
    mention: Span
    cue: str = ""
    pointers: tuple[tuple[Span, float], ...] = ()


def source_mentions(
    text: str, spans: Sequence[MarkedSpan], attributions: Sequence[Attribution | None]
) -> Iterator[SourceMention]:
    """One for each attribution with a mention, in the order of the spans."""
    for index, (span, attribution) in enumerate(zip(spans, attributions, strict=True)):
        if attribution is not None and attribution.mention is not None:
            cue = attribution.cue
            yield SourceMention(
                index,
                (span.start, span.end),
                attribution.mention,
                text[cue.start : cue.end].lower() if cue else "",
                attribution.pointers,
            )


def mention_parts(text: str, mention: Span) -> list[Span]:
    """A mention cut at commas and relative clauses: "Kenneth Osei | a former official who ...".

    The first part says who the source is, unless only a later one has the name.
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


def mention_core(text: str, part: Span) -> Span:
    """A part up to its main noun: "a spokesman | for Ana Osei", "Ms Osei | of Ashby",
    "Ana Osei | MP"."""
    complement = _COMPLEMENT.search(text, part.start, part.end)
    end = complement.start() if complement else part.end
    words = _POSSESSIVE_END.sub("", text[part.start : end])
    first, _, last = words.rpartition(" ")
    if " " in first and last.isupper() and normalize(last) in vocabulary().credentials:
        words = first
    return Span(part.start, part.start + len(words))


def is_answer_label(text: str, mention: Span) -> bool:
    """Whether a mention is only the label of an interview's answer: "A: “Why not?”", "A. “No.”"."""
    found = _ANSWER_LABEL.match(text, text.rfind("\n", 0, mention.start) + 1)
    return found is not None and found.start(1) == mention.start and mention.end <= found.end()
