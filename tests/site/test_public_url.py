"""A forged `Host` is not repeated to other readers."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from datasette.app import Datasette

from quotedex.cli import main
from quotedex.errors import QuotedexError
from quotedex.index import index
from quotedex.site.publish import publish
from quotedex.site.serve import SiteOptions, build_site
from tests.helpers import toy_extractor as toy
from tests.helpers.site_client import with_keys

PAGES = (
    "/-/quotes.json?q=rents&_size=1",
    "/-/quotes.atom?q=rents",
    "/-/quotes/@1",
    "/-/speakers/@1.atom",
    "/-/compare?speakers=@1,@2",
    "/quotes/quotes?_facet=kind",
    "/quotes/quotes.json?_size=1&_next=1&_facet=kind",
    "/",
)
FORGED = {"host": "evil.example"}


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "quotes.db"
    text = "“Rents rise {0},” Ada Okafor said. “Rents fall {0},” Bo Lind said."
    documents = [toy.document(f"{n}.txt", text.format(n), f"2024-05-0{n}") for n in (1, 2, 3)]
    index(path, documents, extract=toy.extract)
    return path


async def answer(site: Datasette, address: str) -> Any:
    response = await site.client.get(with_keys(site, address, "quotes"), headers=FORGED)
    assert response.status_code == 200, address
    return response


async def texts(site: Datasette) -> list[str]:
    found = [await answer(site, address) for address in PAGES]
    return [each.text + json.dumps(dict(each.headers)) for each in found]


def run(site: Datasette) -> list[str]:
    return asyncio.run(texts(site))


def test_a_forged_host_is_nowhere(db: Path) -> None:
    site = build_site(db, SiteOptions(public_url="https://quotes.example/"))
    found = run(site)
    assert not [address for address, text in zip(PAGES, found, strict=True) if "evil" in text]
    assert sum("https://quotes.example/" in text for text in found) >= 5
    assert not [text for text in found if '"vary": "Host"' in text]


def test_caches_keep_hosts_apart(db: Path) -> None:
    found = run(build_site(db))
    assert any("evil.example" in text for text in found)
    missing = [
        page
        for page, text in zip(PAGES, found, strict=True)
        if ', Host"' not in text and '"vary": "Host"' not in text
    ]
    assert missing == []


@pytest.mark.parametrize(
    "url",
    ["quotes.example", "ftp://a.example", "https://", "https://a@b.example", "https://a\r\nb/", ""],
)
def test_what_is_no_address(db: Path, url: str) -> None:
    with pytest.raises(QuotedexError, match="is not an address such as https://quotes"):
        build_site(db, SiteOptions(public_url=url))


def test_a_path_is_another_setting(db: Path) -> None:
    with pytest.raises(QuotedexError, match="set Datasette's base_url"):
        build_site(db, SiteOptions(public_url="https://a.example/quotes/"))
    options = SiteOptions({"base_url": "/q/"}, public_url="https://a.example:8443")
    site = build_site(db, options)
    found = run(site)
    assert any("https://a.example:8443/q/-/quotes/" in text for text in found)


def test_other_settings_of_plugins_stay(db: Path, tmp_path: Path) -> None:
    plugins = {"datasette-quotedex": {"sql_processes": 0}, "other": {"x": 1}}
    (tmp_path / "m.json").write_text(json.dumps({"title": "T", "plugins": plugins}))
    site = build_site(
        db, SiteOptions(metadata=str(tmp_path / "m.json"), public_url="http://a.example")
    )
    assert site.plugin_config("datasette-quotedex") == {
        "sql_processes": 0,
        "public_url": "http://a.example",
    }
    assert site.plugin_config("other") == {"x": 1}


def test_a_published_copy_has_the_address(db: Path, tmp_path: Path) -> None:
    publish(db, tmp_path / "site", public_url="https://quotes.example")
    metadata = json.loads((tmp_path / "site" / "metadata.json").read_text())
    assert metadata["plugins"] == {"datasette-quotedex": {"public_url": "https://quotes.example"}}
    site = Datasette(config_dir=tmp_path / "site")
    asyncio.run(site.invoke_startup())
    assert not any("evil" in text for text in run(site))
    publish(db, tmp_path / "site")
    assert "plugins" not in json.loads((tmp_path / "site" / "metadata.json").read_text())


def test_commands(db: Path, tmp_path: Path) -> None:
    for command in (["serve", str(db)], ["publish-config", str(db), "-o", str(tmp_path / "s")]):
        result = CliRunner().invoke(main, [*command, "--public-url", "nowhere"])
        assert result.exit_code == 1
        assert (
            result.stderr == "Error: 'nowhere' is not an address such as https://quotes.example\n"
        )


def test_tables_show_no_folders_of_this_machine(tmp_path: Path) -> None:
    path = tmp_path / "quotes.db"
    document = toy.document(
        f"{tmp_path}/<b>news/a.txt", "“Rents rise,” Ada Okafor said.", path="a.txt", title="A"
    )
    index(path, [document], extract=toy.extract)
    site = build_site(path)

    async def pages() -> list[str]:
        addresses = ("/quotes/articles", "/quotes/articles/1")
        return [(await site.client.get(address)).text for address in addresses]

    for text in asyncio.run(pages()):
        assert str(tmp_path) not in text
        assert "…/&lt;b&gt;news/a.txt" in text
