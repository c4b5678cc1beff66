"""News text in, an index of who said what out."""

from __future__ import annotations

from quotedex.extract import Extractor, extract
from quotedex.models import Document, Extraction, Quote, Span, Speaker

__version__ = "0.1.0"

# `extract` is the function. Its module has the same name, so it is imported here and at once:
# imported later, the module would take the function's place in this package.
__all__ = ["Document", "Extraction", "Extractor", "Quote", "Span", "Speaker", "extract"]
