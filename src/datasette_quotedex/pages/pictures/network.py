"""`/-/network`: which of the most quoted speakers are quoted in the same articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations, groupby
from typing import Any

from datasette_quotedex.context import Reader, SiteContext, site_for
from datasette_quotedex.pages.pictures.counted import (
    PICTURES,
    first_article,
    kind_of,
    links,
    most_quoted,
)
from datasette_quotedex.pages.search.exports import csv_file
from datasette_quotedex.render.network import Person, SpeakerNetwork, network
from datasette_quotedex.stats import kept

MAX_PEOPLE = 60
MAX_LINES = 120
"""The pairs drawn and listed: those in the most articles, and the first of every speaker. JSON and
CSV have all."""

CSV_COLUMNS = ("first_key", "first", "second_key", "second", "article_count", "path")

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Together:
    """`speakers` by their ids, the most quoted first; `pairs` of ids in the order of the list, with
    numbers of articles; `counted_articles` as `first_article` gives it."""

    speakers: dict[int, dict[str, Any]]
    pairs: dict[Pair, int]
    counted_articles: int | None
    picture: SpeakerNetwork

    @property
    def alone(self) -> list[dict[str, Any]]:
        """Those who are quoted with none of the others."""
        together = {one for pair in self.pairs for one in pair}
        return [row for id_, row in self.speakers.items() if id_ not in together]


async def network_page(datasette: Any, request: Any) -> Any:
    """The page, its data at `.json`, and all pairs at `.csv`; `?kind=` chooses the speakers."""
    site = await site_for(datasette, request)
    kind, form = kind_of(request), request.url_vars["format"]
    found = await site.read(
        lambda db: kept(db, ("network", kind), lambda: _read(db, kind)), PICTURES
    )
    drawn = _drawn(found.pairs)
    rows = [_pair_row(site, found, pair) for pair in (found.pairs if form else drawn)]
    if form == "json":
        return site.json(
            {
                "kind": kind,
                "counted_articles": found.counted_articles,
                "speakers": [site.with_path("speakers", row) for row in found.speakers.values()],
                "pairs": rows,
            }
        )
    if form == "csv":
        return csv_file(site, request, "network.csv", CSV_COLUMNS, rows)
    return await site.page(
        request,
        "network.html",
        found=found,
        by_key={row["key"]: row for row in found.speakers.values()},
        pairs=rows,
        **links(site, "network", kind),
    )


def _read(db: Reader, kind: str) -> Together:
    speakers = {row["id"]: row for row in most_quoted(db, kind, MAX_PEOPLE)}
    first, counted = first_article(db)
    quoted = db.rows(_QUOTED.format(", ".join(map(str, speakers))), first=first)
    pairs = _pairs((row["article_id"], row["speaker_id"]) for row in quoted)
    places = {id_: number for number, id_ in enumerate(speakers)}
    ranked = sorted(
        (tuple(sorted(pair, key=places.__getitem__)), number) for pair, number in pairs.items()
    )
    ranked.sort(key=lambda item: (-item[1], [places[id_] for id_ in item[0]]))
    ordered = {(one, other): number for (one, other), number in ranked}
    return Together(speakers, ordered, counted, _picture(speakers, ordered))


def _pairs(quoted: Iterable[tuple[int, int]]) -> Counter[Pair]:
    """How many articles quote both of two speakers, from (article, speaker) sorted by article."""
    pairs: Counter[Pair] = Counter()
    for _, found in groupby(quoted, key=lambda one: one[0]):
        pairs.update(combinations(sorted({speaker for _, speaker in found}), 2))
    return pairs


def _drawn(pairs: dict[Pair, int]) -> dict[Pair, int]:
    drawn: dict[Pair, int] = {}
    covered: set[int] = set()
    for number, (pair, articles) in enumerate(pairs.items()):
        if number < MAX_LINES or not covered.issuperset(pair):
            drawn[pair] = articles
            covered.update(pair)
    return drawn


def _picture(speakers: dict[int, dict[str, Any]], pairs: dict[Pair, int]) -> SpeakerNetwork:
    drawn = _drawn(pairs)
    ids = {one for pair in drawn for one in pair}
    people = [
        Person(row["key"], row["name"], row["quote_count"] or 0)
        for id_, row in speakers.items()
        if id_ in ids
    ]
    keys = {id_: row["key"] for id_, row in speakers.items()}
    return network(people, {(keys[one], keys[other]): n for (one, other), n in drawn.items()})


def _pair_row(site: SiteContext, found: Together, pair: Pair) -> dict[str, Any]:
    first, second = (found.speakers[id_] for id_ in pair)
    return {
        "first_key": first["key"],
        "first": first["label"],
        "second_key": second["key"],
        "second": second["label"],
        "article_count": found.pairs[pair],
        "path": site.url("/-/compare", speakers=f"{first['key']},{second['key']}"),
    }


# An index has the speakers of each article in this order.
_QUOTED = """SELECT DISTINCT article_id, speaker_id FROM quotes INDEXED BY quotes_by_article_id
    WHERE article_id >= :first AND speaker_id IN ({}) ORDER BY article_id"""
