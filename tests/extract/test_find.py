"""Marked spans: what counts as a quotation mark, and what holds for any text."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quotedex.extract.find import find
from quotedex.extract.find.mark_costs import MARK_CHARACTERS
from quotedex.models import MarkedSpan
from tests.helpers import case_params, load_cases

CASES = load_cases("find")
BLANKS = (" ", "  ", "\n", "\n\n", "\r\n", "\r", "\N{NO-BREAK SPACE}")
WORDS = ("a", "s", "é", "6", "'90s", "Ann said,", " the workers", "It rained.", ".", ",", "—", "(")
PIECES = st.sampled_from([*MARK_CHARACTERS, '""', "''", "``", *BLANKS, *WORDS])
MARKED_TEXT = st.lists(PIECES, max_size=60).map("".join)


def as_case(text: str, span: MarkedSpan) -> dict[str, Any]:
    """A span as in the cases, which leave out usual values."""
    usual: dict[str, Any] = {"parent": None, "opened": True, "closed": True, "continues": False}
    given = {name: getattr(span, name) for name in usual}
    return {"words": text[span.start : span.end]} | {
        name: value for name, value in given.items() if value != usual[name]
    }


@pytest.mark.parametrize("case", case_params(CASES))
def test_cases(case: dict[str, Any]) -> None:
    assert [as_case(case["text"], span) for span in find(case["text"])] == case["spans"]


@pytest.mark.parametrize(
    "text", [case["text"] for case in CASES if "fails" not in case], ids=lambda text: text[:30]
)
def test_a_bad_paragraph_has_no_effect_on_later_ones(text: str) -> None:
    bad = "He said \"so, 'and “then ‘ he\n\n"
    alone, after = find(text), find(bad + text)
    there = [span for span in after if span.start >= len(bad)]
    assert [(span.start - len(bad), span.end - len(bad)) for span in there] == [
        (span.start, span.end) for span in alone
    ]


@settings(deadline=None)
@given(MARKED_TEXT | st.text())
@example("“A. ‘B.\n\n” “")
@example("x. ‘Y. Z ” said,” he")
def test_spans_are_sound_in_any_text(text: str) -> None:
    spans = find(text)
    around: list[int] = []
    for index, span in enumerate(spans):
        assert 0 <= span.outer_start <= span.start < span.end <= span.outer_end <= len(text)
        words = text[span.start : span.end]
        assert words == words.strip()
        assert any(character.isalnum() for character in words)
        assert (span.outer_start < span.start) or not span.opened
        assert (span.end < span.outer_end) == span.closed
        while around and spans[around[-1]].outer_end <= span.outer_start:
            around.pop()
        assert span.parent == (around[-1] if around else None)
        if around:
            assert spans[around[-1]].start <= span.outer_start
            assert span.outer_end <= spans[around[-1]].outer_end
        around.append(index)


@settings(deadline=None)
@given(MARKED_TEXT)
def test_line_ends_of_any_system_give_the_same_spans(text: str) -> None:
    unix = text.replace("\r\n", "\n").replace("\r", "\n")
    for line_end in ("\r\n", "\r"):
        other = unix.replace("\n", line_end)
        assert [as_case(other, span) for span in find(other)] == [
            as_case(unix, span) | {"words": as_case(unix, span)["words"].replace("\n", line_end)}
            for span in find(unix)
        ]


@pytest.mark.parametrize(
    "text", ["", " ", "\n\n", '"', "’" * 3, "\ud800 “\udc00”", "“" * 50 + "”" * 50]
)
def test_odd_texts_raise_nothing(text: str) -> None:
    find(text)


def test_a_giant_paragraph_keeps_its_spans() -> None:
    spans = find("“It rained,” said Ann. " * 5_000)
    assert len(spans) == 5_000
    assert all(span.closed and span.opened and span.parent is None for span in spans)


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    [
        '"a" ',
        "'",
        "it's the boys' 'em ",
        "“a ‘b’ c” ",
        "“a ",
        "It rained. So,” he. ",
        "‘a.’ b. ",
        "\"'a ”’",
        "“a.\n\n",
        "a\n",
        "\n",
        "6'2\" ",
    ],
)
def test_time_is_linear(unit: str) -> None:
    def seconds(copies: int) -> float:
        text = unit * copies
        rounds = []
        for _ in range(3):
            begun = time.process_time()
            find(text)
            rounds.append(time.process_time() - begun)
        return min(rounds)

    # Eight times the text takes eight times as long; in quadratic time it would be sixty-four.
    assert seconds(4_000) < 24 * max(seconds(500), 0.001)
