"""Lines wrapped by hand or by a mail program, joined back into paragraphs where that is certain.

Wrapped lines stand below one another, or with a blank line after each. Two of them are joined
when the first is as full as a wrapped line is, the next word having no room on it, and the
sentence runs on. Headlines, lists, verse, addresses and transcripts seldom show both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from quotedex.text.edits import Edit

LINE = re.compile(r"[^\n]+")
# Narrower lines are verse or an address, wider ones paragraphs.
NARROWEST, WIDEST = 40, 120
# Proportional type, wrapped on a screen, leaves lines of unlike numbers of characters.
RAGGED = 0.85
# In verse most lines begin with a capital.
VERSE_LINES, VERSE_SHARE = 3, 0.75
MARKS = "\"'“”‘’«»„"
END_OF_SENTENCE = re.compile(rf"[.!?:…][{MARKS})\]]*$")
# A word that hardly any headline or line of a list ends with: the sentence runs on.
RUNS_ON = re.compile(
    r"[-–—]$|(?<!\w)(?:Mrs?|Ms|Dr|Prof|St|Gov|Sen|Rep|Gen|Lt|Col|Sgt)\.$|(?<!\w)(?:an?|and|are|as|at"
    r"|be|been|but|by|for|from|had|has|have|her|his|in|into|is|its|of|on|or|our|than|that|the|their"
    r"|this|to|was|were|which|who|whose|with)$"
)
STARTS_SMALL = re.compile(rf"[{MARKS}(\[]*[a-z]")
# A bullet, a number or letter of a list, a speaker: • x, 3. x, (b) x, - x, MR. ABIOLA: x, Q: x.
STARTS_ANEW = re.compile(
    r"[•*·▪◦‣>|#]|[-–—]\s|\(?(?:\d{1,3}|[a-zA-Z])[.)]\s|[A-Z][A-Z .'’-]*:\s|\w+://"
)
OPENING_MARK = re.compile(r"[\"“«„‘']")
COLUMNS = re.compile(r"\t|\S {3,}\S")
HYPHENATED = re.compile(r"([^\W\d_]+)-$")
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Line:
    """The words of a line that is not blank, and how many line breaks stand before them."""

    start: int
    words: str
    breaks: int

    @property
    def end(self) -> int:
        return self.start + len(self.words)


@dataclass(slots=True)
class Paragraph:
    """The lines joined so far."""

    last: Line
    width: int = 0
    joined: bool = False
    straight_marks: int = 0
    curly_marks: int = 0

    def add(self, line: Line) -> None:
        self.joined = self.width > 0
        self.last = line
        self.width = max(self.width, len(line.words))
        self.straight_marks += line.words.count('"')
        self.curly_marks += line.words.count("“") - line.words.count("”")

    @property
    def quoting(self) -> bool:
        """Whether a quotation opened in these lines is still open."""
        return self.straight_marks % 2 == 1 or self.curly_marks > 0


def wrapping_edits(text: str) -> Iterator[Edit]:
    """An edit for each line break that only wraps a line: a space, or at a hyphen nothing."""
    words: set[str] = set()
    for block in blocks_of(text):
        paragraph: Paragraph | None = None
        for line in block:
            if paragraph and runs_on(paragraph, line):
                if not words and HYPHENATED.search(paragraph.last.words):
                    words.update(WORD.findall(text))
                yield join(paragraph.last, line, words)
            else:
                paragraph = Paragraph(line)
            paragraph.add(line)


def blocks_of(text: str) -> Iterator[list[Line]]:
    """Runs of lines that may belong together: no two blank lines between them, and no verse."""
    block: list[Line] = []
    for stanza in stanzas_of(text):
        verse = is_verse(stanza)
        if verse or stanza[0].breaks > 2:
            yield block
            block = []
        if not verse:
            block += stanza
    yield block


def stanzas_of(text: str) -> Iterator[list[Line]]:
    """Lines with no blank line between them."""
    stanza: list[Line] = []
    for line in lines_of(text):
        if stanza and line.breaks > 1:
            yield stanza
            stanza = []
        stanza.append(line)
    if stanza:
        yield stanza


def is_verse(stanza: list[Line]) -> bool:
    capitals = sum(line.words[0].isupper() for line in stanza[1:])
    return len(stanza) > VERSE_LINES and capitals >= VERSE_SHARE * (len(stanza) - 1)


def lines_of(text: str) -> Iterator[Line]:
    breaks, end = 0, 0
    for found in LINE.finditer(text):
        breaks += found.start() - end
        end = found.end()
        words = found.group().strip()
        if words:
            yield Line(found.start() + found.group().index(words[0]), words, breaks)
            breaks = 0


def runs_on(paragraph: Paragraph, line: Line) -> bool:
    """Whether `line` goes on with the paragraph.

    The last line must be full: the first word of `line` would not fit on it. Then a small letter
    tells, or a last word such as "the", or that the lines before were joined to it already.
    """
    last = paragraph.last.words
    if not NARROWEST <= len(last) <= WIDEST or len(line.words) > WIDEST:
        return False
    if STARTS_ANEW.match(line.words) or COLUMNS.search(last):
        return False
    width = max(paragraph.width, len(line.words))
    needed = len(last) + 1 + len(line.words.split(None, 1)[0])
    if needed <= RAGGED * width:
        return False
    stopped = END_OF_SENTENCE.search(last)
    if RUNS_ON.search(last) or (STARTS_SMALL.match(line.words) and not stopped):
        return True
    if not paragraph.joined or needed <= width:
        return False
    if not stopped or line.breaks == 1:
        return True
    return paragraph.quoting and not OPENING_MARK.match(line.words)


def join(last: Line, line: Line, words: set[str]) -> Edit:
    """A space for the break; after a hyphen nothing: long-⏎term.

    The hyphen goes too where the text has the word whole elsewhere: co-⏎operate, cooperate. It
    keeps its space in small-⏎and mid-sized.
    """
    hyphenated = HYPHENATED.search(last.words)
    rest = WORD.match(line.words)
    if not hyphenated or not rest or rest.group() in ("and", "or", "to"):
        return Edit(last.end, line.start, " ")
    whole = hyphenated.group(1) + rest.group()
    return Edit(last.end - (whole in words), line.start, "")
