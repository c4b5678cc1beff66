"""Text and its marked spans as windows of tokens, the input of the network.

Three changes save the network from learning them from examples:

- Every quotation mark that `find` paired becomes one of a few marker tokens, so that British,
  French and damaged marks look the same. A missing mark gets a token where it should be.
- The end of a paragraph becomes a token (the tokenizer would drop it).
- The middle of a long quotation is left out: the source is outside of it, and the window reaches
  further.

The lower layers of the network read all that is left. The upper ones, which look for the source,
read only what is outside of quotations, and so take less time.

The vocabulary is lower case. A token's type holds its shape (lower, Capitalized, UPPER, neither)
and whether it is inside a quotation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from tokenizers import Tokenizer

from quotedex.models import MarkedSpan

# Ids that the base model's training left unused.
OPEN, CLOSE, MISSING_OPEN, MISSING_CLOSE = 1, 2, 3, 4
NESTED_OPEN, NESTED_CLOSE, REOPEN = 5, 6, 7
PARAGRAPH, ELIDED = 8, 9
MARKS_AND_BREAKS = frozenset(range(OPEN, PARAGRAPH + 1))
# Quotations with one of these marks may contain the source of a quotation.
OPEN_TO_SOURCES = {MISSING_OPEN, MISSING_CLOSE, NESTED_OPEN, NESTED_CLOSE}
START, STOP = 101, 102  # [CLS], [SEP]

LOWER, CAPITALIZED, UPPER, OTHER = range(4)  # a token's shape
SHAPES = 4
TYPES = 2 * SHAPES  # a shape outside a quotation, and inside one
MAX_TOKENS = 400  # of a window, START and STOP included; the base model's limit is 512
LEFT, RIGHT = 80, 40  # tokens a span sees before its opening and after its closing mark, at least
KEEP_HEAD, KEEP_TAIL = 10, 6  # tokens kept at the ends of a long quotation
CHARS_LEFT, CHARS_RIGHT = 1400, 600  # around a span that are tokenized


class Token(NamedTuple):
    """One token: its vocabulary id, its type, and its characters (none for a marker)."""

    id: int
    type: int
    start: int
    end: int


class SpanQuery(NamedTuple):
    """A marked span to be judged: its index among the spans, the positions of its two marks."""

    span: int
    open: int
    close: int


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens in a row, which of them can be pointed at, and the marked spans to be judged.

    `outside` are the positions of the tokens outside of quotations, marks included. The positions
    of the queries' marks are positions in `outside`.
    """

    tokens: list[Token]
    outside: list[int]
    queries: list[SpanQuery]

    @property
    def outer_tokens(self) -> list[Token]:
        """The tokens at the positions `outside`."""
        return [self.tokens[position] for position in self.outside]


class _Marker(NamedTuple):
    """A marker token to be put in: the characters it replaces, its id, the index of its span."""

    start: int
    end: int
    id: int
    span: int = -1


def windows(text: str, spans: Sequence[MarkedSpan], tokenizer: Tokenizer) -> Iterator[Window]:
    """Windows over `text`; each of `spans` is a query of exactly one of them.

    They depend on the text alone, however documents are batched.
    """
    for first, last, left, right in _regions(text, spans):
        tokens, queries = _tokenize(text, left, right, spans[first:last], first, tokenizer)
        tokens, queries = _elide(tokens, queries, spans)
        yield from _cut(tokens, queries)


def _regions(text: str, spans: Sequence[MarkedSpan]) -> Iterator[tuple[int, int, int, int]]:
    """(first span, end of spans, start, end) of the parts of the text around marked spans."""
    first, left, right = 0, 0, 0
    for index, span in enumerate(spans):
        start = max(0, span.outer_start - CHARS_LEFT)
        if index and start > right:
            yield first, index, left, right
            first = index
        if index == first:
            left, right = _between_words(text, start), 0
        right = max(right, _between_words(text, min(len(text), span.outer_end + CHARS_RIGHT)))
    if spans:
        yield first, len(spans), left, right


def _between_words(text: str, at: int) -> int:
    """`at`, moved back to a white space if there is one close by."""
    if at in (0, len(text)):
        return at
    space = max(text.rfind(" ", at - 40, at), text.rfind("\n", at - 40, at))
    return at if space < 0 else space


def _tokenize(
    text: str,
    left: int,
    right: int,
    spans: Sequence[MarkedSpan],
    first: int,
    tokenizer: Tokenizer,
) -> tuple[list[Token], list[SpanQuery]]:
    """The tokens of text[left:right] with markers put in, and the queries of the spans."""
    markers = _markers(text, left, right, spans, first)
    encoding = tokenizer.encode(text[left:right], add_special_tokens=False)
    tokens: list[Token] = []
    opened: dict[int, int] = {}
    queries: list[SpanQuery] = []
    depth, at, skip_to = 0, 0, left

    def put_in(marker: _Marker) -> None:
        nonlocal depth, skip_to
        skip_to = max(skip_to, marker.end)
        if marker.span >= 0 and marker.span in opened:
            depth -= 1
            queries.append(SpanQuery(marker.span, opened.pop(marker.span), len(tokens)))
        elif marker.span >= 0:
            opened[marker.span] = len(tokens)
            depth += 1
        tokens.append(Token(marker.id, SHAPES if depth else 0, marker.start, marker.start))

    for id_, (start, end) in zip(encoding.ids, encoding.offsets, strict=True):
        start, end = start + left, end + left
        while at < len(markers) and markers[at].start <= start:
            put_in(markers[at])
            at += 1
        if start >= skip_to:
            tokens.append(
                Token(id_, _shape(text[start:end]) + (SHAPES if depth else 0), start, end)
            )
    for marker in markers[at:]:
        put_in(marker)
    queries.sort()
    return tokens, queries


