"""`/-/outlets-and-speakers`: how often each outlet quotes each of the most quoted speakers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from datasette_quotedex.context import Reader, SiteContext, site_for
from datasette_quotedex.pages.browse.outlets import outlet_url
from datasette_quotedex.pages.pictures.counted import (
    PICTURES,
    first_article,
    kind_of,
    links,
    most_quoted,
)
from datasette_quotedex.pages.search.exports import csv_file
from datasette_quotedex.stats import kept

MAX_SPEAKERS = 40
MAX_OUTLETS = 12
"""On the page. JSON and CSV have up to MAX_LISTED_OUTLETS."""

MAX_LISTED_OUTLETS = 100
SHADES = 5

CSV_COLUMNS = ("outlet", "speaker_key", "speaker", "quote_count", "percent", "path")


@dataclass(frozen=True, slots=True)
class Shares:
    """`outlets` with the number of their quotations, most first; `speakers`, the most quoted first;
    `counts` by outlet and the id of the speaker; `counted_articles` as `first_article` gives it."""

    outlets: dict[str, int]
    speakers: list[dict[str, Any]]
    counts: dict[tuple[str, int], int]
    counted_articles: int | None


async def outlets_and_speakers_page(datasette: Any, request: Any) -> Any:
    """The table, its data at `.json` and `.csv`; `?kind=` chooses the speakers, `?show=share` has
    percentages of each outlet's quotations."""
    site = await site_for(datasette, request)
    kind, form = kind_of(request), request.url_vars["format"]
    as_share = request.args.get("show") == "share"
    found = await site.read(
        lambda db: kept(db, ("outlets", kind), lambda: _read(db, kind)), PICTURES
    )
    rows = [_cell(site, found, *key) for key in found.counts] if form else []
    if form == "csv":
        return csv_file(site, request, "outlets-and-speakers.csv", CSV_COLUMNS, rows)
    if form == "json":
        outlets = [
            {"name": name, "quote_count": number, "path": outlet_url(site, name)}
            for name, number in found.outlets.items()
        ]
        return site.json(
            {
                "kind": kind,
                "counted_articles": found.counted_articles,
                "outlets": outlets,
                "speakers": [site.with_path("speakers", row) for row in found.speakers],
                "cells": rows,
            }
        )
    shown = list(found.outlets)[:MAX_OUTLETS]
    table = [[_cell(site, found, name, one["id"]) for name in shown] for one in found.speakers]
    return await site.page(
        request,
        "outlets-and-speakers.html",
        found=found,
        outlets=[(name, found.outlets[name], outlet_url(site, name)) for name in shown],
        rows=list(zip(found.speakers, _shaded(table, as_share), strict=True)),
        as_share=as_share,
        other_url=site.url(
            "/-/outlets-and-speakers",
            kind=kind if kind != "person" else None,
            show=None if as_share else "share",
        ),
        **links(site, "outlets-and-speakers", kind, show="share" if as_share else None),
    )


def _cell(site: SiteContext, found: Shares, outlet: str, speaker_id: int) -> dict[str, Any]:
    """How often an outlet quotes a speaker, and the search for these quotations."""
    speaker = next(row for row in found.speakers if row["id"] == speaker_id)
    number = found.counts.get((outlet, speaker_id), 0)
    return {
        "outlet": outlet,
        "speaker_key": speaker["key"],
        "speaker": speaker["label"],
        "quote_count": number,
        "percent": round(100 * number / found.outlets[outlet], 1),
        "path": site.url("/-/quotes", speaker=speaker["key"], outlet=outlet),
    }


def _shaded(table: list[list[dict[str, Any]]], as_share: bool) -> list[list[dict[str, Any]]]:
    """The same with a `shade` from 1 to SHADES for what each cell shows, 0 for nothing.

    The root of the number, since few speakers are quoted far more than all others.
    """
    column = "percent" if as_share else "quote_count"
    most = max((cell[column] for row in table for cell in row), default=0) or 1
    for row in table:
        for cell in row:
            share = (cell[column] / most) ** 0.5
            cell["shade"] = min(int(share * SHADES) + 1, SHADES) if cell["quote_count"] else 0
    return table


def _read(db: Reader, kind: str) -> Shares:
    first, counted = first_article(db)
    totals = {row["outlet"]: row["number"] for row in db.rows(_TOTALS, first=first)}
    ranked = sorted(totals, key=lambda name: (-totals[name], name))[:MAX_LISTED_OUTLETS]
    speakers = most_quoted(db, kind, MAX_SPEAKERS)
    ids = ", ".join(str(row["id"]) for row in speakers)
    counts: Counter[tuple[str, int]] = Counter()
    for row in db.rows(_COUNTS.format(ids), first=first):
        counts[row["outlet"], row["speaker_id"]] += row["number"]
    places = {row["id"]: number for number, row in enumerate(speakers)}
    ordered = {
        (name, speaker_id): counts[name, speaker_id]
        for name in ranked
        for speaker_id in places
        if counts[name, speaker_id]
    }
    return Shares({name: totals[name] for name in ranked}, speakers, ordered, counted)


# Articles are looked up once each: an index has the speakers of each article together.
_TOTALS = """WITH here AS MATERIALIZED (
        SELECT article_id, count(*) AS number FROM quotes INDEXED BY quotes_by_article_id
        WHERE article_id >= :first GROUP BY article_id
    )
    SELECT a.outlet, sum(here.number) AS number
    FROM here CROSS JOIN articles a ON a.id = here.article_id
    WHERE a.outlet > '' GROUP BY a.outlet"""
_COUNTS = """WITH here AS MATERIALIZED (
        SELECT article_id, speaker_id, count(*) AS number
        FROM quotes INDEXED BY quotes_by_article_id
        WHERE article_id >= :first AND speaker_id IN ({}) GROUP BY article_id, speaker_id
    )
    SELECT a.outlet, here.speaker_id, sum(here.number) AS number
    FROM here CROSS JOIN articles a ON a.id = here.article_id
    WHERE a.outlet > '' GROUP BY a.outlet, here.speaker_id"""
