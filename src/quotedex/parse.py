"""A cleaned text as spaCy reads it, with what resolution needs: tags, lemmas, parse and names.

The pipeline is the user's, and so are its results but for rounding and a few word classes; only
the way there is shorter, by a third to a half.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from quotedex.errors import ModelError

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

# spaCy's memory grows with the text it is given at once: longer ones are parsed piece by piece.
LONGEST_PIECE = 100_000
PARAGRAPH_END = re.compile(r"\n\s*")
# What a word's class and lemma follow from: the word, its tag and its place in the clause.
SEEN_FROM: list[int | str] = ["TAG", "ORTH", "DEP"]
FOLLOWING: list[int | str] = ["POS", "MORPH", "LEMMA"]
BY_WORD = ("attribute_ruler", "lemmatizer")
MOST_REMEMBERED = 300_000

_Key = tuple[int, int, int]
_Values = tuple[int, int, int]


class Parser:
    """Parses with the installed pipeline `name`. Make one and call it for many texts.

    Raises ModelError where the pipeline is not installed.
    """

    def __init__(self, name: str) -> None:
        from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # has no types

        self._nlp = _load(name)
        self._threads = ThreadpoolController()
        self._by_word = _ByWord(self._nlp) if _is_usual(self._nlp) else None

    def __call__(self, text: str) -> Doc:
        pieces = [self._parse(piece) for piece in _pieces(text)]
        if len(pieces) == 1:
            return pieces[0]
        from spacy.tokens import Doc

        return Doc.from_docs(pieces, ensure_whitespace=False)

    def _parse(self, text: str) -> Doc:
        # A second thread of so small products costs more than it saves.
        with self._threads.limit(limits=1, user_api="blas"):
            if self._by_word is None:
                return self._nlp(text)
            doc = self._nlp(text, disable=list(BY_WORD))
        self._by_word(doc)
        return doc


class _ByWord:
    """Sets word classes, morphology and lemmas as the pipeline's own components do, asking them
    once for each word in each role. Their patterns of two words in a row ("such as") are lost."""

    def __init__(self, nlp: Language) -> None:
        self._vocab = nlp.vocab
        self._components: list[Any] = [nlp.get_pipe(name) for name in BY_WORD]
        self._known: dict[_Key, _Values] = {}

    def __call__(self, doc: Doc) -> None:
        import numpy as np

        if len(self._known) > MOST_REMEMBERED:
            self._known.clear()
        keys = [tuple(row) for row in doc.to_array(SEEN_FROM).tolist()]
        for key in set(keys).difference(self._known):
            self._known[key] = self._ask(key)
        values: Any = np.array([self._known[key] for key in keys], np.uint64)
        doc.from_array(FOLLOWING, values.reshape(-1, len(FOLLOWING)))

    def _ask(self, key: _Key) -> _Values:
        from spacy.tokens import Doc

        tag, word, role = (self._vocab.strings[value] for value in key)
        doc = Doc(self._vocab, words=[word], tags=[tag], deps=[role], heads=[0])
        for component in self._components:
            doc = component(doc)
        pos, morph, lemma = doc.to_array(FOLLOWING)[0].tolist()
        return pos, morph, lemma


def _load(name: str) -> Language:
    import spacy
    from thinc.api import NumpyOps

    try:
        nlp = spacy.load(name)
    except OSError as error:
        raise ModelError(
            f"the spaCy pipeline {name!r} is not installed or cannot be loaded"
        ) from error
    # numpy's matrix products take a third of the time of BLIS's, spaCy's choice.
    ops = NumpyOps(use_blis=False)
    for _, component in nlp.pipeline:
        model = getattr(component, "model", None)
        for layer in model.walk() if model else ():
            if isinstance(layer.ops, NumpyOps):
                layer.ops = ops
    return nlp


def _is_usual(nlp: Language) -> bool:
    """Whether words' classes and lemmas come from rules, as in spaCy's own English pipelines."""
    return all(name in nlp.pipe_names for name in BY_WORD) and (
        getattr(nlp.get_pipe("lemmatizer"), "mode", "") == "rule"
    )


def _pieces(text: str) -> Iterator[str]:
    """`text` in order, cut between paragraphs so that no piece is much too long for spaCy."""
    start = 0
    while len(text) - start > LONGEST_PIECE:
        ends = [end.end() for end in PARAGRAPH_END.finditer(text, start, start + LONGEST_PIECE)]
        cut = ends[-1] if ends else start + LONGEST_PIECE
        yield text[start:cut]
        start = cut
    yield text[start:]
