"""The vectors of spaCy's `Tok2Vec`: one for each word, then mixed with those of its neighbours.

A word's own vector depends on the word alone, so it is computed once and cached. Mixing takes three
matrix products instead of five, without the bookkeeping for training.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from quotedex.extract.parse import matches_config
from quotedex.extract.parse.row_cache import Attributes, RowCache, word_attributes

if TYPE_CHECKING:
    from collections.abc import Callable

    from spacy.language import Language
    from spacy.tokens import Doc

Floats = NDArray[np.float32]

EXPECTED_CONFIG = {
    "@architectures": "spacy.Tok2Vec.v2",
    "embed": {"@architectures": "spacy.MultiHashEmbed.v2", "include_static_vectors": False},
    "encode": {"@architectures": "spacy.MaxoutWindowEncoder.v2", "window_size": 1},
}
MAX_CACHED = 40_000  # words; 15 MB at 96 numbers a vector
_MIN_VARIANCE = np.float32(1e-8)


def fast_component(nlp: Language) -> Callable[[Doc], Doc] | None:
    """Sets `doc.tensor`, where tagger and parser look for their vectors, as "tok2vec" does.

    None if the component has another architecture.
    """
    if not matches_config(nlp, "tok2vec", {"model": EXPECTED_CONFIG}):
        return None
    component: Any = nlp.get_pipe("tok2vec")
    vectors = Vectors(component.model)

    def set_tensor(doc: Doc) -> Doc:
        tensor: Any = vectors(doc)
        doc.tensor = tensor
        return doc

    return set_tensor


class Vectors:
    """One vector for each word of a text, shape (words, width). `model` is as `EXPECTED_CONFIG`."""

    def __init__(self, model: Any) -> None:
        encode = model.get_ref("encode")
        self._words = _Words(model.get_ref("embed"))
        self._windows = _maxouts(encode)
        self._margin: int = encode.attrs["pad"]

    def __call__(self, doc: Doc) -> Floats:
        vectors = self._words(doc)
        margin = np.zeros((self._margin, vectors.shape[1]), np.float32)
        vectors = np.concatenate([margin, vectors, margin])
        for window in self._windows:
            vectors += window(_with_neighbours(vectors))
        return vectors[len(margin) : len(vectors) - len(margin)]


class _Words:
    """The words' own vectors, cached by the attributes that the model reads: prefix, shape, ..."""

    def __init__(self, embed: Any) -> None:
        extract, _, self._tables, mix, _ = embed.layers
        (self._mixed,) = _maxouts(mix)
        self._attributes: list[int | str] = extract.attrs["columns"]
        none: Floats = np.zeros((0, mix.get_dim("nO")), np.float32)
        self._cache = RowCache(self._compute, none, MAX_CACHED)

    def __call__(self, doc: Doc) -> Floats:
        return self._cache(word_attributes(doc, self._attributes))

    def _compute(self, attributes: Attributes) -> Floats:
        # One product for each row. In one product for all, a row's last digits depend on its place,
        # and a word's vector must not depend on earlier texts.
        return self._mixed(self._tables.predict(attributes)[:, None])[:, 0]


def _maxouts(model: Any) -> list[_Maxout]:
    """The pairs of maxout and normalization layers of a model, in order."""
    layers = list(model.walk(order="dfs_pre"))
    maxouts = [layer for layer in layers if layer.name == "maxout"]
    norms = [layer for layer in layers if layer.name == "layernorm"]
    return [_Maxout(maxout, norm) for maxout, norm in zip(maxouts, norms, strict=True)]


class _Maxout:
    """For each row the largest of a few weighted sums, then normalized."""

    def __init__(self, maxout: Any, norm: Any) -> None:
        weights, bias = maxout.get_param("W"), maxout.get_param("b")
        width, pieces, inputs = weights.shape
        # The pieces are side by side, so that they are compared block by block.
        blocks = weights.transpose(1, 0, 2).reshape(pieces * width, inputs)
        self._weights: Floats = np.ascontiguousarray(blocks.T)
        self._bias: Floats = bias.T.reshape(pieces * width)
        self._pieces = [slice(piece * width, (piece + 1) * width) for piece in range(pieces)]
        self._scale: Floats = norm.get_param("G")
        self._shift: Floats = norm.get_param("b")

    def __call__(self, inputs: Floats) -> Floats:
        sums = inputs @ self._weights
        sums += self._bias
        most = reduce(np.maximum, (sums[..., piece] for piece in self._pieces))
        most -= most.mean(axis=-1, keepdims=True)
        variance = np.einsum("...i,...i->...", most, most) / most.shape[-1] + _MIN_VARIANCE
        most *= (self._scale / np.sqrt(variance)[..., None]).astype(np.float32)
        most += self._shift
        return most


def _with_neighbours(vectors: Floats) -> Floats:
    """The vectors of the word before, the word and the word after in one row; zeros at the ends."""
    count, width = vectors.shape
    wide = np.zeros((count, 3 * width), np.float32)
    wide[1:, :width] = vectors[:-1]
    wide[:, width : 2 * width] = vectors
    wide[:-1, 2 * width :] = vectors[1:]
    return wide
