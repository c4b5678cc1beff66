"""`quotedex digest`: what is new, in three formats, and where the next one begins."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from quotedex.cli import main
from quotedex.site.digest import moment, read_digest
from tests.helpers.site_fixture import CASES, build, hostile, many

NOON = datetime(2024, 5, 3, 12, tzinfo=UTC)
LONG_AGO = "2000-01-01"


def digest(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["digest", *map(str, arguments)])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("30m", "2024-05-03T11:30:00.000+00:00"),
        ("12h", "2024-05-03T00:00:00.000+00:00"),
        ("1d", "2024-05-02T12:00:00.000+00:00"),
        (" 2 w ", "2024-04-19T12:00:00.000+00:00"),
        ("2024-04-30", "2024-04-30T00:00:00.000+00:00"),
        ("2024-04-30T08:15+02:00", "2024-04-30T06:15:00.000+00:00"),
    ],
)
def test_since_takes_spans_dates_and_times(given: str, expected: str) -> None:
    assert moment(given, NOON) == expected


@pytest.mark.parametrize("given", ["", "yesterday", "1y", "d", "-1d", "2024-13-01", "999999w"])
def test_other_times_are_refused_in_a_sentence(tmp_path: Path, given: str) -> None:
    with pytest.raises(ValueError, match="neither a time"):
        moment(given, NOON)
    result = digest(build(tmp_path / "news.db", many(1)), "--since", given)
    assert result.exit_code == 2
    assert "neither a time" in result.output


def test_prints_what_the_search_finds_among_the_new(tmp_path: Path) -> None:
    path = build(tmp_path / "news.db", many(30))
    middle = read_digest(path, "", moment(LONG_AGO, NOON)).until
    build(path, many(33)[30:])
    result = digest(path, "--since", middle, "--query", "lamp -31")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "2 new quotations for lamp -31"
    assert "“Lamp 32 burns,”\n    Ana Okafor, 2023-05-05, Lantern Weekly, Lamp report 32\n" in (
        result.stdout
    )
    assert "Lamp 31" not in result.stdout
    assert "https://lantern.example/32" in result.stdout
    old = digest(path, "--since", middle, "--query", '"lamp 7"')
    assert (old.stdout, old.exit_code) == ("", 0)


def test_an_article_indexed_again_is_not_new(tmp_path: Path) -> None:
    path = build(tmp_path / "news.db", many(5))
    middle = read_digest(path, "", moment(LONG_AGO, NOON)).until
    build(path, many(5))
    assert digest(path, "--since", middle).output == ""


def test_state_begins_where_the_last_digest_ended(tmp_path: Path) -> None:
    path, state = build(tmp_path / "news.db", many(3)), tmp_path / "lamp.state"
    first = digest(path, "--state", state)
    assert first.stdout.startswith("3 new quotations\n")
    for _ in range(2):
        again = digest(path, "--state", state)
        assert (again.output, again.exit_code) == ("", 0)
    build(path, many(4)[3:])
    assert digest(path, "--state", state).stdout.startswith("1 new quotation\n")
    state.write_text("a shopping list", encoding="utf-8")
    refused = digest(path, "--state", state)
    assert refused.exit_code == 2
    assert "no digest wrote it" in refused.output
    missing = digest(path, "--state", tmp_path / "none" / "x")
    assert missing.exit_code == 1
    assert "No such file" in missing.output


def test_limit_says_how_many_are_left_out(tmp_path: Path) -> None:
    result = digest(build(tmp_path / "news.db", many(7)), "--limit", "5")
    assert result.stdout.startswith("7 new quotations\n")
    assert result.stdout.endswith("\nand 2 more\n")
    assert result.stdout.count("“") == 5


def test_unsure_ones_are_left_out_unless_asked_for(tmp_path: Path) -> None:
    articles = many(3)
    articles[0]["quotes"][0].append({"confidence": 0.4})
    path = build(tmp_path / "news.db", articles)
    sure, whole = (digest(path, "--since", LONG_AGO, *more).stdout for more in ([], ["--unsure"]))
    assert sure.startswith("2 new quotations")
    assert whole.startswith("3 new quotations")


def test_site_makes_links(tmp_path: Path) -> None:
    path = build(tmp_path / "news.db", many(1))
    site = ("--site", "https://quotes.example/press/", "--query", "lamp&")
    data = json.loads(digest(path, "--format", "json", *site).stdout)
    (hit,) = data["quotations"]
    assert hit["page"] == f"https://quotes.example/press/-/quotes/{hit['key']}"
    assert data["url"] == "https://quotes.example/press/-/quotes?q=lamp%26&sort=indexed"
    assert hit["page"] in digest(path, *site).stdout
    assert f'href="{hit["page"]}"' in digest(path, "--format", "html", *site).stdout
    for wrong in ("quotes.example", "javascript:alert(1)", "https://", 'https://x/"', "http://[x"):
        assert digest(path, "--site", wrong).exit_code == 2


def test_errors_are_one_line(tmp_path: Path) -> None:
    path = build(tmp_path / "news.db", many(1))
    for arguments in ((path, "--query", '"lamp'), (tmp_path / "none.db",)):
        result = digest(*arguments)
        assert result.exit_code == 1
        assert result.output.startswith("Error: ")
        assert result.output.count("\n") == 1


class _Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    path = build(tmp_path / "bad.db", hostile(CASES["hostile"]))
    page = digest(path, "--format", "html", "--limit", "0").stdout
    tags = _Tags(page)
    assert set(tags.tags) == {"html", "meta", "title", "h1", "blockquote", "p", "a"}
    assert all(link.startswith("https://news.example/") for link in tags.links)
    for printed in (page, digest(path, "--limit", "0").stdout):
        assert all(char.isprintable() or char == "\n" for char in printed)
    data = json.loads(digest(path, "--format", "json", "--limit", "0").stdout)
    assert len(data["quotations"]) == data["total"] == len(CASES["hostile"])
