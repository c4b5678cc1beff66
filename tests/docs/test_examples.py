"""The corpus in `examples/` is read whole, with all that the site shows of an article."""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain
from urllib.parse import urlsplit

import pytest

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read import read
from tests.helpers import ROOT


@pytest.fixture(scope="module")
def articles() -> list[Document]:
    found = list(read([ROOT / "examples"]))
    assert [one for one in found if isinstance(one, InputError)] == []
    return [one for one in found if isinstance(one, Document)]


def test_sixty_articles_of_six_outlets(articles: list[Document]) -> None:
    outlets = Counter(article.outlet for article in articles)
    assert len(articles) == 60
    assert len(outlets) == 6
    assert min(outlets.values()) >= 8


def test_every_article_has_title_byline_url_and_date(articles: list[Document]) -> None:
    assert [one.id for one in articles if not (one.title and one.byline and one.url)] == []
    for article in articles:
        # The file's name starts with the date that the page must give.
        day = re.search(r"/(\d{4}-\d\d-\d\d)-", article.id or "")
        assert day
        assert article.published == day[1]


def test_they_spread_over_two_years(articles: list[Document]) -> None:
    months = {(article.published or "")[:7] for article in articles}
    assert min(months) == "2024-01"
    assert max(months) == "2025-12"
    assert len(months) >= 20


def test_addresses_are_of_a_domain_that_cannot_exist(articles: list[Document]) -> None:
    hosts = {urlsplit(article.url or "").hostname or "" for article in articles}
    assert len(hosts) == 6
    assert all(host.endswith(".example") for host in hosts)


def test_they_are_as_long_as_news(articles: list[Document]) -> None:
    lengths = {article.id: len(article.text.split()) for article in articles}
    assert {id_: words for id_, words in lengths.items() if not 220 <= words <= 750} == {}


def test_no_paragraph_is_printed_twice(articles: list[Document]) -> None:
    paragraphs = Counter(chain.from_iterable(set(one.text.splitlines()) for one in articles))
    twice = [text for text, count in paragraphs.items() if count > 1 and len(text.split()) > 8]
    assert twice == []


def test_they_use_the_marks_of_several_traditions(articles: list[Document]) -> None:
    marks: dict[str, Counter[str]] = {}
    for article in articles:
        found = re.findall('[“‘"]', article.text)
        marks.setdefault(article.outlet or "", Counter()).update(found)
    assert {counts.most_common(1)[0][0] for counts in marks.values()} == set('“‘"')
