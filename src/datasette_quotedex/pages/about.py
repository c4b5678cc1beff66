"""About this data: what the file contains, how it was made, and how accurate it is."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from datasette_quotedex import confidence, databases
from datasette_quotedex.context import Reader, site_for
from datasette_quotedex.render.text import without_folders
from datasette_quotedex.render.timeline import timeline
from datasette_quotedex.stats import file_stats

MAX_RUNS = 10
MAX_LISTED = 20
"""Outlets and failures listed."""

SAMPLE_SIZE = 20_000
"""Quotations in the sample of confidences, the last ones stored."""


async def about_page(datasette: Any, request: Any) -> Any:
    """`/-/about`, and its data at `/-/about.json`."""
    site = await site_for(datasette, request)
    may_see = {
        table: await databases.may_view(datasette, request.actor, site.database, table)
        for table in ("runs", "failures")
    }
    values, months = await site.read(lambda db: _read(db, **may_see))
    if request.url_vars["format"]:
        chart = timeline(months)
        return site.json({**values, "timeline": chart.data if chart else []})
    return await site.page(request, "about.html", **values)


def _read(db: Reader, runs: bool, failures: bool) -> tuple[dict[str, Any], dict[str, int]]:
    """The values of the page, with the runs and the failures if the reader may see them; the
    quotations by month."""
    stats = file_stats(db)
    values: dict[str, Any] = {
        "counts": stats.counts,
        **db.rows(_DATES)[0],
        "kinds": db.optional_rows(_KINDS) or [],
        "outlets": db.optional_rows(_OUTLETS, limit=MAX_LISTED) or [],
        "accuracy": _accuracy(),
        "sample": _confidence_sample(db, stats.counts.get("quotations", 0)),
        "runs": db.optional_rows(_RUNS, limit=MAX_RUNS) or [] if runs else [],
        "failures": None,
        "failed": None,
    }
    if failures:
        values["failures"] = [
            {**failure, "location": without_folders(failure["location"])}
            for failure in db.optional_rows(_FAILURES, limit=MAX_LISTED) or []
        ]
        values["failed"] = db.rows(_FAILED)[0]["number"]
    return values, stats.months


@cache
def _accuracy() -> dict[str, Any]:
    """The accuracy of this version of quotedex on annotated texts, measured at its release."""
    source = files(__package__.rpartition(".")[0]) / "accuracy.json"
    accuracy: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    return accuracy


def _confidence_sample(db: Reader, quotations: int) -> dict[str, Any]:
    """The confidence of the latest quotations by level, and the share that is probably wrong."""
    rows = db.optional_rows(_CONFIDENCE, limit=SAMPLE_SIZE) or []
    number = sum(row["quote_count"] for row in rows)
    if not number:
        return {"quote_count": 0, "is_partial": False, "wrong_percent": None, "levels": []}
    by_level = {row["level"]: row["quote_count"] for row in rows}
    wrong = sum(row["quote_count"] * (1 - row["mean"]) for row in rows)
    return {
        "quote_count": number,
        "is_partial": number < quotations,
        "wrong_percent": round(100 * wrong / number),
        "levels": [
            {
                "name": name,
                "quote_count": by_level.get(name, 0),
                "percent": round(100 * by_level.get(name, 0) / number),
            }
            for name, _ in confidence.LEVELS
        ],
    }


_DATES = """SELECT (SELECT min(published) FROM articles) AS first,
    (SELECT max(published) FROM articles) AS last,
    (SELECT count(*) FROM articles WHERE published IS NULL) AS undated"""
_KINDS = "SELECT kind, count(*) AS speaker_count FROM speakers GROUP BY kind ORDER BY 2 DESC, 1"
_OUTLETS = """SELECT outlet AS name, count(*) AS article_count FROM articles GROUP BY 1
    ORDER BY 2 DESC, 1 LIMIT :limit"""
_CONFIDENCE = f"""SELECT {confidence.level_sql("confidence")} AS level, count(*) AS quote_count,
    avg(confidence) AS mean
    FROM (SELECT confidence FROM quotes ORDER BY id DESC LIMIT :limit)
    WHERE confidence IS NOT NULL GROUP BY 1"""
_RUNS = """SELECT id, version, model, started_at, finished_at, outcome, article_count,
    quote_count, failure_count
    FROM runs ORDER BY id DESC LIMIT :limit"""
_FAILURES = "SELECT location, error FROM failures ORDER BY location LIMIT :limit"
_FAILED = "SELECT count(*) AS number FROM failures"
