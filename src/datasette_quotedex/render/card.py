"""A quotation as a picture to share: an SVG that needs no script, style, font or other file."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from xml.etree import ElementTree

from datasette_quotedex.render.atom import legal
from datasette_quotedex.render.text import one_line, shorten, text_width

WIDTH, HEIGHT, MARGIN = 1200, 630, 80
SIZES = ((64, 4), (52, 5), (42, 7), (34, 9))
"""Sizes of the letters, and how many lines of each fit."""

MAX_CHARS = 600
"""Characters of a quotation that may fit."""

LETTER = 0.52
"""The average width of a letter as a share of its height; those of East Asia are twice as wide."""


def card(text: str, speaker: str, source: str) -> str:
    """The picture. The end of a long quotation, name or source is cut off with an ellipsis."""
    root = ElementTree.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {WIDTH} {HEIGHT}",
            "width": str(WIDTH),
            "height": str(HEIGHT),
            "role": "img",
            "font-family": "Georgia, 'Times New Roman', serif",
        },
    )
    quoted = f"“{shorten(one_line(text), MAX_CHARS)}”"
    ElementTree.SubElement(root, "title").text = legal(f"{one_line(speaker)}: {quoted}")
    _rectangle(root, 0, 0, WIDTH, HEIGHT, "#fdfcfa")
    _rectangle(root, 0, 0, 16, HEIGHT, "#8a1f2d")
    size, lines = _fitting(quoted)
    for number, line in enumerate(lines):
        _line(root, line, MARGIN + size + round(number * size * 1.3), size, "#1c1e22")
    for text, baseline, height, colour in (
        (speaker, HEIGHT - 100, 36, "#8a1f2d"),
        (source, HEIGHT - 50, 28, "#4c5058"),
    ):
        first = next(_wrapped(one_line(text), _columns(height)), "")
        cut = first if len(first) >= len(one_line(text)) else f"{first[:-1].rstrip()}…"
        _line(root, cut, baseline, height, colour)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)


def _fitting(text: str) -> tuple[int, list[str]]:
    """The largest size in which all lines fit; in the smallest one, the last line may be cut."""
    for size, most in SIZES:
        lines = list(_wrapped(text, _columns(size)))
        if len(lines) <= most:
            return size, lines
    return size, [*lines[: most - 1], f"{lines[most - 1][:-2].rstrip()}…”"]


def _columns(size: int) -> int:
    return int((WIDTH - 2 * MARGIN) / (size * LETTER))


def _wrapped(text: str, columns: int) -> Iterator[str]:
    """Lines of at most this width, broken between words or, in a long word, anywhere."""
    line, width = "", 0.0
    for word in text.split():
        for piece in _pieces(word, columns):
            wide = text_width(piece)
            if line and width + 1 + wide > columns:
                yield line
                line, width = "", 0.0
            line, width = (f"{line} {piece}", width + 1 + wide) if line else (piece, wide)
    if line:
        yield line


def _pieces(word: str, columns: int) -> Iterator[str]:
    piece = ""
    for letter in word:
        if text_width(piece + letter) > columns:
            yield piece
            piece = ""
        piece += letter
    yield piece


def _line(parent: ElementTree.Element, text: str, baseline: int, size: int, colour: str) -> None:
    strong = next((b for b in map(unicodedata.bidirectional, text) if b in ("L", "R", "AL")), "L")
    place = {"x": str(MARGIN)} if strong == "L" else {"x": str(WIDTH - MARGIN), "direction": "rtl"}
    attributes = {**place, "y": str(baseline), "font-size": str(size), "fill": colour}
    ElementTree.SubElement(parent, "text", attributes).text = legal(text)


def _rectangle(
    parent: ElementTree.Element, x: int, y: int, width: int, height: int, colour: str
) -> None:
    values = {"x": x, "y": y, "width": width, "height": height}
    attributes = {**{name: str(value) for name, value in values.items()}, "fill": colour}
    ElementTree.SubElement(parent, "rect", attributes)
