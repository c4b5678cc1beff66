"""Packages that may not be installed: those of extras, such as `quotedex[parquet]`, and pipelines.

They are loaded when they are needed, and a missing one is an error that says how to install it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from quotedex.errors import MissingExtraError, ModelError
from quotedex.options import DEFAULT_SPACY_MODEL

if TYPE_CHECKING:
    from spacy.language import Language


SPACYS_OWN_NAME = "en_core_web_sm"


def import_extra(module: str, extra: str, feature: str) -> Any:
    """Import `module` for `feature` ("reading .pdf files").

    Raises MissingExtraError, which names the extra that installs it.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtraError(feature, extra) from error


def load_pipeline(name: str) -> Language:
    """Load a spaCy pipeline by its name or path.

    The default pipeline is one of spaCy's own under another name; where that is not installed,
    spaCy's own is loaded. Raises ModelError if neither is.
    """
    import spacy

    if name == DEFAULT_SPACY_MODEL and not spacy.util.is_package(name):
        name = SPACYS_OWN_NAME if spacy.util.is_package(SPACYS_OWN_NAME) else name
    try:
        return spacy.load(name)
    except OSError as error:
        reason = f"the spaCy pipeline {name!r} is not installed or cannot be loaded"
        raise ModelError(reason) from error
