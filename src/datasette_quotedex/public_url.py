"""The site's own address in permalinks, feeds and exports.

Datasette takes it from the header `Host` of a request, which anybody can forge; a cache in front
of the site may give the answer to others. With the setting `public_url` every request is one to
that address. Without it, caches are told to keep answers to each `Host` apart.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlsplit

from datasette.utils import StartupError

from datasette_quotedex.safety import App, Receive, Scope, Send
from datasette_quotedex.sql.settings import PLUGIN

SETTING = "public_url"


def public_url_of(datasette: Any) -> tuple[str, str] | None:
    """The scheme and host of the setting, None if it is not set.

    Raises StartupError for what is not an address, or has a path, which is Datasette's `base_url`.
    """
    given = (datasette.plugin_config(PLUGIN) or {}).get(SETTING)
    if given is None:
        return None
    try:
        return parse(given)
    except ValueError as error:
        raise StartupError(f"{PLUGIN}: {SETTING}: {error}") from error


def parse(given: object) -> tuple[str, str]:
    """ "https://quotes.example/" -> ("https", "quotes.example"). Raises ValueError."""
    # Python's parser leaves out line breaks.
    is_text = isinstance(given, str) and given.isascii() and given.isprintable()
    parts = urlsplit(str(given) if is_text else "")
    is_plain = parts.hostname and " " not in parts.netloc
    if parts.scheme not in ("http", "https") or not is_plain or "@" in parts.netloc:
        raise ValueError(f"{given!r} is not an address such as https://quotes.example")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError(f"{given!r} has a path: set Datasette's base_url for it")
    return parts.scheme, parts.netloc


def with_public_url(app: App, datasette: Any) -> App:
    """Wrap Datasette so that no answer repeats a forged `Host` to others."""
    address = public_url_of(datasette)

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
        elif address:
            others = [pair for pair in scope["headers"] if pair[0].lower() != b"host"]
            headers = [(b"host", address[1].encode()), *others]
            await app({**scope, "scheme": address[0], "headers": headers}, receive, send)
        else:
            await app(scope, receive, _varying(send))

    return wrapped


def _varying(send: Send) -> Send:
    async def send_varying(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), (b"vary", b"Host")]}
        await send(message)

    return send_varying
