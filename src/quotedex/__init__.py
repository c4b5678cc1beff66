"""News text in, an index of who said what out."""

from __future__ import annotations

__version__ = "0.1.0"

__all__ = ["__version__"]
