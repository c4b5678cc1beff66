"""The speakers quoted most, and in which articles and outlets they are quoted.

Reading them takes up to a second in a large file. So it happens in a lane of its own, and what was
read is kept until the file changes.
"""

from __future__ import annotations

from typing import Any

from datasette_quotedex.context import Reader, SiteContext
from datasette_quotedex.lanes import Lane

PICTURES = Lane("pictures", threads=1, waiting=32)
"""With one thread, a second reader finds what was read for the first."""

RECENT_ARTICLES = 150_000
"""The articles indexed last, from which is counted, so that no file is too large."""

KINDS = {
    "person": ("person",),
    "organization": ("organization",),
    "all": ("person", "organization", "group"),
}
"""Which speakers a picture has; the first is the default. Sources without a name have no place in
one: "an official" is somebody else in each article."""

LABELS = {"person": "people", "organization": "organizations", "all": "all named speakers"}


def kind_of(request: Any) -> str:
    """The kind that an address asks for, or the default for anything unknown."""
    kind = request.args.get("kind")
    return kind if kind in KINDS else next(iter(KINDS))


def links(site: SiteContext, page: str, kind: str, **parameters: str | None) -> dict[str, Any]:
    """The addresses of a page: of each kind, and as data."""

    def url(form: str, kind: str) -> str:
        shown = None if kind == next(iter(KINDS)) else kind
        return site.url(f"/-/{page}{form}", kind=shown, **parameters)

    return {
        "kind": kind,
        "kinds": [(LABELS[one], one, url("", one)) for one in KINDS],
        "json_url": url(".json", kind),
        "csv_url": url(".csv", kind),
    }


def most_quoted(db: Reader, kind: str, limit: int) -> list[dict[str, Any]]:
    """The speakers of a kind with the most quotations."""
    found = [row for one in KINDS[kind] for row in db.rows(_MOST_QUOTED, kind=one, limit=limit)]
    return sorted(found, key=lambda row: (-(row["quote_count"] or 0), row["key"]))[:limit]


def first_article(db: Reader) -> tuple[int, int | None]:
    """The id of the first article from which is counted, and at most how many articles that gives,
    or None if these are all."""
    if db.rows(_COUNT)[0]["number"] <= RECENT_ARTICLES:
        return 0, None
    return int(db.rows(_LAST)[0]["id"]) - RECENT_ARTICLES + 1, RECENT_ARTICLES


_MOST_QUOTED = """SELECT id, key, name, label, kind, description, quote_count FROM speakers
    WHERE kind = :kind ORDER BY quote_count DESC, key LIMIT :limit"""
_COUNT = "SELECT count(*) AS number FROM articles"
_LAST = "SELECT max(id) AS id FROM articles"
