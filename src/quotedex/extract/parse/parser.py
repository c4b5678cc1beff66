"""Runs the user's spaCy pipeline, replacing components of known architecture by faster equivalents.

The results are the pipeline's own except for rounding, a few word classes, and clauses that it
would draw across the end of a paragraph. Components of another architecture run as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from quotedex.limits import outside_time_limit
from quotedex.optional import load_pipeline
from quotedex.text.tokens import KnownRuns, make_doc

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

# spaCy's memory grows with the length of a text, so longer ones are parsed in pieces.
MAX_PIECE_CHARS = 100_000
NOT_FOR_TAGS = {"parser", "ner", "senter"}
PARAGRAPH_END = re.compile(r"\n\s*")

Step = Callable[["Doc"], "Doc"]


class Parser:
    """Parses texts with the installed pipeline `name`. Create one and call it for many texts.

    Raises ModelError if the pipeline is not installed.
    """

    def __init__(self, name: str) -> None:
        from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # has no types

        self._nlp = _load(name)
        self._runs = KnownRuns(self._nlp)
        self._threads = ThreadpoolController()
        self._steps = {
            component_name: fast_component(component_name, self._nlp) or component
            for component_name, component in self._nlp.pipeline
        }

    def __call__(self, text: str) -> Doc:
        return self._run(text, list(self._steps.values()))

    def tag(self, text: str) -> Doc:
        """`text` with the classes and lemmas of its words alone, in half the time of a parse."""
        steps = [step for name, step in self._steps.items() if name not in NOT_FOR_TAGS]
        return self._run(text, steps)

    def _run(self, text: str, steps: Sequence[Step]) -> Doc:
        pieces = [self._run_piece(piece, steps) for piece in _pieces(text)]
        if len(pieces) == 1:
            return pieces[0]
        from spacy.tokens import Doc

        return Doc.from_docs(pieces, ensure_whitespace=False)

    def _run_piece(self, text: str, steps: Sequence[Step]) -> Doc:
        self._runs.learn(text)
        doc = make_doc(self._nlp, text)
        # The matrix products are so small that a second thread costs more than it saves.
        with self._threads.limit(limits=1, user_api="blas"):
            for step in steps:
                doc = step(doc)
        return doc


@lru_cache(maxsize=2)
def shared_parser(name: str) -> Parser:
    """The parser that everything in this process shares: it takes half a second to load."""
    with outside_time_limit():
        return Parser(name)


def fast_component(name: str, nlp: Language) -> Step | None:
    """The faster equivalent of the component `name`; None if there is none for its architecture."""
    from quotedex.extract.parse import fast_lemmas, fast_ner, fast_parser, fast_tok2vec

    factories: dict[str, Callable[[Language], Step | None]] = {
        "tok2vec": fast_tok2vec.fast_component,
        "parser": fast_parser.fast_component,
        "ner": fast_ner.fast_component,
        "attribute_ruler": fast_lemmas.deferred_component,
        "lemmatizer": fast_lemmas.fast_component,
    }
    return factories[name](nlp) if name in factories else None


def _load(name: str) -> Language:
    from thinc.api import NumpyOps

    nlp = load_pipeline(name)
    # numpy's matrix products take a third of the time of those of BLIS, spaCy's default.
    ops = NumpyOps(use_blis=False)
    for _, component in nlp.pipeline:
        model = getattr(component, "model", None)
        for layer in model.walk() if model else ():
            if isinstance(layer.ops, NumpyOps):
                layer.ops = ops
    return nlp


def _pieces(text: str) -> Iterator[str]:
    """`text` cut between paragraphs where possible, in pieces of at most MAX_PIECE_CHARS."""
    start = 0
    while len(text) - start > MAX_PIECE_CHARS:
        ends = [end.end() for end in PARAGRAPH_END.finditer(text, start, start + MAX_PIECE_CHARS)]
        cut = ends[-1] if ends else start + MAX_PIECE_CHARS
        yield text[start:cut]
        start = cut
    yield text[start:]
