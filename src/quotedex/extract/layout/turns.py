"""Turns of a transcript: words behind a label that says who speaks them, without quotation marks.

    MS. LOWELL: Where was the key?          Q. Where was the key?
    THE WITNESS: In the lock.               A. In the lock.

Only where a text is clearly a transcript. A line with a colon is more often a dateline, a heading,
an ingredient or a price.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

from quotedex.extract.layout.unmarked import UnmarkedQuotation, cuts_span
from quotedex.models import MarkedSpan, Span
from quotedex.text.lexicon import lexicon

_WORD = r"[^\W\d_a-z][\w.’'&-]*"
_PARTICLE = r"(?:de|la|van|von|der|den|bin|al|di|da)"
LABELLED = re.compile(
    r"^[ \t*_>]*(?:(?P<letter>[QA])[ \t*_]*[.:]"
    rf"|(?P<name>{_WORD}(?: (?:{_PARTICLE} )*{_WORD}){{0,4}})"
    r"(?: ?[(\[][^()\[\]\n]{1,60}[)\]])?[ \t*_]*:)[ \t*_]+(?P<words>\S[^\n]*)$",
    re.MULTILINE,
)
FULL_NAME = re.compile(
    rf"\b[^\W\d_a-z][\w.’'-]* (?:{_PARTICLE} )*(?=([^\W\d_a-z][\w’'-]*[^\W\d_A-Z]))"
)
# What only labels call people, and the court.
LABEL_WORDS = frozenset(
    {"answer", "caller", "clerk", "court", "foreman", "foreperson", "interviewer", "moderator"}
    | {"narrator", "plaintiff", "question", "respondent"}
)
# Speech ends with a stop, prices and ingredients without one.
STOPPED = re.compile(r"[.?!…—–-][^\w\s]*$")
MIN_TURNS = 4
MIN_SPEAKERS = 2  # who have more than one
MIN_SHARE_STOPPED = 0.75
WHY_TURN = "named before the turn"


def turns_of(text: str, spans: Sequence[MarkedSpan]) -> list[UnmarkedQuotation]:
    """The turns of `text`, in order; none if it is no transcript.

    `spans` are its words in quotation marks. A transcript that sets its turns in marks has no
    others, and a turn that only opens or closes marks is none. Time is linear.
    """
    turns = [_turn(found) for found in LABELLED.finditer(text)]
    if len(turns) < MIN_TURNS:
        return []
    surnames = _surnames(text, turns)
    named = {_last_word(text, turn) for turn in turns if _names_speaker(text, turn, surnames)}
    turns = [turn for turn in turns if _last_word(text, turn) in named]
    counts = Counter(_last_word(text, turn) for turn in turns)
    if len(turns) < MIN_TURNS or sum(count > 1 for count in counts.values()) < MIN_SPEAKERS:
        return []
    stopped = sum(bool(STOPPED.search(text, turn.words.start, turn.words.end)) for turn in turns)
    if stopped < MIN_SHARE_STOPPED * len(turns):
        return []
    starts = {span.outer_start for span in spans}
    if 2 * sum(turn.words.start in starts for turn in turns) >= len(turns):
        return []
    outer = [span for span in spans if span.parent is None]
    return [turn for turn in turns if not cuts_span(turn, outer)]


def _last_word(text: str, turn: UnmarkedQuotation) -> str:
    """What labels of one speaker share, in capitals: Ada Lowell, MS. LOWELL."""
    return text[turn.label.start : turn.label.end].split()[-1].upper()


def _turn(found: re.Match[str]) -> UnmarkedQuotation:
    kind = "letter" if found["letter"] else "name"
    words = Span(found.start("words"), found.start("words") + len(found["words"].rstrip()))
    return UnmarkedQuotation(
        words, Span(*found.span(kind)), WHY_TURN, is_turn=True, is_named=kind == "name"
    )


def _names_speaker(text: str, turn: UnmarkedQuotation, surnames: Collection[str]) -> bool:
    """Whether a label is Q or A, begins with a title or an abbreviation, or ends in a role, the
    court or the surname of somebody whom the text names."""
    first = text[turn.label.start : turn.label.end].split()[0].lower()
    last = _last_word(text, turn)
    if not turn.is_named or first[-1] == "." or first in lexicon().titles:
        return True
    return last.lower() in LABEL_WORDS or last.lower() in lexicon().roles or last in surnames


def _surnames(text: str, turns: Sequence[UnmarkedQuotation]) -> set[str]:
    """The second words of names outside of the labels, in capitals: "Ada Lowell" -> LOWELL."""
    labels = {turn.label.start for turn in turns}
    return {found[1].upper() for found in FULL_NAME.finditer(text) if found.start() not in labels}
