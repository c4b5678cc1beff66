"""The quotation marks of a paragraph, with the cost of each role: opening, closing, or no mark.

No mark is judged alone. Each gets a cost for every role, from its shape and from the characters
around it, and `pairing` finds the cheapest interpretation of the whole paragraph. A cost of 0 is
what careful typesetting would show; one around 4 is a plain error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from quotedex.text.marks import APOSTROPHES, LEFT_SINGLE

Family = Literal["double", "single", "guillemet", "angle"]
# A clause opens with a capital, as a whole utterance does; any other opening is a fragment's.
Opening = Literal["clause", "fragment"]
# No quotation mark; one that opens; one that opens anew where the last one was never closed; one
# that closes a fragment, a clause, or a span that nothing opened.
MarkRole = Literal["none", "opens", "reopens", "closes fragment", "closes clause", "closes nothing"]

OPENS, NEUTRAL, CLOSES = 1, 0, -1
GLYPHS: dict[str, tuple[Family, int]] = {
    '"': ("double", NEUTRAL),
    '""': ("double", NEUTRAL),
    "''": ("double", NEUTRAL),
    "``": ("double", OPENS),
    "\N{LEFT DOUBLE QUOTATION MARK}": ("double", OPENS),
    "\N{DOUBLE LOW-9 QUOTATION MARK}": ("double", OPENS),
    "\N{DOUBLE HIGH-REVERSED-9 QUOTATION MARK}": ("double", OPENS),
    "\N{RIGHT DOUBLE QUOTATION MARK}": ("double", CLOSES),
    "\N{LEFT SINGLE QUOTATION MARK}" * 2: ("double", OPENS),
    "\N{RIGHT SINGLE QUOTATION MARK}" * 2: ("double", CLOSES),
    "'": ("single", NEUTRAL),
    "`": ("single", OPENS),
    "\N{ACUTE ACCENT}": ("single", CLOSES),
    "\N{LEFT SINGLE QUOTATION MARK}": ("single", OPENS),
    "\N{SINGLE LOW-9 QUOTATION MARK}": ("single", OPENS),
    "\N{SINGLE HIGH-REVERSED-9 QUOTATION MARK}": ("single", OPENS),
    "\N{RIGHT SINGLE QUOTATION MARK}": ("single", CLOSES),
    "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}": ("guillemet", OPENS),
    "\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}": ("guillemet", CLOSES),
    "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}": ("angle", OPENS),
    "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}": ("angle", CLOSES),
}
MARK_CHARACTERS = "".join(sorted({character for glyph in GLYPHS for character in glyph}))
MARK_RUN = re.compile(f"[{re.escape(MARK_CHARACTERS)}]+")
APOSTROPHE_LIKE = f"{APOSTROPHES}{LEFT_SINGLE}`\N{ACUTE ACCENT}"
# Two single marks are one double mark; of three at an end (``She wrote `No.''') the last two are.
DOUBLED = re.compile(r"``|‘‘|’’|''|\"\"|.", re.DOTALL)
DOUBLED_AT_END = re.compile(r"'(?=''(?!'))|’(?=’’(?!’))|``|‘‘|’’|''|\"\"|.", re.DOTALL)
ROCK_N_ROLL = re.compile(f"(?<!\\w)[{APOSTROPHE_LIKE}][nN][{APOSTROPHE_LIKE}](?!\\w)")

OPENING_BRACKETS = frozenset("([{<=/|*_~>+")
DASHES = frozenset(
    "-\N{EN DASH}\N{EM DASH}\N{HORIZONTAL BAR}\N{FIGURE DASH}\N{NON-BREAKING HYPHEN}"
)
STOPS = frozenset(".,;:!?)]}%\N{HORIZONTAL ELLIPSIS}")
FRACTIONS = frozenset(
    "\N{VULGAR FRACTION ONE HALF}\N{VULGAR FRACTION ONE QUARTER}\N{VULGAR FRACTION THREE QUARTERS}"
)
# Words without their beginning, 'em, 'tis, 'cause, and years, '90s.
ELIDED = re.compile(
    r"""(?:ad|ave|bout|burbs|cause|cept|cos|coz|cross|d|e|ead|eads|ello|em|er|ere|fore|gainst|hood
    |im|is|kay|less|ll|m|mongst|n|nam|nd|neath|nother|nuff|orse|ouse|ow|pon|re|round|s|scuse
    |stache|sup|til|till|tis|tude|twas|twere|twill|twould|ve|ya|yall|\d\ds?|\d0s)(?!\w)""",
    re.IGNORECASE | re.VERBOSE,
)
FEET = re.compile(r"\d\s?['’‘´′]\s?\d[\d.]*\s?$")
# Costs of the impossible, of a span left open, of one left open where the next paragraph opens the
# marks again, of an apostrophe that stands for letters.
NEVER, LEFT_OPEN, CONTINUED, ELISION_COST = 99.0, 3.5, 1.0, 0.2


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark at `text[start:end]` with the cost of each role.

    `opening` says how a span from here would open, `unclosed` is the cost of leaving that span open
    at the end of the paragraph.
    """

    start: int
    end: int
    family: Family
    opening: Opening
    costs: dict[MarkRole, float]
    unclosed: float


