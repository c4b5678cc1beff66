"""Links from cells of the view and of SQL queries, where Datasette has no foreign keys to follow.

A query with a column `speaker_id` has its `speaker` or `name` linked to the speaker's page, and so
on for quotations, articles and statements.
"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from datasette_quotedex import metadata
from datasette_quotedex.context import SiteContext

VIEW = "quote_details"

_ID_COLUMNS = {
    "quote_id": "quotes",
    "speaker_id": "speakers",
    "article_id": "articles",
    "statement_id": "statements",
}
"""The tables that id columns of a query refer to."""

_ID_COLUMNS_OF_VIEW = {**_ID_COLUMNS, "id": "quotes", "parent_id": "quotes", "repeats_id": "quotes"}

_LABELS = {
    "text": "quote_id",
    "speaker": "speaker_id",
    "name": "speaker_id",
    "title": "article_id",
    "statement": "statement_id",
}
"""The columns that readers see linked, and the id each stands for, if the query has it."""


def cell_link(
    datasette: Any, database: str, table: str | None, column: str, row: Any, value: Any
) -> Markup | None:
    """A cell with a link to our page about it; None to show it as Datasette does."""
    names = metadata.known(datasette)
    if database not in names or table not in (None, VIEW) or value in (None, ""):
        return None
    ids = _ID_COLUMNS_OF_VIEW if table else _ID_COLUMNS
    id_column = "id" if table and column == "text" else _LABELS.get(column, column)
    if id_column not in ids or id_column not in row.keys():  # noqa: SIM118  (sqlite3.Row)
        return None
    id_ = row[id_column]
    if not isinstance(id_, int):
        return None
    site = SiteContext(datasette, database, len(names) > 1)
    text, longest = str(value), datasette.setting("truncate_cells_html")
    if longest and len(text) > longest:
        text = text[:longest].rstrip() + "…"
    return Markup('<a href="{}">{}</a>').format(site.page_url(ids[id_column], id_), text)
