"""Boilerplate: which lines it is, and that nobody is quoted in it."""

from __future__ import annotations

from typing import Any

import pytest

from quotedex import extract
from quotedex.extract.layout.boilerplate import blank_out, boilerplate_lines
from tests.helpers import case_params, load_cases

CASES = load_cases("boilerplate")


@pytest.mark.parametrize("case", case_params(CASES))
def test_cases(case: dict[str, Any]) -> None:
    text = f"It rained.\n\n{case['line']}\nIt rained."
    found = [text[line.start : line.end] for line in boilerplate_lines(text)]
    assert found == ([case["line"]] if case["boilerplate"] else [])


def test_it_is_blanked_out_and_offsets_stay() -> None:
    text = "No.\nPhoto: Ben Cole\nYes.\n"
    assert blank_out(text, boilerplate_lines(text)) == "No.\n               \nYes.\n"
    assert blank_out(text, []) == text


def test_nobody_is_quoted_in_boilerplate() -> None:
    text = (
        "“We lost the bridge,” said Mara Ilves.\n\n"
        "Related: “It was the goat,” says Ben Cole\n\n"
        "We use cookies. Tap “Accept all” to go on.\n"
    )
    assert [quote.text for quote in extract(text)] == ["We lost the bridge,"]


def test_the_name_in_a_byline_is_no_source() -> None:
    text = "Bridge falls\n\nBy Ben Cole, Ashby Courier\n\n“We lost everything,” she said. {}"
    (quote,) = extract(text.format("Mara Ilves was up all night."))
    assert quote.speaker is None or quote.speaker.name == "Mara Ilves"


def test_names_of_photographers_and_editors_are_no_sources() -> None:
    text = "“It was never looked after.”\n\nReporting by Ben Cole; editing by Ada Poole"
    assert [quote.speaker for quote in extract(text)] in ([], [None])
