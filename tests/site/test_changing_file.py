"""Pages requested while their articles change: each shows one state of the file, and none fails."""

from __future__ import annotations

import asyncio
import csv
import multiprocessing
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette

from quotedex.index import index
from quotedex.models import Document
from quotedex.site.serve import build_site
from tests.helpers import toy_extractor as toy
from tests.helpers.site_client import Page

SECONDS = 40
CLIENTS = 6
ARTICLES = 12

VERSION = re.compile(r"in version (\d+)")


def article(number: int, version: int) -> Document:
    """Every sentence says its version, and quotations move with each."""
    text = (
        f"{'The pier is old. ' * (version % 7)}Read in version {version}.\n\n"
        f"“Rents rise on street {number} in version {version},” Ada Okafor said in version"
        f" {version}.\n\n"
        f"“Tides come to street {number} in version {version},” Bo Lindqvist said in version"
        f" {version}."
    )
    return toy.document(
        f"https://news.example/{number}", text, "2024-03-01", title=f"News in version {version}"
    )


def reword(path: Path, stop: Event) -> None:
    """Index all articles again in another wording, and one more."""
    version = 0
    while not stop.is_set():
        version += 1
        documents = [article(number, version) for number in range(ARTICLES)]
        index(path, [*documents, article(ARTICLES + version, version)], extract=toy.extract)


@pytest.mark.slow
def test_pages_show_one_state_of_a_changing_file(tmp_path: Path) -> None:
    path = tmp_path / "live.db"
    index(path, [article(number, 0) for number in range(ARTICLES)], extract=toy.extract)
    site = build_site(path)
    processes = multiprocessing.get_context("spawn")
    stop = processes.Event()
    writer = processes.Process(target=reword, args=(path, stop))
    writer.start()
    try:
        answers = asyncio.run(ask(site, time.monotonic() + SECONDS))
    finally:
        stop.set()
        writer.join(60)
    assert writer.exitcode == 0
    statuses = Counter(status for _, status in answers)
    assert set(statuses) <= {200, 302, 404, 410}, statuses
    assert statuses[200] > 200
    assert {kind for kind, status in answers if status == 200} == {*KINDS, "search"}


async def ask(site: Datasette, until: float) -> list[tuple[str, int]]:
    """The kinds and statuses of all pages that the clients asked for."""
    found = await asyncio.gather(*(_client(site, until, n) for n in range(CLIENTS)))
    return [answer for answers in found for answer in answers]


async def _client(site: Datasette, until: float, seed: int) -> list[tuple[str, int]]:
    chance, answers = random.Random(seed), []
    while time.monotonic() < until:
        response = await site.client.get("/-/quotes.json?q=version&sort=date")
        answers.append(("search", response.status_code))
        hits = response.json()["hits"]
        for hit in hits:
            _check_hit(hit)
        hit = chance.choice(hits)
        for kind, (address, checked) in KINDS.items():
            path = address(hit)
            response = await site.client.get(path)
            answers.append((kind, response.status_code))
            if response.status_code == 200:
                checked(response)
    return answers


def _check_hit(hit: dict[str, Any]) -> None:
    """The words around it and the headline are of its version."""
    (version,) = set(VERSION.findall(hit["text"]))
    assert hit["after"].startswith(f"{hit['speaker']['name']} said in version {version}")
    assert hit["article"]["title"] == f"News in version {version}"


def _check_quotation(response: Any) -> None:
    """The marked words are those of the quotation at the top."""
    quoted = re.search(r"<blockquote[^>]*>(.*?)</blockquote>", response.text, re.DOTALL)
    assert quoted
    marked = re.findall(r'<mark class="focus[^>]*>(.*?)</mark>', response.text, re.DOTALL)
    said = Page("".join(marked)).text.strip("“” ")
    assert said
    assert said in Page(quoted[1]).text


def _check_quotation_data(response: Any) -> None:
    found = response.json()
    context = found["context"]
    start, end = (found[name] - context["start_char"] for name in ("start_char", "end_char"))
    assert context["text"][start:end] == found["text"]
    assert len({*VERSION.findall(context["text"]), *VERSION.findall(found["text"])}) == 1


def _check_article(response: Any) -> None:
    """The article has one version, its headline included."""
    text = Page(response.text).text
    assert len(set(VERSION.findall(text))) == 1


def _check_article_data(response: Any) -> None:
    found = response.json()
    text, base = found["text"], found["start_char"]
    assert found["quotations"]
    for quotation in found["quotations"]:
        start, end = quotation["start_char"] - base, quotation["end_char"] - base
        assert text[start - 1] + text[end] == "“”"
    assert {each["name"] for each in found["speakers"]} == {"Ada Okafor", "Bo Lindqvist"}


def _check_speaker(response: Any) -> None:
    for hit in response.json()["quotations"]:
        _check_hit(hit)


def _check_statement(response: Any) -> None:
    found = response.json()
    assert found["wordings"]
    shown = {each["text"] for each in found["wordings"]}
    assert found["text"] in shown


def _check_export(response: Any) -> None:
    lines = response.text.splitlines()[1:]
    versions = [{*VERSION.findall(line)} for line in lines]
    assert all(len(each) == 1 for each in versions)
    # Each article once, with both its quotations: none left out, none twice.
    keys = Counter(row["article_key"] for row in csv.DictReader(response.text.splitlines()))
    assert set(keys.values()) == {2}


def _check_any(response: Any) -> None:
    assert response.text


Address = Callable[[dict[str, Any]], str]
KINDS: dict[str, tuple[Address, Callable[[Any], None]]] = {
    "quotation": (lambda hit: hit["path"], _check_quotation),
    "quotation.json": (lambda hit: f"{hit['path']}.json", _check_quotation_data),
    "article": (lambda hit: hit["article"]["path"], _check_article),
    "article.json": (lambda hit: f"{hit['article']['path']}.json", _check_article_data),
    "speaker": (lambda hit: hit["speaker"]["path"], _check_any),
    "speaker.json": (lambda hit: f"{hit['speaker']['path']}.json", _check_speaker),
    "speaker.atom": (lambda hit: f"{hit['speaker']['path']}.atom", _check_any),
    "export": (lambda hit: "/-/quotes.csv", _check_export),
    "search page": (lambda hit: "/-/quotes?q=rents", _check_any),
    "compare": (lambda hit: "/-/compare?first=Ada+Okafor&second=Bo+Lindqvist&q=in", _check_any),
    "home": (lambda hit: "/", _check_any),
    "about": (lambda hit: "/-/about", _check_any),
}
"""Every kind of page, and what makes it one of one state."""
