"""Serve an index as a Datasette site, read-only, in this process."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from quotedex.errors import QuotedexError
from quotedex.store.file import open_index

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

logger = logging.getLogger(__name__)


def serve(
    path: str | Path, host: str, port: int, on_start: Callable[[str], None] = lambda url: None
) -> None:
    """Serve the index at `path` until interrupted; with port 0 the system picks a free port.

    `on_start` is called with the site's URL once it answers. Raises DatabaseError if `path` is not
    an index, QuotedexError if the address is in use.
    """
    import uvicorn

    datasette = build_site(path)
    listening = _listen(host, port)
    address = f"[{host}]" if ":" in host else host
    url = f"http://{address}:{listening.getsockname()[1]}/"

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            logger.info("serving %s at %s", path, url)
            on_start(url)

    server = Server(uvicorn.Config(datasette.app(), log_level="warning", lifespan="on"))
    server.run(sockets=[listening])


def build_site(path: str | Path) -> Datasette:
    """The Datasette application that `serve` runs, started up."""
    from datasette.app import Datasette
    from datasette.plugins import pm

    import datasette_quotedex

    open_index(path).close()
    # If rich is installed, Datasette prints every error with all local variables, which takes
    # seconds even for a page that does not exist. Import this module only after the app.
    from datasette import handle_exception

    handle_exception.rich = None
    # An installed plugin is registered already; one in a checkout on the path is not.
    if not pm.is_registered(datasette_quotedex):
        pm.register(datasette_quotedex)
    datasette = Datasette([], immutables=[str(path)], settings=dict(SETTINGS))
    asyncio.run(datasette.invoke_startup())
    return datasette


def _listen(host: str, port: int) -> socket.socket:
    """Bind the socket ourselves, so that an address in use is a clear error."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise QuotedexError(f"cannot listen on {host}:{port}: {reason}") from error
