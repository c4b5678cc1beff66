"""Who may correct what, and the corrections that a page shows.

This plugin writes to no file. `quotedex serve --edit` gives it an `Editor`, which makes corrections
as the command line does; without one there are no forms.
"""

from __future__ import annotations

import asyncio
from typing import Any, Protocol
from urllib.parse import quote

from datasette_quotedex.context import Reader, SiteContext
from datasette_quotedex.render.text import web_link
from datasette_quotedex.sql.settings import PLUGIN

PERMISSION = "quotedex-edit"
LOCAL_EDITOR = "root"
"""The actor whom the one-time link of `quotedex serve --edit` signs in."""

MAX_SHOWN = 50
_MAX_ADDRESS = 2_000


class Rejected(Exception):  # noqa: N818  (an answer to the editor, not an error)
    """A correction that cannot be made; the message says why."""


class Editor(Protocol):
    """Makes corrections in a file at once. Both raise `Rejected`."""

    local_name: str
    """Whom corrections of the local user are signed by."""

    def correct(self, path: str, values: dict[str, str]) -> str | None:
        """Make a correction with these columns; the key that it leads to."""

    def undo(self, path: str, number: int, who: str, why: str) -> None:
        """Undo the correction with this id."""


def use_editor(datasette: Any, editor: Editor) -> None:
    """Let those who may correct the files of this site."""
    setattr(datasette, _EDITOR, (editor, asyncio.Lock()))


async def may_edit(site: SiteContext, actor: Any) -> bool:
    """Whether this actor may correct quotations here, and it is possible."""
    database = site.datasette.get_database(site.database)
    if not hasattr(site.datasette, _EDITOR) or not database.is_mutable or not actor:
        return False
    if actor.get("id") == LOCAL_EDITOR:
        return True
    if hasattr(site.datasette, "allowed"):
        return bool(await site.datasette.allowed(action=PERMISSION, actor=actor))
    return bool(await site.datasette.permission_allowed(actor, PERMISSION, default=False))


async def correct(site: SiteContext, actor: Any, values: dict[str, str]) -> str | None:
    """Make a correction in this actor's name; the key that it leads to. Raises `Rejected`."""
    editor, lock = getattr(site.datasette, _EDITOR)
    path = site.datasette.get_database(site.database).path
    async with lock:
        signed = {**values, "who": _name(editor, actor)}
        return await asyncio.to_thread(editor.correct, path, signed)


async def undo(site: SiteContext, actor: Any, number: int, why: str) -> None:
    """Undo a correction in this actor's name. Raises `Rejected`."""
    editor, lock = getattr(site.datasette, _EDITOR)
    path = site.datasette.get_database(site.database).path
    async with lock:
        await asyncio.to_thread(editor.undo, path, number, _name(editor, actor), why)


def corrections_of(db: Reader, page: str, key: str) -> list[dict[str, Any]]:
    """The corrections that made a quotation or speaker what it is, or that removed it."""
    return db.rows(_OF_KEY[page], key=key)


def all_corrections(db: Reader, before: int, limit: int) -> list[dict[str, Any]]:
    """The latest corrections first, from those before an id on."""
    return db.rows(_ALL, before=before, limit=limit)


async def page_values(site: SiteContext, request: Any, page: str, key: str) -> dict[str, Any]:
    """What the page of a quotation or speaker needs for its form or its link to report a mistake.

    In Datasette 0.65 a form needs the token; 1.0 goes by the headers of browsers.
    """
    if await may_edit(site, request.actor):
        token = request.scope.get("csrftoken")
        return {"may_edit": True, "csrftoken": token() if token else "", "report_url": None}
    address = site.datasette.absolute_url(request, site.page_url(page, key))
    return {"may_edit": False, "report_url": report_url(site.datasette, key, address)}


def private(response: Any, values: dict[str, Any]) -> Any:
    """The response; one with a form is for its editor alone, and not to be kept."""
    if values["may_edit"]:
        response.headers["cache-control"] = "private, no-store"
    return response


def report_url(datasette: Any, key: str, address: str) -> str | None:
    """Where to report a mistake, from the setting `report_url`; None without one.

    `{key}` and `{url}` in it stand for what the page is about.
    """
    given = (datasette.plugin_config(PLUGIN) or {}).get("report_url")
    if not isinstance(given, str) or not (web_link(given) or given.lower().startswith("mailto:")):
        return None
    filled = given.replace("{key}", quote(key, safe="")).replace("{url}", quote(address, safe=""))
    return filled if len(filled) <= _MAX_ADDRESS else None


def to_dict(row: dict[str, Any]) -> dict[str, Any]:
    """A correction for JSON."""
    return {name: row[name] for name in _SHOWN.split(", ")}


def _name(editor: Editor, actor: Any) -> str:
    if actor.get("id") == LOCAL_EDITOR:
        return editor.local_name
    return str(actor.get("name") or actor.get("id") or "an editor")


_EDITOR = "_datasette_quotedex_editor"

_SHOWN = (
    "id, what, key, new_value, old_value, who, made_at, why, undone_by, undone_at, undone_why,"
    " state, leads_to"
)
_OF_KEY = {
    "quotes": f"""SELECT {_SHOWN}, words, article_key FROM corrections
    WHERE leads_to = :key AND what IN ('speaker', 'text') AND undone_at IS NULL
    UNION ALL SELECT {_SHOWN}, words, article_key FROM corrections
    WHERE key = :key AND leads_to IS NULL AND state = 'applied' AND what = 'nobody'
    ORDER BY id LIMIT {MAX_SHOWN}""",
    "speakers": f"""SELECT {_SHOWN} FROM corrections
    WHERE leads_to = :key AND what IN ('merge', 'split', 'name') AND undone_at IS NULL
    ORDER BY id LIMIT {MAX_SHOWN}""",
}
_ALL = f"SELECT {_SHOWN}, words FROM corrections WHERE id < :before ORDER BY id DESC LIMIT :limit"
