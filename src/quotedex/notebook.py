"""A text with its quotations highlighted by speaker, as HTML for notebooks and web pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from quotedex.extract import extract
from quotedex.models import Quote
from quotedex.options import Options

# Light enough for black text and distinct to colour-blind readers. With more speakers than colours
# they repeat; the tooltip of each quotation names its speaker.
COLOURS = (
    "#ffe08a", "#a8d8f0", "#b9e4b3", "#f5c0d8", "#d6c8f2", "#f7c59f", "#c7e9e4", "#d9d9d9",
)  # fmt: skip
UNKNOWN_SPEAKER = "unknown speaker"
TEXT_STYLE = "white-space:pre-wrap;line-height:1.7;max-width:45em"
MARK_STYLE = "color:#111;border-radius:.2em;padding:.1em .15em;background:"


def view(text: str, options: Options | None = None) -> View:
    """Highlight the quotations of `text` by speaker.

    A notebook shows the result if it is the last value of a cell. Raises ModelError if a model is
    missing.
    """
    return View(text, tuple(extract(text, options)))


@dataclass(frozen=True, slots=True)
class View:
    """A text and its quotations, whose offsets refer to it."""

    text: str
    quotes: tuple[Quote, ...]

    @property
    def html(self) -> str:
        """One <div>: a legend of speakers with their number of quotations, then the text.

        It contains its own styles, and everything from the text is escaped, so it fits any page.
        """
        legend, text = "".join(self._legend()), "".join(self._marked_text())
        return f'<div style="{TEXT_STYLE}">{legend}\n{text}</div>'

    def _repr_html_(self) -> str:
        return self.html

    def _legend(self) -> Iterator[str]:
        colours = _colours(self.quotes)
        for name, number in Counter(map(_speaker, self.quotes)).items():
            style = MARK_STYLE + colours[name]
            yield f'<span style="{style}">{escape(name)}: {number}</span> '

    def _marked_text(self) -> Iterator[str]:
        """The text with each quotation in a <mark>; quotations inside one another are nested."""
        # Here, because the plugin imports Datasette, which a program may not need.
        from datasette_quotedex.render.marked_text import stretches

        colours = _colours(self.quotes)
        cuts = {0, len(self.text)}.union(*((quote.start, quote.end) for quote in self.quotes))
        for start, end, around in stretches(self.quotes, sorted(cuts)):
            for quote in around:
                if quote.start == start:
                    yield _tag(quote, colours[_speaker(quote)])
            yield escape(self.text[start:end])
            yield "</mark>" * sum(quote.end == end for quote in around)


def _colours(quotes: Sequence[Quote]) -> dict[str, str]:
    names = dict.fromkeys(map(_speaker, quotes))
    return {name: COLOURS[number % len(COLOURS)] for number, name in enumerate(names)}


def _tag(quote: Quote, colour: str) -> str:
    tooltip = f"{_speaker(quote)} ({quote.kind} quote, confidence {quote.confidence:.0%})"
    return f'<mark style="{MARK_STYLE}{colour}" title="{escape(tooltip)}">'


def _speaker(quote: Quote) -> str:
    return quote.speaker.name if quote.speaker else UNKNOWN_SPEAKER
