"""Title, byline, outlet and date from an article's own lines, where they are certain."""

from __future__ import annotations

import re
from dataclasses import replace

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read.dates import date_in_name, iso_date, slashed_date
from quotedex.read.language import language_of

MONTH = r"[A-Z][a-z]{2,8}\.?"
DAY = r"\d{1,2}(?:st|nd|rd|th)?"
YEAR = r"(?:19|20)\d{2}"
ISO = rf"{YEAR}-\d{{2}}-\d{{2}}"
WEEKDAY = r"(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\.?,?\s+)?"
LABEL = r"(?:(?:[Pp]ublished|[Pp]osted|[Uu]pdated|[Dd]ate|DATE)(?:\s+on)?:?\s+)?"
TIME = r"(?:,?\s*(?:at\s+)?\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s*[ap]\.?m\.?)?(?:\s+[A-Z]{2,4})?)?"

# A line that is a date and nothing else.
DATE_LINES = (
    re.compile(rf"{LABEL}{WEEKDAY}(?P<day>{DAY}\s+{MONTH},?\s+{YEAR}){TIME}"),
    re.compile(rf"{LABEL}{WEEKDAY}(?P<day>{MONTH}\s+{DAY},?\s+{YEAR}){TIME}"),
    re.compile(rf"{LABEL}(?P<day>{ISO})(?:[T ]\d{{2}}:\d{{2}}\S*)?"),
)
# A labelled ISO date may have the article's first words behind it on its line.
DATE_LABEL = re.compile(rf"(?:date|published)[:\s]\s*(?P<day>{ISO})\b", re.IGNORECASE)
# "A Section on 04/12/2019", as newspapers' sites end a page from the printed paper.
PRINTED_ON = re.compile(
    rf".{{0,40}}\bon\s+(?P<first>\d{{1,2}})/(?P<second>\d{{1,2}})/(?P<year>{YEAR})"
)
MONTH_NAME = r"(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]*\.?"
MONTH_FIRST = re.compile(rf"\b{MONTH_NAME}\s+\d{{1,2}}\b")
DAY_FIRST = re.compile(rf"\b\d{{1,2}}\s+{MONTH_NAME}(?=\W)")

# A heading stands in the first lines, and so many characters hold them.
TOP_LINES, TOP = 12, 8_000
END_LINES, END = 8, 2_000
LONGEST_TITLE = 160
LONGEST_BYLINE = 100
CLOSING = "\"'”’»)]"
# A page's menu, copied along with the article below it: "• Categories", "• Archives".
MENU_POINT = re.compile(r"[•·*-]\s+\S+(?:\s+\S+){0,2}")
HEADING_MARK = re.compile(r"#{1,3}\s+")
WORD = re.compile(r"[^\W\d_]+")
# A person as bylines print one: "Ada Brook", "A.J. O’Neill-Poe", "Maria van der Berg", "ADA BROOK".
NAME_WORD = r"(?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)[^\W\d_a-z][\w.’'-]*"
NAME = rf"{NAME_WORD}(?:\s+(?:(?:van|von|der|den|de|la|bin|al|el|del|di|da)\s+)*{NAME_WORD}){{1,3}}"
NAMES = rf"{NAME}(?:(?:\s*,\s*{NAME})*\s*,?\s*(?:\b(?:and|AND)\b|&)\s*{NAME})?"
# "By Ada Brook, chief reporter", "By Ada Brook | Ashby Courier", "By Ada Brook in Ashby".
AFTER_NAMES = r"(?:\s*[,|/–—-]\s*(?P<of>.*)|\s+(?:in|for|at|of)\s(?!.* and )(?P<for>.*)|\s*\(.*\))?"
BY_LINE = re.compile(rf"(?:by|BY|By|Written by|Words by):?\s+(?P<names>{NAMES}){AFTER_NAMES}")
# Alone above a date line, names may be set apart by commas only.
NAMES_LINE = re.compile(rf"{NAME}(?:\s*,\s*{NAME})*|{NAMES}")
# As newspapers and agencies are called.
OUTLET = re.compile(
    r"(?:[A-Z][\w.&’'-]*\s+){0,4}(?:Argus|Chronicle|Courier|Daily|Echo|Examiner|Express|Gazette"
    r"|Globe|Guardian|Herald|Independent|Journal|Mail|Mirror|News|Observer|Post|Press|Record"
    r"|Standard|Star|Sun|Telegraph|Times|Tribune)|Reuters|Bloomberg|AP|AFP"
)
COMMA = re.compile(r"\s*,\s*")


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
    if BY_LINE.fullmatch(title):
        return None
    # A blank line follows, a byline or date, or lines are whole paragraphs.
    below = BY_LINE.fullmatch(next_line) or _date_line(next_line)
    if next_line and not below and len(next_line) < 2 * len(title):
        return None
    return title if re.search(r"\w{2}[.!?]", rest) else None


