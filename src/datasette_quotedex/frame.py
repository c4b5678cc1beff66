"""Datasette's own pages in our frame, on a site with quotations whose publisher wants it.

What blocks and style sheets can do, templates/base.html and static/datasette.css do. For the rest,
a few tags in Datasette's templates, or a theme's in their place, are extended as Jinja reads them.
A site without quotations gets the pages that it would get without this plugin.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

from jinja2 import Environment
from jinja2.ext import Extension

from datasette_quotedex import databases, layout, metadata
from datasette_quotedex.safety import App, Receive, Scope, Send
from datasette_quotedex.sql.settings import PLUGIN

_TAGS = {
    "base.html": {
        "<html>": ' lang="en"',
        '<section class="content"': ' id="main" role="main"',
    },
    "table.html": {
        "<h3": ' aria-level="2"',
        '<select name="_filter_column': ' aria-label="Column to filter by"',
        '<select name="_filter_op': ' aria-label="How to compare"',
        '<input type="text" name="_filter_value': ' aria-label="Value to filter by"',
        '<select name="_sort"': ' aria-label="Column to sort by"',
    },
    "database.html": {"<h3": ' aria-level="2"'},
    "query.html": {"<h3": ' aria-level="2"'},
    "_table.html": {
        '<div class="table-wrapper"': ' tabindex="0" role="region" aria-label="Rows"',
    },
    "allow_debug.html": {
        '<textarea name="allow"': ' aria-label="Allow block"',
        '<textarea name="actor"': ' aria-label="Actor"',
    },
    "messages_debug.html": {
        '<input type="text" name="message"': ' aria-label="Message"',
        '<select name="message_type"': ' aria-label="Type of message"',
    },
    "_permissions_debug_tabs.html": {
        '<nav class="permissions-debug-tabs"': ' aria-label="Permissions"',
    },
    # Of datasette-search-all:
    "search_all.html": {'<input type="search" name="q"': ' aria-label="Search all tables"'},
    "create_token.html": {'<select name="expire_type"': ' aria-label="When the token expires"'},
    # Its lists stand in each other without an item between them.
    "api_explorer.html": {'<ul class="bullets"': ' role="presentation"'},
}
"""By template: how a tag starts, and the attributes that it gets. Each stands alone: where a later
Datasette has no such tag, only what it would get is missing."""

_NOTES_START = '<dl class="column-descriptions">'
_NOTES = re.compile(rf"{_NOTES_START}.*?</dl>", re.DOTALL)
_FOLDED = (
    '{% if quotedex_frame %}<details class="column-notes">'
    "<summary>What the columns hold</summary>{% endif %}"
    r"\g<0>{% if quotedex_frame %}</details>{% endif %}"
)


def extend_tags(environment: Environment) -> None:
    """Let the templates of a Datasette name what only the eye can tell, and fold long notes."""
    environment.add_extension(_Tags)
    # Where a template is given a frame, that hides this one.
    environment.globals["quotedex_frame"] = _ErrorFrame()


class _Tags(Extension):
    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """The source of a template before Jinja parses it; only the last part of its name counts,
        since "default:" stands before it where another template extends it."""
        template = (name or "").rpartition(":")[2]
        for start, attributes in _TAGS.get(template, {}).items():
            tag = start.rstrip(">").split(" ")[0]
            added = f"{tag}{{% if quotedex_frame %}}{attributes}{{% endif %}}"
            source = source.replace(start, added + start.removeprefix(tag))
        return _NOTES.sub(_FOLDED, source) if template == "table.html" else source


def has_frame(datasette: Any) -> bool:
    """Whether the site has quotations, and no setting `frame` that is false."""
    wanted = (datasette.plugin_config(PLUGIN) or {}).get("frame", True)
    return wanted is not False and bool(metadata.known(datasette))


async def frame_values(datasette: Any, request: Any) -> dict[str, Any]:
    """What templates/base.html shows; {} on a site without a frame."""
    if not has_frame(datasette):
        return {}
    names = await databases.visible(datasette, request.actor if request else None)
    return {
        "quotedex_frame": {
            "title": await layout.site_title(datasette),
            "database": names[0] if names else None,
        }
    }


_OF_ERROR: ContextVar[Mapping[str, Any]] = ContextVar("frame of an error page")


async def begin_error_page(datasette: Any, request: Any) -> None:
    """Give the page of an error its frame: Datasette renders it without asking plugins for values,
    style sheets and scripts, in the task that called this."""
    with suppress(Exception):  # what broke the page must not break the page about it
        if values := await frame_values(datasette, request):
            style, script = (
                layout.static_url(datasette, f"datasette.{of}") for of in ("css", "js")
            )
            _OF_ERROR.set({**values["quotedex_frame"], "style_url": style, "script_url": script})


def with_no_error_page(app: App) -> App:
    """Wrap Datasette so that a request begins without the frame of an error, should its task have
    answered another one before."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        _OF_ERROR.set({})
        await app(scope, receive, send)

    return wrapped


class _ErrorFrame:
    """The frame of a page that Datasette renders after an error; false on every other."""

    def __bool__(self) -> bool:
        return bool(_OF_ERROR.get({}))

    def __getattr__(self, name: str) -> Any:
        # As Jinja asks for it; what is missing is undefined there.
        try:
            return _OF_ERROR.get({})[name]
        except KeyError:
            raise AttributeError(name) from None
