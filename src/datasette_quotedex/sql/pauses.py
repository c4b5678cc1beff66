"""Pauses while Datasette makes a long page, in which other requests have their turn.

Datasette prepares the cells of a page, and Jinja puts them into the page, in one go: a thousand
rows of thirty columns keep a server from everything else for half a second.
"""

from __future__ import annotations

import asyncio
from typing import Any

from jinja2 import Environment, Template

from datasette_quotedex.sql import kinds

CELLS_BEFORE_PAUSE = 100
PARTS_BEFORE_PAUSE = 1000


def with_pause(cell: Any) -> Any:
    """A cell for Datasette's `render_cell`, or a function that pauses before it gives the cell."""
    request = kinds.current.get()
    if request is None:
        return cell
    request.cells += 1
    if request.cells % CELLS_BEFORE_PAUSE:
        return cell

    async def paused() -> Any:
        await asyncio.sleep(0)
        return cell

    return paused


def pause_in_templates(environment: Environment) -> None:
    """Make the templates of a Datasette pause."""
    environment.template_class = _PausingTemplate


class _PausingTemplate(Template):
    async def render_async(self, *args: Any, **values: Any) -> str:
        """As Jinja's, with pauses between the parts of the page."""
        context = self.new_context(dict(*args, **values))
        parts = []
        try:
            async for part in self.root_render_func(context):  # type: ignore[attr-defined]
                parts.append(part)
                if len(parts) % PARTS_BEFORE_PAUSE == 0:
                    await asyncio.sleep(0)
        except Exception:
            self.environment.handle_exception()
        return str(self.environment.concat(parts))
