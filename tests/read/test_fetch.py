"""Fetching pages, feeds and files from a local server, politely."""

from __future__ import annotations

import gzip
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read import ReadOptions, http, read
from quotedex.read.http import TIMED_OUT, is_public
from tests.helpers import news_files as news

QUICK: dict[str, Any] = {"web_pause": 0.0, "web_timeout": 5.0, "allow_private_hosts": True}


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
    list(read([f"{site.url}/a", f"{site.url}/b"], ReadOptions(**{**QUICK, "web_pause": 0.2})))
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
    assert reason(f"{site.url}/slow", web_timeout=0.5) == TIMED_OUT


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


class RawSite:
    """A server that hands each connection, with the path asked for, to a function."""

    def __init__(self, answer: Callable[[socket.socket, bytes], None]) -> None:
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._handle, args=(connection,), daemon=True).start()

    def _handle(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            path = connection.recv(1 << 16).split()[1]
            if path == b"/robots.txt":
                connection.sendall(b"HTTP/1.1 404 None\r\nContent-Length: 0\r\n\r\n")
            else:
                self._answer(connection, path)

    def close(self) -> None:
        self._listener.close()


def drip_headers(connection: socket.socket, path: bytes) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 400:
        connection.sendall(bytes([byte]))
        time.sleep(0.02)


def say_continue(connection: socket.socket, path: bytes) -> None:
    for _ in range(400):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.02)


def drip_chunks(connection: socket.socket, path: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(400):
        connection.sendall(b"1\r\na\r\n")
        time.sleep(0.02)


def redirect_slowly(connection: socket.socket, path: bytes) -> None:
    time.sleep(0.3)
    to = path + b"x"
    connection.sendall(b"HTTP/1.1 302 On\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % to)


def say_nothing(connection: socket.socket, path: bytes) -> None:
    time.sleep(8)


@pytest.mark.parametrize(
    "answer", [drip_headers, say_continue, drip_chunks, redirect_slowly, say_nothing]
)
def test_the_time_limit_is_one_for_all_that_a_url_takes(
    answer: Callable[[socket.socket, bytes], None],
) -> None:
    with closing(RawSite(answer)) as server:
        start = time.monotonic()
        assert reason(f"{server.url}/a", web_timeout=0.7) == TIMED_OUT
        assert time.monotonic() - start < 2


def test_a_lookup_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: object, **__: object) -> list[object]:
        time.sleep(3)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    start = time.monotonic()
    assert reason("http://news.example/a", web_timeout=0.3) == TIMED_OUT
    assert time.monotonic() - start < 2


def test_pauses_are_not_counted_as_time_of_the_server(site: Site) -> None:
    site.pages["/a"] = (200, "text/plain", b"It is shut.")
    (document,) = outcomes(f"{site.url}/a", web_pause=0.8, web_timeout=0.7)
    assert isinstance(document, Document)


def test_a_crawl_delay_too_long_to_wait_for(site: Site) -> None:
    site.pages["/robots.txt"] = (200, "text/plain", b"User-agent: *\nCrawl-delay: 100000\n")
    asked = "the site's robots.txt asks for 100,000 seconds between requests (see --web-pause)"
    assert reason(f"{site.url}/a") == asked
    assert [path for path, _ in site.requests] == ["/robots.txt"]


def gzipped(data: bytes, times: int) -> bytes:
    for _ in range(times):
        data = gzip.compress(data)
    return data


def encoded(body: bytes, encoding: str) -> RawSite:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: {encoding}\r\n"
    answer = head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body
    return RawSite(lambda connection, path: connection.sendall(answer))


def test_compressed_bodies() -> None:
    text = "It is shut, “for good”, she said."
    for times in (1, 2):
        body = gzipped(text.encode(), times)
        with closing(encoded(body, ", ".join(["gzip"] * times))) as server:
            (document,) = outcomes(f"{server.url}/a")
        assert isinstance(document, Document)
        assert document.text == text


@pytest.mark.parametrize(
    ("body", "encoding", "message"),
    [
        (gzipped(b" " * 3_000_000, 2), "gzip, gzip", "larger than"),
        # Empty members, which expand to a megabyte of the next layer and to nothing in the end.
        (gzip.compress(gzip.compress(b"") * 100_000), "gzip, gzip", "larger than"),
        (gzipped(b"It is shut.", 6), ", ".join(["gzip"] * 6), "content encoding 'gzip, gzip"),
        (b"It is shut.", "br", "content encoding 'br'"),
        (gzip.compress(b"It is shut.")[:-4], "gzip", "its compression is damaged"),
    ],
    ids=["twice", "empty members", "six times", "brotli", "cut off"],
)
def test_compressed_bodies_that_are_not_expanded(body: bytes, encoding: str, message: str) -> None:
    with closing(encoded(body, encoding)) as server:
        assert message in reason(f"{server.url}/a", max_size=1_000_000)


PRIVATE = "is not a public host (its address is"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "017700000001", "localhost", "[::1]",
        "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]",
        "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "[fe80::1]",
        "[fc00::1]", "[fec0::1]", "[ff02::1]", "[::]", "[2001:db8::1]", "[2001::1]",
    ],
)  # fmt: skip
def test_hosts_without_a_public_address(host: str) -> None:
    said = reason(f"http://{host}:9/a", allow_private_hosts=False)
    assert PRIVATE in said
    assert said.endswith("see --allow-private-hosts)")


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::"],
)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.fixture
def inside(site: Site, monkeypatch: pytest.MonkeyPatch) -> str:
    """The site by another address. Only the one that it is known by counts as public."""
    monkeypatch.setattr(http, "is_public", lambda address: address == "127.0.0.1")
    site.pages["/secret"] = (200, "text/plain", b"The keys are under the mat.")
    return site.url.replace("127.0.0.1", "127.0.0.2")


