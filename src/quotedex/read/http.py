"""One HTTP request: to public addresses only, within a time and a size.

Import this module where it is needed, not at the top of another: httpx takes a while to load.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import ssl
import threading
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpcore
import httpx

from quotedex.errors import InputError
from quotedex.read.source import USER_AGENT, ReadOptions, check_size, decode_content

TIMED_OUT = "the server took too long to respond (see --web-timeout)"
# The networks of IPv6 whose addresses end in an address of IPv4: compatible, mapped, NAT64.
HOLD_IPV4 = tuple(map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0/96", "64:ff9b::/96")))


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server sent to one request. `location` is where a redirect leads to."""

    url: str
    status: int
    type: str
    charset: str | None
    location: str | None
    data: bytes

    @property
    def is_success(self) -> bool:
        """Whether the body is what was asked for."""
        return 200 <= self.status < 300


class Clock:
    """The time left for one URL, its robots.txt and redirects included, and pauses not."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """In seconds. Raises httpx.TimeoutException when none are left."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpx.ReadTimeout("")
        return left

    def sleep(self, seconds: float) -> None:
        """Pause out of politeness."""
        time.sleep(seconds)
        self._end += seconds


def fetch(target: str, name: str, clock: Clock, options: ReadOptions) -> Reply:
    """Send one GET request, without following redirects.

    Raises InputError about `name`, the address that the user gave, for a host without a public
    address, connection problems, and a response over the limits of time or size.
    """
    try:
        with (
            _Transport(name, clock, options) as transport,
            httpx.Client(transport=transport, timeout=None) as client,
            client.stream("GET", target, headers=_HEADERS) as response,
        ):
            return _reply(response, name, options)
    except (httpx.TimeoutException, httpcore.TimeoutException) as error:
        raise InputError(name, TIMED_OUT) from error
    except (httpx.HTTPError, httpx.InvalidURL, *_HTTPCORE_ERRORS, UnicodeError) as error:
        raise InputError(name, f"cannot be fetched ({error})") from error


_HEADERS = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"}
_HTTPCORE_ERRORS = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the internet, not to this computer or its network.

    An IPv6 address that stands for an IPv4 address is as public as that.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.sixtofour:
            return is_public(str(ip.sixtofour))
        if any(ip in network for network in HOLD_IPV4):
            return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        if ip.is_site_local:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _reply(response: httpx.Response, name: str, options: ReadOptions) -> Reply:
    body = bytearray()
    for block in response.iter_raw():
        body += block
        check_size(len(body), name, options)
    header = response.headers.get("content-type", "")
    encodings = response.headers.get("content-encoding", "")
    redirects = response.has_redirect_location
    return Reply(
        url=str(response.url),
        status=response.status_code,
        type=header.partition(";")[0].strip().lower(),
        charset=response.charset_encoding,
        location=response.headers["location"] if redirects else None,
        data=decode_content(bytes(body), encodings, name, options),
    )


class _Transport(httpx.BaseTransport):
    """Connects each request through a `_Network`, or to the proxy that the environment names."""

    def __init__(self, name: str, clock: Clock, options: ReadOptions) -> None:
        self._name = name
        self._clock = clock
        self._any_host = options.allow_private_hosts
        self._pool: httpcore.ConnectionPool | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        proxy = _proxy(request.url)
        network = _Network(self._name, self._clock, self._any_host or bool(proxy))
        if proxy and not self._any_host:
            _check_behind_proxy(request.url, network)
        self._pool = _pool(proxy, network)
        url = request.url
        reply = self._pool.handle_request(
            httpcore.Request(
                request.method,
                httpcore.URL(
                    scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
                ),
                headers=request.headers.raw,
            )
        )
        return httpx.Response(reply.status, headers=reply.headers, stream=_Body(reply))

    def close(self) -> None:
        if self._pool:
            self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, reply: httpcore.Response) -> None:
        self._reply = reply

    def __iter__(self) -> Iterator[bytes]:
        return self._reply.iter_stream()

    def close(self) -> None:
        self._reply.close()


def _pool(proxy: httpx.Proxy | None, network: _Network) -> httpcore.ConnectionPool:
    if proxy is None:
        return httpcore.ConnectionPool(ssl_context=_ssl_context(), network_backend=network)
    return httpcore.HTTPProxy(
        str(proxy.url),
        proxy_auth=proxy.raw_auth,
        ssl_context=_ssl_context(),
        network_backend=network,
    )


@cache
def _ssl_context() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def _proxy(url: httpx.URL) -> httpx.Proxy | None:
    """The proxy that HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY ask for."""
    proxies = urllib.request.getproxies()
    address = proxies.get(url.scheme) or proxies.get("all")
    if not address or urllib.request.proxy_bypass(url.host):
        return None
    scheme, separator, _ = address.partition("://")
    if separator and scheme not in ("http", "https"):
        raise httpx.UnsupportedProtocol(f"a proxy of the kind {scheme}, not http or https")
    return httpx.Proxy(address if separator else f"http://{address}")


def _check_behind_proxy(url: httpx.URL, network: _Network) -> None:
    """Reject a private host as far as this computer knows it: the proxy is who connects."""
    with suppress(httpcore.ConnectError):  # a name that only the proxy can look up
        network.public_addresses(url.host, url.port or 80)


class _Network(httpcore.NetworkBackend):
    """Looks up a host once and connects to the address that it has checked.

    So no second lookup can give another address than the one checked. However a host is written
    (127.1, 0x7f000001, a name that leads to 10.0.0.1), what counts is the address.
    """

    def __init__(self, name: str, clock: Clock, any_host: bool) -> None:
        self._name = name
        self._clock = clock
        self._any_host = any_host
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        look_up = self._addresses if self._any_host else self.public_addresses
        addresses = look_up(host, port)
        for number, address in enumerate(addresses):
            seconds = self._clock.left() / (len(addresses) - number)
            try:
                stream = self._backend.connect_tcp(
                    address, port, seconds, local_address, socket_options
                )
                return _Stream(stream, self._clock)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if address == addresses[-1]:
                    raise
        raise httpcore.ConnectError(f"{host} has no address")

    def public_addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host. Raises InputError if none of them is public."""
        addresses = self._addresses(host, port)
        public = list(filter(is_public, addresses))
        if addresses and not public:
            reason = f"{host} is not a public host (its address is {addresses[0]}; see "
            raise InputError(self._name, f"{reason}--allow-private-hosts)")
        return public

    def _addresses(self, host: str, port: int) -> list[str]:
        """Look up a host in a thread, since the system's lookup knows no time limit."""
        answer: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

        def look_up() -> None:
            try:
                found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                answer.put(list(dict.fromkeys(str(address[0]) for *_, address in found)))
            except (OSError, UnicodeError) as error:
                answer.put(error)

        threading.Thread(target=look_up, daemon=True).start()
        try:
            addresses = answer.get(timeout=self._clock.left())
        except queue.Empty as error:
            raise httpcore.ConnectTimeout("") from error
        if isinstance(addresses, Exception):
            raise httpcore.ConnectError(str(addresses)) from addresses
        return addresses


class _Stream(httpcore.NetworkStream):
    """A connection all of whose waits together end when the clock does."""

    def __init__(self, stream: httpcore.NetworkStream, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._clock.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._clock.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._clock.left())
        return _Stream(stream, self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
