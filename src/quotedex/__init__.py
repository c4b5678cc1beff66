"""News text in, an index of who said what out."""

from __future__ import annotations

from quotedex._version import __version__
from quotedex.api import Index
from quotedex.extract import Extractor, extract
from quotedex.models import Document, Extraction, Quote, Span, Speaker
from quotedex.notebook import View, view
from quotedex.options import Options

# `extract` and `view` are the functions. Their modules have the same names, so they are imported
# here and at once: imported later, a module would take its function's place in this package.
__all__ = [
    "Document",
    "Extraction",
    "Extractor",
    "Index",
    "Options",
    "Quote",
    "Span",
    "Speaker",
    "View",
    "__version__",
    "extract",
    "view",
]
