"""Part-of-speech classes, morphology and lemmas, computed once for each word in each role."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from quotedex.extract.parse import matches_config
from quotedex.extract.parse.row_cache import Attributes, RowCache, word_attributes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from spacy.language import Language
    from spacy.tokens import Doc

# A word's class and lemma depend only on the word, its tag and its dependency label.
INPUTS: list[int | str] = ["ORTH", "TAG", "DEP"]
OUTPUTS: list[int | str] = ["POS", "MORPH", "LEMMA"]
COMPONENTS = ("attribute_ruler", "lemmatizer")
MAX_CACHED = 300_000

_UNNAMED = "unnamed"  # stands for any word that no pattern names


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
        self._ruler, self._lemmatizer = (cast(Any, nlp.get_pipe(name)) for name in COMPONENTS)
        lemmas = self._lemmatizer.lookups.get_table("lemma_index", {})
        for word_class in list(lemmas):
            # In the pipeline a list, which takes a search through 57,000 nouns for a word.
            lemmas[word_class] = frozenset(lemmas[word_class])
        none = np.zeros((0, len(OUTPUTS)), np.uint64)
        self._ruled = RowCache(self._rule, none, MAX_CACHED)
        self._lemmatized = RowCache(self._lemmatize, none, MAX_CACHED)
        self._is_named = _named_by(self._ruler.patterns)

    def __call__(self, doc: Doc) -> Doc:
        values: Any = self._lemmatized(word_attributes(doc, INPUTS))
        return doc.from_array(OUTPUTS, values)

    def _lemmatize(self, attributes: Attributes) -> Any:
        """What both components say of words that they have not seen."""
        doc = self._doc(attributes)
        named = [word.is_space or self._is_named(word.lower_) for word in doc]
        # Of words that no pattern names, only the tags and roles matter.
        attributes = attributes.copy()
        attributes[~np.array(named), 0] = self._vocab.strings.add(_UNNAMED)
        ruled: Any = self._ruled(attributes)
        doc.from_array(OUTPUTS, ruled)
        return word_attributes(self._lemmatizer(doc), OUTPUTS)

    def _rule(self, attributes: Attributes) -> Any:
        """What the attribute ruler alone says."""
        doc = self._doc(attributes)
        # The words are neighbours only here: patterns of several words must not match.
        alone = [match for match in self._ruler.match(doc) if match[3] == match[2] + 1]
        self._ruler.set_annotations(doc, alone)
        return word_attributes(doc, OUTPUTS)

    def _doc(self, attributes: Any) -> Doc:
        from spacy.tokens import Doc

        doc = Doc(self._vocab, words=attributes[:, 0].tolist())
        return doc.from_array(INPUTS[1:], attributes[:, 1:])


def _named_by(patterns: Iterable[Mapping[str, Any]]) -> Callable[[str], bool]:
    """Whether the attribute ruler's patterns of one word may judge a word, given in lower case, by
    more than its tag, its role, and whether it is white space."""
    words: set[str] = set()
    expressions = ["(?!)"]
    for pattern in (tokens for each in patterns for tokens in each["patterns"]):
        if len(pattern) > 1:
            continue
        match pattern[0].get("LOWER", {"IN": []}):
            case str(word):
                words.add(word)
            case {"IN": some, **others} if not others:
                words.update(some)
            case {"REGEX": expression, **others} if not others:
                expressions.append(f"(?:{expression})")
            case _:
                return lambda word: True
        if not pattern[0].keys() <= {"LOWER", "TAG", "DEP", "IS_SPACE"}:
            return lambda word: True
    search = re.compile("|".join(expressions)).search
    is_clear = _UNNAMED not in words and not search(_UNNAMED)
    return lambda word: not is_clear or word in words or search(word) is not None
