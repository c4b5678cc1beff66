"""What a component computes from each word alone, kept as one row of an array for each word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from spacy.tokens import Doc

Attributes = NDArray[np.uint64]

_HASH_FACTOR = 0x9E3779B97F4A7C15  # odd, with random bits


def word_attributes(doc: Doc, names: Sequence[int | str]) -> Attributes:
    """Some attributes of each word, shape (words, attributes)."""
    values: Any = doc.to_array(list(names))
    attributes: Attributes = values.astype(np.uint64, copy=False).reshape(len(doc), len(names))
    return attributes


class RowCache:
    """The rows that `compute` makes of the attributes of words, each computed once.

    `compute` gets attributes that differ, and the row for one must not depend on the others.
    `empty` has no rows, but their width and type. With more than `most` rows, all are forgotten.
    """

    def __init__(
        self, compute: Callable[[Attributes], NDArray[Any]], empty: NDArray[Any], most: int
    ) -> None:
        self._compute = compute
        self._most = most
        self._rows = empty
        self._places: dict[int, int] = {}

    def __call__(self, attributes: Attributes) -> NDArray[Any]:
        """The rows for `attributes`, of shape (words, attributes), in their order."""
        factors = [pow(_HASH_FACTOR, n, 2**64) for n in range(attributes.shape[1])]
        # One hash for all attributes of a word, as collision-free as spaCy's own.
        hashes = (attributes * np.array(factors, np.uint64)).sum(axis=1, dtype=np.uint64)
        keys: list[int] = hashes.tolist()
        if len(self._places) > self._most:
            self._places.clear()
        new = {key: at for at, key in enumerate(keys) if key not in self._places}
        if new:
            self._keep(list(new), self._compute(attributes[list(new.values())]))
        return self._rows[[self._places[key] for key in keys]]

    def _keep(self, keys: Sequence[int], rows: NDArray[Any]) -> None:
        start = len(self._places)
        end = start + len(keys)
        if end > len(self._rows):
            room = np.zeros((end, rows.shape[1]), rows.dtype)
            self._rows = np.concatenate([self._rows[:start], room])
        self._rows[start:end] = rows
        self._places.update(zip(keys, range(start, end), strict=True))
