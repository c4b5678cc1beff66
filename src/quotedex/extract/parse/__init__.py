"""Parsing with spaCy: `parser.Parser`, and faster equivalents of components that it knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spacy.language import Language


def matches_config(nlp: Language, name: str, expected: Mapping[str, Any]) -> bool:
    """Whether a component's configuration contains `expected` and its model runs on numpy.

    {"model": {"@architectures": "spacy.Tagger.v2"}} matches a tagger, whatever its other settings.
    """
    from thinc.api import NumpyOps

    if name not in nlp.pipe_names or not _contains(nlp.get_pipe_config(name), expected):
        return False
    model = getattr(nlp.get_pipe(name), "model", None)
    return model is None or isinstance(model.ops, NumpyOps)


def _contains(config: Any, expected: Mapping[str, Any]) -> bool:
    return isinstance(config, Mapping) and all(
        _contains(config.get(key), value)
        if isinstance(value, Mapping)
        else config.get(key) == value
        for key, value in expected.items()
    )
