"""A bar chart of quotations over time, by month or, for longer periods, by year."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from datasette_quotedex.render.text import MONTHS

MAX_BARS = 60
"""Five years of months; longer periods are drawn by year, so that a bar is wide enough to hit."""

MAX_YEARS = 200
"""Longer than any digitized newspaper goes back; earlier dates are errors and are left out."""

HEIGHT = 120
MAX_LABELS = 6


@dataclass(frozen=True, slots=True)
class Bar:
    """`x`, `width` and the `slot` that a pointer can hit are in percent of the chart, `y` and
    `height` in pixels. `after` and `before` are the dates for a search of this period."""

    label: str
    count: int
    after: str
    before: str
    x: float
    slot: float
    width: float
    y: float
    height: float

    @property
    def name(self) -> str:
        """`May 2024: 12 quotations`, as a screen reader says it."""
        return f"{self.label}: {self.count:,} quotation{'' if self.count == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Timeline:
    """`unit` is "month" or "year"; `ticks` are (x in percent, label) below the bars; `highest` is
    the count at the full height."""

    unit: str
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]
    highest: int
    total: int

    @property
    def summary(self) -> str:
        """`12 quotations by month, March 2023 to May 2024; most in April 2024 (5)`."""
        number = f"{self.total:,} quotation{'' if self.total == 1 else 's'}"
        if len(self.bars) == 1:
            return f"{number}, all in {self.bars[0].label}"
        top = max(self.bars, key=lambda bar: bar.count)
        period = f"{self.bars[0].label} to {self.bars[-1].label}"
        return f"{number} by {self.unit}, {period}; most in {top.label} ({top.count:,})"

    @property
    def data(self) -> list[dict[str, str | int]]:
        """`[{"month": "2024-03", "quote_count": 12}]`, or "year" if the bars are years."""
        return [{self.unit: bar.after, "quote_count": bar.count} for bar in self.bars if bar.count]


def timeline(
    months: Mapping[str, int],
    period: tuple[str, str] | None = None,
    highest: int | None = None,
) -> Timeline | None:
    """The chart of `{"2024-03": 12}`, or None if there is no valid month.

    `period` (first and last month) and `highest` put several charts on the same axes.
    """
    counts = {month: number for month, number in months.items() if _MONTH.fullmatch(month)}
    if not counts:
        return None
    first, last = period or (min(counts), max(counts))
    first = max(first, f"{int(last[:4]) - MAX_YEARS:04}-01")
    keys, unit = _months(first, last), "month"
    if len(keys) > MAX_BARS:
        keys, unit = [f"{year:04}" for year in range(int(first[:4]), int(last[:4]) + 1)], "year"
    sums = dict.fromkeys(keys, 0)
    for month, number in counts.items():
        key = month if unit == "month" else month[:4]
        if key in sums:
            sums[key] += number
    top = highest or max(sums.values())
    bars = tuple(_bar(key, sums[key], index, len(keys), top) for index, key in enumerate(keys))
    return Timeline(unit, bars, _ticks(keys), top, sum(sums.values()))


def month_range(*series: Mapping[str, int]) -> tuple[str, str] | None:
    """The first and the last month of several series."""
    months = [month for counts in series for month in counts if _MONTH.fullmatch(month)]
    return (min(months), max(months)) if months else None


def _months(first: str, last: str) -> list[str]:
    """`2023-11` to `2024-02` -> these and the two months between."""
    low, high = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (first, last))
    return [f"{month // 12:04}-{month % 12 + 1:02}" for month in range(low, high + 1)]


def _bar(key: str, count: int, index: int, bars: int, top: int) -> Bar:
    slot = 100 / max(bars, 12)  # a single month should not fill the chart
    height = round(max(HEIGHT * count / top, 2), 1) if count else 0
    year, _, month = key.partition("-")
    before = f"{int(year) + 1:04}" if month in ("", "12") else f"{year}-{int(month) + 1:02}"
    return Bar(
        label=f"{MONTHS[int(month) - 1]} {int(year)}" if month else str(int(year)),
        count=count,
        after=key,
        before=f"{before}-01" if month == "12" else before,
        x=round(index * slot, 3),
        slot=round(slot, 3),
        width=round(slot * (0.8 if bars > 1 else 1), 3),
        y=round(HEIGHT - height, 1),
        height=height,
    )


def _ticks(keys: list[str]) -> tuple[tuple[float, str], ...]:
    """Labels for years, or for months in a short period; at most MAX_LABELS."""
    slot = 100 / max(len(keys), 12)
    years = [index for index, key in enumerate(keys) if len(key) == 4 or key.endswith("-01")]
    if len(years) > 1:
        chosen = years[:: -(-len(years) // MAX_LABELS)]
        return tuple((round(i * slot, 3), str(int(keys[i][:4]))) for i in chosen)
    chosen = list(range(0, len(keys), -(-len(keys) // 4)))
    return tuple((round(i * slot, 3), _short_label(keys[i])) for i in chosen)


def _short_label(key: str) -> str:
    """`2024-03` -> `Mar 2024`."""
    return f"{MONTHS[int(key[5:]) - 1][:3]} {int(key[:4])}"


_MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")
