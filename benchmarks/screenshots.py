"""Take the pictures in docs/ again.

    python -m benchmarks.screenshots [NAME...]

Indexes the articles in examples/ with the default model, serves the file, and photographs its pages
with Chromium: all pictures, or those that are named ("site-dark"). Look at each before you commit
it: which mistakes the program makes is part of what it shows. Fonts are those of the machine.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from benchmarks.tables import DOCS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

QUOTEDEX = (sys.executable, "-m", "quotedex")
EXAMPLES = DOCS.parent / "examples"
WIDTH, PHONE, GAP = 1120, 360, 20  # pixels; three phones and two gaps are as wide as the others

KEYS = {
    "quotes": "SELECT key FROM quotes WHERE text LIKE ? || '%' ORDER BY id",
    "statements": (
        "SELECT statements.key FROM statements JOIN quotes ON quotes.statement_id = statements.id"
        " WHERE quotes.text LIKE ? || '%' ORDER BY quotes.id"
    ),
    "articles": "SELECT key FROM articles WHERE title LIKE '%' || ? || '%' ORDER BY id",
    "speakers": "SELECT key FROM speakers WHERE name = ? ORDER BY quote_count DESC",
}


@dataclass(frozen=True)
class Picture:
    """An address, in which `{quotes:She told}` stands for the key of what begins like this, and
    how many pixels of its page are shown."""

    address: str
    height: int
    scheme: Literal["light", "dark"] = "light"


TABLE = "/quotes/quote_details?_search=railway&_sort=published" + "".join(
    f"&_nocol={name}" for name in ("id", "speaker_kind", "speaker_description", "speaker_from")
)
RAILWAY = "/-/quotes?q=railway"
COUNCIL = "/-/articles/{articles:council split over Varrow Link}"
PICTURES = {
    "search": Picture(RAILWAY, 960),
    "site-quotation": Picture("/-/quotes/{quotes:She told the council}", 1000),
    "site-article": Picture(COUNCIL, 1060),
    "site-speaker": Picture("/-/speakers/{speakers:Imelda Raske}", 1060),
    "site-statement": Picture("/-/statements/{statements:I’ll tell you what my mother}", 1070),
    "site-network": Picture("/-/network", 1180),
    "site-outlets-and-speakers": Picture("/-/outlets-and-speakers", 900),
    "site-compare": Picture(
        "/-/compare?speakers={speakers:Imelda Raske},{speakers:Gordon Thale}", 1160
    ),
    "site-table": Picture(TABLE, 1160),
    "site-dark": Picture("/-/outlets/The+Northern+Ledger", 1000, scheme="dark"),
}
PHONES = {"site-phone": tuple(Picture(address, 760) for address in ("/", RAILWAY, COUNCIL))}
"""Pictures of three phones side by side."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="default: all")
    names = parser.parse_args().names or [*PICTURES, *PHONES]
    if unknown := set(names) - {*PICTURES, *PHONES}:
        parser.error(f"no such picture: {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "quotes.db"
        subprocess.run([*QUOTEDEX, "index", str(path), str(EXAMPLES)], check=True)
        with _serving(path) as site, _chromium() as browser:
            for name in names:
                taken = _phones if name in PHONES else _page
                (DOCS / f"{name}.png").write_bytes(taken(browser, site, path, name))
                print(f"docs/{name}.png", file=sys.stderr)


def with_keys(address: str, path: Path) -> str:
    """The address with the keys of this file."""

    def key(match: re.Match[str]) -> str:
        table, words = match.groups()
        with closing(sqlite3.connect(path)) as conn:
            found = conn.execute(KEYS[table], (words,)).fetchone()
        if not found:
            raise SystemExit(f"nothing in {table} is {words!r}: choose another subject")
        return str(found[0])

    return re.sub(r"\{(\w+):([^}]+)\}", key, address)


def _page(browser: Browser, site: str, path: Path, name: str) -> bytes:
    picture = PICTURES[name]
    with _window(browser, WIDTH, picture) as page:
        return _shot(page, site + with_keys(picture.address, path))


def _phones(browser: Browser, site: str, path: Path, name: str) -> bytes:
    """A page with the pictures of the phones, which is photographed in turn."""
    images = ""
    for phone in PHONES[name]:
        with _window(browser, PHONE, phone, has_touch=True) as page:
            shot = _shot(page, site + with_keys(phone.address, path))
        images += f'<img src="data:image/png;base64,{b64encode(shot).decode()}">'
    style = f"margin: 0; display: flex; gap: {GAP}px; background: gray"
    with _window(browser, WIDTH, PHONES[name][0]) as page:
        page.set_content(f'<body style="{style}">{images}')
        return page.screenshot()


@contextmanager
def _window(browser: Browser, width: int, picture: Picture, **options: Any) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": width, "height": picture.height},
        color_scheme=picture.scheme,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
        **options,
    )
    with closing(context):
        yield context.new_page()


def _shot(page: Page, url: str) -> bytes:
    answer = page.goto(url)
    if not answer or not answer.ok:
        raise SystemExit(f"{url} has no page")
    return page.screenshot(animations="disabled")


@contextmanager
def _serving(path: Path) -> Iterator[str]:
    command = [*QUOTEDEX, "serve", str(path), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            address = re.search(r"http://\S+?(?=/\s)", server.stdout.readline())
            assert address, "the site did not start"
            yield address[0]
        finally:
            server.terminate()


@contextmanager
def _chromium() -> Iterator[Browser]:
    # Loaded here, so that a test without a browser can read the names of the pictures.
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        raise SystemExit("no Chromium on this machine (apt-get install chromium)")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        with closing(browser):
            yield browser


if __name__ == "__main__":
    main()
