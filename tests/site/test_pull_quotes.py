"""Words that an article repeats in large type are called a pull-quote wherever they are listed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from datasette.app import Datasette

from quotedex.cli import main
from tests.helpers.site_client import get, with_keys
from tests.helpers.site_fixture import build, register

register()

SAID = "The old mill will be a library by spring,"
REPEATED = "Every child in this valley will have a library card"
TAG = '<span class="tag">pull-quote</span>'
ATOM = "{http://www.w3.org/2005/Atom}"


def article(number: int) -> dict[str, Any]:
    """An article that prints REPEATED, words of the end of a long quotation, in large type."""
    whole = f"{SAID} number {number}, and {REPEATED.lower()}, I promise you that"
    text = f"“{whole},” Nora Quill said.\n\n“{REPEATED}”\n\nIt rained."
    place = {"start_char": text.index(REPEATED), "repeats": 0}
    return {
        "title": f"Mill report {number}",
        "outlet": f"Valley Post {number}",
        "published": f"2024-05-{number:02}",
        "location": f"https://valley.example/{number}",
        "byline": None,
        "text": text,
        "quotes": [
            [f"{whole},", "Nora Quill", "full", "Nora Quill", "said"],
            [REPEATED, "Nora Quill", "full", None, None, place],
        ],
    }


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two articles: @1 and @3 are what was said, @2 and @4 pull-quotes, one statement."""
    return build(tmp_path_factory.mktemp("mill") / "mill.db", [article(1), article(2)])


@pytest.fixture
def site(path: Path) -> Datasette:
    return Datasette([str(path)])


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("url", "labels"),
    [
        ("/-/quotes?q=card+spring&printings=all", 0),
        ("/-/quotes?q=card&printings=all", 2),
        # The entry and its two printings.
        ("/-/quotes?q=card+-spring", 3),
        ("/-/speakers/nora-quill", 3),
        ("/-/compare?speakers=nora-quill,nora-quill&q=card+-spring", 6),
        ("/-/statements/@2", 2),
        ("/-/statements/@1", 0),
        ("/", 1),
    ],
)
async def test_lists_label_pull_quotes(site: Datasette, url: str, labels: int) -> None:
    assert (await get(site, url)).text.count(TAG) == labels


@pytest.mark.asyncio
async def test_statement_counts_its_pull_quotes(site: Datasette) -> None:
    def plain(html: str) -> str:
        return re.sub(r"<[^>]*>", "", html)

    page = plain((await get(site, "/-/statements/@2")).text)
    assert (
        "Printed in 2 articles, from 1 May 2024 to 2 May 2024, including 2 times as a pull-quote"
        in (re.sub(r"\s+", " ", page))
    )
    assert (await get(site, "/-/statements/@2.json")).json()["pull_quote_count"] == 2
    assert "as a pull-quote" not in plain((await get(site, "/-/statements/@1")).text)


@pytest.mark.asyncio
async def test_page_of_a_quotation_labels_others(tmp_path: Path) -> None:
    """A pull-quote inside another quotation, which is not the one that it repeats."""
    given = article(1)
    given["text"] += f" “He said ‘{REPEATED}’ twice,” Ola Dahl said."
    around = f"He said ‘{REPEATED}’ twice,"
    given["quotes"].append([around, "Ola Dahl", "full", "Ola Dahl", "said"])
    given["quotes"][1][5] |= {"parent": 2, "start_char": given["text"].rindex(REPEATED)}
    site = Datasette([str(build(tmp_path / "mill.db", [given]))])
    nested = (await get(site, "/-/quotes/@3")).text
    assert nested.count(TAG) == 1
    # Its heading says so already.
    repeated = (await get(site, "/-/quotes/@1")).text
    assert "Repeated as a pull-quote" in repeated
    assert TAG not in repeated


@pytest.mark.asyncio
async def test_data_say_what_a_pull_quote_repeats(site: Datasette) -> None:
    statement = (await get(site, "/-/statements/@2.json")).json()
    printings = [one for wording in statement["wordings"] for one in wording["printings"]]
    originals = [with_keys(site, f"/-/quotes/@{n}") for n in (1, 3)]
    assert [f"/-/quotes/{one['repeats_key']}" for one in printings] == originals
    home = (await get(site, "/-/home.json")).json()["statements"]
    assert {one["text"]: one["is_pull_quote"] for one in home}[REPEATED] is True
    assert [one["is_pull_quote"] for one in home].count(True) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("feed", ["/-/quotes.atom?printings=all", "/-/speakers/nora-quill.atom"])
async def test_feeds_label_pull_quotes(site: Datasette, feed: str) -> None:
    root = ElementTree.fromstring((await get(site, feed)).text)
    contents = [entry.findtext(f"{ATOM}content") or "" for entry in root.findall(f"{ATOM}entry")]
    assert contents
    for content in contents:
        is_label = content.splitlines()[-1] == "Pull-quote"
        assert is_label == ("number" not in content.splitlines()[0]), content


def digest(path: Path, *more: str) -> str:
    result = CliRunner().invoke(main, ["digest", str(path), "--since", "2000-01-01", *more])
    assert result.exit_code == 0
    return result.stdout


def test_digests_label_pull_quotes(path: Path) -> None:
    lines = digest(path).splitlines()
    sources = {lines[n - 1]: line for n, line in enumerate(lines) if line.startswith("    Nora")}
    assert sources[f"“{REPEATED}”"].endswith(", pull-quote")
    assert sum("pull-quote" in line for line in lines) == 2
    page = digest(path, "--format", "html")
    assert (
        len(re.findall(r"<p>(?:<a [^>]*>)?Nora Quill, [^<]*, pull-quote(?:</a>)?</p>", page)) == 2
    )
    quotations = json.loads(digest(path, "--format", "json"))["quotations"]
    assert {bool(one["repeats_key"]): one["text"] == REPEATED for one in quotations} == {
        True: True,
        False: False,
    }


def test_search_in_the_terminal_labels_pull_quotes(path: Path) -> None:
    result = CliRunner().invoke(main, ["search", str(path), "card"])
    assert result.stdout.count(", pull-quote\n") == 2
    assert result.stdout.count("“") == 4


@pytest.mark.asyncio
async def test_pictures_and_previews_label_pull_quotes(site: Datasette) -> None:
    texts = ElementTree.fromstring((await get(site, "/-/quotes/@2.svg")).text).itertext()
    assert "Pull-quote, Valley Post 1, 1 May 2024" in list(texts)
    assert "Pull-quote" not in (await get(site, "/-/quotes/@1.svg")).text
    page = (await get(site, "/-/quotes/@2")).text
    (description,) = re.findall('<meta property="og:description" content="([^"]*)"', page)
    assert description == "Mill report 1, Valley Post 1, 1 May 2024, pull-quote"
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    original = with_keys(site, "/-/quotes/@1")
    assert json.loads(text)["isBasedOn"] == f"http://localhost{original}"
    page = (await get(site, "/-/speakers/nora-quill?q=card+-spring")).text
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)
    (quotation,) = (one for one in json.loads(text)["@graph"] if one["@type"] == "Quotation")
    assert quotation["isBasedOn"].startswith("http://localhost/-/quotes/")
