"""The site in a real browser: Chromium, driven by Playwright, against `datasette serve`.

Skipped where there is no Chromium; with QUOTEDEX_REQUIRE_BROWSER=1 its absence is a failure.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal

import datasette
import pytest
from itsdangerous import URLSafeSerializer

from tests.helpers import ROOT, TESTS, load_cases
from tests.helpers.site_client import with_keys_of
from tests.helpers.site_fixture import CASES, build, hostile, many

REQUIRED = os.environ.get("QUOTEDEX_REQUIRE_BROWSER") == "1"
if REQUIRED:
    import playwright.sync_api as playwright
else:
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
if not CHROMIUM and not REQUIRED:
    pytest.skip("no Chromium on this machine (apt-get install chromium)", allow_module_level=True)

pytestmark = pytest.mark.slow

STRINGS: list[str] = load_cases("xss")["strings"]
AXE = (TESTS / "vendor" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
IS_1_0 = datasette.__version__.startswith("1.")
PAGES = {
    "home": "/",
    "search": "/-/quotes?q=rent",
    "newest": "/-/quotes",
    "filtered": "/-/quotes?q=rent+OR+lamp&speaker=@1&kind=full",
    "second page": "/-/quotes?sort=date&next=6_2023-05-06",
    "nothing": "/-/quotes?q=zzzz",
    "suggestion": "/-/quotes?q=freze",
    "problem": "/-/quotes?q=%22rent",
    "quotation": "/-/quotes/@1",
    "speaker": "/-/speakers/@1",
    "comparison": "/-/compare?speakers=@1,@2&q=rent",
    "statement": "/-/statements/@1",
    "article": "/-/articles/@1",
    "about": "/-/about",
    "speakers": "/-/speakers?letter=a",
    "speakers found": "/-/speakers?q=okafor&kind=person&sort=number",
    "outlets": "/-/outlets",
    "outlet": "/-/outlets/Lantern+Weekly",
    "articles": "/-/articles?year=2023&outlet=Lantern+Weekly",
    "topics": "/-/topics",
    "network": "/-/network",
    "network of all": "/-/network?kind=all",
    "outlets and speakers": "/-/outlets-and-speakers?kind=all",
    "shares of outlets": "/-/outlets-and-speakers?show=share",
    "not found": "/nonsense",
}
SQL_PAGE = "/news/-/query?sql=" if IS_1_0 else "/news?sql="
DATASETTE_PAGES = {
    "table": "/news/quotes",
    "row": "/news/quotes/1",
    "filtered table": "/news/quotes?kind=full&_facet=kind",
    "no rows": "/news/quotes?kind=none",
    "view": "/news/quote_details",
    "query": "/news/most-quoted",
    "database": "/news",
    "SQL": SQL_PAGE + "select+*+from+speakers",
    "wrong SQL": SQL_PAGE + "select+x",
    "plugins": "/-/plugins",
    "databases": "/-/databases",
    "messages": "/-/messages",
    "permissions": "/-/allow-debug",
    "settings": "/-/settings",
    "actor": "/-/actor",
    "forbidden": "/-/permissions",
    "error": "/news/quotes?_sort=nothing",
    "slow SQL": SQL_PAGE + "with+recursive+c(x)+as+(select+1+union+all+select+x%2B1+from+c)"
    "+select+max(x)+from+c",
}
"""Pages of Datasette that everybody may open."""

ROOT_PAGES = {
    "logout": "/-/logout",
    "permissions": "/-/permissions",
    "threads": "/-/threads",
    "allow debug": "/-/allow-debug",
    **(
        {
            **{f"permissions: {name}": f"/-/{name}" for name in ("actions", "allowed", "rules")},
            "permission check": "/-/check",
            "token": "/-/create-token",
            "API": "/-/api",
            "queries": "/-/queries",
            "schema": "/news/quotes/-/schema",
            "write": "/news/-/execute-write",
            "new query": "/news/-/queries/store",
            "autocomplete": "/-/debug/autocomplete",
        }
        if IS_1_0
        else {}
    ),
}
"""Pages of Datasette for whoever runs the site."""


PHONE: Any = {"width": 360, "height": 740}

SMALL_TARGETS = """() => {
    const isInText = (link) => {
        const block = link.closest("p, dd, td, blockquote, figcaption");
        if (link.closest("nav, .formats, .sorts, .tries") || !block) return false;
        const copy = block.cloneNode(true);
        copy.querySelectorAll("a").forEach(one => one.remove());
        return copy.textContent.split(/[^A-Za-z]+/).filter(Boolean).length >= 5;
    };
    const found = [];
    const targets = "a[href], button, summary, select, textarea, input:not([type=hidden])";
    for (const one of document.querySelectorAll(targets)) {
        const isChecked = one.matches("[type=checkbox], [type=radio]");
        const box = ((isChecked && one.closest("label")) || one).getBoundingClientRect();
        if (!box.width || one.closest("svg") || one.matches(".skip")) continue;
        if (one.matches("a") && getComputedStyle(one).display === "inline" && isInText(one))
            continue;
        if (box.width < 24 || box.height < 24)
            found.push([one.outerHTML.slice(0, 120), box.width, box.height]);
    }
    return found;
}"""
"""Controls of a page that are too small for a finger."""


SECRET = "for this test"
ROOT_COOKIE = URLSafeSerializer(SECRET, "actor").dumps({"a": {"id": "root"}})


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented articles, fifty lamp reports and the hostile ones."""
    articles = (
        CASES["articles"] + many(50) + hostile(list(dict.fromkeys(CASES["hostile"] + STRINGS)))
    )
    return build(tmp_path_factory.mktemp("browser") / "news.db", articles)


