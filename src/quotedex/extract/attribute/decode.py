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
    SpanQuery,
    Token,
    Window,
)
from quotedex.models import Span
from quotedex.text.lexicon import is_abbreviation

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

MAX_EXTENT = 14  # tokens of a mention on either side of the token pointed at
DATELINE = re.compile("[A-Z]{2}[^\n]*?\\s(?:--|[\N{EN DASH}\N{EM DASH}-])\\s")  # ASHBY, March 3 --
MIN_POINTER_SHARE = 0.003  # of a token's probability to be the speaker's name, to be kept
SENTENCE_END = re.compile(r"(\w*)[.!?]$")
LONGEST_WORD = 40  # characters
MIN_CUE_SHARE = 0.3  # of the best token's probability, for a neighbour to belong to the cue


class Scores(NamedTuple):
    """The network's logits for the Q queries of a window with T tokens outside of quotations, all
    float32.

    `spoken` has shape (Q,), the others (Q, T). Position 0, the START token, stands for "no source
    named here", "no cue", "no antecedent in this window".
    """

    spoken: Floats
    source: Floats
    first: Floats
    last: Floats
    cue: Floats
    antecedent: Floats


class Prediction(NamedTuple):
    """The spans that one query points at, and probabilities before calibration.

    `spoken` is the probability that somebody says the span, `source_probability` that the mention
    (or its absence) is right if somebody does.
    """

    spoken: float
    mention: Span | None
    source_probability: float
    cue: Span | None
    pointers: tuple[tuple[Span, float], ...]


def decode(text: str, window: Window, scores: Scores) -> list[Prediction]:
    """One prediction for each query of `window`, in order."""
    tokens = window.outer_tokens
    words = np.array([_is_word(token) for token in tokens])
    return [
        _decode_query(text, tokens, _allowed_tokens(words, tokens, query), scores, row)
        for row, query in enumerate(window.queries)
    ]


def _decode_query(
    text: str, tokens: list[Token], allowed: Flags, scores: Scores, row: int
) -> Prediction:
    """`allowed` says of each token whether it may name the source."""
    spoken = float(1 / (1 + np.exp(-scores.spoken[row])))
    source = _softmax(scores.source[row])
    mention, probability = None, float(source[0])
    if (best := _best(source, allowed)) is not None:
        left, right = _extent(text, tokens, best, scores.first[row], scores.last[row])
        share = float(source[left : right + 1].sum())
        if share >= probability:
            mention = _without_dateline(text, _characters(text, tokens, left, right))
            probability = share
    cue = _cue(text, tokens, scores.cue[row], allowed)
    pointers = _pointers(tokens, scores.antecedent[row], allowed)
    return Prediction(spoken, mention, probability, cue, pointers)


def _softmax(logits: Floats) -> Floats:
    exponents = np.exp(logits - logits.max())
    return exponents / exponents.sum()  # type: ignore[no-any-return]


def _allowed_tokens(words: Flags, tokens: list[Token], query: SpanQuery) -> Flags:
    """Which tokens may name the source: words, not markers, outside of the quotation. `words` says
    of each token whether it has characters.

    A quotation that lacks a mark may include its own attribution: `"We will fight, she said.`
    """
    allowed = words.copy()
    if tokens[query.open].id != MISSING_OPEN and tokens[query.close].id != MISSING_CLOSE:
        allowed[query.open : query.close + 1] = False
    return allowed


def _best(shares: Floats, allowed: Flags) -> int | None:
    if not allowed.any():
        return None
    return int(np.where(allowed, shares, -1.0).argmax())


def _extent(
    text: str, tokens: list[Token], best: int, first: Floats, last: Floats
) -> tuple[int, int]:
    """The first and last token of the mention around the token pointed at, by their own scores.

    A mention stays within its sentence: "“…,” | he | added. However, the remainder …".
    """
    low = high = best
    while low > 0 and best - low < MAX_EXTENT and _continues(text, tokens[low - 1], tokens[low]):
        low -= 1
    while (
        high + 1 < len(tokens)
        and high - best < MAX_EXTENT
        and _continues(text, tokens[high], tokens[high + 1])
    ):
        high += 1
    left = low + int(first[low : best + 1].argmax())
    right = best + int(last[best : high + 1].argmax())
    return left, right


def _continues(text: str, before: Token, after: Token) -> bool:
    """Whether two tokens in a row are words of one sentence."""
    if not (_is_word(before) and _is_word(after)):
        return False
    end = SENTENCE_END.search(text, max(0, before.end - LONGEST_WORD), before.end)
    if end is None or after.type % SHAPES not in (CAPITALIZED, UPPER):
        return True
    # "Mr. Poole", "St. Ives", "J. Poole", "U.S. Senator" go on.
    return not end[1] or is_abbreviation(end[1])


def _is_word(token: Token) -> bool:
    """Whether a token has characters; a marker has none."""
    return token.end > token.start


def _characters(text: str, tokens: list[Token], left: int, right: int) -> Span:
    """The characters of tokens left..right, widened to whole words ("Ok", "##afor" -> "Okafor")."""
    start, end = tokens[left].start, tokens[right].end
    while start > 0 and text[start].isalnum() and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    return Span(start, end)


def _without_dateline(text: str, mention: Span) -> Span:
    """ "ASHBY -- Harbour officials" at the start of a paragraph -> "Harbour officials"."""
    dateline = DATELINE.match(text, mention.start, mention.end)
    if dateline is None or text[: mention.start].rstrip(" ")[-1:] not in ("", "\n"):
        return mention
    return Span(dateline.end(), mention.end)


def _cue(text: str, tokens: list[Token], logits: Floats, allowed: Flags) -> Span | None:
    """The reporting words: the best token and the neighbours with a fair share of its probability.

    None if "no cue" is more probable.
    """
    shares = _softmax(logits)
    best = _best(shares, allowed)
    if best is None or shares[best] < shares[0]:
        return None
    floor = MIN_CUE_SHARE * shares[best]
    left = right = best
    while _is_word(tokens[left - 1]) and shares[left - 1] >= floor:
        left -= 1
    while _is_word(tokens[right + 1]) and shares[right + 1] >= floor:
        right += 1
    return _characters(text, tokens, left, right)


def _pointers(
    tokens: list[Token], logits: Floats, allowed: Flags
) -> tuple[tuple[Span, float], ...]:
    """The tokens that may name the speaker, with their probabilities."""
    shares = _softmax(logits)
    likely = np.flatnonzero(allowed & (shares > MIN_POINTER_SHARE)).tolist()
    return tuple((Span(tokens[at].start, tokens[at].end), float(shares[at])) for at in likely)
