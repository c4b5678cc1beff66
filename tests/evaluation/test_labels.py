"""The mention within an annotated source."""

from __future__ import annotations

import pytest

from quotedex.models import Span
from training.labels import trim_source


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
def test_the_mention_of_a_source(source: str, mention: str) -> None:
    span, _exact = trim_source(source, [Span(0, len(source))])
    assert source[span.start : span.end] == mention
