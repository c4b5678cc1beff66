"""The way from a row of Datasette's tables to our page about the same thing."""

from __future__ import annotations

from typing import Any

from datasette_quotedex import databases
from datasette_quotedex.context import Place, number

_LABELS = {
    "quotes": "This quotation in its article, with why its speaker was chosen",
    "articles": "This article with its quotations marked",
    "speakers": "This speaker over time, with all quotations",
    "statements": "Every printing of this statement, with its wording",
}


async def row_link(
    datasette: Any, request: Any, database: str | None, table: str | None
) -> dict[str, Any]:
    """What templates/row.html needs to lead there; {} for a row that has no page of ours."""
    names = await databases.visible(datasette, request.actor)
    if database not in names or table not in _LABELS:
        return {}
    place = Place(datasette, database, several=len(names) > 1)
    url = place.to(table, number(request.url_vars["pks"]))
    return {"quotedex_row": {"url": url, "label": _LABELS[table]}}
