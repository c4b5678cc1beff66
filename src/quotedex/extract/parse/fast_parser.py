"""The dependency parse, all paragraphs of a text side by side.

spaCy's parser takes a step at a time through a text, and a step costs nearly as much for one text
as for thirty. No clause goes on in the next paragraph, so the paragraphs of a text are read at
once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from quotedex.extract.parse import matches_config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from spacy.language import Language
    from spacy.tokens import Doc

MAKE = {
    "factory": "parser",
    "model": {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "use_upper": True,
        "tok2vec": {"@architectures": "spacy.Tok2VecListener.v1"},
    },
}
FOUND: list[int | str] = ["HEAD", "DEP"]
# From so many paragraphs of the longest one's length on, steps side by side pay.
ABREAST = 3


def short_way(nlp: Language) -> Callable[[Doc], Doc] | None:
    """Sets heads and roles; a text whose sentences are set already is left to spaCy."""
    if not matches_config(nlp, "parser", MAKE):
        return None
    parser: Any = nlp.get_pipe("parser")
    if parser.cfg["beam_width"] != 1 or parser.model.attrs["unseen_classes"]:
        return None

    def parse(doc: Doc) -> Doc:
        if len(doc) < 2 or doc.has_annotation("SENT_START"):
            whole: Doc = parser(doc)
            return whole
        paragraphs = list(_paragraphs(doc))
        parser.set_annotations(paragraphs, _read(paragraphs, parser))
        found: Any = np.concatenate([paragraph.to_array(FOUND) for paragraph in paragraphs])
        return doc.from_array(FOUND, found)

    return parse


def _paragraphs(doc: Doc) -> Iterator[Doc]:
    """Each with the line break behind it; a line that the next one carries on in lower case is no
    paragraph's end. The words' vectors are those of the whole text."""
    from spacy.tokens import Doc

    words = [token.text for token in doc]
    spaces = [bool(token.whitespace_) for token in doc]
    ends = [
        at
        for at, word in enumerate(words, 1)
        if at == len(words) or "\n\n" in word or ("\n" in word and not words[at][0].islower())
    ]
    for start, end in zip([0, *ends], ends, strict=False):
        paragraph = Doc(doc.vocab, words[start:end], spaces[start:end])
        paragraph.tensor = doc.tensor[start:end]
        yield paragraph


def _read(paragraphs: Sequence[Doc], parser: Any) -> Any:
    """The state that the parser ends in, for each paragraph."""
    if max(map(len, paragraphs)) * ABREAST > sum(map(len, paragraphs)):
        return parser.predict(paragraphs)
    model = parser.model.predict(paragraphs)
    weights, bias = model.vec2scores.get_param("W").T, model.vec2scores.get_param("b")
    states = parser.moves.init_batch(paragraphs)
    left = [state for state in states if not state.is_final()]
    while left:
        sums = model.state2vec.predict(model.get_token_ids(left))
        left = parser.transition_states(left, sums @ weights + bias)
    return states
