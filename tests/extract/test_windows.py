"""Windows: the input of the network."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from quotedex.extract.attribute.network import model_file
from quotedex.extract.attribute.windows import (
    CLOSE,
    ELIDED,
    LEFT,
    MAX_TOKENS,
    MISSING_CLOSE,
    NESTED_CLOSE,
    NESTED_OPEN,
    OPEN,
    PARAGRAPH,
    REOPEN,
    Window,
    windows,
)
from quotedex.extract.find import find

TOKENIZER = Tokenizer.from_str(model_file("tokenizer.json").decode("utf8"))
SENTENCE = "The council met on Tuesday in the old hall by the river. "


def windows_of(text: str) -> list[Window]:
    return list(windows(text, find(text), TOKENIZER))


def markers(window: Window) -> list[int]:
    return [token.id for token in window.tokens[1:-1] if token.start == token.end]


def test_marks_of_any_shape_become_the_same_tokens() -> None:
    curly, french, straight = (
        windows_of(f"{opening}It rained,{closing} she said.")
        for opening, closing in ("“”", "«»", '""')
    )
    ids = [[token.id for token in window.tokens] for (window,) in (curly, french, straight)]
    assert ids[0] == ids[1] == ids[2]
    assert markers(curly[0]) == [OPEN, CLOSE]


def test_nested_unclosed_and_reopened_marks_and_paragraphs_have_their_own_tokens() -> None:
    (nested,) = windows_of("“He said ‘no’ and left,” she said.")
    assert markers(nested) == [OPEN, NESTED_OPEN, NESTED_CLOSE, CLOSE]
    (reopened,) = windows_of("“It rained all day.\n\n“It rained all night,” she said.")
    assert markers(reopened) == [OPEN, MISSING_CLOSE, PARAGRAPH, REOPEN, CLOSE]


def test_a_token_stands_for_its_characters() -> None:
    text = "Ms Okafor, 61, sighed. “It rained,” she said."
    (window,) = windows_of(text)
    said = [text[token.start : token.end] for token in window.tokens if token.end > token.start]
    assert "".join(said) == "MsOkafor,61,sighed.Itrained,shesaid."


def test_the_middle_of_a_long_quotation_is_left_out() -> None:
    text = f"“{SENTENCE * 20}” said Ada Poole."
    (window,) = windows_of(text)
    assert ELIDED in markers(window)
    assert len(window.tokens) < 100
    assert text[window.tokens[-3].start : window.tokens[-2].end] == "Poole."


def test_text_far_from_any_mark_is_not_tokenized() -> None:
    text = SENTENCE * 200 + "“It rained,” she said. " + SENTENCE * 200
    (window,) = windows_of(text)
    assert len(window.tokens) <= MAX_TOKENS


def test_a_window_includes_words_before_and_after_its_spans() -> None:
    text = "\n\n".join(f"{SENTENCE * 4}“It rained,” said Ada Poole." for _ in range(30))
    for window in windows_of(text):
        for query in window.queries:
            is_first = window.tokens[1].start == 0
            assert is_first or window.outside[query.open] > LEFT * 0.9
            after = window.tokens[window.outside[query.close] :]
            assert "Poole" in [text[token.start : token.end] for token in after]


def outside_words(text: str) -> str:
    (window,) = windows_of(text)
    return " ".join(text[token.start : token.end] for token in window.outer_tokens).strip()


def test_words_inside_a_quotation_are_not_outside() -> None:
    text = "Ada Poole said “it rained” and\n\n“it poured all day,” she added."
    assert outside_words(text).split() == ["Ada", "Poole", "said", "and", "she", "added", "."]
    (window,) = windows_of(text)
    marks = [window.outer_tokens[at].id for q in window.queries for at in (q.open, q.close)]
    assert marks == [OPEN, CLOSE, OPEN, CLOSE]


@pytest.mark.parametrize(
    "text",
    [
        "“We will fight, she said.\n\nHe left.",  # the closing mark is missing
        "“He told me ‘no’ and left,” she said.",  # the inner quotation's source is in the outer one
    ],
)
def test_a_quotation_that_may_name_a_source_is_kept_whole(text: str) -> None:
    (window,) = windows_of(text)
    assert window.outside == list(range(len(window.tokens)))


PIECES = st.sampled_from(["“", "”", '"', "‘", "’", "\n\n", "\n", SENTENCE, "Ada ", "said ", "ß é "])


@given(st.lists(PIECES, max_size=120).map("".join))
@settings(max_examples=150, deadline=None)
def test_every_span_is_one_query_of_one_window(text: str) -> None:
    spans = find(text)
    found = list(windows(text, spans, TOKENIZER))
    assert sorted(q.span for window in found for q in window.queries) == list(range(len(spans)))
    for window in found:
        assert len(window.tokens) <= MAX_TOKENS
        assert window.outside == sorted(set(window.outside))
        assert all(0 < q.open < q.close < len(window.outside) for q in window.queries)
        starts = [token.start for token in window.tokens]
        assert starts == sorted(starts)


@pytest.mark.slow
@pytest.mark.parametrize("count", [2000])
def test_time_is_linear_in_the_number_of_spans(count: int) -> None:
    tokens = [
        sum(len(window.tokens) for window in windows_of("“No,” she said. " * n))
        for n in (count, 2 * count)
    ]
    assert tokens[1] < 2.2 * tokens[0]
