"""Wordings of one statement, and who shortened it."""

from __future__ import annotations

from datasette_quotedex.render.wording_diff import MOST_WORDS, difference, wordings

FULL = "We did not come here to sell the pier, and it stays ours."


def rows(*texts: str) -> list[dict[str, object]]:
    return [{"id": n, "text": text} for n, text in enumerate(texts)]


def test_a_difference_is_told_in_words() -> None:
    assert difference(FULL, "We did not come here to sell that pier, it stays ours.") == (
        ("same", "We did not come here to sell"),
        ("out", "the"),
        ("in", "that"),
        ("same", "pier,"),
        ("out", "and"),
        ("same", "it stays ours."),
    )


def test_wordings_are_grouped_and_set_beside_the_fullest() -> None:
    found = wordings(rows("to sell the pier", FULL, "“TO SELL, the pier”", FULL + " Sadly."))
    assert [len(wording.printings) for wording in found] == [2, 1, 1]
    assert [wording.verdict for wording in found] == [
        "shortened by 10 words",
        "shortened by 1 word",
        "the fullest wording",
    ]
    assert [wording.shortened for wording in found] == [True, True, False]


def test_words_put_in_are_not_a_shortening() -> None:
    (full, other) = wordings(rows(FULL, "It stays ours, dear friends."))
    assert full.fullest
    assert not other.shortened
    assert other.verdict.endswith("2 words put in")


def test_marks_and_letter_case_are_no_wording() -> None:
    (one,) = wordings(rows("It stays – ours", "it stays - ours,"))
    assert one.fullest
    assert one.changes == ()


def test_what_is_too_long_is_not_compared() -> None:
    long = " ".join(str(n) for n in range(MOST_WORDS + 1))
    short = [wording for wording in wordings(rows(long, "1 2 3")) if not wording.fullest]
    assert [wording.verdict for wording in short] == ["too long to compare"]


def test_nothing_has_no_wording() -> None:
    assert wordings([]) == []
    assert [wording.fullest for wording in wordings(rows("…"))] == [True]
