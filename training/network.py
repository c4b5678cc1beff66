"""The attribution network: a small BERT encoder with one classifier and five pointer heads.

Each span in quotation marks gives a query, made of the states at its two marks. The classifier
decides whether the span is a quotation at all. The pointers select tokens: the source, the first
and the last word of its mention, the cue, and the name of that source. Position 0 means "none".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from quotedex.extract.attribute.windows import (
    CLOSE,
    ELIDED,
    MISSING_CLOSE,
    MISSING_OPEN,
    NESTED_CLOSE,
    NESTED_OPEN,
    OPEN,
    PARAGRAPH,
    REOPEN,
    STOP,
    TYPES,
)
from training.quantization import QuantizedLinear

MARKERS = 16  # ids below this are the markers of `windows`
POINTERS = ("source", "first", "last", "cue", "antecedent")
POINTER_SIZE = 96
DISTANCES = 15  # buckets of distance on each side of a span
PARAGRAPHS = 4  # number of paragraphs before and after a span that have a bucket each
HEADS = ("spoken", "query", "key", "distance_bias", "paragraph_bias")  # not in the base model


@dataclass(frozen=True)
class Shape:
    """Sizes of the encoder; the defaults are those of the base model."""

    vocabulary: int = 30522
    width: int = 384
    layers: int = 6
    lower: int = 6  # layers that read all tokens; the upper ones read those outside of quotations
    heads: int = 12
    inner: int = 1536
    positions: int = 512


class Output(NamedTuple):
    """Logits of Q queries: spoken (Q,), the pointers (Q, P) over the tokens outside."""

    spoken: Tensor
    source: Tensor
    first: Tensor
    last: Tensor
    cue: Tensor
    antecedent: Tensor


class Layer(nn.Module):
    """A BERT layer (post-norm)."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.heads = shape.heads
        self.qkv = QuantizedLinear(shape.width, 3 * shape.width)
        self.out = QuantizedLinear(shape.width, shape.width)
        self.attention_norm = nn.LayerNorm(shape.width, eps=1e-12)
        self.up = QuantizedLinear(shape.width, shape.inner)
        self.down = QuantizedLinear(shape.inner, shape.width)
        self.norm = nn.LayerNorm(shape.width, eps=1e-12)
        self.dropout = nn.Dropout(dropout)

    def forward(self, states: Tensor, bias: Tensor | None) -> Tensor:
        query, key, value = self.qkv(states).chunk(3, -1)
        attended = self.out(self.attend(query, key, value, bias))
        states = self.attention_norm(states + self.dropout(attended))
        output = self.down(nn.functional.gelu(self.up(states)))
        return self.norm(states + self.dropout(output))  # type: ignore[no-any-return]

    def attend(self, query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None) -> Tensor:
        """Multi-head attention over (B, T, width); `bias` is added to the scores of every head."""
        shape = *query.shape[:2], self.heads, query.shape[2] // self.heads
        attended = nn.functional.scaled_dot_product_attention(
            query.view(shape).transpose(1, 2),
            key.view(shape).transpose(1, 2),
            value.view(shape).transpose(1, 2),
            attn_mask=bias,
        )
        return attended.transpose(1, 2).flatten(2)


