"""How sure the program is of a quotation and its source, in words."""

from __future__ import annotations

BANDS = (("sure", 0.9), ("likely", 0.7), ("unsure", 0.0))
"""Names, surest first, and the confidence at which each begins."""

LABELS = {
    "sure": "sure (90% or more)",
    "likely": "likely (70 to 90%)",
    "unsure": "unsure (below 70%)",
}


def band(confidence: float | None) -> str | None:
    """0.97 -> "sure", 0.9 -> "sure", 0.71 -> "likely", 0.3 -> "unsure", None -> None."""
    if confidence is None:
        return None
    return next(name for name, least in BANDS if confidence >= least or not least)


def as_sql(column: str) -> str:
    """`band` as an SQL expression over a column; NULL where the column is."""
    cases = " ".join(f"WHEN {column} >= {least} THEN '{name}'" for name, least in BANDS if least)
    return f"CASE WHEN {column} IS NULL THEN NULL {cases} ELSE '{BANDS[-1][0]}' END"


def bounds(name: str) -> tuple[float, float]:
    """The confidences of a band: from the first up to, not including, the second.

    An unknown name gives bounds between which nothing lies.
    """
    above = 2.0
    for known, least in BANDS:
        if known == name:
            return least, above
        above = least
    return 2.0, 2.0
