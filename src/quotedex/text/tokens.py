"""Tokens of any text in time that grows no faster than the text.

spaCy strips prefixes and suffixes off a run of characters without white space one by one, and reads
the whole run for each. Twenty thousand question marks take it a minute.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

MAX_RUN = 256
"""Characters. No word is so long, and few addresses of web pages are."""

MAX_KNOWN = 100_000
"""Runs whose tokens are kept, each once."""

_LONG_RUN = re.compile(rf"\S{{{MAX_RUN + 1},}}")


def make_doc(nlp: Language, text: str) -> Doc:
    """The tokens of `text` as the pipeline makes them.

    A run of more than MAX_RUN characters without white space is cut into runs of that length first.
    """
    from spacy.tokens import Doc

    pieces = [nlp.make_doc(piece) for piece in _pieces(text)]
    return pieces[0] if len(pieces) == 1 else Doc.from_docs(pieces, ensure_whitespace=False)


class KnownRuns:
    """Makes the tokenizer of a pipeline keep the tokens of every run of characters.

    By itself it keeps few: none that comes after the first exception ("can't", "Mr.") of a text. So
    it gets each run once alone. The tokens of texts are the same.
    """

    def __init__(self, nlp: Language) -> None:
        self._tokenizer = cast(Any, nlp.tokenizer)
        self._known: set[str] = set()
        # A tokenizer of another kind may have no cache.
        self._has_cache = hasattr(self._tokenizer, "max_cache_size")
        if self._has_cache:
            self._tokenizer.max_cache_size = MAX_KNOWN

    def learn(self, text: str) -> None:
        """Keep the tokens of all runs of `text`, if there is room."""
        if self._has_cache and len(self._known) < MAX_KNOWN:
            new = {run for run in text.split() if len(run) <= MAX_RUN} - self._known
            for run in new:
                self._tokenizer(run)
            self._known |= new


def _pieces(text: str) -> Iterator[str]:
    start = 0
    for run in _LONG_RUN.finditer(text):
        for end in range(run.start() + MAX_RUN, run.end(), MAX_RUN):
            yield text[start:end]
            start = end
    yield text[start:]
