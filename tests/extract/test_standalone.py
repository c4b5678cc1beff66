"""Quotations alone on their lines, and the names behind and below them."""

from __future__ import annotations

from typing import Any

import pytest

from quotedex import extract
from quotedex.extract.find import find
from quotedex.extract.layout.standalone import CREDIT_CONFIDENCE, apply_credits, standalone_spans
from quotedex.models import Attribution, Span
from tests.helpers import case_params, load_cases

CASES = load_cases("standalone")
LIST = "- “It goes round, I suppose.” – Ada Poole, 44\n\n- “It does not.” – A bus driver\n"


@pytest.mark.parametrize("case", case_params(CASES))
def test_cases(case: dict[str, Any]) -> None:
    """`name` is null for a quotation that is not alone on its lines, "" for one without a name."""
    text = f"It rained.\n\n{case['text']}\n\nIt rained on."
    alone = standalone_spans(text, find(text))
    name = alone.get(0, Span(0, -1))
    found = text[name.start : name.end] if name else ""
    assert (None if 0 not in alone else found) == case["name"]


def test_the_printed_name_replaces_a_mention_on_another_line() -> None:
    spans = find(LIST)
    alone = standalone_spans(LIST, spans)
    poole, driver = alone.values()
    wrong = Attribution(poole, None, 0.4, "")
    right = Attribution(Span(driver.start + 2, driver.end), None, 0.4, "")  # type: ignore[union-attr]
    assert apply_credits([wrong, wrong], spans, alone)[0] is wrong
    changed = apply_credits([wrong, wrong], spans, alone)[1]
    assert changed is not None
    assert (changed.mention, changed.confidence) == (driver, CREDIT_CONFIDENCE)
    assert apply_credits([None, right], spans, alone) == [None, right]


def test_a_list_of_answers() -> None:
    found = [(quote.text, quote.speaker and quote.speaker.name) for quote in extract(LIST)]
    assert found == [("It goes round, I suppose.", "Ada Poole"), ("It does not.", "A bus driver")]
