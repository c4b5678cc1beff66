"""Published folders: the copy passes every check, and Datasette needs nothing else."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from datasette.app import Datasette
from hypothesis import example, given, settings
from hypothesis import strategies as st

import datasette_quotedex
from quotedex import cli
from quotedex.check import check
from quotedex.errors import DatabaseError, InputError, QuotedexError
from quotedex.index import index
from quotedex.models import Document
from quotedex.site.publish import PUBLIC_SETTINGS, publish
from quotedex.store.excerpts import LEFT_OUT, excerpt
from quotedex.text.edits import map_span
from tests.helpers import ROOT
from tests.helpers import toy_extractor as toy
from tests.helpers.site_client import Page, get
from tests.helpers.site_fixture import register

register()

TEXT = (
    "The harbor froze overnight and nobody at the quay remembered a colder morning.\n\n"
    "“Rents rise with the tide,” Ada Okafor said. She is the mayor and has a secret garden.\n\n"
    "Then the boats left, one by one, for the long winter. “We heard ‘never’ too often,” Ms Okafor"
    " said. A gull followed the last of them, and Bo Lindqvist, out of sight."
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("publish") / "quotes.db"
    documents = [
        toy.document("a.txt", TEXT, "2024-03-14", metadata=(("page", "A secret garden."),)),
        toy.document("b.txt", "Nothing was said in this one."),
    ]
    index(path, documents, extract=toy.extract)
    return path


@pytest.mark.parametrize("excerpts", [None, 0, 3, 1000])
def test_copy_passes_every_check(made: Path, tmp_path: Path, excerpts: int | None) -> None:
    copy = publish(made, tmp_path / "site", excerpts)
    assert [result for result in check(copy) if not result.ok] == []
    assert _said(copy) == _said(made)
    with closing(sqlite3.connect(copy)) as connection:
        texts = [text for (text,) in connection.execute("SELECT text FROM articles ORDER BY id")]
    if excerpts in (None, 1000):
        assert texts[0] == TEXT
    else:
        assert LEFT_OUT in texts[0]


def test_nothing_is_indexed_into_a_copy_with_excerpts(made: Path, tmp_path: Path) -> None:
    copy = publish(made, tmp_path / "site", 3)
    before = copy.read_bytes()
    with pytest.raises(DatabaseError, match="has only excerpts of articles"):
        index(copy, [toy.document("c.txt", TEXT.upper())], extract=toy.extract)
    assert copy.read_bytes() == before


def test_excerpts_keep_words_around_each_quotation_and_its_source(
    made: Path, tmp_path: Path
) -> None:
    copy = publish(made, tmp_path / "site", 2)
    with closing(sqlite3.connect(copy)) as connection:
        texts = connection.execute("SELECT text, word_count FROM articles ORDER BY id").fetchall()
    assert texts == [
        (
            "[…] colder morning.\n\n“Rents rise with the tide,” Ada Okafor said […]\n\n"
            "long winter. “We heard ‘never’ too often,” Ms Okafor said […]",
            23,
        ),
        ("[…]", 1),
    ]


def test_omitted_text_is_nowhere_in_the_file(made: Path, tmp_path: Path) -> None:
    assert b"secret garden" in made.read_bytes()
    assert b"secret garden" not in publish(made, tmp_path / "site", 2).read_bytes()


PIECES = st.lists(st.sampled_from(["a", "bé", "c\u200b", " ", "  ", "\n\n", "“", "”"]), max_size=60)


@settings(max_examples=400, deadline=None)
@given(
    PIECES.map("".join),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9))),
    st.integers(0, 3),
)
@example("", [(0, 0)], 0)
@example("a b c", [(2, 1), (0, 5), (2, 1)], 1)
def test_offsets_are_carried_into_excerpts(
    text: str, pairs: list[tuple[int, int]], words: int
) -> None:
    starts = [(min(start, len(text)), length) for start, length in pairs]
    spans = [(start, min(start + length, len(text))) for start, length in starts]
    short, layer = excerpt(text, spans[::2], spans[1::2], words)
    for start, end in spans:
        moved = map_span(start, end, layer.before, layer.after)
        assert short[slice(*moved)] == text[start:end]
        assert 0 <= moved[0] <= moved[1] <= len(short)
    if not spans:
        assert short == (LEFT_OUT if text.strip() else text)


@pytest.mark.asyncio
async def test_plain_datasette_serves_the_folder(made: Path, tmp_path: Path) -> None:
    copy = publish(made, tmp_path / "site", 5)
    site = Datasette([], config_dir=copy.parent)
    page = Page((await get(site, "/-/quotes", q="tide speaker:okafor")).text)
    assert "Rents rise with the tide" in page.text
    for name, value in PUBLIC_SETTINGS.items():
        assert site.setting(name) == value
    database = site.get_database("quotes")
    assert not database.is_mutable
    assert (await database.table_counts(0))["quotes"] == 3
    await get(site, "/quotes/quotes")


def test_folder_has_the_whole_plugin_and_nothing_else(made: Path, tmp_path: Path) -> None:
    folder = publish(made, tmp_path / "site").parent / "plugin"
    source = Path(datasette_quotedex.__file__).parent
    wanted = {
        path.relative_to(source)
        for path in source.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    package = folder / source.name
    assert {path.relative_to(package) for path in package.rglob("*") if path.is_file()} == wanted
    project = (folder / "pyproject.toml").read_text(encoding="utf-8")
    ours = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for requirement in re.findall(r'"((?:datasette|pluggy|rapidfuzz)[<>=].*?)"', project):
        assert f'"{requirement}"' in ours


def test_publishing_again_replaces_the_copy(made: Path, tmp_path: Path) -> None:
    first = publish(made, tmp_path / "site", 0)
    assert publish(made, tmp_path / "site", None) == first
    assert _said(first) == _said(made)
    assert not list(tmp_path.glob("site/.quotes*"))


def test_never_overwrites_the_original(made: Path) -> None:
    before = made.read_bytes()
    with pytest.raises(QuotedexError, match="choose another folder"):
        publish(made, made.parent)
    assert made.read_bytes() == before


def test_only_publishes_an_index(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="does not exist"):
        publish(tmp_path / "no.db", tmp_path / "site")
    assert not (tmp_path / "site").exists()
    (tmp_path / "file").write_text("x", encoding="utf-8")


def test_command_says_what_to_do_next(made: Path, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "site"
    arguments = ["publish-config", str(made), "-o", str(folder), "--excerpts", "3"]
    done = CliRunner().invoke(cli.main, arguments)
    assert done.exit_code == 0, done.output
    assert str(folder / "README.md") in done.output
    assert "with quotations and 3 words around each" in done.output
    readme = (folder / "README.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `([^`]+?)/?` \|", readme, re.MULTILINE))
    assert told | {"README.md", ".dockerignore"} == {path.name for path in folder.iterdir()}
    (folder / "file").touch()
    failed = CliRunner().invoke(cli.main, ["publish-config", str(made), "-o", f"{folder}/file/x"])
    assert failed.exit_code == 1
    assert "cannot write to" in failed.output


HOME = "/srv/brook-desk/news"


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of files in folders of somebody's home, some of one name, and of one with a URL."""

    def document(folder: str, path: str, **more: Any) -> Document:
        text = f"“Rents rise in {folder} {path},” Ada Okafor said."
        return Document(path, text, f"{HOME}/{folder}/{path}", path=path, **more)

    path = tmp_path_factory.mktemp("local") / "quotes.db"
    documents: list[Document | InputError] = [
        document("courier", "may/a.txt"),
        document("herald", "may/a.txt"),
        document("echo", "may/a.txt", url="https://echo.example/a"),
        document("echo", "b.txt"),
        Document("c", "“No rent at all,” Bo Lind said.", f"{HOME}/c.txt"),
        InputError(f"{HOME}/courier/bad.txt", "a binary file, not text"),
        InputError(f"{HOME}/herald/bad.txt", "a binary file, not text"),
        InputError("https://echo.example/gone", "not found"),
    ]
    index(path, documents, extract=toy.extract)
    return path


