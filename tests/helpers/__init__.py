"""What several test modules use: the project's folder, test cases, invented news, sites."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark.structures import ParameterSet

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"


def load_cases(name: str) -> Any:
    """The test cases in `tests/cases/<name>.json`."""
    return json.loads((TESTS / "cases" / f"{name}.json").read_text(encoding="utf-8"))


def case_params(cases: list[dict[str, Any]]) -> list[ParameterSet]:
    """Cases as parameters of a test, named by what they are about.

    A case with a key "fails", which holds the reason, is one that the program cannot do yet: its
    test must fail.
    """
    return [
        pytest.param(
            case,
            id=case["about"],
            marks=[pytest.mark.xfail(reason=case["fails"])] if "fails" in case else [],
        )
        for case in cases
    ]
