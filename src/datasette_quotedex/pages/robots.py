"""`/robots.txt`: robots may read every page once, but not the endless searches, filters and SQL."""

from __future__ import annotations

from typing import Any

from datasette import NotFound, Response

from datasette_quotedex import databases
from datasette_quotedex.pages.search.exports import EXPORTS


async def robots_page(datasette: Any, request: Any) -> Any:
    """The rules for robots; not found on a site without quotations."""
    if not await databases.with_quotations(datasette):
        raise NotFound("No database here has quotations")
    # Everything endless has a question mark. The * and the $ are those of RFC 9309.
    closed = ("/*?", *(f"/*.{form}$" for form in EXPORTS), "/-/compare")
    lines = ["User-agent: *", *(f"Disallow: {datasette.urls.path(path)}" for path in closed)]
    return Response.text("\n".join(lines) + "\n")