@pytest.fixture(scope="module")
def pages(path: Path) -> dict[str, str]:
    return {name: with_keys_of(path, url) for name, url in PAGES.items()}


@pytest.fixture(scope="module")
def address(path: Path) -> Iterator[str]:
    """A site over this file."""
    with _served(path) as url:
        yield url


@contextmanager
def _served(path: Path) -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    program = (
        f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'src')!r}];"
        "from tests.helpers import site_fixture; site_fixture.register();"
        "from datasette.cli import cli; cli()"
    )
    command = [sys.executable, "-c", program, "serve", str(path), "-p", str(port)]
    command += ["--secret", SECRET, "--root"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url, server)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture(scope="module")
def browser() -> Iterator[playwright.Browser]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: playwright.Browser, address: str) -> Iterator[playwright.Page]:
    with _page(browser, address) as page:
        yield page


def test_search_filter_and_go_back(page: playwright.Page) -> None:
    page.goto("/")
    page.locator("#q").fill("rent freeze")
    page.get_by_role("button", name="Search").click()
    assert page.title() == "rent freeze – Search – Quotations"
    found = page.locator(".hit").count()
    assert found > 5
    assert page.locator("mark").first.inner_text().lower() in ("rent", "freezing", "freeze")
    page.locator("#filters").get_by_role("link", name="Luis Brandt").click()
    assert page.locator(".hit").count() == 2
    assert page.locator(".active-filters").inner_text().startswith("Speaker: Luis Brandt")
    page.get_by_role("link", name="Remove filter Speaker: Luis Brandt").click()
    assert page.locator(".hit").count() == found
    page.get_by_role("link", name="Newest").click()
    assert page.locator(".sorts [aria-current]").first.inner_text() == "Newest"
    for _ in range(3):
        page.go_back()
    assert page.locator("#q").input_value() == "rent freeze"
    assert page.locator(".hit").count() == found


def test_filter_is_kept_for_new_words(page: playwright.Page) -> None:
    page.goto("/-/quotes?q=rent&kind=partial")
    page.locator("#q").fill("strike")
    page.keyboard.press("Enter")
    page.wait_for_url("**/quotes?q=strike&kind=partial")
    assert page.locator(".active-filters").inner_text().startswith("Type of quote: partial quote")
    assert page.locator(".hit").count() == 1