@dataclass(frozen=True, slots=True)
class MarkContext:
    """A few characters of the paragraph before and after a row of marks, none of them a mark."""

    before: str
    after: str

    @property
    def left(self) -> str:
        return self.before[-1:]

    @property
    def right(self) -> str:
        return self.after[:1]

    @property
    def opens(self) -> bool:
        """Whether a blank, bracket or dash is before and something after: ("so, —"so, ="so."""
        left = self.left
        before = not left or left.isspace() or left in OPENING_BRACKETS or left in DASHES
        return before and bool(self.right.strip())

    @property
    def begins_sentence(self) -> bool:
        """Whether a sentence ends before and one begins after: "It rained. "We left," he said.

        Two paragraphs of one speech look like this where a page's line breaks were lost.
        """
        before = self.before.rstrip()
        ended = before != self.before and before[-1:] in tuple(".?!")
        return ended and (self.right.isupper() or self.right.isdigit())

    @property
    def within_word(self) -> bool:
        return self.left.isalnum() and self.right.isalnum()


def opened_family(character: str) -> Family | None:
    """The family of marks that a paragraph with this first character opens."""
    family, direction = GLYPHS.get(character, (None, CLOSES))
    return None if direction == CLOSES else family


def marks_of(
    text: str, start: int, end: int, singles_lead: bool, reopened: Family | None
) -> Iterator[Mark]:
    """The marks of the paragraph `text[start:end]`, without apostrophes inside words.

    `singles_lead` says that the text quotes speech in single marks, as British newspapers do;
    `reopened` is the family that the next paragraph opens, so that this one may leave it open.
    """
    rock_n_roll = list(ROCK_N_ROLL.finditer(text, start, end))
    apostrophes = {at for found in rock_n_roll for at in (found.start(), found.end() - 1)}
    doubled_singles = "\N{LEFT SINGLE QUOTATION MARK}" * 2 in text[start:end]
    for run in MARK_RUN.finditer(text, start, end):
        before, after = max(start, run.start() - 12), min(end, run.end() + 12)
        context = MarkContext(text[before : run.start()], text[run.end() : after])
        if context.within_word and all(character in APOSTROPHE_LIKE for character in run.group()):
            continue
        for at, glyph in _glyphs(run, context, doubled_singles):
            if at in apostrophes:
                continue
            yield _mark(at, glyph, context, singles_lead, reopened)


def _glyphs(
    run: re.Match[str], context: MarkContext, doubled_singles: bool
) -> Iterator[tuple[int, str]]:
    """The marks in a row of mark characters: ‘“ are two, `` is one, and so is CSV's ""."""
    pattern = DOUBLED if not context.left.strip() else DOUBLED_AT_END
    for found in pattern.finditer(run.group()):
        glyph, at = found.group(), run.start() + found.start()
        apart = glyph == "\N{RIGHT SINGLE QUOTATION MARK}" * 2 and not doubled_singles
        # With blanks on both sides "" is an empty quotation, within a word it ends one, begins one.
        apart |= (
            glyph == '""'
            and bool(context.left.strip()) == bool(context.right.strip())
            and (not context.left.strip() or context.within_word)
        )
        if apart:
            yield at, glyph[0]
            yield at + 1, glyph[1]
        else:
            yield at, glyph


