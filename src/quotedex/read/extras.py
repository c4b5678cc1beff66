"""Libraries that only some formats need, and that are installed only where they are wanted."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from quotedex.errors import InputError
from quotedex.read.source import Source


def extra(module: str, name: str, what: str, source: Source) -> Any:
    """The module, imported now. Raises InputError that names the extra which installs it."""
    try:
        return import_module(module)
    except ImportError as error:
        reason = f"{what} need the extra quotedex[{name}]: pip install 'quotedex[{name}]'"
        raise InputError(source.place, reason) from error
