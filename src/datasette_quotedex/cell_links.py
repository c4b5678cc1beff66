"""Links from cells of the view and of SQL queries, where Datasette has no foreign keys to follow.

A query with a column `speaker_key` has its `speaker` or `name` linked to the speaker's page, and so
on for quotations, articles and statements.
"""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup, escape

from datasette_quotedex import metadata
from datasette_quotedex.context import SiteContext
from datasette_quotedex.render.text import without_folders

VIEW = "quote_details"

_KEY = re.compile(r"[a-z0-9_-]{1,100}")

_KEY_COLUMNS = {
    "quote_key": "quotes",
    "speaker_key": "speakers",
    "article_key": "articles",
    "statement_key": "statements",
    "parent_key": "quotes",
    "repeats_key": "quotes",
}
"""The pages that key columns of a query refer to."""

_KEY_COLUMNS_OF_VIEW = {**_KEY_COLUMNS, "key": "quotes"}

_LABELS = {
    "text": "quote_key",
    "speaker": "speaker_key",
    "name": "speaker_key",
    "title": "article_key",
    "statement": "statement_key",
}
"""The columns that readers see linked, and the key each stands for, if the query has it."""


def cell_link(
    datasette: Any, database: str, table: str | None, column: str, row: Any, value: Any
) -> Markup | None:
    """A cell with a link to our page about it; None to show it as Datasette does.

    Of a path of this machine it shows the end, as our pages do.
    """
    names = metadata.known(datasette)
    if database in names and (table, column) == ("articles", "location"):
        is_path = isinstance(value, str) and value.startswith("/")
        return escape(without_folders(value)) if is_path else None
    if database not in names or table not in (None, VIEW) or value in (None, ""):
        return None
    keys = _KEY_COLUMNS_OF_VIEW if table else _KEY_COLUMNS
    key_column = "key" if table and column == "text" else _LABELS.get(column, column)
    if key_column not in keys or key_column not in row.keys():  # noqa: SIM118  (sqlite3.Row)
        return None
    key = row[key_column]
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        return None
    site = SiteContext(datasette, database, len(names) > 1)
    text, longest = str(value), datasette.setting("truncate_cells_html")
    if longest and len(text) > longest:
        text = text[:longest].rstrip() + "…"
    return Markup('<a href="{}">{}</a>').format(site.page_url(keys[key_column], key), text)