def _mark(
    at: int, glyph: str, context: MarkContext, singles_lead: bool, reopened: Family | None
) -> Mark:
    """The mark with its costs."""
    family, direction = GLYPHS[glyph]
    clause = context.right.isupper() or context.right.isdigit() or context.right in "[(…."
    opens = _opening_cost(context) + (1.5 if direction == CLOSES else 0)
    closes = _closing_cost(context) + (1.5 if direction == OPENS else 0)
    close_clause, orphan, unclosed = closes, NEVER, LEFT_OPEN
    if family == "single":
        skip = _apostrophe_cost(glyph, context)
        if singles_lead and context.opens and skip > 3:
            skip = 5
        if _is_possessive(context):
            # the workers' union: more likely no mark, and hardly one that ends a whole clause
            closes, close_clause = closes + 0.5, closes + 2
        if not clause or (direction == NEUTRAL and not singles_lead):
            unclosed = 6
        elif reopened == family:
            unclosed = CONTINUED
        if skip <= ELISION_COST:
            opens += 1
        reopens = opens + max(unclosed, LEFT_OPEN)
    else:
        skip = _stray_cost(glyph, direction, context)
        if family != "angle" and direction != OPENS and skip > 1 and _ends_like_speech(context):
            orphan = 4 + (closes if direction == NEUTRAL else 0)
        if reopened == family:
            unclosed = CONTINUED
        reopens = opens + (CONTINUED if context.begins_sentence else LEFT_OPEN)
    costs: dict[MarkRole, float] = {
        "none": skip,
        "opens": opens,
        "reopens": reopens,
        "closes fragment": closes,
        "closes clause": close_clause,
        "closes nothing": orphan,
    }
    opening: Opening = "clause" if clause else "fragment"
    return Mark(at, at + len(glyph), family, opening, costs, unclosed)


def _opening_cost(context: MarkContext) -> float:
    """0 before a word and after a blank, a bracket or a dash; more for: word"so, so." he, ." he."""
    left, right = context.left, context.right
    cost = 0.0
    if not right or right.isspace():
        cost += 2
    elif right in STOPS and not context.after.startswith(("...", "..", "\N{HORIZONTAL ELLIPSIS}")):
        cost += 3
    if left.isalnum():
        cost += 3
    elif left and left in STOPS:
        cost += 1
    return cost


def _closing_cost(context: MarkContext) -> float:
    """0 after a word, a stop or a dash and before a blank or a stop; more for: "so "he, (" he."""
    left, right = context.left, context.right
    cost = 0.0
    if not left:
        cost += 6
    elif left.isspace() or left in OPENING_BRACKETS:
        cost += 2
    if right.isalnum():
        cost += 1 if left and left in STOPS else 2
    return cost


def _stray_cost(glyph: str, direction: int, context: MarkContext) -> float:
    """The cost of taking a double mark for no quotation mark: 12" pipe, 6'2" tall, a ditto mark."""
    after_number = context.left.isdigit() or context.left in FRACTIONS
    if direction != OPENS and context.left and FEET.search(context.before):
        return 0.5
    if direction == NEUTRAL:
        if after_number and len(glyph) == 1:
            return 0.5
        return 5 if context.left.strip() or context.right.strip() else 3
    return 2 if after_number and direction == CLOSES else 6


def _apostrophe_cost(glyph: str, context: MarkContext) -> float:
    """The cost of taking a single mark for an apostrophe: 'em, '90s, the workers' union, 5'."""
    direction = GLYPHS[glyph][1]
    if context.opens:
        cost = _elision_cost(context.after)
        if direction == OPENS and cost > 1:
            return 5  # ‘em and ‘90s occur, ‘new with an apostrophe hardly ever
        return min(cost, 1.0) if direction == CLOSES else cost
    if not context.left.strip():
        return 0.5 if not context.right.strip() else 3
    if context.left.isdigit():
        return 0.3
    if direction == OPENS:
        return 1.5
    if _is_possessive(context):
        return 0.4
    if context.left.isalpha():
        return _dropped_ending_cost(context)
    return 4


def _elision_cost(after: str) -> float:
    """Low for 'em, 'Tis, '90s, 'ead; high for 'no plans'; highest for 'We."""
    if ELIDED.match(after):
        return ELISION_COST
    if after[0] in "aeiou":
        return 1.4
    return 2.5 if after[0].islower() else 4


def _is_possessive(context: MarkContext) -> bool:
    """Whether it may be a possessive: the workers' union, but not the workers', he said."""
    return context.left in tuple("sS") and bool(re.match(r"\s+\w", context.after))


def _dropped_ending_cost(context: MarkContext) -> float:
    """Low for goin' home, ol' man, O' Brien; higher for Marx' theory, the workers'.; high for
    brave' and."""
    if re.search(r"\win$|(?<!\w)(?:[odlntODL]|ol|an|th)$", context.before):
        return 0.4
    if context.right.isspace() and context.left in tuple("xzXZ"):
        return 1
    return 2.5 if context.left in tuple("sS") or context.right.isspace() else 3.5


def _ends_like_speech(context: MarkContext) -> bool:
    """Whether a stop is inside the mark and a blank, a stop or the end outside: It will go,” said
    one."""
    within = context.before.rstrip(MARK_CHARACTERS + " \t\N{NO-BREAK SPACE}\N{THIN SPACE}")[-1:]
    outside = not context.right.isalnum() and context.right not in OPENING_BRACKETS
    return bool(within) and within in ",.?!\N{HORIZONTAL ELLIPSIS}" and outside
