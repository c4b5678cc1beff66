"""Word classes, morphology and lemmas, asked for once for each word in each role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from quotedex.extract.parse import matches_config

if TYPE_CHECKING:
    from collections.abc import Callable

    from spacy.language import Language
    from spacy.tokens import Doc

# What a word's class and lemma follow from: the word, its tag and its place in the clause.
SEEN_FROM: list[int | str] = ["TAG", "ORTH", "DEP"]
FOLLOWING: list[int | str] = ["POS", "MORPH", "LEMMA"]
BY_WORD = ("attribute_ruler", "lemmatizer")
MOST_REMEMBERED = 300_000

_Key = tuple[int, int, int]
_Values = tuple[int, int, int]


def short_way(nlp: Language) -> Callable[[Doc], Doc] | None:
    """Does the work of both components, where lemmas come from rules, as in spaCy's own English
    pipelines."""
    return _ByWord(nlp) if _is_usual(nlp) else None


def put_off(nlp: Language) -> Callable[[Doc], Doc] | None:
    """Leaves word classes to what comes next and sets them with the lemmas."""
    return (lambda doc: doc) if _is_usual(nlp) else None


def _is_usual(nlp: Language) -> bool:
    names = [name for name in nlp.pipe_names if name in BY_WORD]
    at = nlp.pipe_names.index(names[0]) if names else 0
    return tuple(nlp.pipe_names[at : at + 2]) == BY_WORD and matches_config(
        nlp, "lemmatizer", {"factory": "lemmatizer", "mode": "rule"}
    )


class _ByWord:
    """Sets word classes, morphology and lemmas as the pipeline's own components do, asking them
    once for each word in each role. Their patterns of two words in a row ("such as") are lost."""

    def __init__(self, nlp: Language) -> None:
        self._vocab = nlp.vocab
        self._components: list[Any] = [nlp.get_pipe(name) for name in BY_WORD]
        self._known: dict[_Key, _Values] = {}
        lemmas = self._components[1].lookups.get_table("lemma_index", {})
        for word_class in list(lemmas):
            # A list there, which is searched from one end to the other, 57,000 nouns for a word.
            lemmas[word_class] = frozenset(lemmas[word_class])

    def __call__(self, doc: Doc) -> Doc:
        if len(self._known) > MOST_REMEMBERED:
            self._known.clear()
        keys = [tuple(row) for row in doc.to_array(SEEN_FROM).tolist()]
        for key in set(keys).difference(self._known):
            self._known[key] = self._ask(key)
        values: Any = np.array([self._known[key] for key in keys], np.uint64)
        return doc.from_array(FOLLOWING, values.reshape(-1, len(FOLLOWING)))

    def _ask(self, key: _Key) -> _Values:
        from spacy.tokens import Doc

        tag, word, role = (self._vocab.strings[value] for value in key)
        doc = Doc(self._vocab, words=[word], tags=[tag], deps=[role], heads=[0])
        for component in self._components:
            doc = component(doc)
        pos, morph, lemma = doc.to_array(FOLLOWING)[0].tolist()
        return pos, morph, lemma
