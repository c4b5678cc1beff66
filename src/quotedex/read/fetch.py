"""Pages and feeds from the web, politely: robots.txt obeyed, one request at a time, with pauses."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from quotedex.errors import InputError
from quotedex.models import Document
from quotedex.read import feeds
from quotedex.read.documents import documents_of
from quotedex.read.formats import FORMATS, format_of
from quotedex.read.metadata import completed
from quotedex.read.source import Settings, Source, check_size, reading

if TYPE_CHECKING:
    from httpx import Response
    from protego import Protego

AGENT = "quotedex"
SCHEMES = ("http://", "https://")
MOST_REDIRECTS = 5
# Types that say nothing: then the address tells the format.
VAGUE_TYPES = frozenset({"", "application/octet-stream", "binary/octet-stream"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server gave: `url` is where the redirects ended."""

    url: str
    type: str
    charset: str | None
    data: bytes


class Web:
    """Fetches for one run. It remembers each host's robots.txt and when it was last asked."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._robots: dict[str, Protego] = {}
        self._asked: dict[str, float] = {}

    def documents(self, url: str) -> Iterator[Document | InputError]:
        """The article at an address, or those of the feed there, each fetched if need be."""
        try:
            with reading(url):
                answer = self.get(url)
            if answer.type in feeds.FEED_TYPES:
                yield from self._entries(url, answer)
            else:
                yield from self._read(url, answer)
        except InputError as error:
            yield error

    def get(self, url: str) -> Answer:
        """Fetch an address. Raises InputError for what is refused, missing, too slow or large."""
        at = url
        for _ in range(MOST_REDIRECTS + 1):
            if not at.startswith(SCHEMES):
                raise InputError(url, "only http and https addresses are fetched")
            if not self._robots_of(at, url).can_fetch(at, AGENT):
                raise InputError(url, "the site's robots.txt asks programs not to fetch it")
            response, data = self._ask(at, url)
            if not response.has_redirect_location:
                return _answer(response, data, url)
            at = urljoin(at, response.headers["location"])
        raise InputError(url, f"it redirects more than {MOST_REDIRECTS} times")

    def _entries(self, url: str, answer: Answer) -> Iterator[Document | InputError]:
        for entry in feeds.entries_of(answer.data, url):
            place = entry.url or f"{url}#{entry.number}"
            source = Source(place, place, place, BytesIO(), self.settings)
            try:
                if entry.is_whole or not entry.url:
                    yield completed(feeds.document(entry, source))
                else:
                    with reading(place):
                        answer = self.get(entry.url)
                    yield from self._read(place, answer)
            except InputError as error:
                yield error

    def _read(self, url: str, answer: Answer) -> Iterator[Document | InputError]:
        yield from documents_of(
            Source(
                name=_name_of(answer, url),
                id=url,
                location=url,
                stream=BytesIO(answer.data),
                settings=self.settings,
                url=answer.url,
                charset=answer.charset,
            )
        )

    def _robots_of(self, at: str, url: str) -> Protego:
        """The rules of the host; a site that has none (4xx) allows all, one in trouble nothing."""
        from protego import Protego

        host = urljoin(at, "/")
        if host not in self._robots:
            response, data = self._ask(urljoin(host, "robots.txt"), url, follow_redirects=True)
            if response.status_code >= 500:
                raise InputError(url, "the site's robots.txt cannot be read just now")
            rules = data.decode("utf-8", "replace") if response.is_success else ""
            self._robots[host] = Protego.parse(rules)
        return self._robots[host]

    def _ask(self, at: str, url: str, *, follow_redirects: bool = False) -> tuple[Response, bytes]:
        import httpx

        self._wait(at)
        ends = time.monotonic() + self.settings.web_timeout
        try:
            with httpx.stream(
                "GET",
                at,
                headers={"User-Agent": AGENT},
                timeout=self.settings.web_timeout,
                follow_redirects=follow_redirects,
            ) as response:
                data = bytearray()
                for block in response.iter_bytes():
                    data += block
                    check_size(len(data), url, self.settings)
                    if time.monotonic() > ends:
                        raise httpx.ReadTimeout("")
                return response, bytes(data)
        except httpx.TimeoutException as error:
            raise InputError(url, "the server took too long to answer") from error
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
            raise InputError(url, f"it cannot be fetched ({error})") from error
        finally:
            self._asked[_host(at)] = time.monotonic()

    def _wait(self, at: str) -> None:
        """Until the host may be asked again: after the pause, or a longer one that it asks for."""
        rules = self._robots.get(urljoin(at, "/"))
        pause = max(self.settings.web_pause, (rules and rules.crawl_delay(AGENT)) or 0)
        asked = self._asked.get(_host(at))
        if asked is not None:
            time.sleep(max(0.0, asked + pause - time.monotonic()))


def _answer(response: Response, data: bytes, url: str) -> Answer:
    if not response.is_success:
        raise InputError(url, f"the server answered {response.status_code}")
    header = response.headers.get("content-type", "")
    media_type = header.partition(";")[0].strip().lower()
    return Answer(str(response.url), media_type, response.charset_encoding, data)


def _name_of(answer: Answer, url: str) -> str:
    """A file name that ends as the answer's format does."""
    for one in FORMATS:
        if answer.type in one.media_types:
            return f"answer{one.suffixes[0]}"
    path = urlsplit(answer.url).path
    if answer.type in VAGUE_TYPES and format_of(path):
        return path
    raise InputError(url, f"{answer.type or 'what has no type'} is not read")


def _host(url: str) -> str:
    return urlsplit(url).netloc
