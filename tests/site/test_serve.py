"""The site that `quotedex serve` runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from quotedex.index import index
from quotedex.site.serve import build_site
from tests.helpers import toy_extractor as toy


def test_missing_pages_are_cheap(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No error is printed with all its variables, which takes seconds."""
    path = tmp_path / "quotes.db"
    index(path, [toy.document("a.txt", "“Rents rise,” Ada Okafor said.")], extract=toy.joined)
    served = build_site(path)
    for address in ("/nothing/here", "/-/quotes/99"):
        response = asyncio.run(served.client.get(address))
        assert response.status_code == 404
    printed = capsys.readouterr()
    assert "locals" not in printed.out + printed.err
    assert len(printed.out + printed.err) < 200
