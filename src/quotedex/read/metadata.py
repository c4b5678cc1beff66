"""Title, byline, outlet, date and language, inferred from an article's text where certain."""

from __future__ import annotations

import re
from dataclasses import replace

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read.dates import MONTH_NAME, date_in_name, iso_date, slashed_date
from quotedex.read.language import detect_language
from quotedex.text import marks
from quotedex.text.names import PRINTED_NAME

# How far from the top and from the end to look.
TOP_LINES, TOP_LENGTH = 12, 8_000
END_LINES, END_LENGTH = 8, 2_000

MONTH = r"[A-Z][a-z]{2,8}\.?"
DAY = r"\d{1,2}(?:st|nd|rd|th)?"
YEAR = r"(?:19|20)\d{2}"
ISO = rf"{YEAR}-\d{{2}}-\d{{2}}"
WEEKDAY = r"(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\.?,?\s+)?"
LABEL = r"(?:(?:[Pp]ublished|[Pp]osted|[Uu]pdated|[Dd]ate|DATE)(?:\s+on)?:?\s+)?"
TIME = r"(?:,?\s*(?:at\s+)?\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s*[ap]\.?m\.?)?(?:\s+[A-Z]{2,4})?)?"
# A line with a date and nothing else.
DATE_LINES = (
    re.compile(rf"{LABEL}{WEEKDAY}(?P<day>{DAY}\s+{MONTH},?\s+{YEAR}){TIME}"),
    re.compile(rf"{LABEL}{WEEKDAY}(?P<day>{MONTH}\s+{DAY},?\s+{YEAR}){TIME}"),
    re.compile(rf"{LABEL}(?P<day>{ISO})(?:[T ]\d{{2}}:\d{{2}}\S*)?"),
)
# A labelled ISO date may be followed by the article's first words.
DATE_LABEL = re.compile(rf"(?:date|published)[:\s]\s*(?P<day>{ISO})\b", re.IGNORECASE)
# "A Section on 04/12/2019", at the end of web pages that were printed in a newspaper.
PRINTED_ON = re.compile(
    rf".{{0,40}}\bon\s+(?P<first>\d{{1,2}})/(?P<second>\d{{1,2}})/(?P<year>{YEAR})"
)
MONTH_FIRST = re.compile(rf"\b{MONTH_NAME}\.?\s+\d{{1,2}}\b")
DAY_FIRST = re.compile(rf"\b\d{{1,2}}\s+{MONTH_NAME}\.?(?=\W)")
MAX_TITLE_LENGTH = 160
MAX_BYLINE_LENGTH = 100
CLOSING = f"{marks.CLOSING})]"
# A menu item of a web page, copied along with the article below it: "• Categories", "• Archives".
MENU_ITEM = re.compile(r"[•·*-]\s+\S+(?:\s+\S+){0,2}")
HEADING_MARK = re.compile(r"#{1,3}\s+")
WORD = re.compile(r"[^\W\d_]+")
NAMES = (
    rf"{PRINTED_NAME}(?:(?:\s*,\s*{PRINTED_NAME})*\s*,?\s*(?:\b(?:and|AND)\b|&)\s*{PRINTED_NAME})?"
)
# "By Ada Brook, chief reporter", "By Ada Brook | Ashby Courier", "By Ada Brook in Ashby".
AFTER_NAMES = r"(?:\s*[,|/–—-]\s*(?P<of>.*)|\s+(?:in|for|at|of)\s(?!.* and )(?P<for>.*)|\s*\(.*\))?"
BYLINE = re.compile(rf"(?:by|BY|By|Written by|Words by):?\s+(?P<names>{NAMES}){AFTER_NAMES}")
# On a line above a date, names without "By" may be separated by commas only.
NAMES_LINE = re.compile(rf"{PRINTED_NAME}(?:\s*,\s*{PRINTED_NAME})*|{NAMES}")
COMMA = re.compile(r"\s*,\s*")
BY = re.compile(
    r"\A\s*(?:(?:story|words|written|text|report(?:ed|ing)?)\s+)?by\b\s*:?\s*", re.IGNORECASE
)
# Names that newspapers and agencies have.
OUTLET = re.compile(
    r"(?:[A-Z][\w.&’'-]*\s+){0,4}(?:Argus|Chronicle|Courier|Daily|Echo|Examiner|Express|Gazette"
    r"|Globe|Guardian|Herald|Independent|Journal|Mail|Mirror|News|Observer|Post|Press|Record"
    r"|Standard|Star|Sun|Telegraph|Times|Tribune)|Reuters|Bloomberg|AP|AFP"
)
LANGUAGE_CODE = re.compile("[a-z]{2,3}")
# Only for English does it matter that "eng" and "en" are one language.
TWO_LETTER_CODES = {"eng": "en"}


