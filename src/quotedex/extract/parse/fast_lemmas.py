"""Part-of-speech classes, morphology and lemmas, computed once for each word in each role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from quotedex.extract.parse import matches_config

if TYPE_CHECKING:
    from collections.abc import Callable

    from spacy.language import Language
    from spacy.tokens import Doc

# A word's class and lemma depend only on the word, its tag and its dependency label.
INPUTS: list[int | str] = ["TAG", "ORTH", "DEP"]
OUTPUTS: list[int | str] = ["POS", "MORPH", "LEMMA"]
COMPONENTS = ("attribute_ruler", "lemmatizer")
MAX_CACHED = 300_000

_Key = tuple[int, int, int]
_Values = tuple[int, int, int]


def fast_component(nlp: Language) -> Callable[[Doc], Doc] | None:
    """The equivalent of both components, if lemmas come from rules as in spaCy's own English
    pipelines; else None."""
    return _CachedByWord(nlp) if _is_supported(nlp) else None


def deferred_component(nlp: Language) -> Callable[[Doc], Doc] | None:
    """A component that does nothing, for the attribute ruler: `fast_component` does its work with
    the lemmatizer's. None if that is not possible."""
    return (lambda doc: doc) if _is_supported(nlp) else None


def _is_supported(nlp: Language) -> bool:
    names = [name for name in nlp.pipe_names if name in COMPONENTS]
    at = nlp.pipe_names.index(names[0]) if names else 0
    return tuple(nlp.pipe_names[at : at + 2]) == COMPONENTS and matches_config(
        nlp, "lemmatizer", {"factory": "lemmatizer", "mode": "rule"}
    )


class _CachedByWord:
    """Sets word classes, morphology and lemmas as the pipeline's own components do, and asks them
    once for each word in each role. Their patterns of two words ("such as") do not apply."""

    def __init__(self, nlp: Language) -> None:
        self._vocab = nlp.vocab
        self._components: list[Any] = [nlp.get_pipe(name) for name in COMPONENTS]
        self._cache: dict[_Key, _Values] = {}
        lemmas = self._components[1].lookups.get_table("lemma_index", {})
        for word_class in list(lemmas):
            # In the pipeline a list, which takes a search through 57,000 nouns for a word.
            lemmas[word_class] = frozenset(lemmas[word_class])

    def __call__(self, doc: Doc) -> Doc:
        if len(self._cache) > MAX_CACHED:
            self._cache.clear()
        keys = [tuple(row) for row in doc.to_array(INPUTS).tolist()]
        for key in set(keys).difference(self._cache):
            self._cache[key] = self._compute(key)
        values: Any = np.array([self._cache[key] for key in keys], np.uint64)
        return doc.from_array(OUTPUTS, values.reshape(-1, len(OUTPUTS)))

    def _compute(self, key: _Key) -> _Values:
        from spacy.tokens import Doc

        tag, word, role = (self._vocab.strings[value] for value in key)
        doc = Doc(self._vocab, words=[word], tags=[tag], deps=[role], heads=[0])
        for component in self._components:
            doc = component(doc)
        pos, morph, lemma = doc.to_array(OUTPUTS)[0].tolist()
        return pos, morph, lemma
