"""ISO dates from the many ways of writing a date; None where the date is ambiguous."""

from __future__ import annotations

import datetime
import re

MONTH_NAME = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*"
# "05/03/2022" is a date only if one of its numbers cannot be a month, and a bare number (20220503,
# seconds since 1970) never is one.
ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].*)?")
WITH_MONTH_NAME = re.compile(
    rf"(?=.*\b(?:19|20)\d{{2}}\b)(?=.*\b\d{{1,2}}(?:st|nd|rd|th)?\b)(?=.*\b{MONTH_NAME}\b).{{8,60}}",
    re.IGNORECASE,
)
SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/((?:19|20)\d{2})(?:[ ,T].*)?")
# In a path or file name: news/2019/04/12/bridge.html, 2019-04-12_bridge.txt.
IN_NAME = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d{2})(?P<mark>[-_/.])(?P<month>\d{2})(?P=mark)(?P<day>\d{2})(?!\d)"
)
# A date is parsed with both of these as defaults. If the results differ, the text left a part out.
DEFAULTS = datetime.datetime(1904, 2, 3), datetime.datetime(1908, 4, 5)


def iso_date(value: object) -> str | None:
    """The ISO date in "2022-05-03T09:30Z", "Tue, 3 May 2022 09:30 GMT" or a datetime.

    The day is the one that is printed; time zones are ignored.
    """
    if isinstance(value, datetime.date):
        return value.isoformat()[:10]
    text = value.strip() if isinstance(value, str) else ""
    slashed = SLASHED.fullmatch(text)
    if slashed:
        return slashed_date(int(slashed[1]), int(slashed[2]), int(slashed[3]))
    if ISO.fullmatch(text):
        return _parse(text[:10])
    return _parse(text) if WITH_MONTH_NAME.fullmatch(text) else None


def slashed_date(
    first: int, second: int, year: int, *, month_first: bool | None = None
) -> str | None:
    """The ISO date of first/second/year.

    04/28/2019 can only be April 28. 04/12/2019 depends on `month_first`; if that is None, the
    result is None.
    """
    if first == second or second > 12:
        month_first = True
    elif first > 12:
        month_first = False
    if month_first is None:
        return None
    month, day = (first, second) if month_first else (second, first)
    return _iso(year, month, day)


def date_in_name(path: str) -> str | None:
    """The last date in a path or URL: 2019-04-12_bridge.txt, /2019/04/12/bridge."""
    found = None
    for match in IN_NAME.finditer(path):
        date = _iso(int(match["year"]), int(match["month"]), int(match["day"]))
        found = date or found
    return found


def _iso(year: int, month: int, day: int) -> str | None:
    """The ISO date; None if there is no such day."""
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return None


def _parse(text: str) -> str | None:
    from dateutil import parser

    try:
        days = {parser.parse(text, default=base, ignoretz=True).date() for base in DEFAULTS}
    except (ValueError, OverflowError):
        return None
    day = days.pop()
    return day.isoformat() if not days and str(day.year) in text else None
