"""Our templates are rendered without awaiting, and a publisher's own in their place as Datasette
renders them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette

from tests.helpers.site_client import get
from tests.helpers.site_fixture import build, register

register()


async def site_with(tmp_path: Path, templates: dict[str, str], **options: Any) -> Datasette:
    for name, text in templates.items():
        file = tmp_path / "templates" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    folder = str(tmp_path / "templates") if templates else None
    site = Datasette([str(build(tmp_path / "news.db"))], template_dir=folder, **options)
    await site.invoke_startup()
    return site


@pytest.mark.asyncio
async def test_a_template_of_the_publisher_may_await(tmp_path: Path) -> None:
    links = "{% for link in menu_links() %}{{ link.label }}{% endfor %}"
    base = f"<title>Ours</title>{links}{{% block main %}}{{% endblock %}}"
    site = await site_with(tmp_path, {"quotedex/base.html": base})
    for url in ("/", "/-/quotes?q=rent", "/-/about"):
        page = (await get(site, url)).text
        assert page.strip().startswith("<title>Ours</title>")
        assert "Search quotations" in page


@pytest.mark.asyncio
async def test_the_home_page_of_the_publisher(tmp_path: Path) -> None:
    index = "My data: {% for database in databases %}{{ database.name }}{% endfor %}"
    site = await site_with(tmp_path, {"index.html": index})
    assert "My data: news" in (await get(site, "/")).text
    assert "Search quotations" in (await get(site, "/-/quotes")).text


@pytest.mark.asyncio
async def test_the_home_page_is_closed_with_the_site(tmp_path: Path) -> None:
    closed = {"allow": {"id": "root"}}
    site = await site_with(tmp_path, {}, metadata=closed)
    for url in ("/", "/-/quotes", "/-/quotes/@1"):
        await get(site, url, status=403)


@pytest.mark.asyncio
async def test_one_closed_table_closes_the_pages(tmp_path: Path) -> None:
    closed = {"databases": {"news": {"tables": {"topics": {"allow": {"id": "root"}}}}}}
    site = await site_with(tmp_path, {}, metadata=closed)
    await get(site, "/-/quotes", status=403)
    assert "Who said what" not in (await get(site, "/")).text


@pytest.mark.asyncio
async def test_a_closed_database_closes_the_pages(tmp_path: Path) -> None:
    closed = {"databases": {"news": {"allow": {"id": "root"}}}}
    site = await site_with(tmp_path, {}, metadata=closed)
    await get(site, "/-/quotes", status=403)
