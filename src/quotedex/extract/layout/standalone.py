"""Quotations alone on their lines, and the names printed behind or below them.

Lists of answers and pull-quotes look like this:

    - “It goes round, I suppose.” – Ada Poole, 44

    “We lost the bridge”
    — Mara Ilves
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from quotedex.models import Attribution, MarkedSpan, Span
from quotedex.text.lexicon import lexicon
from quotedex.text.marks import DOUBLE, GUILLEMETS, LEFT_SINGLE

LINE = re.compile(r"[^\n]*\S[^\n]*")
# Bullets, dashes, and the signs of markdown and mail for emphasis and quoted text.
DECORATION = re.compile(r"[\s>*_#|•·▪‣–—-]*")
DASH_BEHIND = re.compile(r"[\s*_]*(?:[–—―]|--?)[\s*_]*")
# At the beginning of a line a hyphen is a bullet.
DASH_BELOW = re.compile(r"\s*[*_]*(?:[–—―]|--)[\s*_]*")
# Up to the age, office or town behind the name.
CREDIT = re.compile(rf"[^\n,;:(|–—{DOUBLE}{LEFT_SINGLE}{GUILLEMETS}]+")
FULL_STOP = re.compile(r"(?<=\w{4})\.$")  # but not the one of "Jr."
MAX_CREDIT_WORDS = 8
ARTICLES = frozenset({"a", "an", "one", "the"})
# Nearly all names printed behind a dash are the speaker's.
CREDIT_CONFIDENCE = 0.99
WHY_CREDIT = "named behind a dash"


def standalone_spans(text: str, spans: Sequence[MarkedSpan]) -> dict[int, Span | None]:
    """The spans without other words on their lines, by index in `spans`.

    Each comes with the name printed after a dash behind or below it, or None. Time is linear.
    """
    lines = [Span(*line.span()) for line in LINE.finditer(text)]
    starts = [line.start for line in lines]
    outer = [index for index, span in enumerate(spans) if span.parent is None]
    first_line = {index: bisect_right(starts, spans[index].outer_start) - 1 for index in outer}
    last_line = {index: bisect_right(starts, spans[index].outer_end - 1) - 1 for index in outer}
    begun = Counter(first_line.values())
    standalone: dict[int, Span | None] = {}
    for index in outer:
        span, first, last = spans[index], first_line[index], last_line[index]
        if any(begun[line] > (line == first) for line in {first, last}):
            continue
        if not DECORATION.fullmatch(text, lines[first].start, span.outer_start):
            continue
        if DECORATION.fullmatch(text, span.outer_end, lines[last].end):
            below = lines[last + 1] if last + 1 < len(lines) and not begun[last + 1] else None
            standalone[index] = _credit(text, below, DASH_BELOW)
        elif name := _credit(text, Span(span.outer_end, lines[last].end), DASH_BEHIND):
            standalone[index] = name
    return standalone


def apply_credits(
    attributions: Sequence[Attribution | None],
    spans: Sequence[MarkedSpan],
    standalone: Mapping[int, Span | None],
) -> list[Attribution | None]:
    """The attributions, corrected where a printed name shows another source.

    “Round.” – Ada Poole¶“Square.” – Ben Cole: the name above is not the source of the second.
    """
    corrected = list(attributions)
    for index, name in standalone.items():
        attribution = corrected[index]
        if attribution and name and not _is_beside(attribution.mention, spans[index], name):
            corrected[index] = replace(
                attribution,
                mention=name,
                cue=None,
                confidence=CREDIT_CONFIDENCE,
                why=WHY_CREDIT,
            )
    return corrected


def _is_beside(mention: Span | None, span: MarkedSpan, name: Span) -> bool:
    """Whether the mention is on the line of the name: then its extent may be the better one."""
    return mention is not None and span.outer_end <= mention.start <= name.end


def _credit(text: str, line: Span | None, dash: re.Pattern[str]) -> Span | None:
    """The name in “— Mara Ilves, council leader”; None in “– he said with a smile”."""
    found = dash.match(text, line.start, line.end) if line else None
    name = CREDIT.match(text, found.end(), line.end) if found and line else None
    if name is None:
        return None
    printed = FULL_STOP.sub("", name.group().rstrip(" *_"))
    words = printed.split()
    if not words or len(words) > MAX_CREDIT_WORDS or not _may_be_source(words):
        return None
    return Span(name.start(), name.start() + len(printed))


def _may_be_source(words: Sequence[str]) -> bool:
    """Whether the words begin with a capital or an article and none of them reports speech."""
    begins = words[0][0].isupper() or words[0].lower() in ARTICLES
    return begins and not any(word.lower() in lexicon().cues for word in words)