def test_next_and_previous_page(page: playwright.Page) -> None:
    page.goto("/-/quotes?q=lamp&sort=date")
    first = page.locator(".hit q").all_inner_texts()
    page.get_by_role("link", name="Next").click()
    second = page.locator(".hit q").all_inner_texts()
    assert len(first) == len(second) == 20
    assert not set(first) & set(second)
    page.get_by_role("link", name="Previous").click()
    assert page.locator(".hit q").all_inner_texts() == first


def test_from_a_hit_to_quotation_speaker_comparison_and_back(
    page: playwright.Page,
) -> None:
    page.goto("/-/quotes?q=%22easy+part%22")
    page.locator(".hit q a").first.click()
    assert "Freezing the rents is the easy part," in page.locator("blockquote").first.inner_text()
    assert page.locator(".excerpt mark.mention").first.inner_text() == "he"
    page.locator("figcaption").get_by_role("link", name="Luis Brandt").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Luis Brandt"
    page.get_by_role("link", name=re.compile("^compare Luis Brandt with Ana Okafor")).click()
    heading = page.get_by_role("heading", level=1).inner_text()
    assert heading == "Luis Brandt and Ana Okafor"
    page.get_by_label("Words (optional)").fill("rent")
    page.get_by_role("button", name="Compare").click()
    assert page.get_by_role("heading", level=1).inner_text() == heading
    assert page.locator("mark").first.inner_text().lower().startswith(("rent", "freez"))
    for _ in range(4):
        page.go_back()
    assert page.locator("#q").input_value() == '"easy part"'


def test_form_filters_and_sorts_on_a_phone(browser: playwright.Browser, address: str) -> None:
    with _page(browser, address, viewport=PHONE) as page:
        page.goto("/-/quotes?q=rent")
        page.get_by_text("Filters", exact=True).click()
        page.get_by_label("Speaker", exact=True).select_option(label="Luis Brandt (2)")
        page.get_by_label("Sort by").select_option("Newest")
        page.get_by_role("button", name="Apply").click()
        page.wait_for_url("**/quotes?q=rent&speaker=luis-brandt&sort=date")
        assert page.locator(".hit").count() == 2
        page.get_by_text("Filters (1)").click()
        page.get_by_label("Speaker", exact=True).select_option("any")
        page.get_by_role("button", name="Apply").click()
        page.wait_for_url("**/quotes?q=rent&sort=date")


def test_dates_are_in_sight_on_a_wide_page(page: playwright.Page) -> None:
    page.goto("/-/quotes?q=lamp&kind=full")
    assert not page.get_by_text("Filters", exact=True).is_visible()
    page.get_by_label("From", exact=True).fill("2023-05-03")
    page.get_by_label("To", exact=True).fill("2023-05-04")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**/quotes?q=lamp&kind=full&from=2023-05-03&to=2023-05-04")
    assert page.locator(".hit").count() == 4
    page.get_by_role("link", name="Remove filter To: 4 May 2023").click()
    page.wait_for_url("**/quotes?q=lamp&kind=full&from=2023-05-03")


def test_a_phone_shows_results_first(browser: playwright.Browser, address: str) -> None:
    with _page(browser, address, viewport=PHONE) as page:
        for url in ("/-/quotes?q=rent", "/-/quotes", "/-/quotes?q=lamp&year=2023&from=2023-05-02"):
            page.goto(url)
            box = page.locator(".hit").first.bounding_box()
            assert box is not None
            assert box["y"] < 500, url
            assert not page.get_by_label("From", exact=True).is_visible()


