"""The examples in docs/library.md are run, in a folder with the seed articles."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

import quotedex.component  # spaCy knows an installed package by its entry point
from tests.helpers import ROOT

PAGE = ROOT / "docs" / "library.md"


@pytest.mark.slow
def test_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "seeds").symlink_to(ROOT / "seeds")
    monkeypatch.chdir(tmp_path)
    result = doctest.testfile(str(PAGE), module_relative=False)
    assert quotedex.component.SPANS_KEY in PAGE.read_text(encoding="utf-8")
    assert result.attempted > 20
    assert result.failed == 0


def test_every_block_of_python_is_an_example() -> None:
    blocks = PAGE.read_text(encoding="utf-8").split("```python\n")[1:]
    assert blocks
    assert all(block.startswith(">>> ") and "\n\n```" in block for block in blocks)
