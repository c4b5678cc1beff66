"""Web pages and feeds, fetched politely: robots.txt obeyed, one request at a time, with pauses."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read.feeds import FEED_TYPES, entry_document, parse_feed
from quotedex.read.formats import FORMATS, format_of, read_source
from quotedex.read.metadata import with_inferred_metadata
from quotedex.read.source import ReadOptions, RowNames, Source, as_input_errors, check_size

if TYPE_CHECKING:
    import httpx
    from protego import Protego

USER_AGENT = "quotedex"
SCHEMES = ("http://", "https://")
MAX_REDIRECTS = 5
# Content types that say nothing about the format. The URL's suffix decides instead.
GENERIC_TYPES = frozenset({"", "application/octet-stream", "binary/octet-stream"})

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Response:
    """What a server sent. `url` is the address after redirects, `type` the media type."""

    url: str
    type: str
    charset: str | None
    data: bytes


class Fetcher:
    """Fetches URLs one after another. It remembers the robots.txt and last request of each host."""

    def __init__(self, options: ReadOptions) -> None:
        self.options = options
        self._robots: dict[str, Protego] = {}
        self._last_request: dict[str, float] = {}

    def documents(self, url: str) -> Iterator[Document | InputError]:
        """The article at a URL, or those of a feed, each fetched unless the feed has its text."""
        try:
            with as_input_errors(url):
                response = self.get(url)
            if response.type in FEED_TYPES:
                yield from self._feed_documents(url, response)
            else:
                yield from self._documents(url, response)
        except InputError as error:
            yield error

    def get(self, url: str) -> Response:
        """Fetch a URL, following redirects.

        Raises InputError if robots.txt forbids it, for error statuses and connection problems, and
        for a response over the limits of time or size.
        """
        target = url
        for _ in range(MAX_REDIRECTS + 1):
            if not target.startswith(SCHEMES):
                raise InputError(url, "only http and https URLs can be fetched")
            if not self._robots_rules(target, url).can_fetch(target, USER_AGENT):
                raise InputError(url, "the site's robots.txt disallows fetching this page")
            response, data = self._request(target, url)
            if not response.has_redirect_location:
                return _checked(response, data, url)
            target = urljoin(target, response.headers["location"])
            logger.debug("%s redirects to %s", url, target)
        raise InputError(url, f"more than {MAX_REDIRECTS} redirects")

    def _feed_documents(self, url: str, feed: Response) -> Iterator[Document | InputError]:
        names = RowNames()
        for entry in parse_feed(feed.data, url):
            location = entry.url or f"{url}#{entry.number}"
            source = Source(location, location, location, BytesIO(), self.options)
            try:
                if entry.has_full_text or not entry.url:
                    document = with_inferred_metadata(entry_document(entry, source))
                    yield document if entry.url else names.name(document)
                else:
                    with as_input_errors(location):
                        response = self.get(entry.url)
                    yield from self._documents(location, response)
            except InputError as error:
                yield error

    def _documents(self, url: str, response: Response) -> Iterator[Document | InputError]:
        yield from read_source(
            Source(
                name=_file_name(response, url),
                id=url,
                location=url,
                stream=BytesIO(response.data),
                options=self.options,
                url=response.url,
                charset=response.charset,
            )
        )

    def _robots_rules(self, target: str, url: str) -> Protego:
        """The host's robots.txt. Without one (status 4xx) everything is allowed."""
        from protego import Protego

        host = urljoin(target, "/")
        if host not in self._robots:
            response, data = self._request(urljoin(host, "robots.txt"), url, follow_redirects=True)
            if response.status_code >= 500:
                status = response.status_code
                raise InputError(url, f"the site's robots.txt is unavailable (status {status})")
            rules = data.decode("utf-8", "replace") if response.is_success else ""
            self._robots[host] = Protego.parse(rules)
        return self._robots[host]

    def _request(
        self, target: str, url: str, *, follow_redirects: bool = False
    ) -> tuple[httpx.Response, bytes]:
        """Send one request. Errors name `url`, the address that the user gave."""
        import httpx

        self._pause(target)
        logger.info("fetching %s", target)
        deadline = time.monotonic() + self.options.web_timeout
        try:
            with httpx.stream(
                "GET",
                target,
                headers={"User-Agent": USER_AGENT},
                timeout=self.options.web_timeout,
                follow_redirects=follow_redirects,
            ) as response:
                data = bytearray()
                for block in response.iter_bytes():
                    data += block
                    check_size(len(data), url, self.options)
                    if time.monotonic() > deadline:
                        raise httpx.ReadTimeout("")
                return response, bytes(data)
        except httpx.TimeoutException as error:
            raise InputError(url, "the server took too long to respond") from error
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise InputError(url, f"cannot be fetched ({error})") from error
        finally:
            self._last_request[_host(target)] = time.monotonic()

    def _pause(self, target: str) -> None:
        """Wait until the host may be asked again. Its Crawl-delay counts if it is longer."""
        rules = self._robots.get(urljoin(target, "/"))
        delay = max(self.options.web_pause, (rules and rules.crawl_delay(USER_AGENT)) or 0)
        last_request = self._last_request.get(_host(target))
        if last_request is not None:
            remaining = max(0.0, last_request + delay - time.monotonic())
            logger.debug("waiting %.1f s before the next request to %s", remaining, _host(target))
            time.sleep(remaining)


def _checked(response: httpx.Response, data: bytes, url: str) -> Response:
    if not response.is_success:
        raise InputError(url, f"the server responded with status {response.status_code}")
    header = response.headers.get("content-type", "")
    media_type = header.partition(";")[0].strip().lower()
    return Response(str(response.url), media_type, response.charset_encoding, data)


def _file_name(response: Response, url: str) -> str:
    """A file name with the suffix of the response's format."""
    for one in FORMATS:
        if response.type in one.media_types:
            return f"response{one.suffixes[0]}"
    path = urlsplit(response.url).path
    if response.type in GENERIC_TYPES and format_of(path):
        return path
    if response.type:
        raise InputError(url, f"unsupported content type {response.type}")
    raise InputError(url, "unknown format: the server sent no content type")


def _host(url: str) -> str:
    return urlsplit(url).netloc
