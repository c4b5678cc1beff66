"""What the README shows is run: its SQL on an index of the seeds, its Python, its links."""

from __future__ import annotations

import doctest
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

import quotedex
from quotedex.cli import main
from tests.helpers import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
SQL = re.findall(r"```sql\n(.*?)```", README, flags=re.DOTALL)
SHELL = re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """The index that the README's first command makes."""
    path = tmp_path_factory.mktemp("readme") / "quotes.db"
    result = CliRunner().invoke(main, ["index", str(path), str(ROOT / "seeds")])
    assert result.exit_code == 0, result.output
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        yield connection


@pytest.mark.slow
@pytest.mark.parametrize("query", SQL, ids=range(len(SQL)))
def test_sql_answers(query: str, seeds: sqlite3.Connection) -> None:
    assert seeds.execute(query).fetchall()


@pytest.mark.slow
def test_the_table_is_what_the_first_query_answers(seeds: sqlite3.Connection) -> None:
    (table,) = re.findall(r"^\| speaker.*?\n\n", README, flags=re.M | re.S)
    lines = [tuple(line.strip("| ").split(" | ")) for line in table.strip().splitlines()]
    answer = seeds.execute(SQL[0])
    assert lines[0] == tuple(column[0] for column in answer.description)
    assert lines[2:] == answer.fetchall()


@pytest.mark.slow
def test_quotations_stand_where_the_file_says(seeds: sqlite3.Connection) -> None:
    (query,) = (query for query in SQL if "AS exact" in query)
    assert seeds.execute(query).fetchall() == [(1,)]


@pytest.mark.slow
def test_the_recurring_statement_is_found_in_several_articles(seeds: sqlite3.Connection) -> None:
    (query,) = (query for query in SQL if "FROM statements" in query)
    assert "there are PR risks as well." in dict(seeds.execute(query))


def test_python_example() -> None:
    result = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert result.attempted > 0
    assert result.failed == 0


def test_accuracy_is_that_of_the_measured_table() -> None:
    accuracy = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")
    heading, row = re.findall(
        r"real dev\*\*: (\d+) documents.*?^(\| quotedex [\d.]+ \|.*?)$",
        accuracy,
        flags=re.M | re.S,
    )[0]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    found, named = (round(100 * float(cells[column])) for column in (2, 8))
    told = re.findall(r"In (\d+) news articles .*?(\d+) of 100\s.*? for (\d+)\.", README, re.S)
    assert told == [(heading, str(found), str(named))]


def test_two_commands_of_one_line() -> None:
    assert len(SHELL) == 2
    assert all(len(block.splitlines()) == 1 for block in SHELL)
    assert "pip install ." in SHELL[0]
    assert "quotedex index quotes.db seeds/" in SHELL[0]
    assert "pytest" in SHELL[1]


@pytest.mark.parametrize(("word", "block"), [("quotedex serve", 0), ("pytest", 1)])
def test_checks_run_the_commands_that_the_readme_prints(word: str, block: int) -> None:
    """.ci/run finds each command by a word; the same search must find these lines here."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    (function,) = re.findall(r"^readme_command\(\) \{.*?^\}", script, flags=re.DOTALL | re.M)
    assert re.search(rf"readme_command ['\"]?{word}", script)
    found = subprocess.run(
        ["bash", "-c", f"{function}\nreadme_command '{word}'"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout == SHELL[block]


def test_every_command_is_shown() -> None:
    for name in main.commands:
        assert f"quotedex {name} " in README


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    files = [link.partition("#")[0] for link in links if "://" not in link]
    missing = [name for name in files if name and not (page.parent / name).exists()]
    assert missing == []
    anchors = [link.partition("#")[::2] for link in links if "#" in link and "://" not in link]
    lost = [
        f"{name}#{anchor}"
        for name, anchor in anchors
        if anchor not in headings(page.parent / name if name else page)
    ]
    assert lost == []


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_index_leads_to_every_page() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(([^)#]+)\)", index))
    assert {page.name for page in (ROOT / "docs").glob("*.md")} - {"index.md"} <= linked


def test_changelog_begins_with_this_version() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    (newest, *_older) = re.findall(r"^## (\S+)", changes, flags=re.MULTILINE)
    assert newest == quotedex.__version__
