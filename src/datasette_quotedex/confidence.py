"""Confidence levels: the probability that a quotation and its source are right, in a word."""

from __future__ import annotations

LEVELS = (("high", 0.9), ("medium", 0.7), ("low", 0.0))
"""Names, highest first, and the lowest confidence of each."""

UNSURE_BELOW = 0.7
"""The program is unsure of quotations with less confidence, those of the lowest level."""

LABELS = {
    "high": "high (90% or more)",
    "medium": "medium (70% to 90%)",
    "low": "low (below 70%)",
}


def level(confidence: float | None) -> str | None:
    """0.97 -> "high", 0.9 -> "high", 0.71 -> "medium", 0.3 -> "low", None -> None."""
    if confidence is None:
        return None
    return next(name for name, lowest in LEVELS if confidence >= lowest or not lowest)


def level_sql(column: str) -> str:
    """`level` as an SQL expression over a column; NULL where the column is NULL."""
    cases = " ".join(
        f"WHEN {column} >= {lowest} THEN '{name}'" for name, lowest in LEVELS if lowest
    )
    return f"CASE WHEN {column} IS NULL THEN NULL {cases} ELSE '{LEVELS[-1][0]}' END"


def has_level_sql(column: str, level: str) -> str:
    """An SQL condition: the value of a column is at the level that an SQL expression names.

    The CASEs do not depend on the row, so SQLite evaluates them only once.
    """
    limits = [2.0, *(lowest for _, lowest in LEVELS[:-1])]
    at_least = " ".join(f"WHEN '{name}' THEN {lowest}" for name, lowest in LEVELS)
    below = " ".join(
        f"WHEN '{name}' THEN {limit}" for (name, _), limit in zip(LEVELS, limits, strict=True)
    )
    return f"{column} >= CASE {level} {at_least} END AND {column} < CASE {level} {below} END"
