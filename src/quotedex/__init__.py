"""Find out who said what in news articles.

from quotedex import Index, extract, view

extract(text)                        # the quotations of a text, with their speakers
view(text)                           # the same, highlighted in a notebook
Index("quotes.db").add(documents)    # many documents in one searchable SQLite file
"""

from __future__ import annotations

import logging

from quotedex._version import __version__
from quotedex.api import Index, extract_many
from quotedex.extract import Extractor, extract
from quotedex.models import Correction, Document, Extraction, Quote, Span, Speaker
from quotedex.notebook import View, view
from quotedex.options import Options

# `quotedex.extract` is a subpackage too. It is imported above, so that no later import puts it in
# the place of the function.
__all__ = [
    "Correction",
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
    "extract_many",
    "view",
]

# Whoever uses this library decides whether and where to log.
logging.getLogger("quotedex").addHandler(logging.NullHandler())
