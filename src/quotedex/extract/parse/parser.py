"""A cleaned text as spaCy reads it, with what resolution needs: tags, lemmas, parse and names.

The pipeline is the user's, and so are its results but for rounding, a few word classes, and clauses
that it would draw over the end of a paragraph; only the way there is shorter. Each component whose
make is known has its short way in a module here; every other one runs as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from quotedex.optional import load_pipeline

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

# spaCy's memory grows with the text it is given at once: longer ones are parsed piece by piece.
LONGEST_PIECE = 100_000
PARAGRAPH_END = re.compile(r"\n\s*")

Step = Callable[["Doc"], "Doc"]


class Parser:
    """Parses with the installed pipeline `name`. Make one and call it for many texts.

    Raises ModelError where the pipeline is not installed.
    """

    def __init__(self, name: str) -> None:
        from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # has no types

        self._nlp = _load(name)
        self._threads = ThreadpoolController()
        self._steps = [
            short_way(component_name, self._nlp) or component
            for component_name, component in self._nlp.pipeline
        ]

    def __call__(self, text: str) -> Doc:
        pieces = [self._parse(piece) for piece in _pieces(text)]
        if len(pieces) == 1:
            return pieces[0]
        from spacy.tokens import Doc

        return Doc.from_docs(pieces, ensure_whitespace=False)

    def _parse(self, text: str) -> Doc:
        doc = self._nlp.make_doc(text)
        # A second thread of so small products costs more than it saves.
        with self._threads.limit(limits=1, user_api="blas"):
            for step in self._steps:
                doc = step(doc)
        return doc


def short_way(name: str, nlp: Language) -> Step | None:
    """The faster equivalent of the component `name`; None where its configuration is unknown."""
    from quotedex.extract.parse import fast_lemmas, fast_ner, fast_parser, fast_tok2vec

    ways: dict[str, Callable[[Language], Step | None]] = {
        "tok2vec": fast_tok2vec.short_way,
        "parser": fast_parser.short_way,
        "ner": fast_ner.short_way,
        "attribute_ruler": fast_lemmas.put_off,
        "lemmatizer": fast_lemmas.short_way,
    }
    return ways[name](nlp) if name in ways else None


def _load(name: str) -> Language:
    from thinc.api import NumpyOps

    nlp = load_pipeline(name)
    # numpy's matrix products take a third of the time of BLIS's, spaCy's choice.
    ops = NumpyOps(use_blis=False)
    for _, component in nlp.pipeline:
        model = getattr(component, "model", None)
        for layer in model.walk() if model else ():
            if isinstance(layer.ops, NumpyOps):
                layer.ops = ops
    return nlp


def _pieces(text: str) -> Iterator[str]:
    """`text` in order, cut between paragraphs so that no piece is much too long for spaCy."""
    start = 0
    while len(text) - start > LONGEST_PIECE:
        ends = [end.end() for end in PARAGRAPH_END.finditer(text, start, start + LONGEST_PIECE)]
        cut = ends[-1] if ends else start + LONGEST_PIECE
        yield text[start:cut]
        start = cut
    yield text[start:]