def test_box_completes_names(page: playwright.Page) -> None:
    page.goto("/")
    box = page.get_by_role("combobox")
    box.press_sequentially("oka")
    option = page.get_by_role("option", name=re.compile("^Ana Okafor"))
    option.wait_for()
    assert box.get_attribute("aria-expanded") == "true"
    assert re.match("[0-9]+ names? below", page.locator(".names-status").inner_text())
    box.press("Escape")
    assert page.get_by_role("listbox").count() == 0
    assert box.input_value() == "oka"
    box.press("ArrowDown")
    option.wait_for()
    box.press("ArrowDown")
    first = page.get_by_role("option").first
    assert box.get_attribute("aria-activedescendant") == first.get_attribute("id")
    assert first.get_attribute("aria-selected") == "true"
    box.press("ArrowUp")
    assert box.get_attribute("aria-activedescendant") is None
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url("**/-/speakers/ana-okafor*")


def test_a_name_after_words_narrows_the_search(page: playwright.Page) -> None:
    page.goto("/-/quotes?kind=full")
    page.locator("#q").press_sequentially("rent oka")
    page.get_by_role("option", name=re.compile("^Ana Okafor.*only this speaker")).click()
    page.wait_for_url("**/quotes?q=rent&speaker=ana-okafor&kind=full")
    page.locator("#q").fill("")
    page.locator("#q").press_sequentially("lamp outlet:lan")
    page.get_by_role("option", name=re.compile("^Lantern Weekly.*only this outlet")).click()
    page.wait_for_url("**/quotes?q=lamp&speaker=ana-okafor&outlet=Lantern+Weekly&kind=full")


def test_enter_searches_for_what_was_typed(page: playwright.Page) -> None:
    page.goto("/")
    page.locator("#q").press_sequentially("oka")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url("**/quotes?q=oka")


def test_slash_reaches_the_box_on_every_page(page: playwright.Page, pages: dict[str, str]) -> None:
    for name, url in pages.items():
        page.goto(url)
        takes_focus = page.evaluate("document.activeElement.matches('[data-suggest]')")
        assert takes_focus == (name == "home")
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.matches('[data-suggest]')"), name
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.value").endswith("/"), name
    page.goto("/-/speakers")
    other = page.get_by_role("searchbox", name="Search names")
    other.press("/")
    assert other.input_value() == "/"


def test_slash_can_be_turned_off(page: playwright.Page) -> None:
    page.goto("/-/quotes?q=rent")
    page.get_by_text("How to search").click()
    page.get_by_label("Press / to go to the search box").uncheck()
    page.goto("/-/speakers")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.tagName") == "BODY"


def test_fingers_get_no_keyboard(browser: playwright.Browser, address: str) -> None:
    with _page(browser, address, viewport=PHONE, has_touch=True, is_mobile=True) as page:
        page.goto("/")
        assert page.evaluate("document.activeElement.tagName") == "BODY"


def test_hostile_names_in_the_box(page: playwright.Page, address: str) -> None:
    alerts: list[str] = []
    page.on("dialog", lambda dialog: alerts.append(dialog.message))
    for typed in ("speaker", "outlet"):
        page.goto("/")
        page.locator("#q").press_sequentially(typed)
        page.get_by_role("option").first.wait_for()
        inside = page.locator(".names li *").evaluate_all("all => all.map(one => one.tagName)")
        assert set(inside) <= {"B", "SPAN", "I"}
    assert alerts == []


def test_targets_are_large_enough(
    browser: playwright.Browser, address: str, pages: dict[str, str]
) -> None:
    """24 by 24 pixels (WCAG 2.5.8), but for links within running text, and for bars of a chart,
    which has a table beside it."""
    with _page(browser, address, viewport=PHONE, is_mobile=True, has_touch=True) as page:
        for name, url in pages.items():
            page.goto(url)
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            assert page.evaluate(SMALL_TARGETS) == [], name


def test_suggested_spelling_is_a_link(page: playwright.Page) -> None:
    page.goto("/-/quotes?q=rent+freze")
    page.get_by_role("link", name="rent freeze").click()
    assert page.locator("#q").input_value() == "rent freeze"
    assert page.locator(".hit").count() > 0


