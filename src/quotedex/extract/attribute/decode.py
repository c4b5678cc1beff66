"""From the network's scores over a window to the words they point at."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from quotedex.extract.attribute.windows import (
    CAPITALIZED,
    MISSING_CLOSE,
    MISSING_OPEN,
    SHAPES,
    UPPER,
    Query,
    Token,
    Window,
)
from quotedex.models import Span

Floats = NDArray[np.float32]

LONGEST = 14  # tokens of a mention or an antecedent on either side of the token pointed at
DATELINE = re.compile("[A-Z]{2}[^\n]*?\\s(?:--|[\N{EN DASH}\N{EM DASH}-])\\s")  # ASHBY, March 3 --
CUE_SHARE = 0.3  # of the best token's probability that a neighbour needs to belong to the cue


class Scores(NamedTuple):
    """What the network says of the Q queries of a window of T tokens: logits, all float32.

    `said` has shape (Q,); the others (Q, T), where position 0 (the START token) stands for
    "nobody named here", "no cue", "not told in this window".
    """

    said: Floats
    source: Floats
    first: Floats
    last: Floats
    cue: Floats
    who: Floats


class Reading(NamedTuple):
    """What one query points at: spans of the text, and probabilities before calibration."""

    said: float
    mention: Span | None
    pointed: float
    cue: Span | None
    antecedent: Span | None


def read(text: str, window: Window, scores: Scores) -> list[Reading]:
    """One reading for each query of `window`, in order."""
    return [_read_query(text, window, scores, row) for row in range(len(window.queries))]


def _read_query(text: str, window: Window, scores: Scores, row: int) -> Reading:
    said = float(1 / (1 + np.exp(-scores.said[row])))
    query = window.queries[row]
    source = _softmax(scores.source[row])
    mention, pointed = None, float(source[0])
    allowed = _outside(window.tokens, query)
    if (best := _best(source, allowed)) is not None:
        left, right = _extent(window.tokens, best, scores.first[row], scores.last[row])
        share = float(source[left : right + 1].sum())
        if share >= pointed:
            mention = _without_dateline(text, _words(text, window.tokens, left, right))
            pointed = share
    cue = _cue(text, window, scores, row)
    return Reading(said, mention, pointed, cue, _antecedent(text, window, scores, row))


def _softmax(logits: Floats) -> Floats:
    exponents = np.exp(logits - logits.max())
    return exponents / exponents.sum()  # type: ignore[no-any-return]


def _outside(tokens: list[Token], query: Query) -> NDArray[np.bool_]:
    """Which tokens may name the source: words, not markers, and not the quotation's own words.

    One that lacks a mark may run over its own attribution: `"We will fight, she said.`
    """
    allowed = np.array([token.end > token.start for token in tokens])
    if tokens[query.open].id != MISSING_OPEN and tokens[query.close].id != MISSING_CLOSE:
        allowed[query.open : query.close + 1] = False
    return allowed


def _best(shares: Floats, allowed: NDArray[np.bool_]) -> int | None:
    if not allowed.any():
        return None
    return int(np.where(allowed, shares, -1.0).argmax())


def _extent(tokens: list[Token], best: int, first: Floats, last: Floats) -> tuple[int, int]:
    """The run of words around the token pointed at that the extent heads like best."""
    low = high = best
    while low > 0 and best - low < LONGEST and _word(tokens[low - 1]):
        low -= 1
    while high + 1 < len(tokens) and high - best < LONGEST and _word(tokens[high + 1]):
        high += 1
    left = low + int(first[low : best + 1].argmax())
    right = best + int(last[best : high + 1].argmax())
    return left, right


def _word(token: Token) -> bool:
    return token.end > token.start


def _words(text: str, tokens: list[Token], left: int, right: int) -> Span:
    """The characters of tokens left..right, widened to whole words ("Ok", "##afor" -> "Okafor")."""
    start, end = tokens[left].start, tokens[right].end
    while start > 0 and text[start].isalnum() and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return Span(start, end)


def _without_dateline(text: str, mention: Span) -> Span:
    """ "ASHBY -- Harbour officials", at a paragraph's start, as "Harbour officials"."""
    dateline = DATELINE.match(text, mention.start, mention.end)
    if dateline is None or text[: mention.start].rstrip(" ")[-1:] not in ("", "\n"):
        return mention
    return Span(dateline.end(), mention.end)


def _cue(text: str, window: Window, scores: Scores, row: int) -> Span | None:
    """The reporting words: the token most pointed at and its neighbours with a fair share."""
    shares = _softmax(scores.cue[row])
    best = _best(shares, _outside(window.tokens, window.queries[row]))
    if best is None or shares[best] < shares[0]:
        return None
    floor = CUE_SHARE * shares[best]
    left = right = best
    while _word(window.tokens[left - 1]) and shares[left - 1] >= floor:
        left -= 1
    while _word(window.tokens[right + 1]) and shares[right + 1] >= floor:
        right += 1
    return _words(text, window.tokens, left, right)


def _antecedent(text: str, window: Window, scores: Scores, row: int) -> Span | None:
    """The name that says who the source is: all places of one word are counted together.

    "Ada Poole ... Poole ... she said": the shares of both "Poole" add up.
    """
    shares = _softmax(scores.who[row])
    allowed = _outside(window.tokens, window.queries[row])
    totals: dict[str, float] = {}
    for at in np.flatnonzero(allowed):
        token = window.tokens[at]
        if token.type % SHAPES in (CAPITALIZED, UPPER):
            word = text[token.start : token.end]
            totals[word] = totals.get(word, 0.0) + float(shares[at])
    if not totals:
        return None
    word = max(totals, key=totals.__getitem__)
    if totals[word] < shares[0]:
        return None
    places = [
        at
        for at in np.flatnonzero(allowed)
        if text[window.tokens[at].start : window.tokens[at].end] == word
    ]
    return _name(text, window.tokens, int(max(places, key=lambda at: shares[at])))


def _name(text: str, tokens: list[Token], at: int) -> Span:
    """The capitalized words around a token: "Ibrahim Sesay-Holt" for its "Sesay"."""
    left = right = at
    while _continues(text, tokens[left - 1], tokens[left], tokens[left - 1]):
        left -= 1
    while right + 1 < len(tokens) and _continues(
        text, tokens[right], tokens[right + 1], tokens[right + 1]
    ):
        right += 1
    return _words(text, tokens, left, right)


def _continues(text: str, before: Token, after: Token, new: Token) -> bool:
    """Whether a name runs on from one token to the next, one of which is `new` to it."""
    if not (_word(before) and _word(after)):
        return False
    word = text[new.start : new.end]
    if before.end == after.start:
        return word.isalnum() or word == "-"
    return new.type % SHAPES in (CAPITALIZED, UPPER) and text[before.end : after.start] == " "
