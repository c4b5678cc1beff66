"""News text in, an index of who said what out."""

from __future__ import annotations

from quotedex.extract import Extractor, extract
from quotedex.library import Index
from quotedex.models import Document, Extraction, Quote, Span, Speaker
from quotedex.view import View, view

__version__ = "0.1.0"

# `extract` and `view` are the functions. Their modules have the same names, so they are imported
# here and at once: imported later, a module would take its function's place in this package.
__all__ = [
    "Document",
    "Extraction",
    "Extractor",
    "Index",
    "Quote",
    "Span",
    "Speaker",
    "View",
    "extract",
    "view",
]