@pytest.mark.parametrize("excerpts", [None, 30])
def test_a_copy_has_no_local_paths(local: Path, tmp_path: Path, excerpts: int | None) -> None:
    assert HOME.encode() in local.read_bytes()
    copy = publish(local, tmp_path / "site", excerpts)
    for file in copy.parent.rglob("*"):
        assert file.is_dir() or b"brook-desk" not in file.read_bytes()
    assert [result for result in check(copy) if not result.ok] == []
    assert _said(copy) == _said(local)
    with closing(sqlite3.connect(copy)) as connection:
        places = {place for (place,) in connection.execute("SELECT location FROM articles")}
        failures = {place for (place,) in connection.execute("SELECT location FROM failures")}
        keys = connection.execute("SELECT key FROM articles ORDER BY id").fetchall()
    assert places == {
        *("…/courier/may/a.txt", "…/herald/may/a.txt", "https://echo.example/a", "b.txt", "c.txt")
    }
    assert failures == {"…/courier/bad.txt", "…/herald/bad.txt", "https://echo.example/gone"}
    with closing(sqlite3.connect(local)) as connection:
        assert connection.execute("SELECT key FROM articles ORDER BY id").fetchall() == keys


def test_a_damaged_file_without_a_location_is_published(local: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(local.read_bytes())
    with closing(sqlite3.connect(damaged, isolation_level=None)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'location TEXT NOT NULL', 'location TEXT')"
        )
    with closing(sqlite3.connect(damaged, isolation_level=None)) as connection:
        connection.execute("UPDATE articles SET location = NULL WHERE id = 1")
    copy = publish(damaged, tmp_path / "site", 30)
    with closing(sqlite3.connect(copy)) as connection:
        places = [place for (place,) in connection.execute("SELECT location FROM articles")]
    assert places.count(None) == 1
    assert b"brook-desk" not in copy.read_bytes()


