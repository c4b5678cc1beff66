"""About this data: how it was made, how often it errs, what is in it and what is not."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from datasette_quotedex import confidence, databases
from datasette_quotedex.context import Place, place_of
from datasette_quotedex.render.timeline import timeline
from datasette_quotedex.stats import figures

RUNS = 10
LISTED = 20
"""Outlets and failures listed."""

SAMPLE = 20_000
"""Quotations whose confidence is looked at, those stored last."""


async def about_page(datasette: Any, request: Any) -> Any:
    """`/-/about`, and the same as `/-/about.json`."""
    place = await place_of(datasette, request)
    found = await figures(place)
    values: dict[str, Any] = {
        "figures": found.counts,
        **(await place.rows(_DATES))[0],
        "kinds": await place.extra(_KINDS) or [],
        "outlets": await place.extra(_OUTLETS, limit=LISTED) or [],
        "accuracy": _accuracy(),
        "sample": await _sample(place, found.counts.get("quotations", 0)),
        "runs": [],
        "failures": None,
        "failed": None,
    }
    if await databases.may_see(datasette, request.actor, place.database, "runs"):
        values["runs"] = await place.extra(_RUNS, limit=RUNS) or []
    # What could not be read may be named by a path that is nobody else's business.
    if await databases.may_see(datasette, request.actor, place.database, "failures"):
        values["failures"] = await place.extra(_FAILURES, limit=LISTED) or []
        values["failed"] = (await place.rows(_FAILED))[0]["number"]
    if request.url_vars["format"]:
        picture = timeline(found.months)
        return place.json({**values, "timeline": picture.data if picture else []})
    return await place.page(request, "about.html", **values)


@cache
def _accuracy() -> dict[str, Any]:
    """How often quotedex was right on annotated texts, and which version: what was measured when
    it was released, whoever wrote the file that is shown."""
    source = files(__package__.rpartition(".")[0]) / "accuracy.json"
    figures: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    return figures


async def _sample(place: Place, quotations: int) -> dict[str, Any]:
    """How sure the program is of the latest quotations, and how many it takes to be wrong."""
    rows = await place.extra(_CONFIDENCE, limit=SAMPLE) or []
    number = sum(row["quotations"] for row in rows)
    if not number:
        return {"quotations": 0, "partial": False, "wrong": None, "bands": []}
    by_name = {row["band"]: row["quotations"] for row in rows}
    expected = sum(row["quotations"] * (1 - row["mean"]) for row in rows)
    return {
        "quotations": number,
        "partial": number < quotations,
        "wrong": round(100 * expected / number),
        "bands": [
            {
                "name": name,
                "quotations": by_name.get(name, 0),
                "percent": round(100 * by_name.get(name, 0) / number),
            }
            for name, _ in confidence.BANDS
        ],
    }


_DATES = """SELECT (SELECT min(published) FROM articles) AS first,
    (SELECT max(published) FROM articles) AS last,
    (SELECT count(*) FROM articles WHERE published IS NULL) AS undated"""
_KINDS = "SELECT kind, count(*) AS speakers FROM speakers GROUP BY kind ORDER BY 2 DESC, 1"
_OUTLETS = """SELECT publication AS name, count(*) AS articles FROM articles GROUP BY 1
    ORDER BY 2 DESC, 1 LIMIT :limit"""
_CONFIDENCE = f"""SELECT {confidence.as_sql("confidence")} AS band, count(*) AS quotations,
    avg(confidence) AS mean
    FROM (SELECT confidence FROM quotes ORDER BY id DESC LIMIT :limit)
    WHERE confidence IS NOT NULL GROUP BY 1"""
_RUNS = """SELECT id, version, model, started_at, finished_at, outcome, articles, quotes, failures
    FROM runs ORDER BY id DESC LIMIT :limit"""
_FAILURES = "SELECT location, error FROM failures ORDER BY location LIMIT :limit"
_FAILED = "SELECT count(*) AS number FROM failures"
