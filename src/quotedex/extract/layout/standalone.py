"""Quotations that have their lines to themselves, and the names printed behind or below them.

Lists of answers and pull-quotes look so:

    - “It goes round, I suppose.” – Ada Poole, 44

    “We lost the bridge”
    — Mara Ilves
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from quotedex.models import Attribution, MarkedSpan, Span
from quotedex.text.lexicon import lexicon

LINE = re.compile(r"[^\n]*\S[^\n]*")
# Bullets, dashes, and the signs of markdown and mail for emphasis and for what is cited.
DECORATION = re.compile(r"[\s>*_#|•·▪‣–—-]*")
DASH_BEHIND = re.compile(r"[\s*_]*(?:[–—―]|--?)[\s*_]*")
# On a line of its own a hyphen is a bullet.
DASH_BELOW = re.compile(r"\s*[*_]*(?:[–—―]|--)[\s*_]*")
# Behind the name: its owner's age, office or town.
NAME = re.compile(r"[^\n,;:(|–—\"“”‘«»]+")
STOP = re.compile(r"(?<=\w{4})\.$")  # but not that of "Jr."
LONGEST_NAME = 8  # words
ARTICLES = frozenset({"a", "an", "one", "the"})
# Of the names so printed nearly all are the speakers'.
SURE = 0.95


def standing_alone(text: str, spans: Sequence[MarkedSpan]) -> dict[int, Span | None]:
    """The spans that no other words stand beside, by their index in `spans`, each with the name
    that is printed behind or below it after a dash, None where there is none. Time is linear."""
    lines = [Span(*line.span()) for line in LINE.finditer(text)]
    starts = [line.start for line in lines]
    outer = [index for index, span in enumerate(spans) if span.parent is None]
    line_of = {index: bisect_right(starts, spans[index].outer_start) - 1 for index in outer}
    last_of = {index: bisect_right(starts, spans[index].outer_end - 1) - 1 for index in outer}
    begun = Counter(line_of.values())
    alone: dict[int, Span | None] = {}
    for index in outer:
        span, first, last = spans[index], line_of[index], last_of[index]
        if any(begun[line] > (line == first) for line in {first, last}):
            continue
        if not DECORATION.fullmatch(text, lines[first].start, span.outer_start):
            continue
        if DECORATION.fullmatch(text, span.outer_end, lines[last].end):
            below = lines[last + 1] if last + 1 < len(lines) and not begun[last + 1] else None
            alone[index] = _credit(text, below, DASH_BELOW)
        elif name := _credit(text, Span(span.outer_end, lines[last].end), DASH_BEHIND):
            alone[index] = name
    return alone


def credited(
    attributions: Sequence[Attribution | None],
    spans: Sequence[MarkedSpan],
    alone: dict[int, Span | None],
) -> list[Attribution | None]:
    """The attributions, with the printed name for what was taken to be somebody else's.

    “Round.” – Ada Poole¶“Square.” – Ben Cole: who is named above says nothing of the second.
    """
    answers = list(attributions)
    for index, name in alone.items():
        attribution = answers[index]
        if attribution and name and not _is_beside(attribution.mention, spans[index], name):
            answers[index] = replace(
                attribution,
                mention=name,
                cue=None,
                antecedent=None,
                confidence=SURE,
                why="named behind a dash",
            )
    return answers


def _is_beside(mention: Span | None, span: MarkedSpan, name: Span) -> bool:
    """Whether the mention is in the line of the name: its words may be the better ones."""
    return mention is not None and span.outer_end <= mention.start <= name.end


def _credit(text: str, line: Span | None, dash: re.Pattern[str]) -> Span | None:
    """The name in “— Mara Ilves, council leader”; None in “– he said with a smile”."""
    found = dash.match(text, line.start, line.end) if line else None
    name = NAME.match(text, found.end(), line.end) if found and line else None
    if name is None:
        return None
    printed = STOP.sub("", name.group().rstrip(" *_"))
    words = printed.split()
    if not words or len(words) > LONGEST_NAME or not _may_be_named(words):
        return None
    return Span(name.start(), name.start() + len(printed))


def _may_be_named(words: Sequence[str]) -> bool:
    """A capital or an article begins the words, and none of them reports speech."""
    begins = words[0][0].isupper() or words[0].lower() in ARTICLES
    return begins and not any(word.lower() in lexicon().cues for word in words)
