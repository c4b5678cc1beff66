"""Packages that may not be installed: those of extras, such as `quotedex[parquet]`, and pipelines.

They are loaded when they are needed, and a missing one is an error that says how to install it.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from quotedex.errors import MissingExtraError, ModelError

if TYPE_CHECKING:
    from spacy.language import Language


def import_extra(module: str, extra: str, feature: str) -> Any:
    """Import `module` for `feature` ("reading .pdf files").

    Raises MissingExtraError, which names the extra that installs it.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtraError(feature, extra) from error


def load_pipeline(name: str, exclude: Sequence[str] = ()) -> Language:
    """Load a spaCy pipeline by its name or path, without the components in `exclude`.

    Raises ModelError if it is not installed.
    """
    import spacy

    try:
        return spacy.load(name, exclude=exclude)
    except OSError as error:
        reason = f"the spaCy pipeline {name!r} is not installed or cannot be loaded"
        raise ModelError(reason) from error
