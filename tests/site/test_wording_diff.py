"""The wordings of a statement compared."""

from __future__ import annotations

from datasette_quotedex.render.wording_diff import MAX_WORDS, compare_wordings, diff_words

FULL = "We did not come here to sell the pier, and it stays ours."


def rows(*texts: str) -> list[dict[str, object]]:
    return [{"id": n, "text": text} for n, text in enumerate(texts)]


def test_diff_of_words() -> None:
    assert diff_words(FULL, "We did not come here to sell that pier, it stays ours.") == (
        ("same", "We did not come here to sell"),
        ("removed", "the"),
        ("added", "that"),
        ("same", "pier,"),
        ("removed", "and"),
        ("same", "it stays ours."),
    )


def test_wordings_are_grouped_and_compared_with_the_longest() -> None:
    found = compare_wordings(
        rows("to sell the pier", FULL, "“TO SELL, the pier”", FULL + " Sadly.")
    )
    assert [len(wording.printings) for wording in found] == [2, 1, 1]
    assert [wording.summary for wording in found] == [
        "10 words shorter",
        "1 word shorter",
        "Longest wording",
    ]
    assert [wording.is_shortened for wording in found] == [True, True, False]


def test_added_words_are_not_a_shortening() -> None:
    (full, other) = compare_wordings(rows(FULL, "It stays ours, dear friends."))
    assert full.is_longest
    assert not other.is_shortened
    assert other.summary.endswith("2 added")


def test_punctuation_and_case_do_not_make_a_wording() -> None:
    (one,) = compare_wordings(rows("It stays – ours", "it stays - ours,"))
    assert one.is_longest
    assert one.changes == ()


def test_long_texts_are_not_compared() -> None:
    long = " ".join(str(n) for n in range(MAX_WORDS + 1))
    short = [wording for wording in compare_wordings(rows(long, "1 2 3")) if not wording.is_longest]
    assert [wording.summary for wording in short] == ["Too long to compare"]


def test_no_printings_have_no_wording() -> None:
    assert compare_wordings([]) == []
    assert [wording.is_longest for wording in compare_wordings(rows("…"))] == [True]
