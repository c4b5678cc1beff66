"""The quotation marks of a paragraph, and what each may be: opening, closing, or no mark at all.

No mark is judged alone. Each gets a cost for every part that it could play, from its shape and
from the characters beside it; `pairing` then takes the cheapest reading of the whole paragraph.
A cost of 0 is what careful typesetting would show, one around 4 is a plain error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Family = Literal["double", "single", "guillemet", "angle"]
# A clause opens with a capital, as a whole utterance does; a fragment is any other opening.
Opening = Literal["clause", "fragment"]
# What a mark may be: none at all; one that opens; one that closes what opened as a fragment, as
# a clause, or what nothing opened.
Part = Literal["none", "opens", "closes fragment", "closes clause", "closes nothing"]

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
APOSTROPHES = "'\N{RIGHT SINGLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}`\N{ACUTE ACCENT}"
# Doubled singles are one double mark; of three at an end (``She wrote `No.''') the last two are.
DOUBLED = re.compile(r"``|‘‘|’’|''|\"\"|.", re.DOTALL)
DOUBLED_AT_END = re.compile(r"'(?=''(?!'))|’(?=’’(?!’))|``|‘‘|’’|''|\"\"|.", re.DOTALL)
ROCK_N_ROLL = re.compile(f"(?<!\\w)[{APOSTROPHES}][nN][{APOSTROPHES}](?!\\w)")

OPENING_BRACKETS = frozenset("([{<=/|*_~>+")
DASHES = frozenset(
    "-\N{EN DASH}\N{EM DASH}\N{HORIZONTAL BAR}\N{FIGURE DASH}\N{NON-BREAKING HYPHEN}"
)
STOPS = frozenset(".,;:!?)]}%\N{HORIZONTAL ELLIPSIS}")
FRACTIONS = frozenset(
    "\N{VULGAR FRACTION ONE HALF}\N{VULGAR FRACTION ONE QUARTER}\N{VULGAR FRACTION THREE QUARTERS}"
)
# What print leaves of words that lose their beginning: 'em, 'tis, 'cause; and of years: '90s.
ELIDED = re.compile(
    r"""(?:ad|ave|bout|burbs|cause|cept|cos|coz|cross|d|e|ead|eads|ello|em|er|ere|fore|gainst|hood
    |im|is|kay|less|ll|m|mongst|n|nam|nd|neath|nother|nuff|orse|ouse|ow|pon|re|round|s|scuse
    |stache|sup|til|till|tis|tude|twas|twere|twill|twould|ve|ya|yall|\d\ds?|\d0s)(?!\w)""",
    re.IGNORECASE | re.VERBOSE,
)
FEET = re.compile(r"\d\s?['’‘´′]\s?\d[\d.]*\s?$")
# Costs: of what is out of the question, of a span left open, of an apostrophe for a lost letter.
NEVER, LEFT_OPEN, ELISION = 99.0, 3.5, 0.2


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark at `text[start:end]` with the cost of each part that it may play.

    `opening` tells how a span that starts here would open, `unclosed` what it costs to leave that
    span open to the end of its paragraph.
    """

    start: int
    end: int
    family: Family
    opening: Opening
    costs: dict[Part, float]
    unclosed: float


@dataclass(frozen=True, slots=True)
class Context:
    """What stands beside a run of marks, none of it a mark: a few characters of its paragraph."""

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
        """Blank, bracket or dash before, something after: ("so, —"so, ="so."""
        left = self.left
        before = not left or left.isspace() or left in OPENING_BRACKETS or left in DASHES
        return before and bool(self.right.strip())

    @property
    def within_word(self) -> bool:
        return self.left.isalnum() and self.right.isalnum()


def marks_of(text: str, start: int, end: int, singles_lead: bool, reopened: bool) -> Iterator[Mark]:
    """The marks of the paragraph `text[start:end]`, apostrophes within words left out.

    `singles_lead` says that single marks are the text's own quotation marks, British fashion;
    `reopened` that the next paragraph begins with one, so that this one may leave one open.
    """
    rock_n_roll = list(ROCK_N_ROLL.finditer(text, start, end))
    apostrophes = {at for found in rock_n_roll for at in (found.start(), found.end() - 1)}
    doubled_singles = "\N{LEFT SINGLE QUOTATION MARK}" * 2 in text[start:end]
    for run in MARK_RUN.finditer(text, start, end):
        before, after = max(start, run.start() - 12), min(end, run.end() + 12)
        context = Context(text[before : run.start()], text[run.end() : after])
        if context.within_word and all(character in APOSTROPHES for character in run.group()):
            continue
        for at, glyph in glyphs_of(run, context, doubled_singles):
            if at in apostrophes:
                continue
            yield weigh(at, glyph, context, singles_lead, reopened)


