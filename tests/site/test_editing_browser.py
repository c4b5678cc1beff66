"""An editor in a real browser: sign in, correct, undo, without scripts and without axe findings."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpers import ROOT
from tests.helpers.site_client import with_keys_of
from tests.helpers.site_fixture import build
from tests.site.test_browser import AXE, CHROMIUM

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

pytestmark = pytest.mark.slow


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return build(tmp_path / "news.db")


@pytest.fixture
def link(path: Path) -> Iterator[str]:
    """The link that `quotedex serve --edit` prints."""
    program = (
        f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'src')!r}];"
        "from quotedex.cli import main; main()"
    )
    command = [sys.executable, "-u", "-c", program, "serve", str(path), "--edit", "-p", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        lines = (line for line in server.stdout if "link" in line)
        yield next(lines).split()[-1]
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_sign_in_correct_and_undo(path: Path, link: str, scheme: Any) -> None:
    site, _, _ = link.partition("/-/")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(java_script_enabled=False, color_scheme=scheme)
        page = context.new_page()
        page.goto(link)
        page.goto(site + with_keys_of(path, "/-/quotes/@1"))
        page.get_by_label("Name, or the key of a speaker").fill("Una Ek")
        page.get_by_label("Why", exact=True).fill("she told us")
        page.get_by_role("button", name="Correct").click()
        assert page.get_by_role("heading", level=1).inner_text().casefold().endswith("una ek")
        assert re.search("Corrected by .*: she told us", page.locator(".corrections").inner_text())
        corrected = page.url
        assert _findings(browser, context, page.url, scheme) == []
        assert _findings(browser, context, f"{site}/-/speakers/una-ek", scheme) == []
        assert _findings(browser, context, f"{site}/-/corrections", scheme) == []
        page.get_by_role("button", name="Undo").click()
        assert page.url == corrected
        assert page.locator(".corrections").count() == 0
        browser.close()


def _findings(browser: Any, signed_in: Any, url: str, scheme: Any) -> list[str]:
    """What axe finds on an editor's page, which has no scripts of its own."""
    for width in (1200, 360):
        context = browser.new_context(
            bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 800}
        )
        context.add_cookies(signed_in.cookies())
        page = context.new_page()
        page.goto(url)
        page.evaluate(AXE)
        found = page.evaluate("axe.run().then(result => result.violations)")
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        context.close()
        if found or wide > 0:
            return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found] or [f"{wide} px"]
    return []
