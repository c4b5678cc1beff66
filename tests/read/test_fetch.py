"""Fetching pages, feeds and files from a local server, politely."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any

import pytest

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read import ReadOptions, read
from tests.helpers import news_files as news

QUICK = {"web_pause": 0.0, "web_timeout": 5.0}


class Site(ThreadingHTTPServer):
    """A server with a response for each path: status, type, body. A body of None is slow.

    `requests` records the path and time of each request.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.pages: dict[str, tuple[int, str, bytes | None]] = {}
        self.requests: list[tuple[str, float]] = []
        self.agents: set[str] = set()
        self.at_once = self.most_at_once = 0


class Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        site = self.server
        site.at_once += 1
        site.most_at_once = max(site.most_at_once, site.at_once)
        site.requests.append((self.path, time.monotonic()))
        site.agents.add(self.headers["User-Agent"])
        status, kind, body = site.pages.get(self.path, (404, "text/plain", b""))
        try:
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", kind)
            elif kind:
                self.send_header("Content-Type", kind)
            self.end_headers()
            if body is None:
                for _ in range(30):
                    self.wfile.write(b"slowly ")
                    time.sleep(0.1)
            else:
                self.wfile.write(body)
        except OSError:
            pass  # the client closed the connection
        site.at_once -= 1

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
        yield server
        server.shutdown()


def outcomes(url: str, **settings: Any) -> list[Document | InputError]:
    return list(read([url], ReadOptions(**{**QUICK, **settings})))


def reason(url: str, **settings: Any) -> str:
    (error,) = outcomes(url, **settings)
    assert isinstance(error, InputError)
    assert error.location == url
    return error.reason


