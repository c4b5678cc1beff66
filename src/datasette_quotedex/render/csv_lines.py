"""Rows as CSV, for programs or for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

BYTE_ORDER_MARK = "\ufeff"
"""Without it, Excel reads UTF-8 as the encoding of the computer, and “ as â€œ."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(rows: Iterable[Iterable[object]], *, for_spreadsheet: bool = False) -> str:
    """The rows as lines of CSV.

    `for_spreadsheet`: with an apostrophe before texts that a spreadsheet would run as a formula.
    """
    out = io.StringIO()
    if for_spreadsheet:
        rows = (map(_harmless, row) for row in rows)
    csv.writer(out).writerows(rows)
    return out.getvalue()


def _harmless(value: object) -> object:
    """`=HYPERLINK(…)` -> `'=HYPERLINK(…)`, which a spreadsheet shows as text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
