"""Turns of transcripts: where a text is one, who speaks, and marked quotations within turns."""

from __future__ import annotations

import time

import pytest

from quotedex import Options, extract
from quotedex.extract.find import find
from quotedex.extract.layout.turns import turns_of
from quotedex.models import MarkedSpan

HEARING = """\
The inquiry met in Ashby. Ada Lowell, its counsel, heard Omar Reyes, a lock keeper.

MS. LOWELL: Where was the key?

MR. REYES: In the lock. I told my wife, "Leave it there."

MS. LOWELL (rising): And who turned it?

THE COURT: That was answered.

MR. REYES: I did.

Outside, Mr Reyes said he was "glad it was over".
"""


def turns(text: str) -> list[tuple[str, str]]:
    return [
        (text[turn.label.start : turn.label.end], text[turn.words.start : turn.words.end])
        for turn in turns_of(text, find(text))
    ]


def test_turns_of_a_hearing() -> None:
    assert turns(HEARING) == [
        ("MS. LOWELL", "Where was the key?"),
        ("MR. REYES", 'In the lock. I told my wife, "Leave it there."'),
        ("MS. LOWELL", "And who turned it?"),
        ("THE COURT", "That was answered."),
        ("MR. REYES", "I did."),
    ]


def test_their_speakers_and_the_quotations_within_them() -> None:
    quotes = extract(HEARING)
    assert [(quote.kind, quote.speaker and quote.speaker.name) for quote in quotes] == [
        ("turn", "Ada Lowell"),
        ("turn", "Omar Reyes"),
        ("full", "Omar Reyes"),
        ("turn", "Ada Lowell"),
        ("turn", "THE COURT"),
        ("turn", "Omar Reyes"),
        ("partial", "Omar Reyes"),
    ]
    assert quotes[2].text == "Leave it there."
    assert [quote.parent for quote in quotes] == [None, None, 1, None, None, None, None]
    assert len({quote.utterance for quote in quotes}) == len(quotes)


def test_a_text_without_marks_has_turns() -> None:
    text = "Q. Where was it?\nA. In the lock.\nQ. And then?\nA. It was gone.\n"
    quotes = extract(text)
    assert [quote.kind for quote in quotes] == ["turn"] * 4
    assert [text[quote.start : quote.end] for quote in quotes][1] == "In the lock."
    assert [quote.speaker for quote in quotes] == [None] * 4


def test_names_in_full_and_later_surnames_are_one_label() -> None:
    text = (
        "Ada Poole, the mayor, met Ben Cole.\n\n"
        "Ben Cole: Why?\nAda Poole: It fell.\nCole: Did it?\nPoole: You heard it."
    )
    assert [label for label, _ in turns(text)] == ["Ben Cole", "Ada Poole", "Cole", "Poole"]


def test_only_double_marks_means_no_turns() -> None:
    quotes = extract(HEARING, Options(marks="double"))
    assert [quote.text for quote in quotes] == ["Leave it there.", "glad it was over"]


@pytest.mark.parametrize(
    "text",
    [
        "ASHBY: The bridge fell.\nELMSIDE: The road fell.\nASHBY: It rained.\nELMSIDE: It dried.",
        "Price: 40.\nSize: Small.\nPrice: 50.\nSize: Large.",
        "Best Day: Monday.\nWorst Day: Sunday.\nBest Day: Friday.\nWorst Day: May 3.",
        "The Good: It is fast.\nThe Bad: It is hot.\nThe Good: It is red.\nThe Bad: It hums.",
        "MS. LOWELL: salt\nMR. REYES: pepper\nMS. LOWELL: flour\nMR. REYES: eggs",
        "MS. LOWELL: “No.”\nMR. REYES: “Yes.”\nMS. LOWELL: “No.”\nMR. REYES: “Yes.”",
        "MS. LOWELL: No.\nMR. REYES: Yes.\nMS. LOWELL: Then no.",
        "MS. LOWELL: It fell.\nMS. LOWELL: Twice.\nMS. LOWELL: I saw it.\nMS. LOWELL: It fell.",
    ],
    ids=["datelines", "prices", "days", "a review", "a list", "in marks", "too few", "one speaker"],
)
def test_what_is_no_transcript(text: str) -> None:
    assert turns(text) == []


def test_a_turn_that_a_quotation_crosses_is_none() -> None:
    text = "“He read on.\nQ. Where?\nA. Here.\nQ. When?\nA. “Now,” said the boy.\n"
    assert ("A", "“Now,” said the boy.") in turns(text)
    text = text.replace("A. “Now,” said the boy.", "A. “Now or\nnever,” said the boy.")
    assert [words for _, words in turns(text)] == ["Where?", "Here.", "When?"]


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["Q. Is “it”?\nA. “So,” yes.\n", "Ann Bo: “No", "Ann Bo " * 5])
def test_time_is_linear(unit: str) -> None:
    def seconds(copies: int) -> float:
        text = unit * copies
        spans = find(text)
        return min(once(text, spans) for _ in range(3))

    def once(text: str, spans: list[MarkedSpan]) -> float:
        begun = time.process_time()
        turns_of(text, spans)
        return time.process_time() - begun

    # Eight times the text takes eight times as long; in quadratic time it would be sixty-four.
    assert seconds(4_000) < 24 * max(seconds(500), 0.001)