def test_requests_are_logged(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    site.pages["/a"] = (200, "text/plain", b"It is shut.")
    caplog.set_level(logging.INFO, "quotedex.read")
    outcomes(f"{site.url}/a")
    ours = [record.message for record in caplog.records if record.name == "quotedex.read.fetch"]
    assert ours == [f"fetching {site.url}/robots.txt", f"fetching {site.url}/a"]


def test_a_page(site: Site) -> None:
    site.pages["/a"] = (200, "text/html; charset=utf-8", news.HTML.encode())
    (document,) = outcomes(f"{site.url}/a")
    assert isinstance(document, Document)
    assert document.id == document.location == f"{site.url}/a"
    assert news.SAID in document.text
    assert (document.title, document.published) == (news.TITLE, news.DATE)
    assert document.url == news.URL
    assert [path for path, _ in site.requests] == ["/robots.txt", "/a"]
    assert site.agents == {"quotedex"}


@pytest.mark.parametrize(
    ("path", "kind", "data"),
    [
        ("/a", "text/plain; charset=utf-8", news.PLAIN),
        ("/a", "application/json", news.FILES[".json"][0]),
        ("/a", "application/pdf", news.FILES[".pdf"][0]),
        ("/a.tar.gz?x=1", "application/octet-stream", news.FILES[".tar.gz"][0]),
        ("/a", "application/xml", news.FEED.encode()),
    ],
)
def test_other_formats(site: Site, path: str, kind: str, data: bytes) -> None:
    site.pages[path] = (200, kind, data)
    (document,) = outcomes(site.url + path)
    assert isinstance(document, Document)
    assert news.SAID in document.text


def test_the_encoding_that_the_server_declares(site: Site) -> None:
    page = "<html><body><p>Zoë shut the café.</p></body></html>".encode("iso-8859-15")
    site.pages["/a"] = (200, "text/html; charset=iso-8859-15", page)
    (document,) = outcomes(f"{site.url}/a")
    assert isinstance(document, Document)
    assert document.text == "Zoë shut the café."


def test_a_feed_of_teasers_has_its_articles_fetched(site: Site) -> None:
    links = "".join(
        f"<item><title>A</title><link>{link}</link><description>In short.</description></item>"
        for link in (f"{site.url}/one", f"{site.url}/gone", "file:///etc/passwd")
    )
    feed = f"<rss version='2.0'><channel><title>Courier</title>{links}</channel></rss>"
    site.pages["/feed"] = (200, "application/rss+xml", feed.encode())
    site.pages["/one"] = (200, "text/html", news.HTML.encode())
    one, gone, local = outcomes(f"{site.url}/feed")
    assert isinstance(one, Document)
    assert (one.location, one.title) == (f"{site.url}/one", news.TITLE)
    assert str(gone) == f"{site.url}/gone: the server responded with status 404"
    assert str(local).endswith("only http and https URLs can be fetched")
    assert [path for path, _ in site.requests].count("/robots.txt") == 1


def test_robots_rules(site: Site) -> None:
    rules = "User-agent: *\nDisallow: /private/*/x\nDisallow: /b$\n"
    site.pages["/robots.txt"] = (200, "text/plain", rules.encode())
    site.pages["/bc"] = (200, "text/plain", b"It is shut.")
    assert "robots.txt disallows fetching" in reason(f"{site.url}/private/a/x")
    assert "robots.txt disallows fetching" in reason(f"{site.url}/b")
    assert isinstance(outcomes(f"{site.url}/bc")[0], Document)


def test_robots_unavailable(site: Site) -> None:
    site.pages["/robots.txt"] = (503, "text/plain", b"")
    assert reason(f"{site.url}/a") == "the site's robots.txt is unavailable (status 503)"
    assert [path for path, _ in site.requests] == ["/robots.txt"]


def test_pauses_and_one_request_at_a_time(site: Site) -> None:
    for path in ("/a", "/b"):
        site.pages[path] = (200, "text/plain", b"It is shut.")
    list(read([f"{site.url}/a", f"{site.url}/b"], ReadOptions(web_pause=0.2)))
    times = [at for _, at in site.requests]
    assert len(times) == 3
    assert all(after - before >= 0.19 for before, after in pairwise(times))
    assert site.most_at_once == 1


def test_crawl_delay(site: Site) -> None:
    site.pages["/robots.txt"] = (200, "text/plain", b"User-agent: quotedex\nCrawl-delay: 0.3\n")
    site.pages["/a"] = (200, "text/plain", b"It is shut.")
    outcomes(f"{site.url}/a")
    (_, robots), (_, page) = site.requests
    assert page - robots >= 0.29


def test_redirects(site: Site) -> None:
    site.pages["/a"] = (301, "/b", b"")
    site.pages["/b"] = (200, "text/plain", b"It is shut.")
    (document,) = outcomes(f"{site.url}/a")
    assert isinstance(document, Document)
    assert (document.location, document.url) == (f"{site.url}/a", f"{site.url}/b")
    site.pages["/round"] = (302, "/round", b"")
    assert reason(f"{site.url}/round") == "more than 5 redirects"
    site.pages["/out"] = (302, "file:///etc/passwd", b"")
    assert reason(f"{site.url}/out") == "only http and https URLs can be fetched"


def test_a_redirect_to_a_page_that_robots_disallow(site: Site) -> None:
    site.pages["/robots.txt"] = (200, "text/plain", b"User-agent: *\nDisallow: /b\n")
    site.pages["/a"] = (301, "/b", b"")
    assert "robots.txt" in reason(f"{site.url}/a")
    assert "/b" not in [path for path, _ in site.requests]


def test_limits(site: Site) -> None:
    site.pages["/large"] = (200, "text/plain", b"x" * 2_000)
    assert "larger than" in reason(f"{site.url}/large", max_size=1_000)
    site.pages["/slow"] = (200, "text/plain", None)
    assert reason(f"{site.url}/slow", web_timeout=0.5) == "the server took too long to respond"


@pytest.mark.parametrize(
    ("response", "message"),
    [
        ((500, "text/html", b""), "the server responded with status 500"),
        ((200, "image/png", b"x"), "unsupported content type image/png"),
        ((200, "", b"x"), "unknown format: the server sent no content type"),
        ((200, "text/html", b"<html></html>"), "no main text found in this page"),
        ((200, "text/plain", b""), "the file is empty"),
    ],
)
def test_unusable_responses(site: Site, response: tuple[int, str, bytes], message: str) -> None:
    site.pages["/a"] = response
    assert reason(f"{site.url}/a") == message


def test_no_server() -> None:
    with Site() as server:
        url = f"{server.url}/a"
    assert "cannot be fetched" in reason(url)


@pytest.mark.parametrize("url", ["http://", "https://[", "http://a b/"])
def test_invalid_urls(url: str) -> None:
    assert reason(url)
