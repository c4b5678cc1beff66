"""Pull-quotes: which spans repeat a quotation, who their speaker is, and what is said twice."""

from __future__ import annotations

from typing import Any

import pytest

from quotedex import extract
from tests.helpers import case_params, load_cases

CASES = load_cases("pull_quotes")


@pytest.mark.parametrize("case", case_params(CASES))
def test_cases(case: dict[str, Any]) -> None:
    quotes = extract(case["text"])
    assert [
        [quote.text, quotes[quote.repeats].text, quote.speaker and quote.speaker.name]
        for quote in quotes
        if quote.repeats is not None
    ] == case["repeats"]
