"""Web servers that never end their answers, or send more than they should."""

from __future__ import annotations

import gzip
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Answer = Callable[[socket.socket, str], None]

CLOSE = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
ROBOTS = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
DRIP_SECONDS = 0.3


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """The address of a server that gives this answer to every request but that for robots.txt."""
    listening = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_accept, args=(listening, answer), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.close()


def _accept(listening: socket.socket, answer: Answer) -> None:
    with suppress(OSError):
        while True:
            client, _ = listening.accept()
            threading.Thread(target=_answer, args=(client, answer), daemon=True).start()


def _answer(client: socket.socket, answer: Answer) -> None:
    with suppress(OSError), client:
        request = client.recv(65_536).decode("latin-1")
        answer(client, request.split(" ", 2)[1] if " " in request else "")


def _page(sent: Callable[[socket.socket], None]) -> Answer:
    """Pages by `sent`, and no robots.txt."""

    def answer(client: socket.socket, path: str) -> None:
        if path == "/robots.txt":
            client.sendall(ROBOTS)
        else:
            sent(client)

    return answer


def _drip(client: socket.socket, text: bytes) -> None:
    """A byte at a time, forever: every one resets a limit to the time between two bytes."""
    wait = threading.Event()
    while True:
        client.sendall(text)
        wait.wait(DRIP_SECONDS)


def _dripped_headers(client: socket.socket) -> None:
    client.sendall(OK + b"X-Slow: ")
    _drip(client, b"a")


def _dripped_body(client: socket.socket) -> None:
    client.sendall(OK + b"\r\n<p>")
    _drip(client, b"a")


def _endless_continue(client: socket.socket) -> None:
    _drip(client, b"HTTP/1.1 100 Continue\r\n\r\n")


def _endless_headers(client: socket.socket) -> None:
    client.sendall(OK)
    while True:
        client.sendall(b"X-Long: " + b"a" * 60_000 + b"\r\n")


def _gzipped_twice(client: socket.socket) -> None:
    """3 GB in a few kilobytes."""
    packed = gzip.compress(_gzip_of_spaces(3_000))
    head = OK + b"Content-Encoding: gzip, gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    client.sendall(head + packed)


def _gzip_of_spaces(megabytes: int) -> bytes:
    """One stream, put together from equal blocks. Its checksum is wrong, which comes too late."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    block = packer.compress(b" " * 1_000_000) + packer.flush(zlib.Z_FULL_FLUSH)
    header = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
    return header + block * megabytes + packer.flush() + b"\0" * 8


def _robots(rules: bytes) -> Answer:
    """A robots.txt with these rules, and pages that a reader would take."""
    page = b"<article><p>The lamp burns, Ada Poole said on the pier this morning.</p></article>"

    def answer(client: socket.socket, path: str) -> None:
        body = rules if path == "/robots.txt" else page
        kind = b"text/plain" if path == "/robots.txt" else b"text/html"
        head = b"Content-Type: %b\r\nContent-Length: %d\r\n\r\n" % (kind, len(body))
        client.sendall(CLOSE + head + body)

    return answer


def _dripped_robots(client: socket.socket, path: str) -> None:
    _dripped_body(client)


SERVERS: dict[str, Answer] = {
    "headers, a byte at a time": _page(_dripped_headers),
    "a page, a byte at a time": _page(_dripped_body),
    "robots.txt, a byte at a time": _dripped_robots,
    "100 Continue without end": _page(_endless_continue),
    "headers without end": _page(_endless_headers),
    "a page of 3 GB gzipped twice": _page(_gzipped_twice),
    "Crawl-delay: 100000": _robots(b"User-agent: *\nCrawl-delay: 100000\n"),
}
HARMLESS = {"Crawl-delay: 100000"}
"""The page may also be stored."""
