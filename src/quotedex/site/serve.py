"""Serve indexes as a Datasette site in this process, read-only but for corrections.

The files are opened as ones that may change: a site shows what is indexed while it runs.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import signal
import socket
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, MappingProxyType
from typing import TYPE_CHECKING, Any

from quotedex.errors import DatabaseError, QuotedexError
from quotedex.store.file import open_index, reading_mode

if TYPE_CHECKING:
    from datasette.app import Datasette

SETTINGS: Mapping[str, int] = MappingProxyType(
    {
        "default_page_size": 50,
        "max_returned_rows": 1000,
        "sql_time_limit_ms": 2000,
        "facet_time_limit_ms": 500,
        # Suggesting facets counts every column of a table, which times out on a large file.
        "suggest_facets": False,
        "truncate_cells_html": 500,
        "default_cache_ttl": 60,
    }
)
"""Settings of Datasette that suit an index of any size."""

DEFAULT_PORT = 8001
PORTS_TRIED = 20
"""If the default port is taken, the ones after it are tried."""

GRACEFUL_SECONDS = 2
"""When the server is told to end, answers that are not ready by then are dropped."""

LAST_RESORT_SECONDS = 4
"""When the system ends the process, whatever still runs in it."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SiteOptions:
    """What `datasette serve` calls --setting, --metadata, --plugins-dir and --cors.

    `settings` take precedence over SETTINGS. `metadata` is a JSON or YAML file. `public_url` is the
    address at which readers find the site, if it is not the one that their requests name. With
    `edit`, whoever has the permission quotedex-edit can correct quotations.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    metadata: str | None = None
    plugins_dir: str | None = None
    cors: bool = False
    public_url: str | None = None
    edit: bool = False


def serve(
    paths: Sequence[str | Path],
    host: str,
    port: int | None = None,
    options: SiteOptions | None = None,
    on_start: Callable[[str], None] = lambda url: None,
    on_edit: Callable[[str], None] = lambda link: None,
) -> None:
    """Serve the indexes at `paths` until interrupted.

    With port 0 the system picks a free port; with None it is DEFAULT_PORT, or the next free one.
    `on_start` is called with the site's URL once it answers, and with the option `edit` `on_edit`
    with a link that signs its first visitor in as an editor. Raises DatabaseError if a path is not
    an index, QuotedexError if the address is in use or an option is invalid.
    """
    import uvicorn

    datasette = build_site(paths, options)
    listening = _listen(host, port)
    address = f"[{host}]" if ":" in host else host
    base_url = datasette.setting("base_url")
    url = f"http://{address}:{listening.getsockname()[1]}{base_url}"

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            logger.info("serving %s at %s", ", ".join(map(str, paths)), url)
            on_start(url)
            if options and options.edit:
                on_edit(f"{url}-/auth-token?token={datasette._root_token}")

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            signal.alarm(LAST_RESORT_SECONDS)
            super().handle_exit(sig, frame)

    config = uvicorn.Config(
        datasette.app(),
        log_level="warning",
        lifespan="on",
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
    )
    try:
        Server(config).run(sockets=[listening])
    finally:
        signal.alarm(0)


def build_site(
    paths: Sequence[str | Path] | str | Path, options: SiteOptions | None = None
) -> Datasette:
    """The Datasette application that `serve` runs, started up."""
    from datasette.app import Datasette
    from datasette.plugins import pm

    import datasette_quotedex
    from datasette_quotedex.editing import use_editor
    from quotedex.site.editor import StoreEditor

    paths = [paths] if isinstance(paths, str | Path) else paths
    options = options or SiteOptions()
    for path in paths:
        open_index(path).close()
    # If rich is installed, Datasette prints every error with all local variables, which takes
    # seconds even for a page that does not exist. Import this module only after the app.
    from datasette import handle_exception

    handle_exception.rich = None
    # An installed plugin is registered already; one in a checkout on the path is not.
    if not pm.is_registered(datasette_quotedex):
        pm.register(datasette_quotedex)
    files = list(dict.fromkeys(map(str, paths)))
    followed = [file for file in files if reading_mode(Path(file)) == "mode=ro"]
    # A correction shows at once, and a page kept from before signing in has no form.
    never_old = {"default_cache_ttl": 0} if options.edit else {}
    datasette = Datasette(
        followed,
        immutables=[file for file in files if file not in followed],
        settings={**SETTINGS, **never_old, **_settings(options.settings)},
        metadata=with_public_url(_metadata(options.metadata) or {}, options.public_url),
        plugins_dir=options.plugins_dir,
        cors=options.cors,
    )
    try:
        asyncio.run(_start(datasette))
    except sqlite3.DatabaseError as error:  # Datasette reads the columns of every table
        raise DatabaseError(f"{', '.join(files)} cannot be used: {error}") from error
    if options.edit:
        use_editor(datasette, StoreEditor())
    return datasette


async def _start(datasette: Datasette) -> None:
    await datasette.invoke_startup()
    # Otherwise the first request does this, and others that come meanwhile find tables locked.
    await datasette.refresh_schemas()


def _settings(given: Mapping[str, str]) -> dict[str, Any]:
    """Settings with the types that Datasette expects: `{"suggest_facets": "on"}` -> True."""
    from datasette.app import DEFAULT_SETTINGS
    from datasette.utils import ValueAsBooleanError, value_as_boolean

    typed: dict[str, Any] = {}
    for name, value in given.items():
        if name not in DEFAULT_SETTINGS:
            known = ", ".join(sorted(DEFAULT_SETTINGS))
            raise QuotedexError(f"Datasette has no setting {name!r}; its settings are {known}")
        default = DEFAULT_SETTINGS[name]
        try:
            if isinstance(default, bool):
                typed[name] = value_as_boolean(value)
            else:
                typed[name] = int(value) if isinstance(default, int) else value
        except (ValueError, ValueAsBooleanError) as error:
            kind = "on or off" if isinstance(default, bool) else "a whole number"
            raise QuotedexError(f"the setting {name} must be {kind}, not {value!r}") from error
    return typed


def _metadata(path: str | None) -> Any:
    from datasette.utils import BadMetadataError, parse_metadata

    if path is None:
        return None
    try:
        return parse_metadata(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise QuotedexError(f"{path} cannot be read: {error.strerror}") from error
    except (BadMetadataError, UnicodeDecodeError) as error:
        raise QuotedexError(f"{path} is neither JSON nor YAML") from error


def with_public_url(metadata: dict[str, Any], url: str | None) -> dict[str, Any]:
    """Metadata of Datasette with the address of the site as a setting of our plugin.

    Raises QuotedexError if it is not one.
    """
    from datasette_quotedex.public_url import SETTING, parse
    from datasette_quotedex.sql.settings import PLUGIN

    if url is None:
        return metadata
    try:
        parse(url)
    except ValueError as error:
        raise QuotedexError(str(error)) from error
    plugins = metadata.get("plugins") or {}
    ours = {**(plugins.get(PLUGIN) or {}), SETTING: url}
    return {**metadata, "plugins": {**plugins, PLUGIN: ours}}


def _listen(host: str, port: int | None) -> socket.socket:
    """Bind the socket ourselves, so that an address in use is a clear error."""
    if port is not None:
        return _bind(host, port)
    for candidate in range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TRIED):
        try:
            return _bind(host, candidate)
        except QuotedexError as error:
            if getattr(error.__cause__, "errno", None) != errno.EADDRINUSE:
                raise
    last = DEFAULT_PORT + PORTS_TRIED - 1
    raise QuotedexError(f"cannot listen on {host}: ports {DEFAULT_PORT} to {last} are all in use")


def _bind(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        # Errors of names have numbers of their own; `create_server` adds the address to others.
        named = isinstance(error, socket.gaierror) or not error.errno
        reason = error.strerror or str(error) if named else os.strerror(error.errno or 0)
        raise QuotedexError(f"cannot listen on {host}:{port}: {reason}") from error
