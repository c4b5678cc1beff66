"""Web pages and feeds, fetched politely: robots.txt obeyed, one request at a time, with pauses."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read.feeds import FEED_TYPES, entry_document, parse_feed
from quotedex.read.formats import FORMATS, format_of, read_source
from quotedex.read.metadata import with_inferred_metadata
from quotedex.read.source import USER_AGENT, ReadOptions, RowNames, Source, as_input_errors

if TYPE_CHECKING:
    from protego import Protego

    from quotedex.read.http import Clock, Reply

SCHEMES = ("http://", "https://")
MAX_REDIRECTS = 5
# Seconds. A site that asks for longer pauses is not fetched from, unless --web-pause is as long.
MAX_CRAWL_DELAY = 60.0
# Bytes of a robots.txt to read: as many as the standard, RFC 9309, asks for.
MAX_ROBOTS = 500 * 1024
# Content types that say nothing about the format. The URL's suffix decides instead.
GENERIC_TYPES = frozenset({"", "application/octet-stream", "binary/octet-stream"})

logger = logging.getLogger(__name__)


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

    def get(self, url: str) -> Reply:
        """Fetch a URL, following redirects.

        Raises InputError if robots.txt forbids it, for hosts without a public address, error
        statuses and connection problems, and for a response over the limits of time or size.
        """
        from quotedex.read.http import Clock

        clock = Clock(self.options.web_timeout)
        target = url
        for _ in range(MAX_REDIRECTS + 1):
            if not target.startswith(SCHEMES):
                raise InputError(url, "only http and https URLs can be fetched")
            if not self._robots_rules(target, url, clock).can_fetch(target, USER_AGENT):
                raise InputError(url, "the site's robots.txt disallows fetching this page")
            reply = self._request(target, url, clock)
            if not reply.location:
                return _checked(reply, url)
            target = urljoin(target, reply.location)
            logger.debug("%s redirects to %s", url, target)
        raise InputError(url, f"more than {MAX_REDIRECTS} redirects")

    def _feed_documents(self, url: str, feed: Reply) -> Iterator[Document | InputError]:
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

    def _documents(self, url: str, response: Reply) -> Iterator[Document | InputError]:
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

    def _robots_rules(self, target: str, url: str, clock: Clock) -> Protego:
        """The host's robots.txt. Without one (status 4xx) everything is allowed."""
        from protego import Protego

        host = urljoin(target, "/")
        if host not in self._robots:
            reply = self._robots_file(urljoin(host, "robots.txt"), url, clock)
            if reply.status >= 500:
                reason = f"the site's robots.txt is unavailable (status {reply.status})"
                raise InputError(url, reason)
            rules = reply.data[:MAX_ROBOTS].decode("utf-8", "replace") if reply.is_success else ""
            self._robots[host] = Protego.parse(rules)
        return self._robots[host]

    def _robots_file(self, target: str, url: str, clock: Clock) -> Reply:
        for _ in range(MAX_REDIRECTS + 1):
            reply = self._request(target, url, clock)
            if not reply.location:
                return reply
            target = urljoin(target, reply.location)
            if not target.startswith(SCHEMES):
                break
        raise InputError(url, "the site's robots.txt redirects without end or elsewhere")

    def _request(self, target: str, url: str, clock: Clock) -> Reply:
        """Send one request. Errors name `url`, the address that the user gave."""
        from quotedex.read.http import fetch

        self._pause(target, url, clock)
        logger.info("fetching %s", target)
        try:
            return fetch(target, url, clock, self.options)
        finally:
            self._last_request[_host(target)] = time.monotonic()

    def _pause(self, target: str, url: str, clock: Clock) -> None:
        """Wait until the host may be asked again. Its Crawl-delay counts if it is longer.

        Raises InputError for a Crawl-delay so long that waiting would be as good as standing still.
        """
        rules = self._robots.get(urljoin(target, "/"))
        asked = (rules and rules.crawl_delay(USER_AGENT)) or 0.0
        if not asked <= max(MAX_CRAWL_DELAY, self.options.web_pause):
            reason = f"the site's robots.txt asks for {asked:,.0f} seconds between requests"
            raise InputError(url, f"{reason} (see --web-pause)")
        delay = max(self.options.web_pause, asked)
        last_request = self._last_request.get(_host(target))
        if last_request is not None:
            remaining = max(0.0, last_request + delay - time.monotonic())
            logger.debug("waiting %.1f s before the next request to %s", remaining, _host(target))
            clock.sleep(remaining)


def _checked(reply: Reply, url: str) -> Reply:
    if not reply.is_success:
        raise InputError(url, f"the server responded with status {reply.status}")
    return reply


def _file_name(response: Reply, url: str) -> str:
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
