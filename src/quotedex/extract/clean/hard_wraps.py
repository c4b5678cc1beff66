"""Lines wrapped by hand or by a mail program, joined to paragraphs again where that is certain.

Wrapped lines follow one another, or each has a blank line after it. Two are joined if the first is
full, with no room for the next word, and the sentence goes on. Headlines, lists, verse, addresses
and transcripts seldom meet both conditions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from quotedex.text.edits import Edit
from quotedex.text.marks import ALL, LEFT_DOUBLE, OPENING, RIGHT_DOUBLE

LINE = re.compile(r"[^\n]+")
# Characters. Narrower lines are verse or an address, wider ones paragraphs.
MIN_WIDTH, MAX_WIDTH = 40, 120
# Share of the width that a full line has: with proportional type, lines differ in characters.
MIN_FILLED = 0.85
# In verse most lines begin with a capital.
VERSE_LINES, VERSE_SHARE = 3, 0.75
END_OF_SENTENCE = re.compile(rf"[.!?:…][{ALL})\]]*$")
# A line end that hardly any headline or list item has: the sentence goes on.
UNFINISHED = re.compile(
    r"[-–—]$|(?<!\w)(?:Mrs?|Ms|Dr|Prof|St|Gov|Sen|Rep|Gen|Lt|Col|Sgt)\.$|(?<!\w)(?:an?|and|are|as|at"
    r"|be|been|but|by|for|from|had|has|have|her|his|in|into|is|its|of|on|or|our|than|that|the|their"
    r"|this|to|was|were|which|who|whose|with)$"
)
SMALL_LETTER = re.compile(rf"[{ALL}(\[]*[a-z]")
# The beginning of a list item or of a speaker's turn: • x, 3. x, (b) x, - x, MR. ABIOLA: x, Q: x.
NEW_ITEM = re.compile(
    r"[•*·▪◦‣>|#]|[-–—]\s|\(?(?:\d{1,3}|[a-zA-Z])[.)]\s|[A-Z][A-Z .'’-]*:\s|\w+://"
)
OPENING_MARK = re.compile(f"[{OPENING}]")
COLUMNS = re.compile(r"\t|\S {3,}\S")
HYPHENATED = re.compile(r"([^\W\d_]+)-$")
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Line:
    """The words of a line that is not blank, and the number of line breaks before them."""

    start: int
    words: str
    breaks: int

    @property
    def end(self) -> int:
        return self.start + len(self.words)


@dataclass(slots=True)
class JoinedLines:
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
        self.curly_marks += line.words.count(LEFT_DOUBLE) - line.words.count(RIGHT_DOUBLE)

    @property
    def quoting(self) -> bool:
        """Whether a quotation is open at the end of these lines."""
        return self.straight_marks % 2 == 1 or self.curly_marks > 0


def hard_wrap_edits(text: str) -> Iterator[Edit]:
    """An edit for each line break that only wraps a line, which puts a space or, after a hyphen,
    nothing in its place."""
    words: set[str] = set()
    for block in _blocks(text):
        paragraph: JoinedLines | None = None
        for line in block:
            if paragraph and _continues(paragraph, line):
                if not words and HYPHENATED.search(paragraph.last.words):
                    words.update(WORD.findall(text))
                yield _join(paragraph.last, line, words)
            else:
                paragraph = JoinedLines(line)
            paragraph.add(line)


def _blocks(text: str) -> Iterator[list[Line]]:
    """Lines that may belong together, without two blank lines between them and without verse."""
    block: list[Line] = []
    for stanza in _stanzas(text):
        verse = _is_verse(stanza)
        if verse or stanza[0].breaks > 2:
            yield block
            block = []
        if not verse:
            block += stanza
    yield block


def _stanzas(text: str) -> Iterator[list[Line]]:
    """Lines without a blank line between them."""
    stanza: list[Line] = []
    for line in _lines(text):
        if stanza and line.breaks > 1:
            yield stanza
            stanza = []
        stanza.append(line)
    if stanza:
        yield stanza


def _is_verse(stanza: list[Line]) -> bool:
    capitals = sum(line.words[0].isupper() for line in stanza[1:])
    return len(stanza) > VERSE_LINES and capitals >= VERSE_SHARE * (len(stanza) - 1)


def _lines(text: str) -> Iterator[Line]:
    breaks, end = 0, 0
    for found in LINE.finditer(text):
        breaks += found.start() - end
        end = found.end()
        words = found.group().strip()
        if words:
            yield Line(found.start() + found.group().index(words[0]), words, breaks)
            breaks = 0


def _continues(paragraph: JoinedLines, line: Line) -> bool:
    """Whether `line` belongs to the paragraph.

    The last line must be full, so that the first word of `line` would not fit on it. Then a small
    letter decides, or a last word such as "the", or that the lines before belong together.
    """
    last = paragraph.last.words
    if not MIN_WIDTH <= len(last) <= MAX_WIDTH or len(line.words) > MAX_WIDTH:
        return False
    if NEW_ITEM.match(line.words) or COLUMNS.search(last):
        return False
    width = max(paragraph.width, len(line.words))
    needed = len(last) + 1 + len(line.words.split(None, 1)[0])
    if needed <= MIN_FILLED * width:
        return False
    stopped = END_OF_SENTENCE.search(last)
    if UNFINISHED.search(last) or (SMALL_LETTER.match(line.words) and not stopped):
        return True
    if not paragraph.joined or needed <= width:
        return False
    if not stopped or line.breaks == 1:
        return True
    return paragraph.quoting and not OPENING_MARK.match(line.words)


def _join(last: Line, line: Line, words: set[str]) -> Edit:
    """Replaces the break by a space, or after a hyphen by nothing: long-⏎term.

    The hyphen goes too if the text has the word without it elsewhere: co-⏎operate, cooperate. The
    space stays in small-⏎and mid-sized.
    """
    hyphenated = HYPHENATED.search(last.words)
    rest = WORD.match(line.words)
    if not hyphenated or not rest or rest.group() in ("and", "or", "to"):
        return Edit(last.end, line.start, " ")
    whole = hyphenated.group(1) + rest.group()
    return Edit(last.end - (whole in words), line.start, "")
