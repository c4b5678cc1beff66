"""Examples as tensors: windows of similar length in batches, with the targets of each query."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from quotedex.extract.attribute.windows import Token, Window, windows
from quotedex.models import Span
from training.labels import Example, Label, overlap

MAX_TOKENS = 4800  # in a batch, padding included
Inputs = tuple[Tensor, ...]  # the arguments of `Network.forward`


class LabeledWindow(NamedTuple):
    """A window, the text it was cut from, and the labels of its queries."""

    text: str
    window: Window
    labels: list[Label]


class Targets(NamedTuple):
    """What the heads should output for Q queries, over T tokens outside of quotations; where a
    `*_mask` is False, nothing is learned.

    spoken (Q,) is 0 or 1; source, cue, antecedent (Q, T) are True at every correct position;
    first, last (Q,) are positions. Position 0 means "none".
    """

    spoken: Tensor
    spoken_mask: Tensor
    source: Tensor
    source_mask: Tensor
    first: Tensor
    last: Tensor
    extent_mask: Tensor
    cue: Tensor
    cue_mask: Tensor
    antecedent: Tensor
    antecedent_mask: Tensor


class Batch(NamedTuple):
    """Inputs of `Network.forward`, and the targets."""

    inputs: Inputs
    targets: Targets


def labeled_windows(
    examples: Sequence[Example], tokenizer: Tokenizer, *, unlabeled: bool = False
) -> list[LabeledWindow]:
    """All windows of the examples that hold an annotated query; with `unlabeled`, any query."""
    labeled = []
    for example in examples:
        for window in windows(example.text, example.spans, tokenizer):
            labels = [example.labels[query.span] for query in window.queries]
            if labels and (unlabeled or any(label.spoken is not None for label in labels)):
                labeled.append(LabeledWindow(example.text, window, labels))
    return labeled


def batches(labeled: Sequence[LabeledWindow], rng: random.Random) -> Iterator[Batch]:
    """The windows in random order, those of similar length in one batch."""
    order = sorted(labeled, key=lambda each: len(each.window.tokens) + rng.random() * 40)
    groups: list[list[LabeledWindow]] = [[]]
    for each in order:
        longest = max([len(e.window.tokens) for e in groups[-1]] + [len(each.window.tokens)])
        if groups[-1] and longest * (len(groups[-1]) + 1) > MAX_TOKENS:
            groups.append([])
        groups[-1].append(each)
    rng.shuffle(groups)
    for group in groups:
        yield collate(group)


def collate(group: Sequence[LabeledWindow]) -> Batch:
    """One batch of windows, padded to the longest."""
    inputs = window_inputs([each.window for each in group])
    length = inputs[3].shape[1]
    targets = [
        _targets(each.window.outer_tokens, label, length) for each in group for label in each.labels
    ]
    return Batch(inputs, Targets(*map(torch.stack, zip(*targets, strict=True))))


def window_inputs(group: Sequence[Window]) -> Inputs:
    """The inputs of `Network.forward` for windows, padded to the longest."""
    ids = _padded([[token.id for token in window.tokens] for window in group])
    types = _padded([[token.type for token in window.tokens] for window in group])
    mask = _padded([[1] * len(window.tokens) for window in group])
    outside = _padded([window.outside for window in group])
    outside_mask = _padded([[1] * len(window.outside) for window in group])
    queries = [(row, q.open, q.close) for row, window in enumerate(group) for q in window.queries]
    return (ids, types, mask, outside, outside_mask, *torch.tensor(queries).unbind(1))


def _padded(rows: list[list[int]]) -> Tensor:
    """Rows of numbers as one tensor, padded with 0 to the longest."""
    return pad_sequence([torch.tensor(row) for row in rows], batch_first=True)


def _targets(tokens: list[Token], label: Label, length: int) -> tuple[Tensor, ...]:
    source, source_mask = _pointer_target(tokens, label.source, length)
    cue, cue_mask = _pointer_target(tokens, label.cue, length)
    antecedent, antecedent_mask = _pointer_target(
        tokens, label.antecedent, length, none_if_outside=True
    )
    first, last, extent_mask = 0, 0, False
    if label.mention is not None:
        positions = _positions(tokens, label.mention)
        if positions:
            first, last, extent_mask = positions[0], positions[-1], True
    return (
        torch.tensor(float(bool(label.spoken))),
        torch.tensor(label.spoken is not None),
        source,
        torch.tensor(source_mask),
        torch.tensor(first),
        torch.tensor(last),
        torch.tensor(extent_mask),
        cue,
        torch.tensor(cue_mask),
        antecedent,
        torch.tensor(antecedent_mask),
    )


def _positions(tokens: list[Token], span: Span) -> list[int]:
    """The positions of the tokens that share a character with the span; markers have none."""
    return [
        at
        for at, token in enumerate(tokens)
        if token.end > token.start and overlap(Span(token.start, token.end), span)
    ]


def _pointer_target(
    tokens: list[Token], spans: list[Span] | None, length: int, *, none_if_outside: bool = False
) -> tuple[Tensor, bool]:
    """The correct positions, and whether anything is learned from them.

    Words outside the window cannot be pointed at: the target is then masked out, or "none".
    """
    correct = torch.zeros(length, dtype=torch.bool)
    if spans is None:
        return correct, False
    positions = [at for span in spans for at in _positions(tokens, span)]
    correct[positions or [0]] = True
    return correct, bool(positions) or not spans or none_if_outside
