"""Random documents: no exception, exact offsets, spans that nest or are apart.

QUOTEDEX_FUZZ=20000 python -m pytest tests/extract/test_fuzz.py    # 20000 examples of each property
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from quotedex.extract import Extractor, to_given_offsets
from quotedex.extract.clean import clean
from quotedex.extract.find import find
from quotedex.models import Document, Quote
from quotedex.read.metadata import with_inferred_metadata
from tests.helpers import ROOT

pytestmark = pytest.mark.slow

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
EXAMPLES = int(os.environ.get("QUOTEDEX_FUZZ", "0"))
QUICK, WITH_MODEL = (
    settings(
        max_examples=EXAMPLES or few,
        derandomize=not EXAMPLES,
        deadline=None,
        suppress_health_check=SLOW,
    )
    for few in (100, 20)
)

SEEDS = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "seeds").glob("*.txt"))]
MARKS = (*"“”‘’\"'«»„‟‹›`′″＂「」", "''", "``", "â€œ", "â€\x9d", "â€", "&quot;", "’s", "s’", "'90s")
BREAKS = ("\n", "\n\n", "\n \n", "\n> ", "\n- ", "\t", "\f", "\u2028")
NAMES = (
    "Ada Poole", "Ms Okafor", "Mr. O’Neill", "he", "She", "they", "a senior official", "the DOT",
    "Department of Transport (DOT)", "Ben Cole, 41,", "who", "MR. ABIOLA:", "Q:", "A:",
)  # fmt: skip
CUES = (
    "said", "says", "told reporters", "according to", "added:", "asked", "tweeted", "wrote,",
    "has not said", "by", "as", "—", ",", ".", ":", "?", "!", "...", "(", ")", "[", "]",
)  # fmt: skip
WORDS = (
    "It rained all day", "no", "the wet op", "The bridge over the Ash", "and", "was shut", "I",
    "so-called", "We are done.", "“We lost the old bridge”", "Related: Bridge shut", "By Ada Poole",
    "Accept all cookies",
)  # fmt: skip
DIRT = (
    "\N{SOFT HYPHEN}", "\N{NO-BREAK SPACE}", "\N{ZERO WIDTH SPACE}", "\N{RIGHT-TO-LEFT OVERRIDE}",
    "\N{LATIN SMALL LIGATURE FI}", "\ufeff", "\x00", "\ud800", "é", "中", "🙂", "e\u0301",
)  # fmt: skip
PIECES = st.sampled_from([*MARKS * 2, *BREAKS, *NAMES, *CUES, *WORDS, *DIRT])
GLUE = st.sampled_from(["", " ", " ", " "])
EXTRACTOR = Extractor()


@st.composite
def soup(draw: st.DrawFn) -> str:
    """Marks, line breaks, names and cues in any order, mostly with spaces between them."""
    pieces = draw(st.lists(PIECES, max_size=50))
    return "".join(piece + draw(GLUE) for piece in pieces)


@st.composite
def spoiled_seed(draw: st.DrawFn) -> str:
    """A part of a real article with pieces inserted, left out and repeated."""
    seed = draw(st.sampled_from(SEEDS))
    start = draw(st.integers(0, len(seed) - 1))
    text = seed[start : start + draw(st.integers(1, 900))]
    for _ in range(draw(st.integers(0, 8))):
        at = draw(st.integers(0, len(text)))
        size = draw(st.integers(0, 30))
        put = draw(st.one_of(PIECES, st.just(""), st.just(text[at : at + size] * 2)))
        text = text[:at] + put + text[at + size :]
    return text


DOCUMENTS = st.one_of(soup(), spoiled_seed(), st.text(max_size=200))


class Stretch(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def parent(self) -> int | None: ...


def assert_nested(spans: Sequence[Stretch], length: int) -> None:
    """Checks that spans are in text order, inside their parents and apart from all others."""
    around: list[int] = []
    for number, span in enumerate(spans):
        assert 0 <= span.start <= span.end <= length
        assert number == 0 or spans[number - 1].start <= span.start
        while around and (around[-1] != span.parent):
            assert spans[around.pop()].end <= span.start
        assert (around[-1] if around else None) == span.parent
        assert span.parent is None or span.end <= spans[span.parent].end
        around.append(number)


def assert_exact(text: str, quotes: Sequence[Quote]) -> None:
    assert_nested(quotes, len(text))
    for number, quote in enumerate(quotes):
        assert text[quote.start : quote.end] == quote.text
        if quote.repeats is not None:
            assert quote.repeats != number
            assert quotes[quote.repeats].repeats is None
        assert 0 <= quote.confidence <= 1
        for part in (quote.cue, quote.mention):
            assert part is None or 0 <= part.start < part.end <= len(text)


@QUICK
@given(DOCUMENTS)
@example("“" * 50 + "”" * 50)
def test_marked_spans_nest_or_are_apart(text: str) -> None:
    spans = find(text)
    assert_nested(spans, len(text))
    for span in spans:
        assert 0 <= span.outer_start <= span.start <= span.end <= span.outer_end <= len(text)


@QUICK
@given(DOCUMENTS.filter(lambda text: "\r" not in text))
@example("â€\n")
def test_line_ends_of_windows_and_unix_are_the_same(text: str) -> None:
    assert clean(text.replace("\n", "\r\n")).text == clean(text).text


@QUICK
@given(DOCUMENTS.filter(lambda text: "\r" not in text))
def test_reading_raises_nothing_and_ignores_the_kind_of_line_ends(text: str) -> None:
    texts = (text, text.replace("\n", "\r\n"))
    read, other = (with_inferred_metadata(Document("a", each)) for each in texts)
    if isinstance(read, Document) and isinstance(other, Document):
        assert replace(other, text=text) == read
    else:
        assert str(read) == str(other)


@WITH_MODEL
@given(DOCUMENTS)
@example("“Ada Poole\ud800")
def test_quotations_have_exact_offsets(text: str) -> None:
    extraction = EXTRACTOR(Document("a", text))
    assert_exact(extraction.text, extraction.quotes)
    for as_given in (text, text.replace("\r", "").replace("\n", "\r\n")):
        cleaned = clean(as_given)
        if cleaned.text == extraction.text:
            assert_exact(as_given, to_given_offsets(extraction.quotes, as_given, cleaned.offsets))
        else:
            assert "\r" in text
