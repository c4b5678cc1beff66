"""Posts of social networks: their words, their authors, and what is none."""

from __future__ import annotations

from quotedex import extract
from quotedex.extract.find import find
from quotedex.extract.layout.posts import posts_of

BELOW = """\
Fans of the bridge were quick to answer.

It sways, and I like it. He called it “a swing”!

— Ada Poole (@adapoole) May 3, 2021

Nobody was hurt.
"""
ABOVE = """\
Fans of the bridge were quick to answer.

 Follow
 Omar Reyes ? @omar_r
It sways again. No surprise there.
9:53 PM - 3 May 2021
  15 15 Retweets
"""


def posts(text: str) -> list[tuple[str, str]]:
    return [
        (text[post.label.start : post.label.end], text[post.words.start : post.words.end])
        for post in posts_of(text, find(text))
    ]


def test_an_author_below_the_words() -> None:
    assert posts(BELOW) == [("Ada Poole", "It sways, and I like it. He called it “a swing”!")]


def test_an_author_above_the_words() -> None:
    assert posts(ABOVE) == [("Omar Reyes", "It sways again. No surprise there.")]


def test_a_post_is_a_quotation_of_its_author() -> None:
    for text, author in ((BELOW, "Ada Poole"), (ABOVE, "Omar Reyes")):
        quote = extract(text)[0]
        assert text[quote.start : quote.end] == posts(text)[0][1]
        assert (quote.kind, quote.speaker and quote.speaker.name) == ("full", author)


def test_a_post_in_marks_is_found_by_its_marks() -> None:
    text = "“It sways, and I like it.”\n— Ada Poole (@adapoole) May 3, 2021\n"
    assert posts(text) == []
    assert [quote.text for quote in extract(text)] == ["It sways, and I like it."]


def test_an_author_without_a_post_is_none() -> None:
    assert posts("Follow our reporter\nAda Poole @adapoole\nShe writes about bridges.\n") == []
    assert posts("It rained – Ada Poole (@adapoole) was there.\n") == []
