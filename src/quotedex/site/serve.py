"""The file as a Datasette site, tuned and read-only, in this process."""

from __future__ import annotations

import asyncio
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
        # A suggestion counts every column of the table; on a large file all of them time out.
        "suggest_facets": False,
        "truncate_cells_html": 500,
        "default_cache_ttl": 60,
    }
)


def serve(
    path: str | Path, host: str, port: int, ready: Callable[[str], None] = lambda url: None
) -> None:
    """Serve the site of the file at `path` until interrupted.

    `ready` is called with the site's address when it answers; with port 0 the system picks one.
    Raises DatabaseError for a file that is no index, QuotedexError for an address in use.
    """
    import uvicorn

    datasette = site(path)
    listening = _listen(host, port)
    address = f"[{host}]" if ":" in host else host
    url = f"http://{address}:{listening.getsockname()[1]}/"

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready(url)

    server = Server(uvicorn.Config(datasette.app(), log_level="warning", lifespan="on"))
    server.run(sockets=[listening])


def site(path: str | Path) -> Datasette:
    """The Datasette that `serve` runs, ready to answer."""
    from datasette.app import Datasette
    from datasette.plugins import pm

    import datasette_quotedex

    open_index(path).close()
    # Where rich is installed, Datasette prints every error with all variables around it: seconds of
    # work for each request of something that is not there. It must not be imported before the app.
    from datasette import handle_exception

    handle_exception.rich = None
    # Installed, the plugin is there already; a checkout on the path should serve the same site.
    if not pm.is_registered(datasette_quotedex):
        pm.register(datasette_quotedex)
    datasette = Datasette([], immutables=[str(path)], settings=dict(SETTINGS))
    asyncio.run(datasette.invoke_startup())
    return datasette


def _listen(host: str, port: int) -> socket.socket:
    """The socket to serve on, so that an address in use is told plainly."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise QuotedexError(f"{host}:{port} cannot be served on: {reason}") from error