def test_links_to_article_and_tables(page: playwright.Page) -> None:
    page.goto("/-/quotes?q=beds")
    page.get_by_role("link", name="Night nurses").click()
    playwright.expect(page.locator("body")).to_contain_text("Two of us look after thirty beds")
    page.goto("/")
    page.get_by_role("link", name="speakers", exact=True).click()
    playwright.expect(page.locator("body")).to_contain_text("Who is quoted")


def test_keyboard_only(page: playwright.Page) -> None:
    page.goto("/-/quotes")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    _tab_to(page, "combobox", "Search quotations, speakers and headlines")
    page.goto("/")
    page.keyboard.type("rent freeze")
    page.keyboard.press("Enter")
    page.wait_for_url("**/quotes?q=rent*")
    _tab_to(page, "link", "Newest")
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(outline) == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**sort=date*")
    _tab_to(page, "link", "Priya Raman")
    page.keyboard.press("Enter")
    page.wait_for_url("**speaker=*")
    assert page.locator(".hit").count() == 1


def test_pages_fit_a_phone(
    browser: playwright.Browser, address: str, pages: dict[str, str]
) -> None:
    with _page(browser, address, viewport={"width": 360, "height": 740}) as page:
        for name, url in {**pages, **DATASETTE_PAGES}.items():
            page.goto(url)
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
        for name in ("home", "search", "nothing"):
            page.goto(pages[name])
            box = page.locator("#q").bounding_box()
            assert box is not None
            assert box["width"] > 180, name


def test_hostile_text_fits_a_phone_and_runs_nothing(
    browser: playwright.Browser, address: str, path: Path
) -> None:
    with _page(browser, address, viewport={"width": 360, "height": 740}) as page:
        alerts: list[str] = []
        page.on("dialog", lambda dialog: alerts.append(dialog.message))
        page.on("request", lambda request: requested.append(request.url))
        requested: list[str] = []
        start = len(CASES["articles"]) + 50
        of_one = [f"/-/{kind}/@{{}}" for kind in ("quotes", "articles")]
        some = range(start, start + len(STRINGS), 23)
        for url in (
            *("/", "/-/quotes?q=rent&year=2024&sort=date", "/-/quotes?q=script", "/-/about"),
            *(with_keys_of(path, url.format(number)) for number in some for url in of_one),
        ):
            page.goto(url)
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
            assert (
                page.locator(
                    "main script, main img, main style, main :not(.chart, .network > .scroll) > svg"
                ).count()
                == 0
            )
        assert alerts == []
        assert [url for url in requested if not url.startswith(address)] == []


LONG = {
    "unbroken": "W" * 300,
    "words": "Maximiliane " * 25 + "Lund",
    "right to left": "عبد الرحمن بن محمد " * 12 + "علي",
    "right to left, unbroken": "ع" * 300,
    "wide": "漢" * 300,
    "turned around": "\N{RIGHT-TO-LEFT OVERRIDE}live " + "W" * 90,
    "signs": "-" * 300,
    "parts": "a.b_c/" * 50,
}
"""Names of three hundred letters, and texts of such words."""

OUT_OF_SIGHT = """() => [...document.querySelectorAll("body *")].filter(one => {
    const box = one.getBoundingClientRect();
    if (!box.width || (box.left >= -1 && box.right <= innerWidth + 1)) return false;
    const hidden = ".unseen, .visually-hidden, .skip, .quotedex-skip, svg, .CodeMirror, .cm-editor";
    if (one.closest(hidden)) return false;
    for (let around = one.parentElement; around; around = around.parentElement)
        if (["auto", "scroll"].includes(getComputedStyle(around).overflowX)) return false;
    return true;
}).map(one => one.outerHTML.slice(0, 120))"""
"""What lies beside the screen, and not in something that scrolls."""


