"""Wordings: spelling, misprints, short forms and numbers."""

from __future__ import annotations

import pytest

from quotedex.text.plain_words import plain_words
from quotedex.text.spelling import american, is_misprint, is_word
from quotedex.text.wording import normalized_wording


@pytest.mark.parametrize(
    ("british", "expected"),
    [
        ("neighbourhood", "neighborhood"),
        ("discoloured", "discolored"),
        ("theatres", "theaters"),
        ("catalogue", "catalog"),
        ("defences", "defenses"),
        ("travellers", "travelers"),
        ("organising", "organizing"),
        ("analysed", "analyzed"),
        ("haemorrhage", "hemorrhage"),
        ("grey", "gray"),
    ],
)
def test_american(british: str, expected: str) -> None:
    assert american(british) == expected
    assert american(expected) == expected


@pytest.mark.parametrize(
    "word",
    ["four", "hour", "our", "your", "filling", "called", "rise", "wise", "promise", "fence"],
)
def test_words_that_only_look_british(word: str) -> None:
    assert american(word) == word


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("goverment", "government"),
        ("teh", "the"),
        ("recieve", "receive"),
        ("accomadation", "accommodation"),
        ("threatene", "threatened"),
        ("zelenkovic", "zelenkovich"),
    ],
)
def test_misprints(left: str, right: str) -> None:
    assert is_misprint(left, right)
    assert is_misprint(right, left)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        *[("now", "not"), ("fund", "find"), ("raise", "raze"), ("three", "there")],
        *[("iran", "iraq"), ("johnson", "johnston"), ("student", "students"), ("legal", "illegal")],
        # Unknown words: another form, another beginning, too short, too different.
        *[("zorbler", "zorblers"), ("zorbled", "zorbles"), ("ato", "atu"), ("zorble", "gorble")],
        *[("zorble", "zarbli"), ("b52", "b53"), ("untelevised", "televised")],
    ],
)
def test_different_words(left: str, right: str) -> None:
    assert not is_misprint(left, right)
    assert not is_misprint(right, left)


def test_ordinary_words() -> None:
    assert all(map(is_word, ["the", "raze", "london", "organize", "color", "children"]))
    assert not any(map(is_word, ["goverment", "teh", "", "#", "zorble"]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We can’t, and won't.", "we can not and will not"),
        ("It’s gone; it's late, the mayor’s late", "it has gone it is late the mayor's late"),
        ("I’d like; I’d been; I’d asked", "i would like i had been i had asked"),
        ("Let's go, I'm ready", "let us go i am ready"),
        ("twenty-five, two hundred and five", "25 205"),
        ("two thousand and seven, 2,007, 2007", "2007 2007 2007"),
        ("three million two hundred thousand", "3200000"),
        ("2.5 million, or a hundred, for a boat", "2500000 or 100 for a boat"),
        ("twenty twenty, eleven seven", "20 20 11 7"),
        ("hundreds of thousands", "hundreds of thousands"),
        ("the 1st of ten thousand thousand", "the first of 10000 thousand"),
        ("$500, £2.50 and 5 dollars", "500 dollars 2.5 pounds and 5 dollars"),
        ("30 per cent, 30%", "30 percent 30 percent"),
        ("-5 of 3-5 at 10:30", "minus 5 of 3 5 at 10:30"),
        ("007 and 2 3", "007 and 2 3"),
        ("…", "…"),
    ],
)
def test_plain_words(text: str, expected: str) -> None:
    wording = normalized_wording(text)
    assert " ".join(plain_words(wording)) == ("" if expected == "…" else expected)
