"""Attribution in plain sentences: cases/attribute.json has the source of each marked span."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from quotedex.extract.attribute import _tokenizer, attribute
from quotedex.extract.attribute.decode import _extent, _without_dateline
from quotedex.extract.attribute.windows import windows
from quotedex.extract.find import find
from quotedex.models import Span
from tests.helpers import case_params, load_cases

CASES = load_cases("attribute")


@pytest.mark.parametrize("case", case_params(CASES))
def test_case(case: dict[str, Any]) -> None:
    text = case["text"]
    answers = attribute(text, find(text))
    if case.get("nobody"):
        assert answers == [None]
        return
    assert all(answer is not None for answer in answers)
    mentions = [answer.mention for answer in answers if answer]
    assert [words(text, mention) for mention in mentions] == case["mentions"]
    assert all(0 <= answer.confidence <= 1 and answer.why for answer in answers if answer)


def words(text: str, span: Span | None) -> str | None:
    return text[span.start : span.end] if span else None


def test_no_spans() -> None:
    assert attribute("It rained.", []) == []


@pytest.mark.parametrize("text", ["“”", "“", "\n“\n”\n", ": “a b c d e.”", "said “no”"])
def test_odd_text_has_one_result_per_span(text: str) -> None:
    spans = find(text)
    assert len(attribute(text, spans)) == len(spans)


def test_pointers_to_the_name_that_a_mention_refers_to() -> None:
    text = "Mayor Mara Ilves spoke in Ashby. “It rained all day,” she said."
    (answer,) = attribute(text, find(text))
    assert answer is not None
    assert words(text, answer.mention) == "she"
    name = range(text.index("Mara"), text.index(" spoke"))
    share = sum(probability for span, probability in answer.pointers if span.start in name)
    assert 0.5 < share <= sum(probability for _, probability in answer.pointers) <= 1 + 1e-6


@pytest.mark.parametrize(
    ("text", "mention"),
    [
        ("It rained.\nASHBY -- Harbor officials", "Harbor officials"),
        ("ASHBY, March 3 (Lantern) — Harbor officials", "Harbor officials"),
        ("ASHBY HARBOR BOARD", "ASHBY HARBOR BOARD"),
        ("Harbor officials -- two of them", "Harbor officials -- two of them"),
    ],
)
def test_a_dateline_names_nobody(text: str, mention: str) -> None:
    start = text.rfind("\n") + 1
    assert words(text, _without_dateline(text, Span(start, len(text)))) == mention
    within = f"He said {text[start:]}"
    assert _without_dateline(within, Span(8, len(within))) == Span(8, len(within))


@pytest.mark.parametrize(
    ("sentence", "mention"),
    [
        ("he added. However, the rest went on.", "he added"),
        ("Mr. J. Poole of St. Ives said.", "Mr. J. Poole of St. Ives said"),
        ("the U.S. Senator Ada Poole wrote.", "the U.S. Senator Ada Poole wrote"),
    ],
)
def test_a_mention_stays_within_its_sentence(sentence: str, mention: str) -> None:
    text = f"“It rained all day,” {sentence}"
    (window,) = windows(text, find(text), _tokenizer())
    tokens = window.tokens
    best = next(at for at, token in enumerate(tokens) if token.start == text.index(sentence))
    # Everything up to the end of the text would be taken.
    scores = np.arange(len(tokens), dtype=np.float32)
    left, right = _extent(text, tokens, best, scores, scores)
    assert text[tokens[left].start : tokens[right].end].rstrip(".") == mention
