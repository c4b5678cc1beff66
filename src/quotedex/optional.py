"""Packages that come with an extra, such as `quotedex[parquet]`, and are imported when needed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from quotedex.errors import MissingExtraError


def import_extra(module: str, extra: str, feature: str) -> Any:
    """Import `module` for `feature` ("reading .pdf files").

    Raises MissingExtraError, which names the extra that installs it.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtraError(feature, extra) from error
