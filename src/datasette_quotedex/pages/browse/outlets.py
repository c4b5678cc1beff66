"""`/-/outlets`: all newspapers, agencies and sites, and how many of their articles are here."""

from __future__ import annotations

from typing import Any

from datasette.utils import tilde_encode

from datasette_quotedex.context import Reader, SelectQuery, SiteContext
from datasette_quotedex.pages.browse.listing import Listing, Shown


def outlet_url(site: SiteContext, name: str, suffix: str = "") -> str:
    """The address of the page of an outlet, which has any text as its name."""
    return site.url(f"/-/outlets/{tilde_encode(name)}{suffix}")


def _query(shown: Shown, limit: int) -> SelectQuery:
    by_number = shown.sort == "number"
    after = ""
    parameters: dict[str, Any] = {"limit": limit}
    if shown.start:
        after = "WHERE (key COLLATE NOCASE, key) > (:key, :key)"
        if by_number:
            after = f"{after} AND article_count = :value OR article_count < :value"
            parameters["value"] = shown.start.value
        parameters["key"] = shown.start.key
    order = "key COLLATE NOCASE, key"
    order = f"article_count DESC, {order}" if by_number else order
    return f"{_ALL} {after} ORDER BY {order} LIMIT :limit", parameters


def _finish(site: SiteContext, row: dict[str, Any]) -> dict[str, Any]:
    name, *others = _NAMES
    rest = {column: row[column] for column in others}
    return {name: row["key"], **rest, "path": outlet_url(site, row["key"])}


def _more(db: Reader, shown: Shown) -> dict[str, Any]:
    return {}


_NAMES = ("name", "article_count", "first_published", "last_published")
_ALL = """SELECT * FROM (
        SELECT outlet AS key, count(*) AS article_count, min(published) AS first_published,
            max(published) AS last_published
        FROM articles WHERE outlet > '' GROUP BY outlet
    ) AS here"""

OUTLETS = Listing(
    name="outlets",
    columns=(*_NAMES, "path"),
    sorts={"name": None, "number": "article_count"},
    query=_query,
    finish=_finish,
    more=_more,
    has_free_keys=True,
)
