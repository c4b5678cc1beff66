"""Extractions of toy news, so that the store and the runs are tested without a language model.

Reads “words,” Ada Okafor said / “words,” an aide said / “words” (nobody), one ‘quotation’ inside
another. "Okafor" or "Ms Okafor" is Ada Okafor where the text has both names.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from quotedex.models import Document, Extraction, Quote, Span, Speaker
from quotedex.text.keyterms import Topic
from tests.helpers.toy_formats import fill_shared_memory

OUTER = re.compile(r"“([^“”]*)”(?: ((?:(?:Ms|Mr|an?|the) )?\w+(?: \w+)?) (said))?")
INNER = re.compile(r"‘([^‘’]+)’")
_PILE: list[bytes] = []
FULL_NAME = re.compile(r"\b(?!Ms|Mr)[A-Z]\w+ [A-Z]\w+")


def document(location: str, text: str, published: str | None = None, **more: Any) -> Document:
    more.setdefault("title", f"News of {location}")
    return Document(location, text, location, published=published, **more)


def extract(document: Document) -> Extraction:
    """The toy news read; `#crash`, `#wait`, `#hog` and so on do what they say."""
    if "#crash" in document.text:
        os._exit(1)
    if "#wait" in document.text:
        time.sleep(0.02)
    if "#stuck" in document.text:
        while True:
            time.sleep(0.01)
    if "#deaf" in document.text:
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        time.sleep(99)
    if "#hog" in document.text:
        bytearray(10**9)
    if "#pile" in document.text:  # what is not given back for the next document
        _PILE.extend(bytes(500) for _ in range(200_000))
        bytearray(10**9)
    if "#shared" in document.text:
        fill_shared_memory()
    if "#odd" in document.text:
        raise ValueError("odd text")
    text = document.text
    quotes: list[Quote] = []
    for utterance, found in enumerate(OUTER.finditer(text)):
        mention = Span(*found.span(2)) if found[2] else None
        cue = Span(*found.span(3)) if found[3] else None
        speaker = None if mention is None else speaker_of(found[2], text)
        start, end = found.span(1)
        outer = Quote(
            found[1], start, end, "full", utterance, None, 0.9, cue, mention, speaker, "toy"
        )
        parent = len(quotes)
        quotes.append(outer)
        for inner in INNER.finditer(text, start, end):
            quotes.append(
                replace(
                    outer,
                    text=inner[1],
                    start=inner.start(1),
                    end=inner.end(1),
                    parent=parent,
                    kind="partial",
                )
            )
    return Extraction(document, text, tuple(quotes))


def speaker_of(mention: str, text: str) -> Speaker:
    if mention.split()[0] in ("a", "an", "the"):
        return Speaker(mention, "anonymous", mention, why="no name was found for this source")
    surname = mention.split()[-1]
    for name in FULL_NAME.findall(text):
        if name.split()[-1] == surname:
            return Speaker(name, "person", why=f"a short form of {name}")
    return Speaker(mention, "person", why="named in full")


def joined(document: Document) -> Extraction:
    """As `extract`, with the second quotation going on with the utterance of the first."""
    extraction = extract(document)
    quotes = tuple(
        replace(quote, utterance=max(0, quote.utterance - 1)) for quote in extraction.quotes
    )
    return replace(extraction, quotes=quotes)


def topics_of(spacy_model: str, statements: Sequence[str]) -> list[Topic]:
    """The word that most of the statements have, as far as there is one."""
    word, _ = Counter(" ".join(statements).split()).most_common(1)[0]
    return [Topic(word, 0.5)]


def number_and_process(number: int) -> tuple[int, int]:
    """For a moment, so that another worker gets some of the work."""
    time.sleep(0.01)
    return number, os.getpid()


def topics_elsewhere(parent: int, _: str, statements: Sequence[str]) -> list[Topic]:
    """As `topics_of`, in any process but `parent`."""
    assert os.getpid() != parent
    return topics_of("", statements)


def topics_here_alone(spacy_model: str, statements: Sequence[str]) -> list[Topic]:
    """As `topics_of`, in the process that the environment names; any other dies."""
    if os.getpid() != int(os.environ["TOY_PARENT"]):
        os._exit(1)
    return topics_of(spacy_model, statements)


def slow(document: Document) -> Extraction:
    """For runs that are killed in the middle."""
    time.sleep(0.01)
    return extract(document)


def counted(document: Document) -> Extraction:
    """Notes each call in the file that the environment names."""
    with Path(os.environ["TOY_CALLS"]).open("a") as calls:
        calls.write(f"{document.id}\n")
    return extract(document)
