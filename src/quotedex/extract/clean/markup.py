"""Removes what a web page or a program left in the text: &ldquo;We <b>left</b>&rdquo;, \\"left\\".

Each is removed only where it is certain to be markup, so that an article may still say <b>.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from html.entities import html5

from quotedex.text.edits import Edit
from quotedex.text.marks import LEFT_DOUBLE, OPENING, RIGHT_DOUBLE

# Escaped once or more often: &quot; &amp;quot; &#8220; &#x201C;
ENTITY = re.compile(r"&(?:amp;)*(#\d{1,7};|#[xX][\da-fA-F]{1,6};|[a-zA-Z][a-zA-Z\d]{1,30};)")

INLINE = (
    "a|abbr|acronym|b|big|cite|code|em|font|i|ins|kbd|mark|q|s|small|span|strike|strong|sub|sup"
    "|time|tt|u|wbr"
)
BLOCK = (
    "address|article|aside|blockquote|body|br|caption|center|dd|div|dl|dt|figcaption|figure|footer"
    "|h[1-6]|head|header|hr|html|iframe|img|li|main|nav|ol|p|pre|section|table|tbody|td|tfoot|th"
    "|thead|title|tr|ul"
)
_ATTRIBUTES = r"""(?:\s+[\w:-]{1,40}\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>]+))*\s*/?"""
TAG = re.compile(rf"<(?P<end>/?)(?P<name>{INLINE}|{BLOCK}){_ATTRIBUTES}>", re.IGNORECASE)
_BLOCK_TAG = rf"</?(?:{BLOCK}){_ATTRIBUTES}>"
MARKUP = re.compile(
    r"<(?P<unseen>script|style)\b[^<>]*>(?:(?!<(?:script|style)\b).)*?</(?P=unseen)\s*>"
    r"|<!--(?:(?!<!--).)*?-->"
    rf"|(?P<break>{_BLOCK_TAG}(?:\s*{_BLOCK_TAG})*)\s*"
    rf"|<(?P<end>/?)(?P<inline>{INLINE}){_ATTRIBUTES}>",
    re.IGNORECASE | re.DOTALL,
)
LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
QUOTATION_TAG = {"": LEFT_DOUBLE, "/": RIGHT_DOUBLE}

# A header in front of the first words: date 2021-05-03 The bridge is shut.
HEADER = re.compile(
    rf"\s*date:?\s+\d{{4}}-\d{{2}}-\d{{2}}\s+(?=[^\W\d_]|[{OPENING}])", re.IGNORECASE
)

# \u201cWe left\u201d: curly marks, dashes, spaces and accented letters.
ESCAPED_CHARACTER = re.compile(r"(?<!\\)\\+u(20[0-7][\da-f]|00[a-f][\da-f])", re.IGNORECASE)
# A mark that opens behind a backslash: no path ends so. Then everything is escaped.
ESCAPED_OPENING = re.compile(r'(?<![\w\\])\\+"(?=\w)')
ESCAPED = re.compile(r"""(?<!\\)\\+(["'/nrt])""")
ESCAPES = {"n": "\n", "r": "\n", "t": "\t"}


def header_edits(text: str) -> Iterator[Edit]:
    """An edit that removes a labelled date in front of the article's first words."""
    if found := HEADER.match(text):
        yield Edit(0, found.end(), "")


def entity_edits(text: str) -> Iterator[Edit]:
    """An edit for each character reference of HTML, which puts the character there."""
    for found in ENTITY.finditer(text):
        name = found[1]
        character = unescape(f"&{name}") if name[0] == "#" else html5.get(name)
        if character is not None:
            yield Edit(found.start(), found.end(), character)


def tag_edits(text: str) -> Iterator[Edit]:
    """An edit for each tag of HTML, which removes it or puts a paragraph break there.

    None if no element is closed: "the <b> tag".
    """
    if "<" not in text or not _is_html(text):
        return
    done = 0
    for found in MARKUP.finditer(text):
        start = found.start()
        if found["break"]:
            start = done + len(text[done:start].rstrip())
        yield Edit(start, found.end(), _text_of(found, is_edge=start == 0))
        done = found.end()


def escape_edits(text: str) -> Iterator[Edit]:
    """An edit for each escape of JSON or of a programming language."""
    if "\\" not in text:
        return
    escaped = bool(ESCAPED_OPENING.search(text))
    pattern = rf"{ESCAPED_CHARACTER.pattern}|{ESCAPED.pattern}" if escaped else None
    for found in re.finditer(pattern or ESCAPED_CHARACTER.pattern, text, re.IGNORECASE):
        if found[1]:
            yield Edit(found.start(), found.end(), chr(int(found[1], 16)))
        else:
            yield Edit(found.start(), found.end(), ESCAPES.get(found[2], found[2]))


def _is_html(text: str) -> bool:
    """Whether some element is opened and closed, or two tags break lines."""
    opened: set[str] = set()
    breaks = 0
    for tag in TAG.finditer(text):
        name = tag["name"].lower()
        if tag["end"] and name in opened:
            return True
        opened.add(name)
        breaks += name in ("br", "p")
    return breaks > 1


def _text_of(found: re.Match[str], *, is_edge: bool) -> str:
    """What replaces a piece of markup; a break at the edge of the text separates nothing."""
    if found["break"]:
        if is_edge or found.end() == len(found.string):
            return ""
        return "\n" if LINE_BREAK.fullmatch(found["break"]) else "\n\n"
    if (found["inline"] or "").lower() == "q":
        return QUOTATION_TAG[found["end"]]
    return ""
