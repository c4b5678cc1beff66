"""Dates as formats and pages print them -> ISO dates, None where it is not certain."""

from __future__ import annotations

import datetime
import re

# With these a year, month and day are told apart; "05/03/2022" is read only where one of its
# numbers can be no month, and a bare number (20220503, seconds since 1970) never.
ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].*)?")
WITH_MONTH = re.compile(
    r"(?=.*\b(?:19|20)\d{2}\b)(?=.*\b\d{1,2}(?:st|nd|rd|th)?\b)"
    r"(?=.*\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\b).{8,60}",
    re.IGNORECASE,
)
SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/((?:19|20)\d{2})(?:[ ,T].*)?")
# A path or a file name: news/2019/04/12/bridge.html, 2019-04-12_bridge.txt.
IN_NAME = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d{2})(?P<mark>[-_/.])(?P<month>\d{2})(?P=mark)(?P<day>\d{2})(?!\d)"
)
# Parsed upon both; what the text does not say comes out of them unlike.
DEFAULTS = datetime.datetime(1904, 2, 3), datetime.datetime(1908, 4, 5)


def iso_date(value: object) -> str | None:
    """The day that a field tells: "2022-05-03T09:30Z", "Tue, 3 May 2022 09:30 GMT", a datetime.

    The day as it is printed, in the time zone in which it is.
    """
    if isinstance(value, datetime.date):
        return value.isoformat()[:10]
    text = value.strip() if isinstance(value, str) else ""
    slashed = SLASHED.fullmatch(text)
    if slashed:
        return slashed_date(int(slashed[1]), int(slashed[2]), int(slashed[3]))
    if ISO.fullmatch(text):
        return _parsed(text[:10])
    return _parsed(text) if WITH_MONTH.fullmatch(text) else None


def slashed_date(
    first: int, second: int, year: int, *, month_first: bool | None = None
) -> str | None:
    """04/28/2019 can be one day only; 04/12/2019 is told by `month_first`, where that is known."""
    if first == second or second > 12:
        month_first = True
    elif first > 12:
        month_first = False
    if month_first is None:
        return None
    month, day = (first, second) if month_first else (second, first)
    return day_of(year, month, day)


def date_in_name(path: str) -> str | None:
    """The day in a path or URL: 2019-04-12_bridge.txt, /2019/04/12/bridge; the last one counts."""
    found = None
    for match in IN_NAME.finditer(path):
        named = day_of(int(match["year"]), int(match["month"]), int(match["day"]))
        found = named or found
    return found


def day_of(year: int, month: int, day: int) -> str | None:
    """The ISO date, None where there is no such day."""
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return None


def _parsed(text: str) -> str | None:
    from dateutil import parser

    try:
        days = {parser.parse(text, default=base, ignoretz=True).date() for base in DEFAULTS}
    except (ValueError, OverflowError):
        return None
    day = days.pop()
    return day.isoformat() if not days and str(day.year) in text else None