def _markers(
    text: str, left: int, right: int, spans: Sequence[MarkedSpan], first: int
) -> list[_Marker]:
    """Paragraph ends and the spans' marks, in text order.

    At the same character a closing mark precedes an opening one, an inner one an outer one.
    """
    keyed: list[tuple[tuple[int, int, int], _Marker]] = []
    for match in re.finditer(r"\s*\n\s*", text[left:right]):
        start, end = match.start() + left, match.end() + left
        keyed.append(((start, 1, 0), _Marker(start, end, PARAGRAPH)))
    for index, span in enumerate(spans, first):
        nested = span.parent is not None
        opening = (
            MISSING_OPEN if not span.opened
            else NESTED_OPEN if nested
            else REOPEN if span.continues
            else OPEN
        )  # fmt: skip
        closing = MISSING_CLOSE if not span.closed else NESTED_CLOSE if nested else CLOSE
        keyed.append(
            ((span.outer_start, 2, index), _Marker(span.outer_start, span.start, opening, index))
        )
        keyed.append(((span.end, 0, -index), _Marker(span.end, span.outer_end, closing, index)))
    return [marker for _, marker in sorted(keyed)]


def _shape(word: str) -> int:
    if word.islower():
        return LOWER
    if word.isupper() and len(word) > 1:
        return UPPER
    return CAPITALIZED if word[:1].isupper() else OTHER


def _elide(
    tokens: list[Token], queries: list[SpanQuery], spans: Sequence[MarkedSpan]
) -> tuple[list[Token], list[SpanQuery]]:
    """Leaves out the middle of long quotations with both marks and no quotation inside."""
    drop: dict[int, int] = {}
    for query in queries:
        inner = spans[query.span]
        is_long = query.close - query.open > KEEP_HEAD + KEEP_TAIL + 4
        if is_long and inner.closed and inner.opened:
            drop[query.open + 1 + KEEP_HEAD] = query.close - KEEP_TAIL
    if not drop:
        return tokens, queries
    marked = {position for query in queries for position in (query.open, query.close)}
    kept: list[Token] = []
    moved: dict[int, int] = {}
    at = 0
    while at < len(tokens):
        until = drop.get(at, at)
        if until > at and not any(position in marked for position in range(at, until)):
            kept.append(Token(ELIDED, SHAPES, tokens[at].start, tokens[at].start))
            at = until
            continue
        if at in marked:
            moved[at] = len(kept)
        kept.append(tokens[at])
        at += 1
    return kept, [SpanQuery(q.span, moved[q.open], moved[q.close]) for q in queries]


def _cut(tokens: list[Token], queries: list[SpanQuery]) -> Iterator[Window]:
    """Windows of at most MAX_TOKENS, each with all spans that have enough text around them."""
    room = MAX_TOKENS - 2
    at = 0
    while at < len(queries):
        start = max(0, queries[at].open - LEFT)
        end = min(len(tokens), start + room)
        after = at + 1
        while after < len(queries) and (
            queries[after].close + RIGHT <= end or queries[after].close < end == len(tokens)
        ):
            after += 1
        mine, at = queries[at:after], after
        end = min(end, max(query.close for query in mine) + RIGHT)
        yield _window(tokens[start:end], [(q.span, q.open - start, q.close - start) for q in mine])


def _window(body: list[Token], queries: list[tuple[int, int, int]]) -> Window:
    """The window of the tokens `body`; each query is a span and the positions of its marks there.

    The closing mark of a very long quotation may lie behind the end; the last token stands for it.
    """
    edge = body[0].start, body[-1].end
    tokens = [Token(START, 0, edge[0], edge[0]), *body, Token(STOP, 0, edge[1], edge[1])]
    marks = [(span, open_ + 1, min(close, len(body) - 1) + 1) for span, open_, close in queries]
    outside = sorted({*_outside(tokens), *(at for _, *both in marks for at in both)})
    place = {position: index for index, position in enumerate(outside)}
    return Window(
        tokens,
        outside,
        [SpanQuery(span, place[open_], place[close]) for span, open_, close in marks],
    )


def _outside(tokens: list[Token]) -> Iterator[int]:
    """The positions of the tokens that may name a source: all but those inside a quotation.

    A quotation that lacks a mark may include its own attribution, and one that contains another
    may name its source. All of their tokens are kept.
    """
    for is_inside, run in groupby(range(len(tokens)), key=lambda at: tokens[at].type >= SHAPES):
        positions = list(run)
        marks = {tokens[at].id for at in (*positions, min(positions[-1] + 1, len(tokens) - 1))}
        whole = not is_inside or marks & OPEN_TO_SOURCES
        yield from (at for at in positions if whole or tokens[at].id in MARKS_AND_BREAKS)
