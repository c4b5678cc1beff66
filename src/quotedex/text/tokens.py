"""Tokens of any text in time that grows no faster than the text.

spaCy strips prefixes and suffixes off a run of characters without white space one by one, and reads
the whole run for each. Twenty thousand question marks take it a minute.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

MAX_RUN = 256
"""Characters. No word is so long, and few addresses of web pages are."""

_LONG_RUN = re.compile(rf"\S{{{MAX_RUN + 1},}}")


def make_doc(nlp: Language, text: str) -> Doc:
    """The tokens of `text` as the pipeline makes them.

    A run of more than MAX_RUN characters without white space is cut into runs of that length first.
    """
    from spacy.tokens import Doc

    pieces = [nlp.make_doc(piece) for piece in _pieces(text)]
    return pieces[0] if len(pieces) == 1 else Doc.from_docs(pieces, ensure_whitespace=False)


def _pieces(text: str) -> Iterator[str]:
    start = 0
    for run in _LONG_RUN.finditer(text):
        for end in range(run.start() + MAX_RUN, run.end(), MAX_RUN):
            yield text[start:end]
            start = end
    yield text[start:]
