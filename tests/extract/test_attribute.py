"""Attribution in plain sentences: cases/attribute.json has the source of each marked span."""

from __future__ import annotations

from typing import Any

import pytest

from quotedex.extract.attribute import attribute
from quotedex.extract.attribute.decode import _without_dateline
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


@pytest.mark.parametrize(("mention", "refers_back"), [("she", True), ("One official", False)])
def test_only_mentions_that_refer_back_have_an_antecedent(mention: str, refers_back: bool) -> None:
    text = f"Mayor Mara Ilves spoke in Ashby. “It rained all day,” {mention} said."
    (answer,) = attribute(text, find(text))
    assert answer is not None
    assert words(text, answer.mention) == mention
    antecedent = words(text, answer.antecedent)
    assert (antecedent == "Mayor Mara Ilves") if refers_back else (antecedent is None)


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
