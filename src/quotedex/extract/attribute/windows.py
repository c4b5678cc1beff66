"""Text and its marked spans as windows of tokens, the form in which the network reads them.

Three things are changed on the way, so that the network need not learn them from examples:

- every quotation mark that `find` paired becomes one of a few marker tokens, whatever its shape,
  so British, French and damaged marks read alike; a missing mark gets a token where it should be;
- a paragraph's end becomes a token (the tokenizer would drop it);
- the middle of a long quotation is left out: who said it stands outside, and the window reaches
  further that way.

The vocabulary is lower case; a token's shape (lower, Capitalized, UPPER, neither) and whether it
stands inside a quotation travel beside it as its type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tokenizers import Tokenizer

from quotedex.models import MarkedSpan

# Positions of the base vocabulary that its training left unused.
OPEN, CLOSE, MISSING_OPEN, MISSING_CLOSE = 1, 2, 3, 4
NESTED_OPEN, NESTED_CLOSE, REOPEN = 5, 6, 7
PARAGRAPH, ELIDED = 8, 9
START, STOP = 101, 102  # [CLS], [SEP]

LOWER, CAPITALIZED, UPPER, OTHER = range(4)  # a token's shape
SHAPES = 4
TYPES = 2 * SHAPES  # a shape outside a quotation, and inside one
MAX_TOKENS = 400  # of a window, START and STOP included; the base model's limit is 512
LEFT, RIGHT = 110, 45  # tokens a span sees before its opening and after its closing mark, at least
KEEP_HEAD, KEEP_TAIL = 10, 6  # tokens kept at the ends of a long quotation
REACH_LEFT, REACH_RIGHT = 1400, 600  # characters around a span that are tokenized at all


class Token(NamedTuple):
    """One token: vocabulary id, type, and the characters it stands for (none for a marker)."""

    id: int
    type: int
    start: int
    end: int


class Query(NamedTuple):
    """A marked span in a window: its index in the list of spans, its marks' token positions."""

    span: int
    open: int
    close: int


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of tokens and the marked spans to be judged in it."""

    tokens: list[Token]
    queries: list[Query]


class _Mark(NamedTuple):
    """Something that becomes a marker token: the characters it covers, its id, its span."""

    start: int
    end: int
    id: int
    span: int = -1


def windows(text: str, spans: Sequence[MarkedSpan], tokenizer: Tokenizer) -> Iterator[Window]:
    """Windows over `text` such that each of `spans` is a query of exactly one of them.

    Depends on the text alone, so a document gives the same windows however it is batched.
    """
    for first, last, left, right in _stretches(text, spans):
        tokens, queries = _tokenize(text, left, right, spans[first:last], first, tokenizer)
        tokens, queries = _elide(tokens, queries, spans)
        yield from _cut(tokens, queries)


def _stretches(text: str, spans: Sequence[MarkedSpan]) -> Iterator[tuple[int, int, int, int]]:
    """(first span, last span, start, end) of the parts of the text near a marked span."""
    first, left, right = 0, 0, 0
    for index, span in enumerate(spans):
        near = max(0, span.outer_start - REACH_LEFT)
        if index and near > right:
            yield first, index, left, right
            first = index
        if index == first:
            left, right = _between_words(text, near), 0
        right = max(right, _between_words(text, min(len(text), span.outer_end + REACH_RIGHT)))
    if spans:
        yield first, len(spans), left, right


def _between_words(text: str, at: int) -> int:
    """`at`, moved back to a white space where one is near."""
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
) -> tuple[list[Token], list[Query]]:
    """The tokens of text[left:right] with markers put in, and where each span's marks went."""
    marks = _marks(text, left, right, spans, first)
    encoding = tokenizer.encode(text[left:right], add_special_tokens=False)
    tokens: list[Token] = []
    opened: dict[int, int] = {}
    queries: list[Query] = []
    depth, at, skip_to = 0, 0, left

    def place(mark: _Mark) -> None:
        nonlocal depth, skip_to
        skip_to = max(skip_to, mark.end)
        if mark.span >= 0 and mark.span in opened:
            depth -= 1
            queries.append(Query(mark.span, opened.pop(mark.span), len(tokens)))
        elif mark.span >= 0:
            opened[mark.span] = len(tokens)
            depth += 1
        tokens.append(Token(mark.id, SHAPES if depth else 0, mark.start, mark.start))

    for id_, (start, end) in zip(encoding.ids, encoding.offsets, strict=True):
        start, end = start + left, end + left
        while at < len(marks) and marks[at].start <= start:
            place(marks[at])
            at += 1
        if start >= skip_to:
            tokens.append(
                Token(id_, _shape(text[start:end]) + (SHAPES if depth else 0), start, end)
            )
    for mark in marks[at:]:
        place(mark)
    queries.sort()
    return tokens, queries


def _marks(
    text: str, left: int, right: int, spans: Sequence[MarkedSpan], first: int
) -> list[_Mark]:
    """Paragraph ends and the spans' marks, in the order in which they stand.

    At one place a closing mark precedes an opening one, an inner closing mark an outer one.
    """
    keyed: list[tuple[tuple[int, int, int], _Mark]] = []
    for match in re.finditer(r"\s*\n\s*", text[left:right]):
        start, end = match.start() + left, match.end() + left
        keyed.append(((start, 1, 0), _Mark(start, end, PARAGRAPH)))
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
            ((span.outer_start, 2, index), _Mark(span.outer_start, span.start, opening, index))
        )
        keyed.append(((span.end, 0, -index), _Mark(span.end, span.outer_end, closing, index)))
    return [mark for _key, mark in sorted(keyed)]


def _shape(word: str) -> int:
    if word.islower():
        return LOWER
    if word.isupper() and len(word) > 1:
        return UPPER
    return CAPITALIZED if word[:1].isupper() else OTHER


def _elide(
    tokens: list[Token], queries: list[Query], spans: Sequence[MarkedSpan]
) -> tuple[list[Token], list[Query]]:
    """Leave out the middle of long quotations that are whole and hold no other."""
    drop: dict[int, int] = {}
    for query in queries:
        inner = spans[query.span]
        alone = query.close - query.open > KEEP_HEAD + KEEP_TAIL + 4
        if alone and inner.closed and inner.opened:
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
    return kept, [Query(q.span, moved[q.open], moved[q.close]) for q in queries]


def _cut(tokens: list[Token], queries: list[Query]) -> Iterator[Window]:
    """Windows of at most MAX_TOKENS, each taking all the spans that see enough around them."""
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
        end = min(end, max(query.close for query in mine) + RIGHT + 30)
        body = tokens[start:end]
        edge = body[0].start, body[-1].end
        yield Window(
            [Token(START, 0, edge[0], edge[0]), *body, Token(STOP, 0, edge[1], edge[1])],
            [
                Query(q.span, q.open - start + 1, min(q.close - start, len(body) - 1) + 1)
                for q in mine
            ],
        )
