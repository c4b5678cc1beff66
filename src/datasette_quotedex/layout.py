"""What every page has around its content, and what all templates use."""

from __future__ import annotations

from functools import cache
from os.path import isdir, join
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from jinja2 import BytecodeCache, Environment, FileSystemLoader

from datasette_quotedex.render.text import headline, readable_date, web_link
from datasette_quotedex.search.filters import FILTERS, VALUE_LABELS

MENU = (
    ("quotes", "Search quotations"),
    ("speakers", "Speakers"),
    ("outlets", "Outlets"),
    ("articles", "Articles"),
    ("topics", "Topics"),
    ("network", "Who is quoted together"),
    ("outlets-and-speakers", "Whom each outlet quotes"),
)
"""What Datasette's menu leads to: pages of ours and their names."""


async def layout_values(datasette: Any, database: str) -> dict[str, Any]:
    """The values of every template: the site's title, style sheets, and functions for texts."""
    return {
        "site_title": await site_title(datasette),
        "style_url": static_url(datasette, "quotedex.css"),
        "search_script_url": static_url(datasette, "search.js"),
        "reading_style_url": static_url(datasette, "reading.css"),
        "datasette": datasette,
        "quotedex_database": database,
        "readable_date": readable_date,
        "headline": headline,
        "web_link": web_link,
        "filters": FILTERS,
        "value_labels": VALUE_LABELS,
    }


async def render(datasette: Any, request: Any, template: str, values: dict[str, Any]) -> str:
    """One of our templates as HTML.

    Datasette awaits each loop and call of a template, which takes three times as long and which
    ours do not need. One that a publisher or a plugin put in place of ours may.
    """
    environment = _environment(datasette, request)
    if environment is not datasette_environment(datasette) or _has_other_templates(environment):
        html: str = await datasette.render_template(template, values, request=request)
        return html
    if environment not in _PLAIN:
        _PLAIN[environment] = environment.overlay(
            enable_async=False, auto_reload=False, bytecode_cache=BYTECODE_CACHE
        )
    plain = _PLAIN[environment]
    return plain.get_template(template).render({**values, "urls": datasette.urls})


BYTECODE_CACHE: BytecodeCache | None = None
"""Not Datasette's, which has the same templates for awaiting."""

_PLAIN: WeakKeyDictionary[Environment, Environment] = WeakKeyDictionary()


def datasette_environment(datasette: Any) -> Environment:
    """Where Datasette has its templates, in 1.0 and in 0.65."""
    environment: Environment = getattr(datasette, "_jinja_env", None) or datasette.jinja_env
    return environment


def _environment(datasette: Any, request: Any) -> Environment:
    """In Datasette 1.0, a plugin may have an environment of its own for a request."""
    if hasattr(datasette, "get_jinja_environment"):
        environment: Environment = datasette.get_jinja_environment(request)
        return environment
    return datasette_environment(datasette)


def has_our_index(datasette: Any, request: Any) -> bool:
    """Whether our template is that of Datasette's home page, and no publisher's or plugin's."""
    environment = _environment(datasette, request)
    return environment.get_template("index.html").filename == join(_OURS, "index.html")


def _has_other_templates(environment: Environment) -> bool:
    """Whether a folder before ours may have templates of our names."""
    folders = _template_folders(environment)
    before = folders[: folders.index(_OURS)] if _OURS in folders else folders
    return any(isdir(join(folder, "quotedex")) for folder in before)


def _template_folders(environment: Environment) -> list[str]:
    loader: Any = environment.loader
    folders: list[str] = loader.loaders[0].searchpath
    return folders


_OURS = str(Path(__file__).parent / "templates")


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


def name_templates(datasette: Any, environment: Environment) -> None:
    """Let our templates extend those of other plugins and Datasette that they hide, such as
    `theirs:base.html`, and a publisher's templates extend ours, `quotedex:base.html`."""
    folders = _template_folders(environment)[1 if datasette.template_dir else 0 :]
    loader: Any = environment.loader
    loader.loaders[1].mapping |= {
        "theirs": FileSystemLoader([folder for folder in folders if folder != _OURS]),
        "quotedex": FileSystemLoader(_OURS),
    }


def order_templates(datasette: Any, *, ours_first: bool) -> None:
    """Put our templates before those of other plugins, or after them if we have nothing to show.

    Several plugins have a home page, such as datasette-search-all, and Datasette would take that of
    any. The publisher's own templates stay before all.
    """
    environment = datasette_environment(datasette)
    folders = _template_folders(environment)
    if _OURS not in folders:
        return
    folders.remove(_OURS)
    first = 1 if datasette.template_dir else 0
    folders.insert(first if ours_first else len(folders) - 1, _OURS)
    if environment.cache is not None:
        environment.cache.clear()


@cache
def _plugin_name() -> str:
    """The name under which Datasette serves our files: the distribution's, if it is installed."""
    # Not at the top: Datasette imports its plugins while it is still importing this module.
    from datasette.plugins import get_plugins

    ours = str(Path(__file__).parent / "static")
    return next(str(p["name"]) for p in get_plugins() if p["static_path"] == ours)
