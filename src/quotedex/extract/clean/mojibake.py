"""Repairs UTF-8 that was decoded as Windows-1252 or Latin-1: â€œHelloâ€ -> “Hello”."""

from __future__ import annotations

import re
from collections.abc import Iterator

from quotedex.text.edits import Edit
from quotedex.text.marks import CURLY, GUILLEMETS, LEFT_DOUBLE, RIGHT_DOUBLE, RIGHT_SINGLE

LINE = re.compile(r"[^\n]*\n|[^\n]+")
NOT_ASCII = re.compile(r"([^\x00-\x7f]+)")
# Characters that are common next to any letter. Others may be mojibake: a C1 control or â alone, a
# capital or a character beyond Latin-1 with one more non-ASCII character, a small letter with two.
# This test saves most texts the import of ftfy (0.14 s).
COMMON = f"{CURLY}{GUILLEMETS}…–—•\N{NO-BREAK SPACE}\N{THIN SPACE}"
SUSPECT = re.compile(
    rf"[\x80-\x9fâ]|(?![{COMMON}])(?:[Â-ß]|[^\x00-\xff])[^\x00-\x7f]"
    rf"|[^\x00-\x7f{COMMON}][^\x00-\x7f]{{2}}"
)
# “At the café”—“or so”, „CAFÉ“, “é”: letters and marks, which could be the bytes of rare letters.
LETTER_AND_MARKS = re.compile(rf"[Ç-ß][{COMMON}]|[à-ÿ][{COMMON}]{{2,}}|(?:[{COMMON}][À-ÿ])+")
# The last bytes of a closing mark (0x9D) and of a hyphen (0x90) are undefined in Windows-1252 and
# often lost; that of a dash is a quotation mark there, which may have become a straight one.
LAST_BYTE = bytes(range(0x80, 0xC0)).decode("windows-1252", errors="ignore") + "\x90\x9d"
DAMAGED = re.compile(
    r"(?P<hyphen>(?<=\w)â€(?=[a-zA-Z]))"
    f'|(?P<mark>â€(?:\N{REPLACEMENT CHARACTER}|(?!["{re.escape(LAST_BYTE)}])))'
    r"|(?P<dash>â€\")"
)
# If all bytes but Latin-1's letters were stripped, a bare â is left of every curly mark, apostrophe
# and dash, and only its place shows which it was. No word has â in these two places.
STRIPPED = re.compile(r"[.,?!]â(?=\s|\Z)|(?<=\s)â(?=\s)")
DAMAGED_OR_STRIPPED = re.compile(
    DAMAGED.pattern + r"|(?P<bare_dash>(?<=\s)â(?=\s))"
    r"|(?P<opening>(?<![^\s(\[\"'-])â(?=[\w\"'$]))"
    r"|(?P<apostrophe>(?<=[a-zA-Z])â(?=(?:s|t|d|m|re|ve|ll)(?!\w)))"
    r"|(?P<closing>(?<=[\w.,?!%)\"'])â(?=[\s.,;:!?)\"'-]|\Z))",
    re.ASCII,
)
RESTORED = {
    "hyphen": "-",
    "mark": RIGHT_DOUBLE,
    "dash": "\N{EM DASH}",
    "bare_dash": "\N{EM DASH}",
    "opening": LEFT_DOUBLE,
    "apostrophe": RIGHT_SINGLE,
    "closing": RIGHT_DOUBLE,
}


def mojibake_edits(text: str) -> Iterator[Edit]:
    """The edits that undo a wrong decoding; lines without signs of one are not touched."""
    if text.isascii() or not SUSPECT.search(text):
        return
    damage = DAMAGED_OR_STRIPPED if STRIPPED.search(text) else DAMAGED
    for line in LINE.finditer(text):
        if SUSPECT.search(line.group()):
            yield from _line_edits(line.group(), line.start(), damage)


def _line_edits(line: str, offset: int, damage: re.Pattern[str]) -> Iterator[Edit]:
    """Marks and dashes that have lost a byte, and ftfy's repairs of the text between them."""
    done = 0
    for found in damage.finditer(line):
        yield from _repaired(line[done : found.start()], offset + done)
        restored = RESTORED[found.lastgroup or ""]
        yield Edit(offset + found.start(), offset + found.end(), restored)
        done = found.end()
    yield from _repaired(line[done:], offset + done)


def _repaired(piece: str, offset: int) -> Iterator[Edit]:
    """ftfy's repair of a piece, as one edit for each row of non-ASCII characters.

    ftfy runs with only those repairs that keep the number of bytes, so ASCII characters between
    the rows stay as they are; if they do not, the whole piece is one edit.
    """
    from ftfy import TextFixerConfig, fix_encoding_and_explain

    config = TextFixerConfig(restore_byte_a0=False, replace_lossy_sequences=False)
    fixed = fix_encoding_and_explain(piece, config).text
    if fixed == piece:
        return
    old, new = NOT_ASCII.split(piece), NOT_ASCII.split(fixed)
    if old[::2] != new[::2]:
        yield Edit(offset, offset + len(piece), fixed)
        return
    for before, after in zip(old, new, strict=True):
        if before != after and not LETTER_AND_MARKS.fullmatch(before):
            yield from _character_edits(before, after, offset)
        offset += len(before)


def _character_edits(before: str, after: str, offset: int) -> Iterator[Edit]:
    """The edits of mangled characters: each character of `after` was there as its UTF-8 bytes."""
    sizes = [len(character.encode("utf-8", "surrogatepass")) for character in after]
    if sum(sizes) != len(before):
        yield Edit(offset, offset + len(before), after)
        return
    for character, size in zip(after, sizes, strict=True):
        yield Edit(offset, offset + size, character)
        offset += size
