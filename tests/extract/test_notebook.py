"""The view for notebooks: marks where the quotations are, escaped, nested, coloured by speaker."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

from quotedex.models import Quote, Speaker
from quotedex.notebook import COLOURS, View, view

TEXT = "“He said ‘no <b>way</b>’ & left,” said Ada.\n“So,” she added."


def quote(words: str, name: str | None, parent: int | None = None, text: str = TEXT) -> Quote:
    start = text.index(words)
    speaker = name and Speaker(name, "person")
    return Quote(
        words, start, start + len(words), "full", 0, parent, 0.9, None, None, speaker or None, ""
    )


class Marks(HTMLParser):
    """The words of each mark, its colour and its depth."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[list[str]] = []
        self.open: list[list[str]] = []
        self.tags: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "mark":
            self.open.append(["", dict(attrs)["title"] or ""])
            self.found.append(self.open[-1])

    def handle_endtag(self, tag: str) -> None:
        if tag == "mark":
            self.open.pop()

    def handle_data(self, data: str) -> None:
        for one in self.open:
            one[0] += data


def test_marks_nest_and_the_text_is_escaped() -> None:
    quotes = (
        quote("He said ‘no <b>way</b>’ & left,", "Ada <i>Poole</i>"),
        quote("no <b>way</b>", None, parent=0),
        quote("So,", "Ada <i>Poole</i>"),
    )
    marks = Marks(View(TEXT, quotes).html)
    assert marks.tags == {"div", "span", "mark"}
    assert [words for words, _ in marks.found] == [one.text for one in quotes]
    assert [title for _, title in marks.found] == [
        "Ada <i>Poole</i> (full quote, confidence 90%)",
        "unknown speaker (full quote, confidence 90%)",
        "Ada <i>Poole</i> (full quote, confidence 90%)",
    ]
    assert marks.open == []


def test_the_whole_text_is_shown() -> None:
    html = View(TEXT, (quote("So,", "Ada"),)).html
    shown = unescape(re.sub(r"<[^>]+>", "", html))
    assert shown == f"Ada: 1 \n{TEXT}"
    assert View("a < b", ()).html.endswith("\na &lt; b</div>")


def test_each_speaker_has_a_colour_and_colours_repeat() -> None:
    text = " ".join(f"“{letter * 3}”" for letter in "abcdefghij")
    quotes = tuple(quote(letter * 3, letter, text=text) for letter in "abcdefghij")
    html = View(text, quotes).html
    assert all(html.count(colour) in (2, 4) for colour in COLOURS)
    assert html.count(COLOURS[0]) == 4


def test_view_of_a_text() -> None:
    shown = view("“It rained all day,” said Mara Ilves.")
    assert shown._repr_html_() == shown.html
    assert "Mara Ilves: 1" in shown.html
