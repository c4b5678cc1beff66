"""Fixtures of several test modules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import spacy
from spacy.language import Language

from quotedex.check import check
from quotedex.options import DEFAULT_SPACY_MODEL


@pytest.fixture(scope="session")
def nlp() -> Language:
    """The default spaCy pipeline as spaCy runs it. Add nothing to it: all tests share it."""
    return spacy.load(DEFAULT_SPACY_MODEL)


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    """Where a test may keep an index; what it leaves there must pass every integrity check."""
    path = tmp_path / "quotes.db"
    yield path
    if path.exists():
        assert [result for result in check(path) if not result.ok] == []