def stretched(word: str, number: int) -> dict[str, Any]:
    """An article that has the word wherever text comes from."""
    said = f"{word} is what I said {number}"
    return {
        **{"title": f"{word} headline", "outlet": f"{word[:200]} Post", "byline": word},
        "published": f"2024-0{number}-11",
        "location": f"https://news.example/{'x' * 300}/{word[:9]}{number}",
        "text": f"Then {word} said: “{said}”. “{word}”, {word} added. “No {word},” they said.",
        "description": word,
        "quotes": [
            [said, word, "full", word, "said"],
            [word, word, "partial", word, "added", {"confidence": 0.4}],
            [f"No {word},", None, "full", "they", "said"],
        ],
    }


@pytest.fixture(scope="module")
def stretched_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    articles = [stretched(word, number) for word in LONG.values() for number in (1, 2)]
    articles += CASES["articles"]
    return build(tmp_path_factory.mktemp("stretched") / "news.db", articles)


def test_long_words_and_foreign_names_stay_on_a_phone(
    browser: playwright.Browser, stretched_path: Path
) -> None:
    urls = [url for url in PAGES.values() if "@" not in url]
    urls += [f"/-/{kind}/@{n}" for kind in ("quotes", "statements") for n in range(1, 49, 3)]
    urls += [f"/-/articles/@{n}" for n in range(1, 17, 2)]
    urls += [f"/-/speakers/@{n}" for n in range(1, 9)]
    urls += [f"/-/compare?speakers=@{n},@{n + 1}&q=said" for n in range(1, 8, 2)]
    urls += [f"/-/quotes?q=said&unsure=shown&speaker=@{n}" for n in range(1, 9)]
    urls += ["/-/quotes?q=" + "z" * 300, "/-/quotes?q=%22" + "z" * 300, "/-/" + "z" * 300]
    urls += [*DATASETTE_PAGES.values(), "/news/articles", "/news/speakers", "/news/articles/1"]
    urls += [f"{SQL_PAGE}select+{'z' * 300}", f"{SQL_PAGE}select+'{'z' * 300}'"]
    with _served(stretched_path) as address, _page(browser, address, viewport=PHONE) as page:
        for url in urls:
            page.goto(with_keys_of(stretched_path, url))
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, url
            assert page.evaluate(OUT_OF_SIGHT) == [], url


def test_a_name_turns_nothing_around_it(browser: playwright.Browser, stretched_path: Path) -> None:
    place = """one => {
        const letter = document.createRange(), text = one.firstChild;
        return [0, text.length - 1].map(at => {
            letter.setStart(text, at);
            letter.setEnd(text, at + 1);
            return letter.getBoundingClientRect().left;
        });
    }"""
    with closing(sqlite3.connect(stretched_path)) as connection:
        sql = "SELECT key FROM speakers WHERE name LIKE '_live %'"
        (key,) = connection.execute(sql).fetchone()
    with _served(stretched_path) as address, _page(browser, address) as page:
        page.goto(f"/-/compare?speakers={key},ana-okafor")
        first, last = page.locator("h1 bdi").last.evaluate(place)
        assert first < last
        page.goto(f"/-/quotes?q=said&speaker={key}")
        first, last = page.locator(".hit .article time").first.evaluate(place)
        assert first < last


def test_works_without_javascript(browser: playwright.Browser, address: str) -> None:
    with _page(browser, address, java_script_enabled=False) as page:
        page.goto("/")
        page.locator("#q").fill("rent")
        page.keyboard.press("Enter")
        page.locator("#filters").get_by_role("link", name="partial quote").click()
        assert page.locator(".hit").count() == 1
        page.get_by_text("How to search").click()
        assert page.get_by_text("words that start with “immigra”").is_visible()


