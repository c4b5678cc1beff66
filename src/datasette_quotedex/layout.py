"""What every page has around its content, and what all templates use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from datasette_quotedex.render.text import headline, readable_date, web_link
from datasette_quotedex.search.filters import FILTERS, VALUE_LABELS


async def layout_values(datasette: Any, database: str) -> dict[str, Any]:
    """The values of every template: the site's title, style sheets, and functions for texts."""
    return {
        "site_title": await site_title(datasette),
        "style_url": static_url(datasette, "quotedex.css"),
        "reading_style_url": static_url(datasette, "reading.css"),
        "datasette": datasette,
        "quotedex_database": database,
        "readable_date": readable_date,
        "headline": headline,
        "web_link": web_link,
        "filter_titles": {one.name: one.title for one in FILTERS},
        "value_labels": VALUE_LABELS,
    }


async def site_title(datasette: Any) -> str:
    """The title that the publisher gave the site, or "Quotations"."""
    if hasattr(datasette, "get_instance_metadata"):
        title = (await datasette.get_instance_metadata()).get("title")
    else:
        title = datasette.metadata("title")
    return title or "Quotations"


def static_url(datasette: Any, file: str) -> str:
    """The address of one of our static files."""
    return str(datasette.urls.static_plugins(_plugin_name(), file))


def order_templates(datasette: Any, *, ours_first: bool) -> None:
    """Put our templates before those of other plugins, or after them if we have nothing to show.

    Several plugins have a home page, such as datasette-search-all, and Datasette would take that of
    any. The publisher's own templates stay before all.
    """
    environment = getattr(datasette, "_jinja_env", None) or datasette.jinja_env
    folders = environment.loader.loaders[0].searchpath
    ours = str(Path(__file__).parent / "templates")
    if ours not in folders:
        return
    folders.remove(ours)
    first = 1 if datasette.template_dir else 0
    folders.insert(first if ours_first else len(folders) - 1, ours)
    environment.cache.clear()


def _plugin_name() -> str:
    """The name under which Datasette serves our files: the distribution's, if it is installed."""
    # Not at the top: Datasette imports its plugins while it is still importing this module.
    from datasette.plugins import get_plugins

    ours = str(Path(__file__).parent / "static")
    return next(str(p["name"]) for p in get_plugins() if p["static_path"] == ours)
