"""Quotations with a line to themselves, and the names behind and below them."""

from __future__ import annotations

from typing import Any

import pytest

from quotedex import extract
from quotedex.extract.find import find
from quotedex.extract.layout.standalone import SURE, credited, standing_alone
from quotedex.models import Attribution, Span
from tests.helpers import case_params, load_cases

CASES = load_cases("standalone")
LIST = "- “It goes round, I suppose.” – Ada Poole, 44\n\n- “It does not.” – A bus driver\n"


@pytest.mark.parametrize("case", case_params(CASES))
def test_cases(case: dict[str, Any]) -> None:
    """`name` is null for a quotation that does not stand alone, "" for one without a name."""
    text = f"It rained.\n\n{case['text']}\n\nIt rained on."
    alone = standing_alone(text, find(text))
    name = alone.get(0, Span(0, -1))
    found = text[name.start : name.end] if name else ""
    assert (None if 0 not in alone else found) == case["name"]


def test_the_printed_name_goes_before_one_of_another_line() -> None:
    spans = find(LIST)
    alone = standing_alone(LIST, spans)
    poole, driver = alone.values()
    wrong = Attribution(poole, None, None, 0.4, "")
    right = Attribution(Span(driver.start + 2, driver.end), None, None, 0.4, "")  # type: ignore[union-attr]
    assert credited([wrong, wrong], spans, alone)[0] is wrong
    changed = credited([wrong, wrong], spans, alone)[1]
    assert changed is not None
    assert (changed.mention, changed.confidence) == (driver, SURE)
    assert credited([None, right], spans, alone) == [None, right]


def test_a_list_of_answers() -> None:
    found = [(quote.text, quote.speaker and quote.speaker.name) for quote in extract(LIST)]
    assert found == [("It goes round, I suppose.", "Ada Poole"), ("It does not.", "A bus driver")]
