"""All corrections, and the address that the forms of editors are sent to."""

from __future__ import annotations

import sys
from typing import Any

from datasette import Forbidden, Response

from datasette_quotedex import editing
from datasette_quotedex.context import SiteContext, int_or_zero, site_for

SHOWN = 100
"""Corrections on one page."""

MAX_FORM_BYTES = 100_000
_OF_QUOTATION = ("speaker", "nobody", "text")


async def corrections_page(datasette: Any, request: Any) -> Any:
    """`/-/corrections` and `.json`: the latest first. A form sent here corrects or undoes."""
    site = await site_for(datasette, request)
    if request.method == "POST":
        return await _post(site, request)
    before = int_or_zero(request.args.get("before")) or sys.maxsize
    rows = await site.read(lambda db: editing.all_corrections(db, before, SHOWN + 1))
    shown, more = rows[:SHOWN], len(rows) > SHOWN
    following = site.url("/-/corrections", before=shown[-1]["id"]) if more else None
    if request.url_vars["format"]:
        found = [editing.to_dict(row) for row in shown]
        return site.json({"corrections": found, "next_path": following})
    values = await editing.page_values(site, request, "quotes", "")
    page = await site.page(
        request, "corrections.html", corrections=shown, following=following, **values
    )
    return editing.private(page, values)


async def _post(site: SiteContext, request: Any) -> Any:
    """Make or undo a correction, then lead to what it is about."""
    if not await editing.may_edit(site, request.actor):
        raise Forbidden("You do not have permission to correct these quotations")
    if int_or_zero(request.headers.get("content-length")) > MAX_FORM_BYTES:
        return await _rejected(site, request, "This is too long.", "")
    try:
        form = await request.post_vars()
    except UnicodeDecodeError:
        return await _rejected(site, request, "This is no text.", "")
    key, what = form.get("key", ""), form.get("what", "")
    page = "quotes" if what in _OF_QUOTATION else "speakers"
    try:
        if form.get("undo"):
            number = int_or_zero(form["undo"])
            await editing.undo(site, request.actor, number, form.get("why", ""))
            leads_to: str | None = key
        else:
            values = {
                "what": what,
                "key": key,
                "new_value": form.get(f"new_{what}", ""),
                "kind": form.get("kind", "") if what == "speaker" else "",
                "why": form.get("why", ""),
            }
            leads_to = await editing.correct(site, request.actor, values)
    except editing.Rejected as reason:
        return await _rejected(site, request, str(reason), site.page_url(page, key) if key else "")
    return Response.redirect(
        site.page_url(page, leads_to or key) if key else site.url("/-/corrections")
    )


async def _rejected(site: SiteContext, request: Any, reason: str, back: str) -> Any:
    page = await site.page(
        request, "rejected.html", status=400, reason=reason, back=back or site.url("/-/corrections")
    )
    return editing.private(page, {"may_edit": True})
