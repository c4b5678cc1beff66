"""Many visitors at once: no error, and memory that does not grow with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.hostile.site import MEMORY, Target, attack_site
from tests.helpers.press import press
from tests.helpers.site_fixture import build

SECONDS = 8.0


@pytest.mark.slow
def test_32_visitors_get_their_pages(tmp_path: Path) -> None:
    file = build(tmp_path / "town.db", press())
    target = Target(file, tmp_path, ceiling=2 * MEMORY, seconds=SECONDS)
    (outcome,) = attack_site(target, ["32 visitors"])
    # How many a second depends on the machine; benchmarks/hostile says.
    assert [fell for fell in outcome.fell if not fell.startswith(("under", "p99"))] == []
    assert int(outcome.answers.split(", ")[0].replace(",", "")) > 100