def published_of(text: str) -> str | None:
    """The ISO date of a date line near the top ("Tuesday 3 May 2022 09:30 BST") or at the end.

    A bare number is no date, and 04/12/2019 is one only where the text shows which number is the
    month.
    """
    for line in _top_lines(text):
        found = _date_line(line)
        if found:
            return found
    for line in reversed(_lines(text[-END:])[-END_LINES:]):
        printed = PRINTED_ON.fullmatch(line)
        if printed:
            return _printed_date(printed, text)
    return None


def byline_of(text: str) -> str | None:
    """The names of a line near the top: "By Ada Brook, chief reporter", or names above a date line.

    "Nick Miroff,Devlin Barrett" gives "Nick Miroff, Devlin Barrett".
    """
    lines = _top_lines(text)
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        if len(line) > LONGEST_BYLINE:
            continue
        found = BY_LINE.fullmatch(line)
        if found:
            return COMMA.sub(", ", found["names"])
        if NAMES_LINE.fullmatch(line) and _date_line(after):
            return COMMA.sub(", ", line)
    return None


def outlet_of(text: str) -> str | None:
    """The newspaper or agency that the byline names: "By Ada Brook, Ashby Courier"."""
    for line in _top_lines(text):
        found = BY_LINE.fullmatch(line) if len(line) <= LONGEST_BYLINE else None
        if found:
            named = (found["of"] or found["for"] or "").removeprefix("the ").strip()
            return named if OUTLET.fullmatch(named) else None
    return None


def _top_lines(text: str) -> list[str]:
    return _lines(text.lstrip()[:TOP])[:TOP_LINES]


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _below_menu(text: str) -> str:
    """The text from its first line that is neither blank nor a menu's point."""
    rest = text.lstrip()[:TOP]
    while MENU_POINT.fullmatch(rest.partition("\n")[0].strip()):
        rest = rest.partition("\n")[2].lstrip()
    return rest


def _date_line(line: str) -> str | None:
    for pattern in DATE_LINES:
        match = pattern.fullmatch(line)
        if match:
            return iso_date(match["day"])
    match = DATE_LABEL.match(line)
    return iso_date(match["day"]) if match else None


def _printed_date(match: re.Match[str], text: str) -> str | None:
    """04/12 is 12 April in a text that writes "Dec. 7", and 4 December in one with "7 December"."""
    month_first, day_first = bool(MONTH_FIRST.search(text)), bool(DAY_FIRST.search(text))
    return slashed_date(
        int(match["first"]),
        int(match["second"]),
        int(match["year"]),
        month_first=None if month_first == day_first else month_first,
    )


CODE = re.compile("[a-z]{2,3}")
# Of three letters for what has two, only English matters.
THREE_LETTERS = {"eng": "en"}


def completed(document: Document | InputError) -> Document | InputError:
    """The document with what its first lines, its name and its words tell, where that is unknown.

    The file's format and the page's own markup come before the text, the text before the name.
    One without a word is an error.
    """
    if isinstance(document, InputError):
        return document
    # Line ends of Windows must not move the place up to which is looked.
    text = document.text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        return InputError(document.location or document.id, "the document is empty")
    return replace(
        document,
        title=document.title or title_of(text),
        byline=document.byline or byline_of(text),
        publication=document.publication or outlet_of(text),
        published=document.published
        or published_of(text)
        or date_in_name(document.url or document.id),
        language=language_of(text) or _code(document.language),
    )


def _code(language: str | None) -> str | None:
    """ "en-GB" -> "en"; None for what is no code, such as "English (UK)"."""
    code = (language or "").replace("_", "-").partition("-")[0].strip().lower()
    return THREE_LETTERS.get(code, code) if CODE.fullmatch(code) else None
