"""A search as JSON and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from datasette import Response
from datasette.utils import add_cors_headers

from ..search import Hit
from .address import Search

CSV_ROWS = 10_000
CSV_COLUMNS = (
    *("id", "text", "kind", "speaker", "speaker_kind", "speaker_description", "mention", "cue"),
    *("confidence", "published", "title", "outlet", "location", "speaker_id", "article_id"),
)


def as_json(
    datasette: Any,
    search: Search,
    problem: str | None,
    hits: Sequence[Hit],
    facets: dict[str, Any],
    next_url: str | None,
) -> Any:
    """The hits of one page and the counts; status 400 and `problem` for a senseless search."""
    body = {
        "ok": problem is None,
        "problem": problem,
        "q": search.query.given,
        "narrowed": dict(search.narrowed),
        "total": facets.get("total"),
        "hits": [_hit(datasette, search.database, one) for one in hits],
        "facets": {
            facet: [{key: entry[key] for key in ("value", "label", "count")} for entry in entries]
            for facet, entries in facets.items()
            if facet != "total"
        },
        "next_url": next_url,
    }
    return Response.json(body, status=400 if problem else 200, headers=_headers(datasette))


def as_csv(datasette: Any, problem: str | None, hits: Sequence[Hit]) -> Any:
    """All hits, up to CSV_ROWS, a row each."""
    if problem:
        return Response.text(problem, status=400)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(CSV_COLUMNS)
    writer.writerows([getattr(one, column) for column in CSV_COLUMNS] for one in hits)
    headers = {"content-disposition": 'attachment; filename="quotes.csv"', **_headers(datasette)}
    return Response(out.getvalue(), headers=headers, content_type="text/csv; charset=utf-8")


def _hit(datasette: Any, database: str, one: Hit) -> dict[str, Any]:
    """`matches` are offsets into `text`, [start, end), where the page has marked runs."""
    matches, position = [], 0
    for text, matched in one.marked:
        if matched:
            matches.append([position, position + len(text)])
        position += len(text)
    speaker = {
        "id": one.speaker_id,
        "name": one.speaker,
        "kind": one.speaker_kind,
        "description": one.speaker_description,
    }
    return {
        **{name: getattr(one, name) for name in _PLAIN},
        "matches": matches,
        "speaker": speaker if one.speaker_id else None,
        "article": {
            "id": one.article_id,
            "title": one.title,
            "outlet": one.outlet,
            "location": one.location,
            "path": datasette.urls.row(database, "articles", one.article_id),
        },
    }


def _headers(datasette: Any) -> dict[str, str]:
    """What `datasette --cors` promises."""
    headers: dict[str, str] = {}
    if datasette.cors:
        add_cors_headers(headers)
    return headers


_PLAIN = ("id", "text", "kind", "before", "after", "mention", "cue", "confidence", "published")