def test_redirects_into_the_local_network(site: Site, inside: str) -> None:
    site.pages["/a"] = (302, f"{inside}/secret", b"")
    assert PRIVATE in reason(f"{site.url}/a", allow_private_hosts=False)
    assert [path for path, _ in site.requests] == ["/robots.txt", "/a"]


def test_a_robots_file_that_redirects_into_the_local_network(site: Site, inside: str) -> None:
    site.pages["/robots.txt"] = (302, f"{inside}/secret", b"")
    assert PRIVATE in reason(f"{site.url}/a", allow_private_hosts=False)
    assert [path for path, _ in site.requests] == ["/robots.txt"]


def test_feed_links_into_the_local_network(site: Site, inside: str) -> None:
    item = f"<item><title>A</title><link>{inside}/secret</link></item>"
    feed = f"<rss version='2.0'><channel><title>Courier</title>{item}</channel></rss>"
    site.pages["/feed"] = (200, "application/rss+xml", feed.encode())
    (error,) = outcomes(f"{site.url}/feed", allow_private_hosts=False)
    assert isinstance(error, InputError)
    assert (error.location, PRIVATE in error.reason) == (f"{inside}/secret", True)
    assert "/secret" not in [path for path, _ in site.requests]


def test_the_address_that_was_checked_is_the_one_connected_to(
    site: Site, inside: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.pages["/a"] = (200, "text/plain", b"It is shut.")
    answers = ["127.0.0.1", "127.0.0.1"]
    look_up = socket.getaddrinfo

    def rebinding(host: str, *arguments: Any, **named: Any) -> Any:
        if host == "rebind.example":
            host = answers.pop() if answers else "127.0.0.2"
        return look_up(host, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    url = site.url.replace("127.0.0.1", "rebind.example")
    (document,) = outcomes(f"{url}/a", allow_private_hosts=False)
    assert isinstance(document, Document)
    assert PRIVATE in reason(f"{url}/a", allow_private_hosts=False)


def test_a_private_host_behind_a_proxy(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", site.url)
    monkeypatch.delenv("no_proxy", raising=False)
    site.pages["http://news.example/a"] = (200, "text/plain", b"It is shut.")
    (document,) = outcomes("http://news.example/a", allow_private_hosts=False)
    assert isinstance(document, Document)
    assert PRIVATE in reason("http://10.0.0.1/a", allow_private_hosts=False)


def test_a_proxy_of_another_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "socks4://ada:secret@proxy.example:1080")
    monkeypatch.delenv("no_proxy", raising=False)
    said = "cannot be fetched (a proxy of the kind socks4, not http or https)"
    assert reason("http://news.example/a") == said


def test_a_feed_that_names_a_file_is_not_that_file(site: Site, tmp_path: Path) -> None:
    item = f"<item><title>A</title><description>{'Secret. ' * 100}</description></item>"
    secret = tmp_path / "secret.rss"
    secret.write_text(f"<rss version='2.0'><channel>{item}</channel></rss>", encoding="utf-8")
    site.pages["/feed"] = (200, "application/rss+xml", bytes(secret))
    assert reason(f"{site.url}/feed") == "not an RSS or Atom feed"
