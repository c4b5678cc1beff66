"""The words for confidence are the same in Python, in SQL and as bounds."""

from __future__ import annotations

import sqlite3

import pytest

from datasette_quotedex.confidence import BANDS, LABELS, as_sql, band, bounds


@pytest.mark.parametrize(
    ("confidence", "word"),
    [
        *((1.0, "sure"), (0.9, "sure"), (0.899, "likely"), (0.7, "likely")),
        *((0.1, "unsure"), (0.0, "unsure")),
    ],
)
def test_a_confidence_has_one_word(confidence: float, word: str) -> None:
    assert band(confidence) == word
    sql = f"SELECT {as_sql('c')} FROM (SELECT ? AS c)"
    assert sqlite3.connect(":memory:").execute(sql, [confidence]).fetchone() == (word,)
    assert [name for name, _ in BANDS if bounds(name)[0] <= confidence < bounds(name)[1]] == [word]


def test_no_confidence_has_none() -> None:
    assert band(None) is None
    sql = f"SELECT {as_sql('c')} FROM (SELECT NULL AS c)"
    assert sqlite3.connect(":memory:").execute(sql).fetchone() == (None,)


def test_an_unknown_word_holds_nothing() -> None:
    assert bounds("certain")[0] >= bounds("certain")[1] > 1


def test_every_word_is_told_to_readers() -> None:
    assert list(LABELS) == [name for name, _ in BANDS]
