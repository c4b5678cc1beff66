"""An article's text as runs: whose words, which mention, which cue."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasette_quotedex.render.marked_text import (
    COLOURS,
    Said,
    Words,
    locate_cue,
    paragraphs,
    parts,
    window,
)

TEXT = "Fog.\n\n“They told us ‘wait’ and we wait,” Ada Lund said. “For spring.”\n\n\nEnd."


def words(text: str, of: str = TEXT) -> Words:
    start = of.index(text)
    return Words(start, start + len(text))


OUTER = Said(1, *words("They told us ‘wait’ and we wait,"), 1, "Ada Lund", 7)
INNER = Said(2, *words("wait"), 2, "the port", 8)
SECOND = Said(3, *words("For spring."), 1, "Ada Lund", 7)


def test_runs_tell_whose_words_they_are() -> None:
    quotations = [OUTER, INNER, SECOND]
    fog, said, end = paragraphs(
        TEXT, quotations, focus=frozenset({1}), mention=words("Ada Lund"), cue=words("said")
    )
    assert [(run.text, run.said) for run in fog.runs] == [("Fog.", None)]
    assert [(run.text, run.said.id if run.said else None, run.depth) for run in said.runs] == [
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
    assert [run.text for run in said.runs if run.mention] == ["Ada Lund"]
    assert [run.text for run in said.runs if run.cue] == ["said"]
    assert "".join(run.text for run in said.runs if run.focus) == TEXT[OUTER.start : OUTER.end]
    assert [one.speaker for one in said.speakers] == ["Ada Lund", "the port"]
    assert end.quoted == []


def test_a_number_stands_behind_the_closing_mark() -> None:
    (_, said, _) = paragraphs(TEXT, [OUTER, INNER, SECOND])
    assert [(run.text, [one.id for one in run.closes]) for run in said.runs if run.closes] == [
        ("’", [2]),
        ("”", [1]),
        ("”", [3]),
    ]


def test_a_quotation_may_run_over_paragraphs_and_out_of_the_text() -> None:
    text = "She began: “One.\n\n“Two.\n\n“Three.” He left."
    said = Said(1, text.index("One"), text.index("”"), None)
    found = paragraphs(text[: text.index("Three") + 2], [said])
    assert [[run.text for run in paragraph.runs if run.said] for paragraph in found] == [
        ["One."],
        ["“Two."],
        ["“Th"],
    ]
    assert not any(run.closes for paragraph in found for run in paragraph.runs)
    assert found[0].runs[-1].said == said
    assert said.colour == 0


def test_a_ninth_speaker_shares_a_colour() -> None:
    assert [Said(1, 0, 1, number).colour for number in (1, COLOURS, COLOURS + 1)] == [1, COLOURS, 0]


@settings(max_examples=60, deadline=None)
@given(
    st.text("ab \n“”", max_size=60),
    st.lists(st.tuples(st.integers(-5, 70), st.integers(-5, 70)), max_size=8),
    st.integers(0, 9),
)
def test_no_text_is_lost_whatever_the_offsets(
    text: str, spans: list[tuple[int, int]], offset: int
) -> None:
    quotations = [Said(n, start, end) for n, (start, end) in enumerate(spans)]
    found = paragraphs(text, quotations, offset, mention=Words(3, 9), cue=Words(1, 2))
    shown = ["".join(run.text for run in paragraph.runs) for paragraph in found]
    assert shown == [line for line in text.split("\n") if line.strip()]


@pytest.mark.parametrize(
    ("text", "quotation", "near", "cue", "place"),
    [
        ("“We will,” she said. Asked what he said, she left.", "We will,", "she", "said", 15),
        ("Lund said: “I said no.”", "I said no.", "Lund", "said", 5),
        ("“No,” Lund said.", "No,", None, "said", 11),
        ("Lund: “No.”", "No.", "Lund", ":", 4),
        ("“No,” he saidst.", "No,", "he", "said", None),
        ("“No.”", "No.", None, "said", None),
    ],
)
def test_the_cue_is_the_one_beside_the_mention(
    text: str, quotation: str, near: str | None, cue: str, place: int | None
) -> None:
    beside = words(near, text) if near else None
    found = locate_cue(text, 0, cue, words(quotation, text), beside)
    assert (found.start if found else None) == place
    shifted = locate_cue(
        text,
        100,
        cue,
        Words(*(100 + n for n in words(quotation, text))),
        Words(*(100 + n for n in beside)) if beside else None,
    )
    assert (shifted.start - 100 if shifted else None) == place


def test_a_window_has_whole_paragraphs_or_whole_words() -> None:
    text = "gone and\n\nkept “yes” kept\n\ngone and"
    assert window(text, 50, Words(50 + 16, 50 + 19), 500) == (60, 75)
    assert window(text, 0, Words(16, 19), len(text)) == (0, len(text))
    assert window("ab cd “yes” ef gh", 9, Words(16, 19), 99) == (12, 23)


@settings(max_examples=60, deadline=None)
@given(st.text("ab \n", max_size=400), st.integers(5, 60))
def test_parts_are_the_whole_text(text: str, size: int) -> None:
    divided = parts(text, size)
    assert "".join(text[part.start : part.end] for part in divided) == text
    assert all(part.end - part.start <= 2 * size + 1 for part in divided)


def test_parts_end_with_paragraphs() -> None:
    text = "\n".join(["word " * 5] * 20)
    assert all(text[part.end - 1] == "\n" for part in parts(text, 60)[:-1])
