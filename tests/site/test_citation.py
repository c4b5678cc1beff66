"""Citations in plain text, Markdown and BibTeX, and that any text is escaped in them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from datasette_quotedex.render.citation import MAX_QUOTED_CHARS, Citation, bibtex, markdown, plain
from tests.helpers.site_fixture import CASES

CITATION = Citation(
    key="3k9d",
    text="We will\n\nnot sell it,",
    speaker="Ana Okafor",
    title="Pier & port: 100% ours",
    byline="By Mira Castellanos and Jo Hale",
    outlet="Harborfield Herald",
    published="2024-03-14",
    article_url="https://herald.example/a_b?c=(d)",
    permalink="https://quotes.example/-/quotes/3k9d",
)


def test_plain() -> None:
    assert plain(CITATION) == (
        "Ana Okafor: “We will not sell it,” in “Pier & port: 100% ours”, Harborfield Herald, "
        "14 March 2024, https://herald.example/a_b?c=(d). "
        "Quotation: https://quotes.example/-/quotes/3k9d"
    )


def test_markdown() -> None:
    assert markdown(CITATION) == (
        "> “We will not sell it,”\n>\n"
        "> — Ana Okafor, [“Pier \\& port: 100% ours”](<https://herald.example/a_b?c=(d)>), "
        "*Harborfield Herald*, 14 March 2024 ([quotation](<https://quotes.example/-/quotes/3k9d>))"
    )


def test_bibtex() -> None:
    assert bibtex(CITATION) == (
        "@misc{quotation-3k9d,\n"
        "  author = {Mira Castellanos and Jo Hale},\n"
        "  title = {{Pier \\& port: 100\\% ours}},\n"
        "  howpublished = {Harborfield Herald},\n"
        "  year = {2024},\n  month = {3},\n  day = {14},\n"
        "  url = {https://herald.example/a_b?c=(d)},\n"
        "  note = {Quotation by Ana Okafor: “We will not sell it,”},\n}"
    )


def test_unknown_parts_are_left_out() -> None:
    bare = replace(
        CITATION, speaker=None, byline=None, outlet=None, published="some day", article_url=None
    )
    assert plain(bare).startswith("“We will not sell it,” in “Pier & port: 100% ours”, some day.")
    assert "> — Unknown speaker, “Pier" in markdown(bare)
    assert "year" not in bibtex(bare)
    assert "url = {https://quotes.example/-/quotes/3k9d}" in bibtex(bare)


def test_long_quotation_is_cut() -> None:
    long = replace(CITATION, text="word " * 50_000)
    for written in (plain(long), markdown(long), bibtex(long)):
        assert len(written) < MAX_QUOTED_CHARS + 500
        assert "word \\[…\\]”" in written or "word […]”" in written


@pytest.mark.parametrize("string", CASES["hostile"], ids=range(len(CASES["hostile"])))
def test_no_text_acts_as_markup(string: str) -> None:
    """Braces of BibTeX stay balanced, Markdown keeps its three lines and its own links."""
    bad = replace(CITATION, text=string, speaker=string, title=string, byline=string, outlet=string)
    bad = replace(bad, article_url=f"https://x.example/{string}")
    entry = re.sub(r"\\[{}]", "", bibtex(bad))
    assert entry.count("{") == entry.count("}")
    assert (
        len(re.findall(r"^  \w+ = \{.*\},$", bibtex(bad), re.MULTILINE))
        == len(bibtex(bad).split("\n")) - 2
    )
    lines = markdown(bad).split("\n")
    assert len(lines) == 3
    assert len(re.findall(r"(?<!\\)\]\(<", lines[2])) == 2
    assert not re.search(r"(?<!\\)<(?!https?://)", lines[0] + lines[2])
    assert "\u202e" not in plain(bad)
