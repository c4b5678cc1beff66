"""Each picture in docs/ is shown by a page and taken by a program, whose subjects are there."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.screenshots import EXAMPLES, KEYS, PHONES, PICTURES, with_keys
from quotedex.models import Document
from quotedex.read import read
from tests.helpers import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SHOWN = {
    (page.parent / name).resolve()
    for page in PAGES
    for name in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
}
THERE = {path.resolve() for path in (ROOT / "docs").glob("*.png")}
TAKEN = [*PICTURES.values(), *(phone for phones in PHONES.values() for phone in phones)]
SUBJECTS = {subject for one in TAKEN for subject in re.findall(r"\{(\w+):([^}]+)\}", one.address)}


def test_pages_show_all_pictures_and_no_others() -> None:
    assert SHOWN == THERE


def test_the_program_takes_all_pictures_and_no_others() -> None:
    assert {path.stem for path in THERE} == {*PICTURES, *PHONES}


def test_pictures_have_the_size_that_the_program_gives_them() -> None:
    for name, picture in PICTURES.items():
        head = (ROOT / "docs" / f"{name}.png").read_bytes()[:24]
        width, height = (int.from_bytes(head[at : at + 4], "big") for at in (16, 20))
        assert (name, width, height) == (name, 1120, picture.height)


@pytest.fixture(scope="module")
def articles() -> list[Document]:
    return [one for one in read([EXAMPLES]) if isinstance(one, Document)]


@pytest.mark.parametrize(("table", "words"), sorted(SUBJECTS))
def test_subjects_are_in_the_examples(table: str, words: str, articles: list[Document]) -> None:
    texts = (article.title if table == "articles" else article.text for article in articles)
    assert any(words in (text or "") for text in texts)


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    """A file with the columns in which subjects are looked for."""
    file = tmp_path / "quotes.db"
    with closing(sqlite3.connect(file)) as conn:
        conn.executescript("""
            CREATE TABLE quotes (id, key, text, statement_id);
            CREATE TABLE statements (id, key);
            CREATE TABLE articles (id, key, title);
            CREATE TABLE speakers (id, key, name, quote_count);
            INSERT INTO quotes VALUES (1, 'q1', 'The pier is shut', 2), (2, 'q2', 'The pier', 1);
            INSERT INTO statements VALUES (1, 's1'), (2, 's2');
            INSERT INTO articles VALUES (1, 'a1', 'Pier stays shut');
            INSERT INTO speakers VALUES (1, 'lind', 'Bo Lind', 1), (2, 'lind-2', 'Bo Lind', 9);
        """)
        yield file


def test_addresses_have_the_keys_of_the_file(path: Path) -> None:
    assert with_keys("/-/quotes/{quotes:The pier}", path) == "/-/quotes/q1"
    assert with_keys("/-/x/{statements:The pier is}", path) == "/-/x/s2"
    assert with_keys("{articles:stays},{speakers:Bo Lind}", path) == "a1,lind-2"
    for table in KEYS:
        with pytest.raises(SystemExit, match=f"nothing in {table} is 'Snow'"):
            with_keys(f"/{{{table}:Snow}}", path)
