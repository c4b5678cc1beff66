"""Lines of a page that are not of its article: notices about cookies, pointers to other articles.

They stay in the text, but what is quoted in them nobody says here: Tap “Accept all” to continue;
Related: “It was the goat”, says farmer.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from quotedex.models import MarkedSpan, Span

LINE = re.compile(r"[^\n]+")
# Longer lines are paragraphs, whatever they begin with.
LONGEST = 300
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
)
# A bullet or an arrow may stand before them, a quotation mark may not: “We use cookies,” he said.
FURNITURE = re.compile(rf"[^\w\"'“‘«]{{0,4}}(?:{'|'.join(BEGINNINGS)})", re.IGNORECASE)


def furniture_of(text: str) -> list[Span]:
    """The lines of `text` that are furniture, in order. Time is linear."""
    return list(_furniture(text))


def stands_in(span: MarkedSpan | Span, lines: Sequence[Span]) -> bool:
    """Whether `span` begins in one of `lines`, which are in order and do not overlap."""
    index = bisect_right(lines, span.start, key=lambda line: line.start) - 1
    return index >= 0 and span.start < lines[index].end


def _furniture(text: str) -> Iterator[Span]:
    for line in LINE.finditer(text):
        if line.end() - line.start() <= LONGEST and FURNITURE.match(line.group()):
            yield Span(line.start(), line.end())