def with_inferred_metadata(document: Document | InputError) -> Document | InputError:
    """The document with its missing metadata inferred from its text and, last, its file name.

    What the format or the markup says is kept, except a language that the text contradicts. A
    document without any text becomes an InputError; an InputError is returned unchanged.
    """
    if isinstance(document, InputError):
        return document
    # Windows line endings must not shift the limits of where to look.
    text = document.text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        return InputError(document.location or document.id, "the document is empty")
    return replace(
        document,
        title=document.title or infer_title(text),
        byline=_without_by(document.byline) or infer_byline(text),
        outlet=document.outlet or infer_outlet(text),
        published=document.published
        or infer_date(text)
        or date_in_name(document.url or document.id),
        language=detect_language(text) or _language_code(document.language),
    )


def infer_title(text: str) -> str | None:
    """The first line if it looks like a headline: a capital, no full stop, then a body.

    Not the first line of a hard-wrapped paragraph, nor a list item. A menu above it is skipped.
    """
    first, _, rest = _below_menu(text).partition("\n")
    title = HEADING_MARK.sub("", first.strip(), count=1)
    next_line = rest.partition("\n")[0].strip()
    if len(title) > MAX_TITLE_LENGTH or len(WORD.findall(title)) < 3:
        return None
    if not (title[0].isupper() or title[0].isdigit() or title[0] in marks.OPENING):
        return None
    if title.rstrip(CLOSING)[-1:] in {".", ",", ";", ":"} or _date_in_line(title):
        return None
    if BYLINE.fullmatch(title):
        return None
    # The next line must be blank, a byline, a date, or long enough to be a paragraph.
    is_heading = BYLINE.fullmatch(next_line) or _date_in_line(next_line)
    if next_line and not is_heading and len(next_line) < 2 * len(title):
        return None
    return title if re.search(r"\w{2}[.!?]", rest) else None


def infer_date(text: str) -> str | None:
    """The ISO date in a line near the top ("Tuesday 3 May 2022 09:30 BST") or at the end.

    A bare number is not a date. 04/12/2019 is one only if other dates in the text show whether the
    month comes first.
    """
    for line in _top_lines(text):
        date = _date_in_line(line)
        if date:
            return date
    for line in reversed(_lines(text[-END_LENGTH:])[-END_LINES:]):
        printed = PRINTED_ON.fullmatch(line)
        if printed:
            return _printed_date(printed, text)
    return None


def infer_byline(text: str) -> str | None:
    """The names in a line near the top: "By Ada Brook, chief reporter", or names above a date.

    "Nick Miroff,Devlin Barrett" becomes "Nick Miroff, Devlin Barrett".
    """
    lines = _top_lines(text)
    for line, next_line in zip(lines, [*lines[1:], ""], strict=True):
        if len(line) > MAX_BYLINE_LENGTH:
            continue
        byline = BYLINE.fullmatch(line)
        if byline:
            return COMMA.sub(", ", byline["names"])
        if NAMES_LINE.fullmatch(line) and _date_in_line(next_line):
            return COMMA.sub(", ", line)
    return None


def infer_outlet(text: str) -> str | None:
    """The newspaper or agency in the byline: "By Ada Brook, Ashby Courier"."""
    for line in _top_lines(text):
        byline = BYLINE.fullmatch(line) if len(line) <= MAX_BYLINE_LENGTH else None
        if byline:
            outlet = (byline["of"] or byline["for"] or "").removeprefix("the ").strip()
            return outlet if OUTLET.fullmatch(outlet) else None
    return None


def _without_by(byline: str | None) -> str | None:
    """`By Ada Brook` -> `Ada Brook`, as columns and pages have it."""
    return byline and (BY.sub("", byline, count=1).strip() or None)


def _top_lines(text: str) -> list[str]:
    return _lines(text.lstrip()[:TOP_LENGTH])[:TOP_LINES]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _below_menu(text: str) -> str:
    """The text from its first line that is neither blank nor a menu item."""
    rest = text.lstrip()[:TOP_LENGTH]
    while MENU_ITEM.fullmatch(rest.partition("\n")[0].strip()):
        rest = rest.partition("\n")[2].lstrip()
    return rest


def _date_in_line(line: str) -> str | None:
    for pattern in DATE_LINES:
        match = pattern.fullmatch(line)
        if match:
            return iso_date(match["day"])
    match = DATE_LABEL.match(line)
    return iso_date(match["day"]) if match else None


def _printed_date(match: re.Match[str], text: str) -> str | None:
    """04/12 is April 12 in a text with "Dec. 7", but 4 December in one with "7 December"."""
    month_first, day_first = bool(MONTH_FIRST.search(text)), bool(DAY_FIRST.search(text))
    return slashed_date(
        int(match["first"]),
        int(match["second"]),
        int(match["year"]),
        month_first=None if month_first == day_first else month_first,
    )


def _language_code(language: str | None) -> str | None:
    """The "en" of "en-GB"; None for anything that is not a code, such as "English (UK)"."""
    code = (language or "").replace("_", "-").partition("-")[0].strip().lower()
    return TWO_LETTER_CODES.get(code, code) if LANGUAGE_CODE.fullmatch(code) else None
