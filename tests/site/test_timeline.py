"""Bar charts by month and year."""

from __future__ import annotations

import pytest

from datasette_quotedex.render.timeline import HEIGHT, MAX_BARS, month_range, timeline


def test_months_without_quotations_have_a_place() -> None:
    picture = timeline({"2023-11": 4, "2024-02": 2})
    assert picture
    assert [(bar.label, bar.count) for bar in picture.bars] == [
        ("November 2023", 4),
        ("December 2023", 0),
        ("January 2024", 0),
        ("February 2024", 2),
    ]
    assert [bar.height for bar in picture.bars] == [HEIGHT, 0, 0, HEIGHT / 2]
    assert [(bar.after, bar.before) for bar in picture.bars][1:3] == [
        ("2023-12", "2024-01"),
        ("2024-01", "2024-02"),
    ]
    assert picture.summary == (
        "6 quotations by month, November 2023 to February 2024; most in November 2023 (4)"
    )
    assert picture.data == [
        {"month": "2023-11", "quote_count": 4},
        {"month": "2024-02", "quote_count": 2},
    ]


def test_long_periods_are_drawn_by_year() -> None:
    picture = timeline({"1999-12": 3, "2015-01": 1, "2015-06": 1})
    assert picture
    assert picture.unit == "year"
    assert len(picture.bars) == 17
    assert (picture.bars[-1].label, picture.bars[-1].count) == ("2015", 2)
    assert (picture.bars[0].after, picture.bars[0].before) == ("1999", "2000")


@pytest.mark.parametrize("months", [{}, {"": 3}, {"2024-13": 1}, {"<b>": 2}, {"２０２４-01": 1}])
def test_invalid_months_are_left_out(months: dict[str, int]) -> None:
    assert timeline(months) is None
    assert month_range(months) is None


def test_absurd_date_does_not_stretch_the_chart() -> None:
    picture = timeline({"0001-01": 1, "2024-05": 7})
    assert picture
    assert len(picture.bars) <= 201
    assert picture.bars[-1].count == 7


def test_everything_stays_within_the_chart() -> None:
    for first in range(1, 13):
        months = {f"2001-{first:02}": 1, "2010-12": 90_000}
        picture = timeline(months)
        assert picture
        assert len(picture.bars) <= MAX_BARS
        for bar in picture.bars:
            assert 0 <= bar.x <= bar.x + bar.width <= 100.01
            assert 0 <= bar.y <= bar.y + bar.height <= HEIGHT
        assert 1 <= len(picture.ticks) <= 7
        assert all(0 <= x < 100 for x, _ in picture.ticks)


def test_summary_of_one_month() -> None:
    picture = timeline({"2024-05": 1})
    assert picture
    assert picture.summary == "1 quotation, all in May 2024"


def test_two_charts_share_their_axes() -> None:
    one, other = {"2024-01": 2}, {"2024-06": 8}
    together = month_range(one, other)
    assert together == ("2024-01", "2024-06")
    pictures = [timeline(months, together, 8) for months in (one, other)]
    assert [len(picture.bars) for picture in pictures if picture] == [6, 6]
    assert pictures[0]
    assert pictures[0].bars[0].height == HEIGHT / 4


def test_bars_have_names_and_fill_their_slots() -> None:
    picture = timeline({"2024-05": 12, "2024-06": 1, "2025-04": 1200})
    assert picture
    assert [bar.name for bar in picture.bars if bar.count] == [
        "May 2024: 12 quotations",
        "June 2024: 1 quotation",
        "April 2025: 1,200 quotations",
    ]
    assert picture.bars[0].slot * len(picture.bars) == pytest.approx(100, abs=0.1)
