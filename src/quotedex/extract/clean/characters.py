"""Replaces carriage returns, odd spaces, invisible characters and ligatures by plain ones."""

from __future__ import annotations

import re
from collections.abc import Iterator

from quotedex.text.edits import Edit

LINE_BREAKS = ("\r\n", "\r", "\f", "\v", "\N{LINE SEPARATOR}", "\N{PARAGRAPH SEPARATOR}")
SPACES = (
    "\N{NO-BREAK SPACE}\N{OGHAM SPACE MARK}\N{EN QUAD}\N{EM QUAD}\N{EN SPACE}\N{EM SPACE}"
    "\N{THREE-PER-EM SPACE}\N{FOUR-PER-EM SPACE}\N{SIX-PER-EM SPACE}\N{FIGURE SPACE}"
    "\N{PUNCTUATION SPACE}\N{THIN SPACE}\N{HAIR SPACE}\N{NARROW NO-BREAK SPACE}"
    "\N{MEDIUM MATHEMATICAL SPACE}\N{IDEOGRAPHIC SPACE}"
)
INVISIBLE = (
    "\N{SOFT HYPHEN}\N{ZERO WIDTH SPACE}\N{WORD JOINER}\N{ZERO WIDTH NO-BREAK SPACE}"
    "\N{ARABIC LETTER MARK}\N{LEFT-TO-RIGHT MARK}\N{RIGHT-TO-LEFT MARK}"
    "\N{LEFT-TO-RIGHT EMBEDDING}\N{RIGHT-TO-LEFT EMBEDDING}\N{POP DIRECTIONAL FORMATTING}"
    "\N{LEFT-TO-RIGHT OVERRIDE}\N{RIGHT-TO-LEFT OVERRIDE}\N{LEFT-TO-RIGHT ISOLATE}"
    "\N{RIGHT-TO-LEFT ISOLATE}\N{FIRST STRONG ISOLATE}\N{POP DIRECTIONAL ISOLATE}"
)
LIGATURES = {
    "\N{LATIN SMALL LIGATURE FF}": "ff",
    "\N{LATIN SMALL LIGATURE FI}": "fi",
    "\N{LATIN SMALL LIGATURE FL}": "fl",
    "\N{LATIN SMALL LIGATURE FFI}": "ffi",
    "\N{LATIN SMALL LIGATURE FFL}": "ffl",
    "\N{LATIN SMALL LIGATURE LONG S T}": "st",
    "\N{LATIN SMALL LIGATURE ST}": "st",
}
PLAIN = {
    **dict.fromkeys(LINE_BREAKS, "\n"),
    **dict.fromkeys(SPACES, " "),
    **dict.fromkeys(INVISIBLE, ""),
    **LIGATURES,
}
# Joiners have a use in other scripts and in emoji, but none next to ASCII. Controls other than the
# tab and line breaks have none anywhere. Half of a surrogate pair is not text; neither the network
# nor the database can hold it.
JOINER = "[\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}]+"
ODD = re.compile(
    f"{'|'.join(map(re.escape, PLAIN))}|(?<=[\\x00-\\x7f]){JOINER}|{JOINER}(?=[\\x00-\\x7f])"
    "|[\x00-\x08\x0e-\x1f\x7f]|(?P<half>[\ud800-\udfff])"
)


def character_edits(text: str) -> Iterator[Edit]:
    """An edit for each odd character, which replaces it by a plain one or removes it."""
    for odd in ODD.finditer(text):
        plain = "\N{REPLACEMENT CHARACTER}" if odd["half"] else PLAIN.get(odd.group(), "")
        yield Edit(odd.start(), odd.end(), plain)
