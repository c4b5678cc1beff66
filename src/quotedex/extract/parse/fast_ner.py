"""The named entities that spaCy's recognizer finds, with all words judged at once.

The recognizer goes through a text word by word, but outside of a name its decision depends on the
word alone. So every word is judged as if no name were open, the end of each name that begins is
looked for, and then the names are taken in order, without those that begin inside another.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from quotedex.extract.parse import fast_tok2vec, matches_config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from spacy.language import Language
    from spacy.tokens import Doc, Span

Floats = NDArray[np.float32]
Numbers = NDArray[np.intp]
Flags = NDArray[np.bool_]

MAX_WORDS = 64
"""No name is so long. spaCy finds longer ones in texts that are no language."""

EXPECTED_CONFIG = {
    "factory": "ner",
    "model": {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "extra_state_tokens": False,
        "use_upper": True,
        "tok2vec": fast_tok2vec.EXPECTED_CONFIG,
    },
}


def fast_component(nlp: Language) -> Callable[[Doc], Doc] | None:
    """Sets the entities as "ner" does; a text that has some already is left to spaCy.

    None if the component has another architecture.
    """
    if not matches_config(nlp, "ner", EXPECTED_CONFIG):
        return None
    ner: Any = nlp.get_pipe("ner")
    if ner.cfg["beam_width"] != 1 or ner.model.attrs["unseen_classes"]:
        return None
    recognize = _Recognizer(ner)

    def set_entities(doc: Doc) -> Doc:
        if not len(doc) or doc.has_annotation("ENT_IOB"):
            recognized: Doc = ner(doc)
            return recognized
        doc.set_ents(list(recognize(doc)))
        return doc

    return set_entities


class _Recognizer:
    """Uses the recognizer's own weights. A label has four moves: Begin, In, Last and, for a name of
    one word, Unit."""

    def __init__(self, ner: Any) -> None:
        tok2vec, self._lower, upper = ner.model.layers
        words, _, self._narrow = tok2vec.layers
        self._vectors = fast_tok2vec.Vectors(words)
        self._upper: Floats = upper.get_param("W")
        self._bias: Floats = upper.get_param("b")
        moves = [ner.moves.get_class_name(number) for number in range(ner.moves.n_moves)]
        self._labels = [move[2:] for move in moves if move.startswith("B-")]
        self._out = np.array([moves.index("O")])
        self._begin, self._in, self._last, self._unit = (
            np.array([moves.index(f"{kind}-{label}") for label in self._labels]) for kind in "BILU"
        )

    def __call__(self, doc: Doc) -> Iterator[Span]:
        from spacy.tokens import Span

        # What each word (row 0: no word) adds to the hidden layer as the next word, as the first
        # word of a name, and as the word before the next: (words + 1, 3, hidden, pieces).
        parts: Floats = self._lower.predict(self._narrow.predict(self._vectors(doc)))
        flags = doc.to_array(["IS_SPACE", "SENT_START"])
        last_of_sentence = np.append(flags[1:, 1] == 1, True)
        kinds, labels = self._judge(parts, flags[:, 0] == 1, last_of_sentence)
        begins = np.flatnonzero(kinds == 2)
        ends = np.arange(1, len(doc) + 1)
        ends[begins] = self._ends(parts, begins, labels[begins], last_of_sentence)
        end = 0
        for start in np.flatnonzero(kinds).tolist():
            if start >= end:
                end = int(ends[start])
                yield Span(doc, start, end, label=self._labels[labels[start]])

    def _judge(self, parts: Floats, space: Flags, last: Flags) -> tuple[Numbers, Numbers]:
        """For each word 0 (outside), 1 (a name of one word) or 2 (the beginning of a name), and the
        index of the label."""
        count = len(self._labels)
        hidden = self._hidden(parts[1:, 0] + parts[0, 1] + parts[0, 2])
        moves = np.concatenate([self._out, self._unit, self._begin])
        scores = hidden @ self._upper[moves].T + self._bias[moves]
        scores[space, 1:] = -np.inf
        scores[last, 1 + count :] = -np.inf
        best = scores.argmax(axis=1)
        return (best + count - 1) // count, (best - 1) % count

    def _ends(self, parts: Floats, begins: Numbers, labels: Numbers, last: Flags) -> Numbers:
        """The ends of the names that begin at `begins`, found for all at once, word by word."""
        ends = begins + 1
        open_ = np.arange(len(begins))
        for _ in range(MAX_WORDS - 1):
            if not len(open_):
                break
            at, label = ends[open_], labels[open_]
            hidden = self._hidden(parts[at + 1, 0] + parts[begins[open_] + 1, 1] + parts[at, 2])
            goes_on = self._score(hidden, self._in[label]) > self._score(hidden, self._last[label])
            ends[open_] += 1
            open_ = open_[goes_on & ~last[at]]
        return ends

    def _score(self, hidden: Floats, moves: Numbers) -> Floats:
        scores: Floats = np.einsum("ij,ij->i", hidden, self._upper[moves]) + self._bias[moves]
        return scores

    def _hidden(self, sums: Floats) -> Floats:
        sums = sums + self._lower.get_param("b")
        return reduce(np.maximum, (sums[..., piece] for piece in range(sums.shape[-1])))
