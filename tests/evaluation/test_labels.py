"""Annotated sources as the mentions that training learns to point at."""

from __future__ import annotations

import pytest

from evaluation.labels import _head
from quotedex.models import Span


@pytest.mark.parametrize(
    ("source", "mention"),
    [
        ("Poole", "Poole"),
        ("Ada Poole, who left in May", "Ada Poole"),
        ("the firm’s founder Ada Poole", "the firm’s founder Ada Poole"),
        ("founder and owner Ada Poole", "Ada Poole"),
        ("Senator Ada Poole of New Kent", "Senator Ada Poole"),
        ("Ada Poole of Kent", "Ada Poole"),
        ("Secretary of State Ada Poole", "Secretary of State Ada Poole"),
        ("a clerk at the court", "a clerk at the court"),
    ],
)
def test_the_words_that_name_a_source(source: str, mention: str) -> None:
    span, _sure = _head(source, [Span(0, len(source))])
    assert source[span.start : span.end] == mention