@pytest.mark.asyncio
async def test_pages_and_exports_show_no_local_paths(local: Path) -> None:
    site = Datasette([str(local)])
    hits = (await get(site, "/-/quotes.json")).json()["hits"]
    assert {hit["article"]["location"] for hit in hits} == {"may/a.txt", "b.txt", "c.txt"}
    addresses = ["/-/quotes.csv", "/-/quotes.json", "/-/quotes.atom", "/-/about", "/-/about.json"]
    addresses += [hit["path"] + end for hit in hits for end in ("", ".json")]
    addresses += [hit["article"]["path"] + end for hit in hits for end in ("", ".json")]
    addresses += ["/", "/-/home.json", "/quotes/quote_details.json", "/quotes/unread-documents"]
    for address in addresses:
        assert HOME not in (await get(site, address)).text, address
    assert "…/courier/bad.txt" in (await get(site, "/-/about")).text
    assert "…/bad.txt" in (await get(site, "/quotes/unread-documents")).text


@pytest.mark.parametrize(
    ("options", "said", "has_all"),
    [
        ([], "quotations and 30 words around each", False),
        (["--excerpts", "2"], "quotations and 2 words around each", False),
        (["--full-text"], "whole articles", True),
    ],
)
def test_whole_articles_are_published_only_on_request(
    made: Path, tmp_path: Path, options: list[str], said: str, has_all: bool
) -> None:
    arguments = ["publish-config", str(made), "-o", str(tmp_path / "site"), *options]
    done = CliRunner().invoke(cli.main, arguments)
    assert done.exit_code == 0, done.output
    assert f"with {said}\n" in done.output
    with closing(sqlite3.connect(tmp_path / "site" / "quotes.db")) as connection:
        texts = [text for (text,) in connection.execute("SELECT text FROM articles")]
    assert ("Nothing was said in this one." in texts) == has_all
    readme = (tmp_path / "site" / "README.md").read_text(encoding="utf-8")
    assert ("It has whole articles" in readme) == has_all


def test_excerpts_and_full_text_exclude_each_other(made: Path, tmp_path: Path) -> None:
    options = ["-o", str(tmp_path / "site"), "--full-text", "--excerpts", "3"]
    done = CliRunner().invoke(cli.main, ["publish-config", str(made), *options])
    assert (done.exit_code, (tmp_path / "site").exists()) == (2, False)


@pytest.mark.asyncio
async def test_a_site_of_excerpts_works_whole(made: Path, tmp_path: Path) -> None:
    """Every page answers, and pages of articles say what they have."""
    copy = publish(made, tmp_path / "site")
    site = Datasette([], config_dir=copy.parent)
    waiting, seen = ["/"], {"/"}
    while waiting:
        address = waiting.pop()
        answer = await site.client.get(address, follow_redirects=True)
        assert answer.status_code == 200, f"{address}: {answer.text[:300]}"
        if address.startswith("/-/articles/") and not address.endswith(".json"):
            assert "only the quotations of the article, with 30 words" in answer.text
        links = Page(answer.text).own_links() if "<html" in answer.text else []
        for link in links:
            if link not in seen and len(seen) < 150 and link.count("&") < 2:
                seen.add(link)
                waiting.append(link)
    assert len(seen) > 40
    assert any(address.startswith("/-/articles/") for address in seen)


def _said(path: Path) -> list[tuple[Any, ...]]:
    """What is quoted and found, by the file's own words at its offsets."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(
            """SELECT quotes.id, substr(articles.text, start_char + 1, end_char - start_char),
                substr(
                    articles.text, mention_start_char + 1, mention_end_char - mention_start_char
                ),
                substr(articles.text, cue_start_char + 1, cue_end_char - cue_start_char), sha256
            FROM quotes JOIN articles ON articles.id = article_id
            JOIN quote_search ON quote_search.rowid = quotes.id ORDER BY quotes.id"""
        ).fetchall()
