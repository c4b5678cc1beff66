"""UTF-8 that was read as Windows-1252 or Latin-1: â€œHelloâ€ back to “Hello”."""

from __future__ import annotations

import re
from collections.abc import Iterator

from quotedex.text.edits import Edit

LINE = re.compile(r"[^\n]*\n|[^\n]+")
NOT_ASCII = re.compile(r"([^\x00-\x7f]+)")
# Usual beside any letter. Other signs beyond ASCII that stand together may be mojibake, as may a C1
# control: a capital or a sign beyond Latin-1 with one more, a small letter with two, â alone.
# Looking first spares most texts the import of ftfy (0.14 s).
USUAL = "“”‘’…–—«»•\N{NO-BREAK SPACE}\N{THIN SPACE}"
SUSPECT = re.compile(
    rf"[\x80-\x9fâ]|(?![{USUAL}])(?:[Â-ß]|[^\x00-\xff])[^\x00-\x7f]"
    rf"|[^\x00-\x7f{USUAL}][^\x00-\x7f]{{2}}"
)
# “At the café”—“or so”, „CAFÉ“: letter and marks, though they could be the bytes of a rare letter.
LETTER_AND_MARKS = re.compile(rf"[Ç-ß][{USUAL}]|[à-ÿ][{USUAL}]{{2,}}")
# The last byte of a closing mark, 0x9D, and of a hyphen, 0x90, stand for nothing in Windows-1252
# and are often dropped; that of a dash is a quotation mark there, which may be straight by now.
LAST_BYTE = bytes(range(0x80, 0xC0)).decode("windows-1252", errors="ignore") + "\x90\x9d"
DAMAGED = re.compile(
    r"(?P<hyphen>(?<=\w)â€(?=[a-zA-Z]))"
    f'|(?P<mark>â€(?:\N{REPLACEMENT CHARACTER}|(?!["{re.escape(LAST_BYTE)}])))'
    r"|(?P<dash>â€\")"
)
# Where all the bytes beyond Latin-1's letters were stripped, a bare â is left of every curly mark,
# apostrophe and dash. Only its place tells which it was; these two places are those of no word.
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
    "mark": "\N{RIGHT DOUBLE QUOTATION MARK}",
    "dash": "\N{EM DASH}",
    "bare_dash": "\N{EM DASH}",
    "opening": "\N{LEFT DOUBLE QUOTATION MARK}",
    "apostrophe": "\N{RIGHT SINGLE QUOTATION MARK}",
    "closing": "\N{RIGHT DOUBLE QUOTATION MARK}",
}


def encoding_edits(text: str) -> Iterator[Edit]:
    """The edits that undo a wrong decoding, a line at a time: only a line in need is touched."""
    if text.isascii() or not SUSPECT.search(text):
        return
    damage = DAMAGED_OR_STRIPPED if STRIPPED.search(text) else DAMAGED
    for line in LINE.finditer(text):
        if SUSPECT.search(line.group()):
            yield from line_edits(line.group(), line.start(), damage)


def line_edits(line: str, offset: int, damage: re.Pattern[str]) -> Iterator[Edit]:
    """What ftfy can repair, and between such pieces the marks and dashes that have lost a byte."""
    done = 0
    for found in damage.finditer(line):
        yield from repaired(line[done : found.start()], offset + done)
        restored = RESTORED[found.lastgroup or ""]
        yield Edit(offset + found.start(), offset + found.end(), restored)
        done = found.end()
    yield from repaired(line[done:], offset + done)


def repaired(piece: str, offset: int) -> Iterator[Edit]:
    """ftfy's repair of a piece, as one edit for each run of characters beyond ASCII.

    Only what keeps the number of bytes is asked of ftfy, so that ASCII characters stay where they
    are between the runs; where they do not, the piece is one edit.
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
            yield from run_edits(before, after, offset)
        offset += len(before)


def run_edits(before: str, after: str, offset: int) -> Iterator[Edit]:
    """A mangled run: each character of `after` stood there as the bytes that UTF-8 has for it."""
    sizes = [len(character.encode("utf-8", "surrogatepass")) for character in after]
    if sum(sizes) != len(before):
        yield Edit(offset, offset + len(before), after)
        return
    for character, size in zip(after, sizes, strict=True):
        yield Edit(offset, offset + size, character)
        offset += size