class Network(nn.Module):
    """Encoder and heads; `forward` takes a batch of windows and all their queries at once.

    In the shapes, B is the number of windows, T that of their tokens, P that of their tokens
    outside of quotations, and Q that of all queries.
    """

    def __init__(self, shape: Shape | None = None, dropout: float = 0.1) -> None:
        super().__init__()
        shape = shape or Shape()
        width = shape.width
        self.register_buffer("lower", torch.tensor(shape.lower))
        # Word vectors are frozen, so that unseen names keep theirs; markers are learned.
        self.words = nn.Embedding(shape.vocabulary, width).requires_grad_(False)
        self.markers = nn.Embedding(MARKERS, width, padding_idx=0)
        self.positions = nn.Embedding(shape.positions, width)
        self.types = nn.Embedding(TYPES, width)
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.layers = nn.ModuleList(Layer(shape, dropout) for _ in range(shape.layers))
        self.spoken = nn.Sequential(
            nn.Linear(2 * width, width), nn.GELU(), nn.Dropout(dropout), nn.Linear(width, 1)
        )
        size = len(POINTERS) * POINTER_SIZE
        self.query = nn.Sequential(
            nn.Linear(2 * width, width), nn.GELU(), nn.Dropout(dropout), nn.Linear(width, size)
        )
        self.key = QuantizedLinear(width, size)
        self.distance_bias = nn.Embedding(2 * DISTANCES + 1, len(POINTERS))
        self.paragraph_bias = nn.Embedding(2 * PARAGRAPHS + 1, len(POINTERS))
        nn.init.zeros_(self.distance_bias.weight)
        nn.init.zeros_(self.paragraph_bias.weight)

    def keep_layers(self, kept: Sequence[int]) -> None:
        """Keep only the layers with these indices, in this order; as many as before are lower."""
        self.layers = nn.ModuleList(self.layers[index] for index in kept)

    def encode_layers(
        self,
        ids: Tensor,
        types: Tensor,
        mask: Tensor | None,
        outside: Tensor,
        outside_mask: Tensor | None,
    ) -> list[Tensor]:
        """The states after each layer, (B, T, width) or (B, P, width); for the arguments see
        `forward`."""
        position = torch.arange(ids.shape[1], device=ids.device)
        words = self.words(ids) + self.markers(ids * (ids < MARKERS))
        states: Tensor = self.norm(words + self.positions(position) + self.types(types))
        bias = _attention_bias(mask)
        after = []
        for number, layer in enumerate(self.layers):
            if number == int(self.lower):
                states, bias = at_positions(states, outside), _attention_bias(outside_mask)
            states = layer(states, bias)
            after.append(states)
        return after

    def forward(
        self,
        ids: Tensor,
        types: Tensor,
        mask: Tensor | None,
        outside: Tensor,
        outside_mask: Tensor | None,
        window: Tensor,
        opening: Tensor,
        closing: Tensor,
    ) -> Output:
        """ids, types, mask: (B, T); outside, outside_mask: (B, P), the positions of the tokens
        outside of quotations; window, opening, closing: (Q,), each query's window, and its marks as
        positions in `outside`.

        A mask is 0 at padding, or None if there is no padding.
        """
        states = self.encode_layers(ids, types, mask, outside, outside_mask)[-1]
        return self.predict(states, ids, outside, outside_mask, window, opening, closing)

    def predict(
        self,
        states: Tensor,
        ids: Tensor,
        outside: Tensor,
        outside_mask: Tensor | None,
        window: Tensor,
        opening: Tensor,
        closing: Tensor,
    ) -> Output:
        """The output of the heads for the encoder's last states (B, P, width), or (B, T, width) of
        a network whose layers all read all tokens."""
        if int(self.lower) >= len(self.layers):
            states = at_positions(states, outside)
        marks = torch.cat([states[window, opening], states[window, closing]], -1)
        queries = self.query(marks).view(-1, len(POINTERS), POINTER_SIZE)
        keys = self.key(states).view(*states.shape[:2], len(POINTERS), POINTER_SIZE)
        keys = keys.permute(0, 2, 3, 1)[window]
        scores = (queries[:, :, None, :] @ keys).squeeze(2) / math.sqrt(POINTER_SIZE)
        distances = self._distances(outside[window], opening, closing)
        paragraphs = self._paragraphs(ids, outside, window, opening)
        scores = scores + self.distance_bias(distances).transpose(1, 2)
        scores = scores + self.paragraph_bias(paragraphs).transpose(1, 2)
        if outside_mask is not None:
            scores = scores + (1.0 - outside_mask[window][:, None, :].float()) * -1e4
        return Output(self.spoken(marks).squeeze(-1), *scores.unbind(1))

    @staticmethod
    def _distances(positions: Tensor, opening: Tensor, closing: Tensor) -> Tensor:
        """Bucket (Q, P) of each token's distance: 0 inside the span, then before, then after it."""
        before = positions.gather(1, opening[:, None]) - positions
        after = positions - positions.gather(1, closing[:, None])
        distance = torch.maximum(before, after).clamp(min=1).float()
        bucket = (torch.log2(distance) * 2).long().clamp(max=DISTANCES - 1) + 1
        side = (after > 0).long() * DISTANCES
        is_outside = (before > 0) | (after > 0)
        return (bucket + side) * is_outside.long()

    @staticmethod
    def _paragraphs(ids: Tensor, outside: Tensor, window: Tensor, opening: Tensor) -> Tensor:
        """Bucket (Q, P) of the number of paragraphs from the span's opening mark to each token."""
        number = (ids == PARAGRAPH).long().cumsum(1).gather(1, outside)[window]
        difference = number - number.gather(1, opening[:, None])
        return difference.clamp(-PARAGRAPHS, PARAGRAPHS) + PARAGRAPHS


