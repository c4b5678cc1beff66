"""Cleaning: what is repaired, what stays as it is, and the offsets in the text as given."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quotedex.extract.clean import Cleaned, clean
from quotedex.models import Span
from quotedex.text.edits import Edit, OffsetMap, map_span, rewrite
from tests.helpers import ROOT, case_params, load_cases

CASES = load_cases("clean")
SEEDS = sorted((ROOT / "seeds").glob("*.txt"))
ODD = ("\ufeff", "\N{SOFT HYPHEN}", "\N{NO-BREAK SPACE}", "\N{LATIN SMALL LIGATURE FI}", "\x00")
MANGLED = ("â€œ", "â€\x9d", "â€", "Ã©", "\x93", "Ã¢â‚¬â„¢", "â", "â\x80\x99")
MARKUP = ("&ldquo;", "&amp;quot;", "<p>", "</p>", "<b>", "</b>", "<br>", '\\"', "&", "<!--", "->")
PLAIN = ("a", "word ", "It rained. ", "“", "”", '"', "’", "é", ",", ".", "\n", "\n\n")
WRAPPED = "the inspector refused the tower, and then she went to see the\nbuilders of it "
ANY_TEXT = st.lists(st.sampled_from([*ODD, *MANGLED, *MARKUP, *PLAIN, "\r\n", "\r", WRAPPED])).map(
    "".join
)
PLAIN_LINE = st.lists(st.sampled_from([*PLAIN[:-2], *ODD, "\r\n\r\n\r\n"])).map("".join)


def seed(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


def to_clean(offsets: OffsetMap, start: int, end: int) -> Span:
    """The span of the cleaned text that `given[start:end]` became."""
    for layer in offsets.layers:
        start, end = map_span(start, end, layer.before, layer.after)
    return Span(start, end)


def edited(cleaned: Cleaned) -> list[bool]:
    """For each character of the cleaned text, whether an edit put it there."""
    marks = [False] * len(cleaned.text)
    for depth, layer in enumerate(cleaned.offsets.layers):
        onwards = OffsetMap(cleaned.offsets.layers[depth + 1 :])
        for start, end in zip(layer.after.starts, layer.after.ends, strict=True):
            span = to_clean(onwards, start, end)
            marks[span.start : span.end] = [True] * (span.end - span.start)
    return marks


@pytest.mark.parametrize("case", case_params(CASES))
def test_cases(case: dict[str, Any]) -> None:
    assert clean(case["given"]).text == case.get("clean", case["given"])


@pytest.mark.parametrize("case", case_params(CASES))
def test_cleaning_a_clean_text_changes_nothing(case: dict[str, Any]) -> None:
    text = clean(case["given"]).text
    assert clean(text).text == text


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name[:3])
def test_cleaning_a_clean_seed_changes_nothing(path: Path) -> None:
    text = clean(seed(path)).text
    assert clean(text).text == text


@pytest.mark.parametrize("path", SEEDS[1:], ids=lambda path: path.name[:3])
def test_spans_of_a_seed_as_given_clean_to_the_same_words(path: Path) -> None:
    text = seed(path)
    cleaned = clean(text)
    for start in range(0, len(cleaned.text) - 40, 7):
        there = cleaned.offsets.to_given(start, start + 40)
        words = cleaned.text[start : start + 40].split()
        assert words[1:-1] == clean(text[there.start : there.end]).text.split()[1:-1]


def test_a_seed_whose_marks_lost_two_of_three_bytes() -> None:
    text = clean(seed(SEEDS[0])).text
    assert "â" not in text
    assert "the streets of “sanctuary cities” to retaliate" in text
    assert "Using human beings — including little children — as pawns" in text
    assert "floated and rejected, which ended any further discussion,” the White House" in text


def test_seed_lines_are_joined() -> None:
    text = clean(seed(SEEDS[2])).text
    assert "“there are PR risks as well.”" in text
    assert "noting that “there" in text
    assert "carry out,” said one congressional investigator" in text
    assert text.count("\n\n") < seed(SEEDS[2]).count("\n\n")


def test_text_without_defects_is_returned_itself() -> None:
    text = "“The lift works,” said Ann Dunmore.\n\nShe left.\n" * 100
    cleaned = clean(text)
    assert cleaned.text is text
    assert cleaned.offsets == OffsetMap()
    assert cleaned.offsets.to_given(3, 9) == to_clean(cleaned.offsets, 3, 9) == Span(3, 9)


def test_ftfy_is_loaded_only_if_a_text_may_need_it() -> None:
    program = "import sys; from quotedex.extract.clean import clean; clean('“Café” – it’s.'); "
    program += "assert 'ftfy' not in sys.modules; clean('Ã©'); assert 'ftfy' in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_span_maps_to_the_words_as_given() -> None:
    text = "\ufeffÃ‰va said:\r\nâ€œItâ€™s o\N{SOFT HYPHEN}ver.â€\x9d"
    cleaned = clean(text)
    start = cleaned.text.index("It’s over.")
    there = cleaned.offsets.to_given(start, start + len("It’s over."))
    assert text[there.start : there.end] == "Itâ€™s o\N{SOFT HYPHEN}ver."
    assert to_clean(cleaned.offsets, there.start, there.end) == Span(start, start + 10)


@pytest.mark.parametrize(
    ("given", "words", "as_given"),
    [
        ("<p>&ldquo;It <b>sways</b>,&rdquo; said Ann.</p>", "It sways,", "It <b>sways</b>,"),
        ('\\"It sways,\\" said Ann.', "It sways,", "It sways,"),
        ("He said &quot;so &amp; so&quot;.", "so & so", "so &amp; so"),
    ],
)
def test_words_within_markup_keep_their_place(given: str, words: str, as_given: str) -> None:
    cleaned = clean(given)
    start = cleaned.text.index(words)
    span = cleaned.offsets.to_given(start, start + len(words))
    assert given[span.start : span.end] == as_given


def test_a_span_across_a_joined_line_includes_the_break() -> None:
    wrapped = (
        "The inspector refused the tower because she was “against the\nbuilders of it”, she said."
    )
    cleaned = clean(wrapped)
    start = cleaned.text.index("against the builders")
    there = cleaned.offsets.to_given(start, start + len("against the builders"))
    assert wrapped[there.start : there.end] == "against the\nbuilders"


def test_edges_of_edits() -> None:
    text, layer = rewrite("a--b", [Edit(1, 3, "")])
    offsets = OffsetMap((layer,))
    assert text == "ab"
    assert offsets.to_given(0, 1) == Span(0, 1)
    assert offsets.to_given(1, 2) == Span(3, 4)
    assert offsets.to_given(0, 2) == Span(0, 4)
    assert offsets.to_given(1, 1) == Span(3, 3)
    assert to_clean(offsets, 1, 3) == Span(1, 1)
    assert to_clean(offsets, 2, 4) == Span(1, 2)
    text, layer = rewrite("xÃ©y", [Edit(1, 3, "é")])
    offsets = OffsetMap((layer,))
    assert offsets.to_given(1, 2) == Span(1, 3)
    assert to_clean(offsets, 2, 3) == Span(1, 2)


@settings(deadline=None)
@given(ANY_TEXT | st.text())
@example("Ã\xa0 la Ã\N{SOFT HYPHEN}")
@example("â€â€")
def test_the_map_gives_the_origin_of_kept_characters(text: str) -> None:
    cleaned = clean(text)
    previous = 0
    for at, (character, changed) in enumerate(zip(cleaned.text, edited(cleaned), strict=True)):
        there = cleaned.offsets.to_given(at, at + 1)
        assert 0 <= there.start <= there.end <= len(text)
        assert there.start >= previous or changed
        previous = there.start
        if not changed:
            assert text[there.start : there.end] == character
            assert to_clean(cleaned.offsets, there.start, there.end) == Span(at, at + 1)


@settings(deadline=None)
@given(ANY_TEXT, st.data())
def test_the_map_keeps_the_order_of_offsets(text: str, data: st.DataObject) -> None:
    cleaned = clean(text)
    places = data.draw(st.lists(st.integers(0, len(cleaned.text)), min_size=3, max_size=3))
    first, middle, last = sorted(places)
    left = cleaned.offsets.to_given(first, middle)
    right = cleaned.offsets.to_given(middle, last)
    whole = cleaned.offsets.to_given(first, last)
    assert left.start <= right.start
    assert left.end <= max(right.end, whole.start)
    assert whole.start == left.start


@settings(deadline=None)
@given(PLAIN_LINE)
@example("é”\x00“")
@example("“é“é\ufeff")
def test_lines_without_mojibake_are_clean_after_one_pass(text: str) -> None:
    cleaned = clean(text).text
    assert clean(cleaned).text == cleaned


@pytest.mark.parametrize(
    "text", ["", "\n", "\ufeff", "\ud800â€œ\udfff", "â" * 50, "\r" * 50, "-\n" * 50]
)
def test_odd_texts_raise_nothing(text: str) -> None:
    clean(text)


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    [
        "â€œAll there,â€ he said. ",
        WRAPPED,
        "o\N{SOFT HYPHEN}n\r\n",
        "â",
        "Ã©",
        "coop-\n",
        "a\n\n",
        "<p>It “sways”.</p>  ",
        "<script><!-- <b></b>",
        "&amp;",
        '\\"a',
    ],
)
def test_time_is_linear(unit: str) -> None:
    def seconds(copies: int) -> float:
        rounds = []
        for _ in range(3):
            begun = time.process_time()
            clean(unit * copies)
            rounds.append(time.process_time() - begun)
        return min(rounds)

    clean(unit)  # imports ftfy, which should not count
    # Eight times the text takes eight times as long; in quadratic time it would be sixty-four.
    assert seconds(4_000) < 24 * max(seconds(500), 0.001)
