"""Lines of a page that are not part of its article: notices, links, captions, bylines.

They stay in the text, but nobody speaks in them: Tap “Accept all” to continue; Related: “It was the
goat”, says farmer. Nor is anybody they name a source: Photo: Ben Cole/AP.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from quotedex.models import Span
from quotedex.text.marks import CLOSING, DOUBLE, LEFT_SINGLE, OPENING
from quotedex.text.names import PRINTED_NAME

LINE = re.compile(r"[^\n]+")
# Longer lines are paragraphs, whatever they begin with.
MAX_LINE_CHARS = 300
_NAMES = rf"{PRINTED_NAME}(?:(?:\s*,\s*|\s*,?\s*(?:and|&)\s*){PRINTED_NAME})*"
_PICTURE = r"(?:photo(?:graph)?|picture|image|video|graphic|illustration)s?"
_AGENCY = r"(?:getty(?: images)?|reuters|ap|afp|epa|pa(?: wire)?|bloomberg|shutterstock|alamy)"
# How such lines begin: "Read more: ...", but not "Read more than one".
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
    # Bylines: "By Ada Brook, chief reporter", "Reporting by Ada Brook; editing by Ben Cole"
    r"(?:(?:additional |further )?(?:written|words|story|report(?:ing|ed)?|compiled|edit(?:ing|ed)"
    rf"|{_PICTURE}) )?by:?\s+{_NAMES}(?:\s*[,;|/(–—-][^{DOUBLE}{LEFT_SINGLE}]{{0,80}})?(?<!\.)$",
)
# Captions, and who took the picture.
CAPTIONS = (
    rf"(?:(?:file|stock|handout|archive) )?{_PICTURE}(?: (?:credit|caption|source)s?)?\s*[:|]",
    rf"(?:caption|credit)s?\s*:|(?:in this .{{0,30}})?(?:file|stock|handout|archive) {_PICTURE}"
    r"\s*(?:\b(?:of|shows?|from|provided|by|via|courtesy)\b|[:,.)]|$)",
    rf"(?:ap|afp|epa|pa) {_PICTURE}\b|(?:{PRINTED_NAME}\s*[/|]\s*)?{_AGENCY}\)?$"
    rf"|{PRINTED_NAME}\s*via {_AGENCY}$",
)
# A caption may quote the person in the picture: Photo: the bridge. “It fell,” said Mara Ilves.
SPEECH = re.compile(f"[.,?!][{CLOSING}]")
# A bullet or an arrow may stand before them, but not a quotation mark: “We use cookies,” he said.
_SIGN = rf"[^\w{OPENING}]{{0,4}}"
BOILERPLATE = re.compile(rf"{_SIGN}(?:{'|'.join(BEGINNINGS)})", re.IGNORECASE)
CAPTION = re.compile(rf"{_SIGN}(?:{'|'.join(CAPTIONS)})", re.IGNORECASE)


def boilerplate_lines(text: str) -> list[Span]:
    """The lines of `text` that are boilerplate, in order. Time is linear."""
    return list(_boilerplate_lines(text))


def blank_out(text: str, lines: Sequence[Span]) -> str:
    """The text with these lines replaced by spaces, so that all offsets stay."""
    pieces: list[str] = []
    done = 0
    for line in lines:
        pieces += (text[done : line.start], " " * (line.end - line.start))
        done = line.end
    return "".join((*pieces, text[done:]))


def _boilerplate_lines(text: str) -> Iterator[Span]:
    for line in LINE.finditer(text):
        words = line.group().rstrip()
        if line.end() - line.start() <= MAX_LINE_CHARS and _is_boilerplate(words):
            yield Span(line.start(), line.end())


def _is_boilerplate(line: str) -> bool:
    if BOILERPLATE.match(line):
        return True
    return bool(CAPTION.match(line)) and not SPEECH.search(line)
