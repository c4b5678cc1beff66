"""`/-/articles`: all articles by date, the newest first, of one outlet or year."""

from __future__ import annotations

from typing import Any

from datasette_quotedex.context import Reader, SelectQuery, SiteContext
from datasette_quotedex.pages.browse.listing import Listing, Shown
from datasette_quotedex.render.text import headline

MAX_YEARS = 60
"""Years that the page links to."""


def _query(shown: Shown, limit: int) -> SelectQuery:
    """Articles with a date and then those without, both from an index in the order of the list."""
    parameters: dict[str, Any] = {"limit": limit}
    conditions = []
    if outlet := shown.filters.get("outlet"):
        conditions.append("outlet = :outlet")
        parameters["outlet"] = outlet
    year = shown.filters.get("year")
    if year:
        conditions.append("published >= :year AND published < :next_year")
        parameters |= {"year": year, "next_year": f"{year[:3]}{chr(ord(year[3]) + 1)}"}
    dated, undated = ["published IS NOT NULL"], ["published IS NULL"]
    if start := shown.start:
        parameters |= {"key": start.key, "value": start.value}
        if start.value is None:
            dated, undated = ["0"], [*undated, "key < :key"]
        else:
            dated = ["(published, key) < (:value, :key)"]
    parts = [
        f"SELECT {_COLUMNS} FROM articles WHERE {' AND '.join(conditions + some)}"
        for some in ((dated,) if year else (dated, undated))
    ]
    # SQLite reads both in the order of an index and merges them, so it sorts nothing.
    union = " UNION ALL ".join(parts)
    return f"{union} ORDER BY published DESC, key DESC LIMIT :limit", parameters


def _finish(site: SiteContext, row: dict[str, Any]) -> dict[str, Any]:
    title = headline(row["title"], row["opening"])
    others = {name: row[name] for name in _NAMES if name != "title"}
    return site.with_path("articles", {"key": row["key"], "title": title, **others})


def _more(db: Reader, shown: Shown) -> dict[str, Any]:
    """The years with articles, newest first, each with the address of its list."""
    found = db.optional_rows(_YEARS, years=MAX_YEARS) or []
    years = [row["year"] for row in found if row["year"] in _CHOICES]
    return {"years": [(year, shown.changed(year=year)) for year in years]}


_CHOICES = tuple(f"{year:04}" for year in range(1, 10_000))
_NAMES = ("key", "title", "outlet", "byline", "published", "quote_count")
_COLUMNS = """key, title, substr(text, 1, 100) AS opening, outlet, byline, published,
    (SELECT count(*) FROM quotes WHERE article_id = articles.id) AS quote_count"""
# Looks up only the last entry of each year in the index of dates.
_YEARS = """WITH RECURSIVE years(year) AS (
        SELECT substr(max(published), 1, 4) FROM articles
        UNION SELECT (SELECT substr(max(published), 1, 4) FROM articles WHERE published < year)
            FROM years WHERE year IS NOT NULL LIMIT :years
    ) SELECT year FROM years WHERE year IS NOT NULL"""

ARTICLES = Listing(
    name="articles",
    columns=(*_NAMES, "path"),
    sorts={"date": "published"},
    query=_query,
    finish=_finish,
    more=_more,
    filters=("outlet", "year"),
    choices={"year": _CHOICES},
)
