"""Lines of a page that are not of its article: notices, pointers to others, captions, bylines.

They stay in the text, but what is quoted in them nobody says here: Tap “Accept all” to continue;
Related: “It was the goat”, says farmer. Nor does anybody speak whom they name: Photo: Ben Cole/AP.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from quotedex.models import Span

LINE = re.compile(r"[^\n]+")
# Longer lines are paragraphs, whatever they begin with.
LONGEST = 300
# One name or more as bylines have them: "Ada Brook", "A.J. O’Neill-Poe and Ben Cole", "ADA BROOK".
_NAME = r"(?-i:[A-Z][\w.’'-]*(?:\s+[A-Z][\w.’'-]*){1,3})"
_NAMES = rf"{_NAME}(?:(?:\s*,\s*|\s*,?\s*(?:and|&)\s*){_NAME})*"
_PICTURE = r"(?:photo(?:graph)?|picture|image|video|graphic|illustration)s?"
_AGENCY = r"(?:getty(?: images)?|reuters|ap|afp|epa|pa(?: wire)?|bloomberg|shutterstock|alamy)"
# What such lines begin with, by their kind; "Read more: ..." but not "Read more than one".
BEGINNINGS = (
    # Cookies and privacy
    r"(?:we|this (?:web)?site|our (?:web)?site|[\w.]+ and our partners) uses? cookies\b",
    r"(?:accept|allow|reject|manage) (?:all )?(?:cookies|preferences|consent)\b",
    r"(?:cookie|privacy) (?:policy|notice|settings|preferences|consent)\b",
    r"by (?:continuing|clicking|using|closing)\b.{0,120}\b(?:cookies|privacy|terms)\b",
    # Other articles
    r"(?:related|read more|read also|also read|see also|more on this(?: story)?|most read"
    r"|most popular|recommended|you (?:may|might) (?:also )?like|don[’']t miss|up next|watch"
    r"|watch more|listen|trending|editor[’']s picks?)"
    r"(?: (?:stories|articles|coverage|links))?\s*[:|»>]",
    # Newsletters, sharing, advertisements
    r"(?:sign up|subscribe)\b.{0,80}\b(?:newsletters?|e-?mails?|updates|inbox|briefing|alerts)\b",
    r"(?:share|save|print|e-?mail) this (?:article|story|page|post)\b",
    r"follow us (?:on|at)\b|like us on\b",
    r"(?:advertisement|sponsored(?: content)?|story continues below|article continues)\b.{0,60}$",
    r"(?:©|\(c\)|copyright) .{0,40}\d{4}\b|all rights reserved\b",
    # Captions, and who took the picture
    rf"(?:(?:file|stock|handout|archive) )?{_PICTURE}(?: (?:credit|caption|source)s?)?\s*[:|]",
    rf"(?:caption|credit)s?\s*:|(?:in this .{{0,30}})?(?:file|stock|handout|archive) {_PICTURE}"
    r"\s*(?:\b(?:of|shows?|from|provided|by|via|courtesy)\b|[:,.)]|$)",
    rf"(?:ap|afp|epa|pa) {_PICTURE}\b|(?:{_NAME}\s*[/|]\s*)?{_AGENCY}\)?$|{_NAME}\s*via {_AGENCY}$",
    # Bylines: "By Ada Brook, chief reporter", "Reporting by Ada Brook; editing by Ben Cole"
    r"(?:(?:additional |further )?(?:written|words|story|report(?:ing|ed)?|compiled|edit(?:ing|ed)"
    rf"|{_PICTURE}) )?by:?\s+{_NAMES}(?:\s*[,;|/(–—-][^“”‘\"]{{0,80}})?(?<!\.)$",
)
# A bullet or an arrow may stand before them, a quotation mark may not: “We use cookies,” he said.
FURNITURE = re.compile(rf"[^\w\"'“‘«]{{0,4}}(?:{'|'.join(BEGINNINGS)})", re.IGNORECASE)


def furniture_of(text: str) -> list[Span]:
    """The lines of `text` that are furniture, in order. Time is linear."""
    return list(_furniture(text))


def without(text: str, lines: Sequence[Span]) -> str:
    """The text with spaces in the place of these lines, so that every offset stays."""
    pieces: list[str] = []
    done = 0
    for line in lines:
        pieces += (text[done : line.start], " " * (line.end - line.start))
        done = line.end
    return "".join((*pieces, text[done:]))


def _furniture(text: str) -> Iterator[Span]:
    for line in LINE.finditer(text):
        if line.end() - line.start() <= LONGEST and FURNITURE.match(line.group().rstrip()):
            yield Span(line.start(), line.end())
