"""Whether a pipeline's component is of the make that a short way was written for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spacy.language import Language


def is_made_as(nlp: Language, name: str, make: Mapping[str, Any]) -> bool:
    """Whether the configuration of a component says what `make` says, and its numbers are numpy's.

    {"model": {"@architectures": "spacy.Tagger.v2"}} fits a tagger, whatever else is told of it.
    """
    from thinc.api import NumpyOps

    if name not in nlp.pipe_names or not _says(nlp.get_pipe_config(name), make):
        return False
    model = getattr(nlp.get_pipe(name), "model", None)
    return model is None or isinstance(model.ops, NumpyOps)


def _says(config: Any, make: Mapping[str, Any]) -> bool:
    return isinstance(config, Mapping) and all(
        _says(config.get(key), value) if isinstance(value, Mapping) else config.get(key) == value
        for key, value in make.items()
    )
