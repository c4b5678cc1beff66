"""What several test modules use: the project's folder, test cases, invented news, sites."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"


def load_cases(name: str) -> Any:
    """The test cases in `tests/cases/<name>.json`."""
    return json.loads((TESTS / "cases" / f"{name}.json").read_text(encoding="utf-8"))
