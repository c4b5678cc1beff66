"""Requests to a site, and the contents of its pages."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from datasette.app import Datasette


async def get(site: Datasette, url: str, status: int = 200, **query: Any) -> Any:
    """The answer to an address, in which `@7` stands for the key of the row 7."""
    database = query.get("database") or re.findall(r"database=(\w+)", url)[:1]
    query = {name: with_keys(site, str(v), database, name) for name, v in query.items()}
    url = with_keys(site, url, database)
    response = await site.client.get(url + ("?" + urlencode(query) if query else ""))
    assert response.status_code == status, f"{url} {query}: {response.text[:300]}"
    return response


def with_keys(
    site: Datasette, address: str, database: str | list[str] = "", parameter: str = ""
) -> str:
    """`/-/quotes/@7` and `speakers=@1,@2` with the keys of these rows."""
    if "@" not in address or (parameter and parameter not in ("speaker", "speakers")):
        return address
    given = re.findall(r"database=(\w+)", address) or database
    name = given if isinstance(given, str) else "".join(given)
    known = [one for one in site.databases.values() if one.path]
    path = next((one.path for one in known if one.name == name), known[0].path if known else "")
    return with_keys_of(path, address)


def with_keys_of(path: str | Path, address: str) -> str:
    """The same for the rows of a file."""

    def with_key(found: re.Match[str]) -> str:
        sql = f"SELECT key FROM {found[1] or 'speakers'} WHERE id = ?"
        row = connection.execute(sql, (found[2] or found[3],)).fetchone()
        if row is None:
            return found[0]
        return f"/-/{found[1]}/{row[0]}" if found[1] else str(row[0])

    pages = "quotes|articles|speakers|statements"
    with closing(sqlite3.connect(path)) as connection:
        return re.sub(rf"/-/({pages})/@(\d+)|@(\d+)", with_key, address)


def with_all_keys(site: Datasette, *addresses: str) -> set[str]:
    """The same of several addresses."""
    return {with_keys(site, address) for address in addresses}


def assert_only_our_scripts(response: Any) -> None:
    """A page has no script inside: only files of ours, which its policy allows, and at most one
    block of data, which is JSON without markup and runs nowhere."""
    policy = response.headers["content-security-policy"]
    scripts = [attrs for tag, attrs in Page(response.text).tags if tag == "script"]
    files = [attrs for attrs in scripts if "src" in attrs]
    assert all(set(attrs) == {"src", "defer"} for attrs in files)
    ours = [f"/-/static-plugins/quotedex/{name}.js" for name in ("search", "copy")]
    assert [attrs["src"] for attrs in files] in (ours, ours[:1])
    allowed = [part.strip() for part in policy.split(";") if "script" in part]
    assert allowed == ["script-src 'self'"]
    assert "default-src 'none'" in policy
    assert [attrs for attrs in scripts if "src" not in attrs] in (
        [],
        [{"type": "application/ld+json"}],
    )
    contents = re.findall(r"<script\b[^>]*>(.*?)</script>", response.text, re.DOTALL)
    assert len(contents) == len(scripts) == response.text.lower().count("<script")
    for content in filter(None, contents):
        assert not set("<>&\u2028\u2029") & set(content)
        assert json.loads(content)["@context"] == "https://schema.org"


class Page(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.cdata_elem != "script":  # data for programs; readers do not see it
            self.texts.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.texts))

    def links(self) -> dict[str, str]:
        return {attrs["href"] or "": tag for tag, attrs in self.tags if "href" in attrs}

    def own_links(self) -> list[str]:
        return [link for link in self.links() if link.startswith("/")]
