"""Which quotations are parts of one utterance, and which are whole clauses: cases/utterances.json.

In a case, `mentions` names the source of each marked span in text order; "she#2" is the second
"she" of the text, without a number it is the first one outside the marks.
"""

from __future__ import annotations

from typing import Any

import pytest

from quotedex.extract.find import find
from quotedex.extract.utterances import kinds_of, utterances_of
from quotedex.models import Attribution, MarkedSpan, Span
from tests.helpers import case_params, load_cases

CASES = load_cases("utterances")


@pytest.mark.parametrize("case", case_params(CASES))
def test_case(case: dict[str, Any]) -> None:
    text = case["text"]
    spans = find(text)
    assert len(spans) == len(case["mentions"])
    said = [
        (span, Attribution(mention_of(text, name), None, 1.0, ""))
        for span, name in zip(spans, case["mentions"], strict=True)
    ]
    utterances = utterances_of(text, said)
    assert utterances == case["utterances"]
    assert kinds_of(text, spans, spans, utterances) == case["kinds"]


def mention_of(text: str, name: str) -> Span:
    words, _, number = name.partition("#")
    start = -1
    for _ in range(int(number or 1)):
        start = text.index(words, start + 1)
    return Span(start, start + len(words))


def test_quotations_without_a_mention_are_not_joined() -> None:
    text = "“It is gone.” “It is not.”"
    said = [(span, Attribution(None, None, 0.5, "")) for span in find(text)]
    assert utterances_of(text, said) == [0, 1]


def test_span_without_words_or_surroundings() -> None:
    assert kinds_of("“”", [], [MarkedSpan(1, 1, 0, 2)], [0]) == ["full"]
    assert utterances_of("", []) == []
