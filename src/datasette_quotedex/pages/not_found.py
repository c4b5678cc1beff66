"""The page at an address where there is nothing."""

from __future__ import annotations

import inspect
from typing import Any

from datasette_quotedex import databases
from datasette_quotedex.context import SiteContext

_DATA = (".json", ".csv", ".atom", ".blob")


async def not_found_answer(datasette: Any, request: Any, missing: Exception) -> Any:
    """Our page with status 404. Datasette's answer for data, and where there are no quotations."""
    # Not at the top: it loads all plugins, and so this one, which may be half imported.
    from datasette.handle_exception import handle_exception

    names = await databases.visible(datasette, request.actor)
    if not names or request.path.endswith(_DATA) or request.args.get("_format") == "json":
        answer = handle_exception(datasette, request, missing)
        return await answer() if inspect.iscoroutinefunction(answer) else answer
    site = SiteContext(datasette, names[0], len(names) > 1)
    return await site.page(request, "not_found.html", status=404)
