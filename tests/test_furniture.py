"""Page furniture: which lines are, and that nobody is quoted in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from quotedex import extract
from quotedex.furniture import furniture_of, stands_in
from quotedex.models import Span

CASES = json.loads((Path(__file__).parent / "cases" / "furniture.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["about"])
def test_cases(case: dict[str, Any]) -> None:
    text = f"It rained.\n\n{case['line']}\nIt rained."
    found = [text[line.start : line.end] for line in furniture_of(text)]
    assert found == ([case["line"]] if case["furniture"] else [])


def test_which_spans_stand_in_them() -> None:
    lines = [Span(5, 10), Span(20, 30)]
    inside = [start for start in range(35) if stands_in(Span(start, start + 1), lines)]
    assert inside == [*range(5, 10), *range(20, 30)]


def test_nobody_is_quoted_in_them() -> None:
    text = (
        "“We lost the bridge,” said Mara Ilves.\n\n"
        "Related: “It was the goat,” says Ben Cole\n\n"
        "We use cookies. Tap “Accept all” to go on.\n"
    )
    assert [quote.text for quote in extract(text)] == ["We lost the bridge,"]
