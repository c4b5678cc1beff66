"""Examples as tensors: windows of similar length together, with what each query should answer."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from quotedex.attribute_next.windows import Token, Window, windows
from quotedex.models import Span
from tokenizers import Tokenizer
from torch import Tensor

from training.corpus import Example, Label

TOKENS = 4800  # of a batch, padding included


class Task(NamedTuple):
    """A window, the text it was cut from, and the labels of its queries."""

    text: str
    window: Window
    labels: list[Label]


class Targets(NamedTuple):
    """What the heads should say of Q queries; a row of `*_known` False is not learned from.

    said (Q,) in 0/1; source, cue, who (Q, T) True at every position that is right to point at;
    first, last (Q,) positions. Position 0 is the answer "none".
    """

    said: Tensor
    said_known: Tensor
    source: Tensor
    source_known: Tensor
    first: Tensor
    last: Tensor
    extent_known: Tensor
    cue: Tensor
    cue_known: Tensor
    who: Tensor
    who_known: Tensor


class Batch(NamedTuple):
    """Inputs of `Network.forward`, and the targets."""

    inputs: tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]
    targets: Targets


def tasks(examples: Sequence[Example], tokenizer: Tokenizer) -> list[Task]:
    """All windows of the examples that hold a query with something known of it."""
    found = []
    for example in examples:
        for window in windows(example.text, example.spans, tokenizer):
            labels = [example.labels[query.span] for query in window.queries]
            if any(label.said is not None for label in labels):
                found.append(Task(example.text, window, labels))
    return found


def batches(found: Sequence[Task], rng: random.Random) -> Iterator[Batch]:
    """The tasks in random order, but lengths alike within a batch."""
    order = sorted(found, key=lambda task: len(task.window.tokens) + rng.random() * 40)
    groups: list[list[Task]] = [[]]
    for task in order:
        longest = max([len(t.window.tokens) for t in groups[-1]] + [len(task.window.tokens)])
        if groups[-1] and longest * (len(groups[-1]) + 1) > TOKENS:
            groups.append([])
        groups[-1].append(task)
    rng.shuffle(groups)
    for group in groups:
        yield batch(group)


def batch(group: Sequence[Task]) -> Batch:
    """One batch of windows, padded to the longest."""
    length = max(len(task.window.tokens) for task in group)
    ids = torch.zeros(len(group), length, dtype=torch.long)
    types, mask = torch.zeros_like(ids), torch.zeros_like(ids)
    rows: list[tuple[int, int, int]] = []
    targets = []
    for row, task in enumerate(group):
        tokens = task.window.tokens
        ids[row, : len(tokens)] = torch.tensor([token.id for token in tokens])
        types[row, : len(tokens)] = torch.tensor([token.type for token in tokens])
        mask[row, : len(tokens)] = 1
        for query, label in zip(task.window.queries, task.labels, strict=True):
            rows.append((row, query.open, query.close))
            targets.append(_targets(tokens, label, length))
    window, opening, closing = torch.tensor(rows).unbind(1)
    stacked = Targets(*(torch.stack(column) for column in zip(*targets, strict=True)))
    return Batch((ids, types, mask, window, opening, closing), stacked)


def _targets(tokens: list[Token], label: Label, length: int) -> tuple[Tensor, ...]:
    source, source_known = _pointed(tokens, label.source, length)
    cue, cue_known = _pointed(tokens, label.cue, length)
    who, who_known = _pointed(tokens, label.who, length, absent_is_none=True)
    first, last, extent_known = 0, 0, False
    if label.mention is not None:
        inside = _covered(tokens, label.mention)
        if inside:
            first, last, extent_known = inside[0], inside[-1], True
    return (
        torch.tensor(float(bool(label.said))),
        torch.tensor(label.said is not None),
        source,
        torch.tensor(source_known),
        torch.tensor(first),
        torch.tensor(last),
        torch.tensor(extent_known),
        cue,
        torch.tensor(cue_known),
        who,
        torch.tensor(who_known),
    )


def _covered(tokens: list[Token], span: Span) -> list[int]:
    return [
        at
        for at, token in enumerate(tokens)
        if token.end > token.start and token.start < span.end and token.end > span.start
    ]


def _pointed(
    tokens: list[Token], spans: list[Span] | None, length: int, *, absent_is_none: bool = False
) -> tuple[Tensor, bool]:
    """Positions right to point at; unknown where the words lie outside the window."""
    right = torch.zeros(length, dtype=torch.bool)
    if spans is None:
        return right, False
    places = [at for span in spans for at in _covered(tokens, span)]
    right[places or [0]] = True
    return right, bool(places) or not spans or absent_is_none
