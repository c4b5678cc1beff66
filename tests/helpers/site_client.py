"""Requests to a site, and the contents of its pages."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

from datasette.app import Datasette


async def get(site: Datasette, url: str, status: int = 200, **query: Any) -> Any:
    response = await site.client.get(url + ("?" + urlencode(query) if query else ""))
    assert response.status_code == status, f"{url} {query}: {response.text[:300]}"
    return response


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
        self.texts.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.texts))

    def links(self) -> dict[str, str]:
        return {attrs["href"] or "": tag for tag, attrs in self.tags if "href" in attrs}

    def own_links(self) -> list[str]:
        return [link for link in self.links() if link.startswith("/")]