def glyphs_of(
    run: re.Match[str], context: Context, doubled_singles: bool
) -> Iterator[tuple[int, str]]:
    """The marks in a run of mark characters: ‘“ are two, `` is one, "" is one of CSV's."""
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


def weigh(at: int, glyph: str, context: Context, singles_lead: bool, reopened: bool) -> Mark:
    """The mark with its costs."""
    family, direction = GLYPHS[glyph]
    clause = context.right.isupper() or context.right.isdigit() or context.right in "[(…."
    opens = opening_cost(context) + (1.5 if direction == CLOSES else 0)
    closes = closing_cost(context) + (1.5 if direction == OPENS else 0)
    close_clause, orphan, unclosed = closes, NEVER, LEFT_OPEN
    if family == "single":
        skip = apostrophe_cost(glyph, context)
        if singles_lead and context.opens and skip > 3:
            skip = 5
        if is_possessive(context):
            # the workers' union: more likely no mark, and hardly one that ends a whole clause
            closes, close_clause = closes + 0.5, closes + 2
        if not clause or (direction == NEUTRAL and not singles_lead):
            unclosed = 6
        elif reopened:
            unclosed = 1
        if skip <= ELISION:
            opens += 1
    else:
        skip = stray_cost(glyph, direction, context)
        if family != "angle" and direction != OPENS and skip > 1 and ends_like_speech(context):
            orphan = 4 + (closes if direction == NEUTRAL else 0)
    costs: dict[Part, float] = {
        "none": skip,
        "opens": opens,
        "closes fragment": closes,
        "closes clause": close_clause,
        "closes nothing": orphan,
    }
    opening: Opening = "clause" if clause else "fragment"
    return Mark(at, at + len(glyph), family, opening, costs, unclosed)


def opening_cost(context: Context) -> float:
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


def closing_cost(context: Context) -> float:
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


def stray_cost(glyph: str, direction: int, context: Context) -> float:
    """What it costs to take a double mark for none: 12" pipe, 6'2" tall, a ditto mark."""
    after_number = context.left.isdigit() or context.left in FRACTIONS
    if direction != OPENS and context.left and FEET.search(context.before):
        return 0.5
    if direction == NEUTRAL:
        if after_number and len(glyph) == 1:
            return 0.5
        return 5 if context.left.strip() or context.right.strip() else 3
    return 2 if after_number and direction == CLOSES else 6


def apostrophe_cost(glyph: str, context: Context) -> float:
    """What it costs to take a single mark for an apostrophe: 'em, '90s, the workers' union, 5'."""
    direction = GLYPHS[glyph][1]
    if context.opens:
        cost = elision_cost(context.after)
        if direction == OPENS and cost > 1:
            return 5  # ‘em and ‘90s are met, ‘new for an apostrophe hardly ever
        return min(cost, 1.0) if direction == CLOSES else cost
    if not context.left.strip():
        return 0.5 if not context.right.strip() else 3
    if context.left.isdigit():
        return 0.3
    if direction == OPENS:
        return 1.5
    if is_possessive(context):
        return 0.4
    if context.left.isalpha():
        return dropped_ending_cost(context)
    return 4


def elision_cost(after: str) -> float:
    """'em, 'Tis, '90s, 'ead: cheap; 'no plans': dear; 'We: dearest."""
    if ELIDED.match(after):
        return ELISION
    if after[0] in "aeiou":
        return 1.4
    return 2.5 if after[0].islower() else 4


def is_possessive(context: Context) -> bool:
    """The workers' union; not: the workers', he said."""
    return context.left in tuple("sS") and bool(re.match(r"\s+\w", context.after))


def dropped_ending_cost(context: Context) -> float:
    """Goin' home, ol' man, O' Brien: cheap; Marx' theory, the workers'. next; brave' and: dear."""
    if re.search(r"\win$|(?<!\w)(?:[odlntODL]|ol|an|th)$", context.before):
        return 0.4
    if context.right.isspace() and context.left in tuple("xzXZ"):
        return 1
    return 2.5 if context.left in tuple("sS") or context.right.isspace() else 3.5


def ends_like_speech(context: Context) -> bool:
    """It will go,” said one: a stop within the mark, then a blank, a stop or the end."""
    within = context.before.rstrip(MARK_CHARACTERS + " \t\N{NO-BREAK SPACE}\N{THIN SPACE}")[-1:]
    outside = not context.right.isalnum() and context.right not in OPENING_BRACKETS
    return bool(within) and within in ",.?!\N{HORIZONTAL ELLIPSIS}" and outside
