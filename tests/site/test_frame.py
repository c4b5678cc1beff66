"""Datasette's own pages in our frame, and as they were where there are no quotations."""

from __future__ import annotations

import importlib
import re
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from datasette.app import Datasette
from datasette.plugins import pm

from tests.helpers.site_client import get
from tests.helpers.site_fixture import build, register

register()

LINK = re.compile(r'<a class="quotedex-name" href="([^"]*)">([^<]*)</a>')
OURS = ("quotedex", "datasette.css", "datasette.js", "column-notes", 'role="main"', "aria-level")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("frame") / "news.db")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("url", "status"),
    [
        *(("/news", 200), ("/news/quotes", 200), ("/news/quotes/1", 200)),
        *(("/news/most-quoted", 200), ("/-/plugins", 200), ("/news/nothing", 404)),
    ],
)
async def test_every_page_has_the_way_back(path: Path, url: str, status: int) -> None:
    site = Datasette([str(path)], metadata={"title": "Quotes & <Claims>"})
    page = (await get(site, url, status=status)).text
    assert page.count('<html lang="en">') == 1
    if "quotedex/quotedex.css" not in page:  # not a page of ours
        assert LINK.findall(page) == [("/", "Quotes &amp; &lt;Claims&gt;")]
        assert "datasette.css" in page
        assert page.count('id="main" role="main"') == 1
    for address in ("/-/quotes", "/-/speakers", "/-/about", "/news"):
        assert f'href="{address}"' in page


@pytest.mark.asyncio
async def test_notes_on_columns_are_folded(path: Path) -> None:
    page = (await get(Datasette([str(path)]), "/news/quotes")).text
    notes = re.findall(r'<details class="column-notes">(.*?)</details>', page, re.DOTALL)
    assert len(notes) == 1
    assert "<dt>start_char</dt>" in notes[0]
    assert notes[0].count("</dl>") == 1


@pytest.mark.asyncio
async def test_other_databases_of_the_site_have_it_too(path: Path, tmp_path: Path) -> None:
    page = (await get(Datasette([str(path), str(_other(tmp_path))]), "/other/t")).text
    assert "datasette.css" in page
    assert len(LINK.findall(page)) == 1


@pytest.mark.asyncio
@pytest.mark.parametrize("url", ["/", "/other", "/other/t", "/other/t/1", "/-/plugins"])
async def test_nothing_changes_without_quotations(tmp_path: Path, url: str) -> None:
    page = (await get(Datasette([str(_other(tmp_path))]), url)).text
    text = page.replace('"quotedex"', "").replace("datasette_quotedex", "")
    if url != "/-/plugins":
        assert [word for word in OURS if word in text] == []
    assert not LINK.findall(page)


@pytest.mark.asyncio
async def test_readers_without_permission_see_no_links(path: Path) -> None:
    settings = {"databases": {"news": {"allow": {"id": "editor"}}}}
    site = Datasette([str(path)], metadata=settings)
    if hasattr(site, "get_instance_metadata"):
        site = Datasette([str(path)], config=settings)
    page = (await get(site, "/-/plugins")).text
    assert len(LINK.findall(page)) == 1
    assert "quotedex-pages" not in page
    assert 'href="/-/speakers"' not in page


@pytest.mark.asyncio
async def test_a_publisher_may_have_a_base_template(path: Path, tmp_path: Path) -> None:
    own = '{% extends "default:base.html" %}{% block footer %}Our paper{% endblock %}'
    (tmp_path / "base.html").write_text(own, encoding="utf-8")
    page = (await get(Datasette([str(path)], template_dir=str(tmp_path)), "/news/quotes")).text
    assert "Our paper" in page
    assert not LINK.findall(page)
    (tmp_path / "base.html").write_text(own.replace("default:", "quotedex:"), encoding="utf-8")
    page = (await get(Datasette([str(path)], template_dir=str(tmp_path)), "/news/quotes")).text
    assert "Our paper" in page
    assert len(LINK.findall(page)) == 1


@pytest.fixture
def theme(tmp_path: Path) -> Iterator[None]:
    """A plugin with templates of the same names as ours."""
    templates = tmp_path / "theme" / "templates"
    templates.mkdir(parents=True)
    for name, block in (("base", "footer"), ("row", "content")):
        shown = f"{{% block {block} %}}Theme of {name}{{% endblock %}}"
        text = f'{{% extends "default:{name}.html" %}}{shown}'
        (templates / f"{name}.html").write_text(text, encoding="utf-8")
    (tmp_path / "theme" / "__init__.py").write_text("", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(tmp_path))
        plugin = importlib.import_module("theme")
        pm.register(plugin, name="theme")
        yield
        pm.unregister(plugin)
        del sys.modules["theme"]


