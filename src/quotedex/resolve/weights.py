"""What was fitted: the weights that resolution's scorers give to their features."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def weights() -> Mapping[str, Mapping[str, float]]:
    """Table -> feature -> weight; see training/resolution.py, which writes the file."""
    source = files("quotedex") / "lexicons" / "weights.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))
