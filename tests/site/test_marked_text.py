"""Marking quotations, mentions and cues in the text of an article."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from datasette_quotedex.render.marked_text import (
    COLOURS,
    CharRange,
    MarkedQuote,
    cut_context,
    mark_paragraphs,
    split_into_parts,
)

TEXT = "Fog.\n\n“They told us ‘wait’ and we wait,” Ada Lund said. “For spring.”\n\n\nEnd."


def words(text: str, of: str = TEXT) -> CharRange:
    start = of.index(text)
    return CharRange(start, start + len(text))


LUND: tuple[Any, ...] = (1, "Ada Lund", "ada-lund")
OUTER = MarkedQuote(1, "key1", *words("They told us ‘wait’ and we wait,"), *LUND)
INNER = MarkedQuote(2, "key2", *words("wait"), 2, "the port", "port")
SECOND = MarkedQuote(3, "key3", *words("For spring."), *LUND)


def test_runs_name_their_innermost_quotation() -> None:
    quotations = [OUTER, INNER, SECOND]
    fog, said, end = mark_paragraphs(
        TEXT, quotations, focus=frozenset({1}), mention=words("Ada Lund"), cue=words("said")
    )
    assert [(run.text, run.quote) for run in fog.runs] == [("Fog.", None)]
    assert [(run.text, run.quote.id if run.quote else None, run.depth) for run in said.runs] == [
        ("“", None, 0),
        ("They told us ‘", 1, 1),
        ("wait", 2, 2),
        ("’", 1, 1),
        (" and we wait,", 1, 1),
        ("”", None, 0),
        (" ", None, 0),
        ("Ada Lund", None, 0),
        (" ", None, 0),
        ("said", None, 0),
        (". “", None, 0),
        ("For spring.", 3, 1),
        ("”", None, 0),
    ]
    assert [run.text for run in said.runs if run.is_mention] == ["Ada Lund"]
    assert [run.text for run in said.runs if run.is_cue] == ["said"]
    assert "".join(run.text for run in said.runs if run.is_focus) == TEXT[OUTER.start : OUTER.end]
    assert [one.speaker for one in said.speakers] == ["Ada Lund", "the port"]
    assert end.quotes == []


def test_quotation_closes_after_its_closing_mark() -> None:
    (_, said, _) = mark_paragraphs(TEXT, [OUTER, INNER, SECOND])
    assert [(run.text, [one.id for one in run.closes]) for run in said.runs if run.closes] == [
        ("’", [2]),
        ("”", [1]),
        ("”", [3]),
    ]


def test_quotation_over_several_paragraphs_and_beyond_the_text() -> None:
    text = "She began: “One.\n\n“Two.\n\n“Three.” He left."
    said = MarkedQuote(1, "key1", text.index("One"), text.index("”"), None)
    found = mark_paragraphs(text[: text.index("Three") + 2], [said])
    assert [[run.text for run in paragraph.runs if run.quote] for paragraph in found] == [
        ["One."],
        ["“Two."],
        ["“Th"],
    ]
    assert not any(run.closes for paragraph in found for run in paragraph.runs)
    assert found[0].runs[-1].quote == said
    assert said.colour == 0


def test_ninth_speaker_shares_a_colour() -> None:
    assert [
        MarkedQuote(1, "key1", 0, 1, number).colour for number in (1, COLOURS, COLOURS + 1)
    ] == [
        1,
        COLOURS,
        0,
    ]


@settings(max_examples=60, deadline=None)
@given(
    st.text("ab \n“”", max_size=60),
    st.lists(st.tuples(st.integers(-5, 70), st.integers(-5, 70)), max_size=8),
    st.integers(0, 9),
)
def test_no_text_is_lost_for_any_offsets(
    text: str, spans: list[tuple[int, int]], offset: int
) -> None:
    quotations = [MarkedQuote(n, f"key{n}", start, end) for n, (start, end) in enumerate(spans)]
    found = mark_paragraphs(text, quotations, offset, mention=CharRange(3, 9), cue=CharRange(1, 2))
    shown = ["".join(run.text for run in paragraph.runs) for paragraph in found]
    assert shown == [line for line in text.split("\n") if line.strip()]


def test_context_has_whole_paragraphs_or_whole_words() -> None:
    text = "gone and\n\nkept “yes” kept\n\ngone and"
    assert cut_context(text, 50, CharRange(50 + 16, 50 + 19), 500) == (60, 75)
    assert cut_context(text, 0, CharRange(16, 19), len(text)) == (0, len(text))
    assert cut_context("ab cd “yes” ef gh", 9, CharRange(16, 19), 99) == (12, 23)


@settings(max_examples=60, deadline=None)
@given(st.text("ab \n", max_size=400), st.integers(5, 60))
def test_parts_add_up_to_the_text(text: str, size: int) -> None:
    divided = split_into_parts(text, size)
    assert "".join(text[part.start : part.end] for part in divided) == text
    assert all(part.end - part.start <= 2 * size + 1 for part in divided)


def test_parts_end_with_a_paragraph() -> None:
    text = "\n".join(["word " * 5] * 20)
    assert all(text[part.end - 1] == "\n" for part in split_into_parts(text, 60)[:-1])
