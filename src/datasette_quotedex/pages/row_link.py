"""The link from a row in Datasette's tables to our page about it."""

from __future__ import annotations

from typing import Any

from datasette_quotedex import databases
from datasette_quotedex.context import SiteContext, int_or_zero

_LABELS = {
    "quotes": "See this quotation in its article, and why it has this speaker",
    "articles": "See this article with its quotations marked",
    "speakers": "See this speaker over time, with all quotations",
    "statements": "See every printing of this statement, and how the wordings differ",
}


async def row_link_values(
    datasette: Any, request: Any, database: str | None, table: str | None
) -> dict[str, Any]:
    """The values of templates/row.html; {} if we have no page about the row."""
    names = await databases.visible(datasette, request.actor)
    if database not in names or table not in _LABELS:
        return {}
    site = SiteContext(datasette, database, len(names) > 1)
    sql = f"SELECT key FROM {table} WHERE id = :id"
    row_id = int_or_zero(request.url_vars["pks"])
    rows = await site.read(lambda db: db.rows(sql, id=row_id))
    if not rows:
        return {}
    url = site.page_url(table, rows[0]["key"])
    return {"quotedex_row": {"url": url, "label": _LABELS[table]}}
