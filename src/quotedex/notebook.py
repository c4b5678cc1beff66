"""A document with its quotations marked by speaker, as HTML for notebooks and pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from quotedex.extract import extract
from quotedex.models import Quote
from quotedex.options import Options

# Light enough for black letters, told apart by people who are colour-blind; after the last speaker
# of so many the colours begin again, and the name at each quotation tells.
COLOURS = (
    "#ffe08a", "#a8d8f0", "#b9e4b3", "#f5c0d8", "#d6c8f2", "#f7c59f", "#c7e9e4", "#d9d9d9",
)  # fmt: skip
NOBODY = "nobody named"
TEXT = "white-space:pre-wrap;line-height:1.7;max-width:45em"
MARK = "color:#111;border-radius:.2em;padding:.1em .15em;background:"


def view(text: str, options: Options | None = None) -> View:
    """`text` with its quotations marked; a notebook shows it when it is a cell's last value."""
    return View(text, tuple(extract(text, options)))


@dataclass(frozen=True, slots=True)
class View:
    """A text and its quotations, with offsets into it; `html` is a piece of a page."""

    text: str
    quotes: tuple[Quote, ...]

    @property
    def html(self) -> str:
        """The speakers with the numbers of their quotations, and the text below them.

        Styles are within it and everything from the text is escaped, so it can stand anywhere.
        """
        return (
            f'<div style="{TEXT}">{"".join(_legend(self.quotes))}\n{"".join(self._marked())}</div>'
        )

    def _repr_html_(self) -> str:
        return self.html

    def _marked(self) -> Iterator[str]:
        """The text, each quotation between tags; one within another has its tags within."""
        colours = _colours(self.quotes)
        open_ends: list[int] = []
        done = 0
        for quote in self.quotes:
            while open_ends and open_ends[-1] <= quote.start:
                yield escape(self.text[done : open_ends[-1]]) + "</mark>"
                done = open_ends.pop()
            yield escape(self.text[done : quote.start]) + _tag(quote, colours[_name(quote)])
            done = quote.start
            open_ends.append(quote.end)
        while open_ends:
            yield escape(self.text[done : open_ends[-1]]) + "</mark>"
            done = open_ends.pop()
        yield escape(self.text[done:])


def _legend(quotes: Sequence[Quote]) -> Iterator[str]:
    colours = _colours(quotes)
    for name, number in Counter(map(_name, quotes)).items():
        yield f'<span style="{MARK}{colours[name]}">{escape(name)}: {number}</span> '


def _colours(quotes: Sequence[Quote]) -> dict[str, str]:
    names = dict.fromkeys(map(_name, quotes))
    return {name: COLOURS[number % len(COLOURS)] for number, name in enumerate(names)}


def _tag(quote: Quote, colour: str) -> str:
    told = f"{_name(quote)} ({quote.kind}, {quote.confidence:.0%} sure)"
    return f'<mark style="{MARK}{colour}" title="{escape(told)}">'


def _name(quote: Quote) -> str:
    return quote.speaker.name if quote.speaker else NOBODY