def test_buttons_copy_citations_where_scripts_run(
    browser: playwright.Browser, address: str, pages: dict[str, str]
) -> None:
    quotation = next(url for url in pages.values() if "/-/quotes/" in url)
    with _page(browser, address, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto(quotation)
        button = page.get_by_role("button", name="Copy").first
        button.focus()
        page.keyboard.press("Enter")
        page.get_by_role("status").filter(has_text="Copied").wait_for()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied == page.locator("pre.copy").first.text_content()
        size = button.bounding_box()
        assert size is not None
        assert size["height"] >= 24
    with _page(browser, address, java_script_enabled=False) as page:
        page.goto(quotation)
        assert page.get_by_role("button", name="Copy").count() == 0
        assert page.locator("pre.copy").count() == 3


def test_bars_lead_to_their_months_by_keyboard_and_are_large_enough_to_hit(
    page: playwright.Page,
) -> None:
    page.goto("/")
    bar = page.locator("a.period").first
    name = bar.get_attribute("aria-label")
    assert name is not None
    assert re.fullmatch(r"[A-Z][a-z]+ \d{4}: \d+ quotations?", name)
    for hit in page.locator("a.period .hit").all():
        box = hit.bounding_box()
        assert box is not None
        assert box["height"] >= 24
    bar.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/quotes?q=after*")
    number = int(name.split()[-2])
    assert page.locator(".hit").count() == min(number, 20)


def test_names_in_the_network_do_not_overlap(page: playwright.Page) -> None:
    """In the letters of a real browser, and nothing runs out of the picture."""
    page.goto("/-/network?kind=all")
    boxes = page.evaluate(
        """[...document.querySelectorAll('.person-node text:last-child')].map(one => {
            const box = one.getBBox();
            return [box.x, box.y, box.x + box.width, box.y + box.height];
        })"""
    )
    assert len(boxes) > 5
    overlapping = [
        (one, other)
        for number, one in enumerate(boxes)
        for other in boxes[:number]
        if one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
    ]
    assert overlapping == []
    width, height = page.evaluate(
        "(s => [s.width.baseVal.value, s.height.baseVal.value])("
        "document.querySelector('.network svg'))"
    )
    assert all(x >= 0 and y >= 0 and r <= width and b <= height for x, y, r, b in boxes)


def test_people_are_chosen_for_a_comparison(page: playwright.Page) -> None:
    for address in ("/-/network", "/-/outlets-and-speakers"):
        page.goto(address)
        page.get_by_label("Compare Ana Okafor", exact=True).check()
        page.get_by_label("Compare Luis Brandt", exact=True).check()
        page.get_by_role("button", name="Compare the two selected").click()
        heading = page.get_by_role("heading", level=1).inner_text()
        assert set(heading.split(" and ")) == {"Ana Okafor", "Luis Brandt"}


def test_node_of_the_network_leads_to_the_speaker(page: playwright.Page) -> None:
    page.goto("/-/network")
    node = page.locator(".person-node").first
    name = str(node.locator("title").text_content())
    assert page.get_by_role("link", name=name, exact=True).count() == 1
    node.focus()
    assert node.locator(".own").evaluate("one => getComputedStyle(one).visibility") == "visible"
    page.keyboard.press("Enter")
    page.wait_for_url("**/speakers/*")
    assert name.startswith(page.get_by_role("heading", level=1).inner_text())


def test_follows_the_colour_scheme_of_the_reader(browser: playwright.Browser, address: str) -> None:
    shades = {}
    for scheme in ("light", "dark"):
        with _page(browser, address, color_scheme=scheme) as page:
            page.goto("/-/quotes?q=rent")
            shades[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert shades["dark"] == "rgb(22, 24, 28)"
    assert shades["light"] == "rgb(253, 252, 250)"


def test_tables_follow_the_colour_scheme_too(browser: playwright.Browser, address: str) -> None:
    shades = {}
    for scheme in ("light", "dark"):
        with _page(browser, address, color_scheme=scheme) as page:
            page.goto("/news/quotes")
            shades[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert shades == {"dark": "rgb(22, 24, 28)", "light": "rgb(253, 252, 250)"}


def test_from_a_table_by_keyboard_to_the_search(page: playwright.Page) -> None:
    page.goto("/news/quotes")
    assert page.locator("dl.column-descriptions").is_hidden()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.get_by_text("What the columns hold").focus()
    page.keyboard.press("Enter")
    assert page.locator("dl.column-descriptions").is_visible()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.locator(".quotedex-pages").get_by_role("link", name="Search").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/-/quotes")


def test_targets_on_tables_are_large_enough(browser: playwright.Browser, address: str) -> None:
    """Of 24 pixels, but for links within lines of text."""
    with _page(browser, address, viewport={"width": 360, "height": 740}) as page:
        page.goto("/news/quotes?kind=full")
        for target in page.locator(
            ".quotedex-site a, summary, input:visible, select:visible, .facet-info li > a"
        ).all():
            box = target.bounding_box()
            assert box is None or box["height"] >= 24, target.evaluate("it => it.outerHTML")


def test_loads_nothing_from_other_sites_and_keeps_its_policy(
    page: playwright.Page, address: str, pages: dict[str, str]
) -> None:
    requested: list[str] = []
    messages: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.on("console", lambda message: messages.append(message.text))
    for name, url in {**pages, **DATASETTE_PAGES}.items():
        # Chromium reports a status of 400 or more as well.
        if name not in ("wrong SQL", "slow SQL", "forbidden", "error"):
            page.goto(url)
    assert [url for url in requested if not url.startswith(address)] == []
    # Chromium reports the address at which there is nothing, and must have no other complaint.
    missing = [message for message in messages if "404" in message]
    assert len(missing) == 1
    assert messages == missing


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(
    browser: playwright.Browser, address: str, scheme: str, pages: dict[str, str]
) -> None:
    """axe-core's rules for WCAG 2.2 A and AA and its best practices; in the dark its contrast."""
    options = "{}" if scheme == "light" else "{runOnly: ['color-contrast']}"
    # Our pages allow no script but ours; the policy is set aside so that axe can run in them.
    with _page(browser, address, color_scheme=scheme, bypass_csp=True) as page:
        for name, url in {**pages, **DATASETTE_PAGES}.items():
            page.goto(url)
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            page.evaluate(AXE)
            found = page.evaluate(f"axe.run({options}).then(found => found.violations)")
            assert [
                (v["id"], v["impact"], [n["target"] for n in v["nodes"]]) for v in found
            ] == [], name
        page.goto("/")
        page.locator("#q").press_sequentially("an")
        page.get_by_role("option").first.wait_for()
        page.keyboard.press("ArrowDown")
        page.evaluate(AXE)
        found = page.evaluate(f"axe.run({options}).then(found => found.violations)")
        assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in found] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation_where_root_goes(
    browser: playwright.Browser, address: str, scheme: str
) -> None:
    options = "{}" if scheme == "light" else "{runOnly: ['color-contrast']}"
    with _page(browser, address, color_scheme=scheme, viewport=PHONE) as page:
        page.context.add_cookies([{"name": "ds_actor", "value": ROOT_COOKIE, "url": address}])
        for name, url in ROOT_PAGES.items():
            answer = page.goto(url)
            assert answer is not None
            assert answer.status == 200, name
            assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            page.evaluate(AXE)
            found = page.evaluate(f"axe.run({options}).then(found => found.violations)")
            assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in found] == [], name


@contextmanager
def _page(browser: playwright.Browser, address: str, **options: Any) -> Iterator[playwright.Page]:
    """A page in a context of its own, closed at the end."""
    context = browser.new_context(base_url=address, **options)
    try:
        yield context.new_page()
    finally:
        context.close()


def _tab_to(page: playwright.Page, role: Literal["link", "combobox"], name: str) -> None:
    """Press Tab until the control with this role and name has the focus."""
    target = page.get_by_role(role, name=name, exact=True).last
    for _ in range(80):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no number of Tabs reaches {name}")


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(url + "/-/versions.json").close()
            return
        except OSError:
            assert server.poll() is None, "the site did not start"
            time.sleep(0.2)
    raise AssertionError("the site did not answer within a minute")