@pytest.mark.asyncio
@pytest.mark.usefixtures("theme")
async def test_templates_of_other_plugins_count_within_the_frame(path: Path) -> None:
    site = Datasette([str(path)])
    for url, shown in (("/news/quotes", "Theme of base"), ("/news/quotes/1", "Theme of row")):
        page = (await get(site, url)).text
        assert shown in page
        assert len(LINK.findall(page)) == 1
        assert page.count('<html lang="en">') == 1
    assert "Theme of" not in (await get(site, "/-/quotes")).text


@pytest.mark.asyncio
async def test_a_publisher_may_do_without_the_frame(path: Path) -> None:
    settings = {"plugins": {"datasette-quotedex": {"frame": False}}}
    site = Datasette([str(path)], metadata=settings)
    if hasattr(site, "get_instance_metadata"):
        site = Datasette([str(path)], config=settings)
    for url in ("/news/quotes", "/news/quotes?_sort=nothing"):
        page = (await site.client.get(url)).text
        assert "datasette.css" not in page
        assert not LINK.findall(page)
    assert "quotedex.css" in (await get(site, "/-/quotes")).text


def _other(folder: Path) -> Path:
    path = folder / "other.db"
    db = sqlite3.connect(path)
    db.executescript("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)")
    db.close()
    return path


ERRORS = [
    ("/news/quotes?_sort=nothing", (400, 500), "Cannot sort table by nothing"),
    ("/-/broken", (500,), "it broke &lt;b&gt;x"),
    ("/-/slow", (400,), "too long"),
]


def breaking(tmp_path: Path, *files: Path) -> Datasette:
    """A site with a plugin whose pages fail."""
    (tmp_path / "breaking.py").write_text(
        "from datasette import hookimpl\n"
        "from datasette.database import QueryInterrupted\n"
        "def broken(): raise ZeroDivisionError('it broke <b>' + 'x' * 400)\n"
        "def slow(): raise QueryInterrupted(Exception(), 'select 1', {})\n"
        "@hookimpl\n"
        "def register_routes(): return [('/-/broken$', broken), ('/-/slow$', slow)]\n"
    )
    return Datasette([str(file) for file in files], plugins_dir=str(tmp_path))


@pytest.fixture
def unregistered() -> Iterator[None]:
    """Take the plugins of a test away at its end: all sites of this process have them."""
    before = set(pm.get_plugins())
    yield
    for plugin in set(pm.get_plugins()) - before:
        pm.unregister(plugin)


@pytest.mark.asyncio
@pytest.mark.usefixtures("unregistered")
@pytest.mark.parametrize(("url", "statuses", "message"), ERRORS)
async def test_pages_of_errors_have_the_way_back(
    path: Path, tmp_path: Path, url: str, statuses: tuple[int, ...], message: str
) -> None:
    site = breaking(tmp_path, path)
    answer = await site.client.get(url)
    assert answer.status_code in statuses
    page = answer.text
    assert message in page
    assert page.count('<html lang="en">') == 1
    assert page.count('id="main" role="main"') == 1
    assert LINK.findall(page) == [("/", "Quotations")]
    assert 'href="/-/quotes"' in page
    for file in ("datasette.css", "datasette.js"):
        (address,) = re.findall(rf'"([^"]*{file})"', page)
        assert (await site.client.get(address)).status_code == 200
    # What follows in the same task is as ever.
    assert (await get(site, "/news/quotes")).text.count("datasette.css") == 1


@pytest.mark.asyncio
@pytest.mark.usefixtures("unregistered")
async def test_errors_as_data_and_without_quotations_are_as_they_were(
    path: Path, tmp_path: Path
) -> None:
    site = breaking(tmp_path, path)
    assert (await site.client.get("/news/quotes.json?_sort=nothing")).json()["ok"] is False
    site = Datasette([str(_other(tmp_path))])
    page = (await site.client.get("/other/t?_sort=nothing")).text
    assert "Cannot sort table by nothing" in page
    assert [word for word in OURS if word in page] == []
    page = (await site.client.get("/-/broken")).text
    assert "it broke" in page
    assert [word for word in OURS if word in page] == []
