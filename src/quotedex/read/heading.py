"""Title and date from an article's own lines, where they are certain."""

from __future__ import annotations

import datetime
import re

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july",
    "august", "september", "october", "november", "december",
)  # fmt: skip
MONTH = r"(?P<month>[A-Z][a-z]{2,8})\.?"
DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
YEAR = r"(?P<year>(?:19|20)\d{2})"
WEEKDAY = r"(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\.?,?\s+)?"
LABEL = r"(?:(?:[Pp]ublished|[Pp]osted|[Uu]pdated|[Dd]ate|DATE)(?:\s+on)?:?\s+)?"
TIME = r"(?:,?\s*(?:at\s+)?\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s*[ap]\.?m\.?)?(?:\s+[A-Z]{2,4})?)?"

# A line that is a date and nothing else.
DATE_LINES = (
    re.compile(rf"{LABEL}{WEEKDAY}{DAY}\s+{MONTH},?\s+{YEAR}{TIME}"),
    re.compile(rf"{LABEL}{WEEKDAY}{MONTH}\s+{DAY},?\s+{YEAR}{TIME}"),
    re.compile(rf"{LABEL}{YEAR}-(?P<month>\d{{2}})-(?P<day>\d{{2}})(?:[T ]\d{{2}}:\d{{2}}\S*)?"),
)
# A labelled ISO date may have the article's first words behind it on its line.
DATE_LABEL = re.compile(
    rf"(?:date|published)[:\s]\s*{YEAR}-(?P<month>\d{{2}})-(?P<day>\d{{2}})\b", re.IGNORECASE
)
# "A Section on 04/12/2019", as newspapers' sites end a page from the printed paper.
PRINTED_ON = re.compile(rf".{{0,40}}\bon\s+(?P<first>\d{{1,2}})/(?P<second>\d{{1,2}})/{YEAR}")
MONTH_NAME = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?"
MONTH_FIRST = re.compile(rf"\b{MONTH_NAME}\s+\d{{1,2}}\b")
DAY_FIRST = re.compile(rf"\b\d{{1,2}}\s+{MONTH_NAME}(?=\W)")

TOP_LINES = 12
END_LINES = 8
LONGEST_TITLE = 160
CLOSING = "\"'”’»)]"
# A page's menu, copied along with the article below it: "• Categories", "• Archives".
MENU_POINT = re.compile(r"[•·*-]\s+\S+(?:\s+\S+){0,2}")
HEADING_MARK = re.compile(r"#{1,3}\s+")
WORD = re.compile(r"[^\W\d_]+")


def title_of(text: str) -> str | None:
    """The first line, where it stands alone as a headline does: capital, no full stop, then a body.

    Not the first line of hard-wrapped text, which the next line carries on, nor a list's point;
    a menu above it is passed over.
    """
    first, _, rest = _below_menu(text).partition("\n")
    title = HEADING_MARK.sub("", first.strip(), count=1)
    next_line = rest.partition("\n")[0].strip()
    if len(title) > LONGEST_TITLE or len(WORD.findall(title)) < 3:
        return None
    if not (title[0].isupper() or title[0].isdigit() or title[0] in "\"'“‘"):
        return None
    if title.rstrip(CLOSING)[-1:] in {".", ",", ";", ":"} or _date_line(title):
        return None
    # Either a blank line follows, or lines are whole paragraphs.
    if next_line and len(next_line) < 2 * len(title):
        return None
    return title if re.search(r"\w{2}[.!?]", rest) else None


def published_of(text: str) -> str | None:
    """The ISO date of a date line near the top ("Tuesday 3 May 2022 09:30 BST") or at the end.

    A bare number is no date, and 04/12/2019 is one only where the text shows which number is the
    month.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line in lines[:TOP_LINES]:
        found = _date_line(line)
        if found:
            return found
    for line in reversed(lines[-END_LINES:]):
        printed = PRINTED_ON.fullmatch(line)
        if printed:
            return _printed_date(printed, text)
    return None


def _below_menu(text: str) -> str:
    """The text from its first line that is neither blank nor a menu's point."""
    rest = text.lstrip()
    while MENU_POINT.fullmatch(rest.partition("\n")[0].strip()):
        rest = rest.partition("\n")[2].lstrip()
    return rest


def _date_line(line: str) -> str | None:
    for pattern in DATE_LINES:
        match = pattern.fullmatch(line)
        if match:
            return _iso(match["year"], _month(match["month"]), match["day"])
    match = DATE_LABEL.match(line)
    return _iso(match["year"], int(match["month"]), match["day"]) if match else None


def _printed_date(match: re.Match[str], text: str) -> str | None:
    """04/12 is 12 April in a text that writes "Dec. 7", and 4 December in one with "7 December"."""
    first, second = int(match["first"]), int(match["second"])
    if first == second or second > 12:
        return _iso(match["year"], first, match["second"])
    if first > 12:
        return _iso(match["year"], second, match["first"])
    month_first, day_first = bool(MONTH_FIRST.search(text)), bool(DAY_FIRST.search(text))
    if month_first == day_first:
        return None
    if month_first:
        return _iso(match["year"], first, match["second"])
    return _iso(match["year"], second, match["first"])


def _month(word: str) -> int:
    """The number of "September", "Sept" or "09"; 0 where it is no month."""
    if word.isdigit():
        return int(word)
    starts = (month.startswith(word.lower()) for month in MONTHS)
    return next((number for number, fits in enumerate(starts, 1) if fits), 0)


def _iso(year: str, month: int, day: str) -> str | None:
    try:
        return datetime.date(int(year), month, int(day)).isoformat()
    except ValueError:
        return None
