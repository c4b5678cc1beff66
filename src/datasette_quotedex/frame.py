"""Datasette's own pages in our frame, on a site with quotations.

What blocks and style sheets can do, templates/base.html and static/datasette.css do. For the rest,
a few tags in Datasette's templates, or a theme's in their place, are extended as Jinja reads them.
A site without quotations gets the pages that it would get without this plugin.
"""

from __future__ import annotations

import re
from typing import Any

from jinja2 import Environment
from jinja2.ext import Extension

from datasette_quotedex import databases, layout, metadata

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


async def frame_values(datasette: Any, request: Any) -> dict[str, Any]:
    """What templates/base.html shows; {} on a site without quotations."""
    if not metadata.known(datasette):
        return {}
    names = await databases.visible(datasette, request.actor if request else None)
    return {
        "quotedex_frame": {
            "title": await layout.site_title(datasette),
            "database": names[0] if names else None,
        }
    }