def at_positions(states: Tensor, positions: Tensor) -> Tensor:
    """The states (B, P, width) at positions (B, P) of (B, T, width)."""
    return states.gather(1, positions[..., None].expand(-1, -1, states.shape[2]))


def _attention_bias(mask: Tensor | None) -> Tensor | None:
    """What is added to attention's scores: much less than nothing at padding."""
    return None if mask is None else (1.0 - mask[:, None, None, :].float()) * -1e4


def load_network(path: Path) -> Network:
    """The network of a safetensors file, with as many layers as that holds.

    Weights without `lower` are older: all their layers read all tokens.
    """
    state = load_file(path)
    layers = 1 + max(int(name.split(".")[1]) for name in state if name.startswith("layers."))
    state.setdefault("lower", torch.tensor(layers))
    network = Network(Shape(layers=layers))
    network.load_state_dict(state)
    return network


def from_pretrained(folder: Path, vocabulary: dict[str, int], dropout: float = 0.1) -> Network:
    """A network with the encoder of a MiniLM-L6 folder and new heads.

    `vocabulary` maps tokens to ids; markers start out from the vectors of ordinary tokens.
    """
    base = load_file(folder / "model.safetensors")
    network = Network(dropout=dropout)
    words = base["embeddings.word_embeddings.weight"].clone()
    similar = {
        OPEN: '"', NESTED_OPEN: "'", REOPEN: '"', MISSING_OPEN: '"', CLOSE: '"',
        NESTED_CLOSE: "'", MISSING_CLOSE: '"', ELIDED: ".",
    }  # fmt: skip
    for marker, word in similar.items():
        words[marker] += words[vocabulary[word]] - words[marker] * 0.5
    words[PARAGRAPH] = words[STOP]
    state = {
        "markers.weight": torch.zeros_like(network.markers.weight),
        "words.weight": words,
        "lower": network.lower,
        "positions.weight": base["embeddings.position_embeddings.weight"],
        "types.weight": base["embeddings.token_type_embeddings.weight"][:1].repeat(TYPES, 1),
        "norm.weight": base["embeddings.LayerNorm.weight"],
        "norm.bias": base["embeddings.LayerNorm.bias"],
    }
    base_names = {
        "out": "attention.output.dense",
        "attention_norm": "attention.output.LayerNorm",
        "up": "intermediate.dense",
        "down": "output.dense",
        "norm": "output.LayerNorm",
    }
    for number in range(len(network.layers)):
        base_layer = f"encoder.layer.{number}."
        for part in ("weight", "bias"):
            for ours, name in base_names.items():
                state[f"layers.{number}.{ours}.{part}"] = base[f"{base_layer}{name}.{part}"]
            state[f"layers.{number}.qkv.{part}"] = torch.cat(
                [base[f"{base_layer}attention.self.{n}.{part}"] for n in ("query", "key", "value")]
            )
    missing, unexpected = network.load_state_dict(state, strict=False)
    if unexpected or any(not name.startswith(HEADS) for name in missing):
        raise ValueError(f"{folder} does not hold the base model: {missing} {unexpected}")
    return network
