"""Posts of social networks that a page embeds, copied as text with their author and time.

The bridge sways again.                     Ada Poole @adapoole
— Ada Poole (@adapoole) May 3, 2021         The bridge sways again.
                                            9:53 PM - 3 May 2021
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from quotedex.extract.layout.unmarked import UnmarkedQuotation, cuts_span
from quotedex.models import MarkedSpan, Span

_NAME = r"(?P<name>\w[^\n@()]{0,60}?)\W*?"
_WORDS = r"(?P<words>\S[^\n]*)"
AUTHOR_BELOW = re.compile(
    rf"^[ \t]*{_WORDS}\n\s*(?:[—–]|--?) ?{_NAME} ?\(@\w{{2,30}}\)", re.MULTILINE
)
_TIME = r"\d{1,2}:\d\d [AP]M [-–—·]"
AUTHOR_ABOVE = re.compile(
    rf"^[ \t]*{_NAME} @\w{{2,30}}[ \t]*\n\s*{_WORDS}\n\s*{_TIME}", re.MULTILINE
)
WHY_POST = "the author of the post"


def posts_of(text: str, spans: Sequence[MarkedSpan]) -> list[UnmarkedQuotation]:
    """The posts of `text`, in order. `spans` are its words in quotation marks, of which a post may
    hold some, but it is not in marks itself. Time is linear."""
    posts = [
        UnmarkedQuotation(_words(found), Span(*found.span("name")), WHY_POST)
        for pattern in (AUTHOR_ABOVE, AUTHOR_BELOW)
        for found in pattern.finditer(text)
    ]
    outer = [span for span in spans if span.parent is None]
    kept: list[UnmarkedQuotation] = []
    for post in sorted(posts, key=lambda post: post.words.start):
        is_new = not kept or kept[-1].words.end <= post.words.start
        if is_new and not cuts_span(post, outer):
            kept.append(post)
    return kept


def _words(found: re.Match[str]) -> Span:
    return Span(found.start("words"), found.start("words") + len(found["words"].rstrip()))
