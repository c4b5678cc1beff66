"""Pull-quotes: which quotations are printed again, whose they are, and what is said twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from quotedex import extract

CASES = json.loads((Path(__file__).parent / "cases" / "repeats.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["about"])
def test_cases(case: dict[str, Any]) -> None:
    quotes = extract(case["text"])
    assert [
        [quote.text, quotes[quote.repeats].text, quote.speaker and quote.speaker.name]
        for quote in quotes
        if quote.repeats is not None
    ] == case["repeats"]
