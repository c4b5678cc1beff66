"""Examples as tensors: windows of similar length together, with what each query should answer."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from tokenizers import Tokenizer
from torch import Tensor

from evaluation.labels import Example, Label
from quotedex.extract.attribute.windows import Token, Window, windows
from quotedex.models import Span

TOKENS = 4800  # of a batch, padding included
Inputs = tuple[Tensor, ...]  # ids, types, mask (B, T); a query's window and marks (Q,)


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

    inputs: Inputs
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
    inputs = window_inputs([task.window for task in group])
    length = inputs[0].shape[1]
    targets = [
        _targets(task.window.tokens, label, length) for task in group for label in task.labels
    ]
    return Batch(inputs, Targets(*map(torch.stack, zip(*targets, strict=True))))


def window_inputs(group: Sequence[Window]) -> Inputs:
    """What `Network.forward` takes, of windows padded to the longest."""
    shape = len(group), max(len(window.tokens) for window in group)
    ids, types, mask = (torch.zeros(shape, dtype=torch.long) for _ in range(3))
    queries = []
    for row, window in enumerate(group):
        used = slice(len(window.tokens))
        ids[row, used] = torch.tensor([token.id for token in window.tokens])
        types[row, used] = torch.tensor([token.type for token in window.tokens])
        mask[row, used] = 1
        queries += [(row, query.open, query.close) for query in window.queries]
    return (ids, types, mask, *torch.tensor(queries).unbind(1))


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
