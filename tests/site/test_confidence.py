"""Confidence levels are the same in Python, in SQL and as a condition."""

from __future__ import annotations

import sqlite3

import pytest

from datasette_quotedex.confidence import LABELS, LEVELS, has_level_sql, level, level_sql


@pytest.mark.parametrize(
    ("confidence", "word"),
    [
        *((1.0, "high"), (0.9, "high"), (0.899, "medium"), (0.7, "medium")),
        *((0.1, "low"), (0.0, "low")),
    ],
)
def test_confidence_has_one_level(confidence: float, word: str) -> None:
    assert level(confidence) == word
    sql = f"SELECT {level_sql('c')} FROM (SELECT ? AS c)"
    assert sqlite3.connect(":memory:").execute(sql, [confidence]).fetchone() == (word,)
    assert [name for name, _ in LEVELS if _has_level(confidence, name)] == [word]


def test_no_confidence_has_no_level() -> None:
    assert level(None) is None
    sql = f"SELECT {level_sql('c')} FROM (SELECT NULL AS c)"
    assert sqlite3.connect(":memory:").execute(sql).fetchone() == (None,)


def test_nothing_has_an_unknown_level() -> None:
    assert not _has_level(0.9, "certain")


def test_every_level_has_a_label() -> None:
    assert list(LABELS) == [name for name, _ in LEVELS]


def _has_level(confidence: float, level: str) -> bool:
    sql = f"SELECT {has_level_sql('?1', '?2')}"
    (found,) = sqlite3.connect(":memory:").execute(sql, [confidence, level]).fetchone()
    return bool(found)
