"""The dependency parse, with all paragraphs of a text in one batch.

spaCy's parser goes through a text step by step, and a step costs nearly as much for one text as for
thirty. No clause crosses the end of a paragraph, so paragraphs can be parsed as texts of a batch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from quotedex.extract.parse import matches_config

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from spacy.language import Language
    from spacy.tokens import Doc, Token

EXPECTED_CONFIG = {
    "factory": "parser",
    "model": {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "use_upper": True,
        "tok2vec": {"@architectures": "spacy.Tok2VecListener.v1"},
    },
}
OUTPUTS: list[int | str] = ["HEAD", "DEP"]
# A batch pays if the text is at least this many times as long as its longest paragraph.
MIN_PARALLEL = 3


def fast_component(nlp: Language) -> Callable[[Doc], Doc] | None:
    """Sets heads and labels as "parser" does; a text with sentences already is left to spaCy.

    None if the component has another architecture.
    """
    if not matches_config(nlp, "parser", EXPECTED_CONFIG):
        return None
    parser: Any = nlp.get_pipe("parser")
    if parser.cfg["beam_width"] != 1 or parser.model.attrs["unseen_classes"]:
        return None

    def parse(doc: Doc) -> Doc:
        if len(doc) < 2 or doc.has_annotation("SENT_START"):
            parsed: Doc = parser(doc)
            return parsed
        paragraphs = list(_paragraphs(doc))
        parser.set_annotations(paragraphs, _parse(paragraphs, parser))
        found: Any = np.concatenate([paragraph.to_array(OUTPUTS) for paragraph in paragraphs])
        return doc.from_array(OUTPUTS, found)

    return parse


def _paragraphs(doc: Doc) -> Iterator[Doc]:
    """The paragraphs, each with its line break. A line break before a lower-case word is inside a
    paragraph. The vectors are those of the whole text."""
    from spacy.tokens import Doc

    values: Any = doc.to_array(["ORTH", "SPACY", "IS_SPACE"])
    words, spaces = values[:, 0].tolist(), (values[:, 1] == 1).tolist()
    breaks = values[:, 2].nonzero()[0].tolist()
    ends = sorted({at + 1 for at in breaks if _ends_paragraph(doc[at])} | {len(doc)})
    for start, end in zip([0, *ends], ends, strict=False):
        paragraph = Doc(doc.vocab, words[start:end], spaces[start:end])
        paragraph.tensor = doc.tensor[start:end]
        yield paragraph


def _ends_paragraph(white: Token) -> bool:
    if white.i + 1 == len(white.doc) or "\n\n" in white.text:
        return True
    return "\n" in white.text and not white.nbor().text[0].islower()


def _parse(paragraphs: Sequence[Doc], parser: Any) -> Any:
    """The parser's final state for each paragraph."""
    if max(map(len, paragraphs)) * MIN_PARALLEL > sum(map(len, paragraphs)):
        return parser.predict(paragraphs)
    model = parser.model.predict(paragraphs)
    weights, bias = model.vec2scores.get_param("W").T, model.vec2scores.get_param("b")
    states = parser.moves.init_batch(paragraphs)
    left = [state for state in states if not state.is_final()]
    while left:
        sums = model.state2vec.predict(model.get_token_ids(left))
        left = parser.transition_states(left, sums @ weights + bias)
    return states
