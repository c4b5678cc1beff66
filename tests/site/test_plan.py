"""Every plan of a search finds the same; counts that would take too long are estimated."""

from __future__ import annotations

import sqlite3
from functools import cache
from itertools import product
from typing import Any

import pytest

from datasette_quotedex import search
from datasette_quotedex.search import Hit, Position, Sizes, Sort, facet_counts, plan, syntax
from tests.helpers.site_fixture import CASES, build, many

parse = cache(syntax.parse)  # a prefix* is slow to parse, and each is parsed many times

SEARCHES = (
    *("", "lamp", "burn*", "lamp -burns", "speaker:okafor", "lamp OR rent", "la* OR rent"),
    *("outlet:lantern lamp", "outlet:herald", "-outlet:herald rent", "outlet:lantern -lamp"),
    *(
        "outlet:herald -rent*",
        "after:2024-05 lamp",
        "before:2024-05",
        "after:2024 -city before:2026",
    ),
)
FILTERS: tuple[dict[str, str], ...] = (
    {},
    {"speaker": "ana-okafor"},
    {"outlet": "Lantern Weekly"},
    {"year": "2024"},
    {"speaker": "ana-okafor", "year": "2024", "kind": "full"},
    {"speaker_kind": "person", "confidence": "sure"},
    {"speaker_kind": "organization"},
    {"kind": "partial"},
)
FEW_TRIED = {"MIN_TRIED": 3, "_TRIED": 0}
MANY_TRIED = {"MIN_TRIED": 40, "_TRIED": 0}
# Limits for a file of a hundred quotations; each of these sets leads to other plans.
LIMITS = (
    {"MAX_EXACT": 0, "MAX_RANKED": 0},
    {"MAX_EXACT": 12, "MAX_RANKED": 12, "MAX_RANKED_FOR_FEW": 30},
    {
        "MAX_EXACT": 12,
        "MAX_RANKED": 12,
        "MAX_RANKED_FOR_FEW": 30,
        "MAX_SORTED": 0,
        "_PROBE_COST": 0,
        "_LIST_COST": 0,
    },
    {"MAX_EXACT": 12, "MAX_SORTED": 0, "_LIST_COST": 0, "_OUTLETS": 1, **FEW_TRIED},
    {"MAX_EXACT": 12, "MAX_RANKED": 12, "MAX_SORTED": 0, "_LIST_COST": 0, **MANY_TRIED},
    {"MAX_EXACT": 12, "MAX_SORTED": 0, "_PROBE_COST": 1000, **FEW_TRIED},
    {"MAX_EXACT": 12, "MAX_SORTED": 0, "_PROBE_COST": 1000, **MANY_TRIED},
    {"MAX_EXACT": 60, "MAX_RANKED": 1000, "_PROBE_COST": 1000},
)


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> sqlite3.Connection:
    undated = [{**article, "published": None} for article in many(20)]
    for article in undated:
        article["location"] += "/undated"
    articles = [*CASES["articles"], *many(50), *undated]
    path = build(tmp_path_factory.mktemp("plan") / "site.db", articles)
    connection = sqlite3.connect(path)
    # Not in the order of ids, and some at the same time.
    connection.execute("UPDATE quotes SET first_indexed = '2024-05-0' || (1 + id * 5 % 7)")
    connection.row_factory = sqlite3.Row
    return connection


@pytest.mark.parametrize("limits", LIMITS, ids=str)
@pytest.mark.parametrize("sort", ["relevance", "date", "indexed"])
def test_every_plan_finds_the_same_hits_in_the_same_order(
    connection: sqlite3.Connection,
    limits: dict[str, int],
    sort: Sort,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plans = set()
    for q, filters in product(SEARCHES, FILTERS):
        whole = _hits(connection, q, filters, sort)
        with monkeypatch.context() as patch:
            for name, value in limits.items():
                patch.setattr(plan, name, value)
            sizes = _sizes(connection, q, filters)
            chosen = plan.make_plan(parse(q), filters, sizes)
            if search.is_ranked(parse(q), sort) and not chosen.can_rank:
                continue
            plans.add(
                (
                    chosen.driver,
                    chosen.probe_words,
                    chosen.sort_all,
                    chosen.tried,
                    chosen.lists_words,
                    chosen.is_exact,
                    chosen.conditions.has_prefix,
                )
            )
            assert _hits(connection, q, filters, sort, sizes=sizes) == whole, (q, filters)
            for hit in whole[:: len(whole) // 3 + 1]:
                for backwards in (False, True):
                    key = _place(hit, q, sort)
                    start = Position(key, hit.id, backwards)
                    found = _hits(connection, q, filters, sort, start=start, limit=5, sizes=sizes)
                    assert found == _hits(connection, q, filters, sort, start=start, limit=5)
    assert len(plans) > 3


@pytest.mark.parametrize("limits", LIMITS, ids=str)
def test_exact_counts_are_the_same(
    connection: sqlite3.Connection, limits: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for q, filters in product(SEARCHES, FILTERS):
        whole = _counts(connection, q, filters)
        with monkeypatch.context() as patch:
            for name, value in limits.items():
                patch.setattr(plan, name, value)
            sizes = _sizes(connection, q, filters)
            assert _counts(connection, q, filters, sizes) == whole, (q, filters)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> sqlite3.Connection:
    """Of 4,000 quotations a fourth are about lamps; a speaker has a tenth, an outlet a half."""
    articles = [
        {
            "title": f"Night {number}",
            "outlet": f"Paper {number % 2}",
            "published": f"20{20 + number % 5}-03-01",
            "location": f"https://paper.example/{number}",
            "byline": None,
            "text": " ".join(f"“{text},”" for text in texts),
            "quotes": [
                [text, f"Speaker {(number + n) % 10}", "full", None, None]
                for n, text in enumerate(texts)
            ],
        }
        for number in range(800)
        if (texts := [f"{'lamps' if (number * 5 + n) % 4 == 1 else 'boats'} {n}" for n in range(5)])
    ]
    path = build(tmp_path_factory.mktemp("plan") / "large.db", articles)
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    return connection


@pytest.mark.parametrize("q", ["", "lamps", "lamp*", "outlet:paper", "lamps outlet:0"])
@pytest.mark.parametrize(
    "filters", [{}, {"speaker": "speaker-3"}, {"year": "2022"}, {"kind": "full"}]
)
def test_estimates_are_close(
    large: sqlite3.Connection,
    q: str,
    filters: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = _counts(large, q, filters)
    monkeypatch.setattr(plan, "MAX_EXACT", 50)
    monkeypatch.setattr(facet_counts, "SAMPLE_SIZE", 500)
    monkeypatch.setattr(facet_counts, "FILTERED_SAMPLE_SIZE", 500)
    sizes = _sizes(large, q, filters)
    assert not plan.make_plan(parse(q), filters, sizes).is_exact
    found = _counts(large, q, filters, sizes)
    for key, (number, _) in whole.items():
        if number > 300:
            count, share = found[key]
            assert share == 1 or 0.05 < share < 0.7
            assert abs(count / share - number) < 0.35 * number, key


def test_totals_that_are_known_are_exact(
    large: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "MAX_EXACT", 50)
    searches: tuple[tuple[str, dict[str, str], int], ...] = (
        ("lamps", {}, 1000),
        ("lamp*", {}, 1000),
        ("", {"speaker": "speaker-3"}, 400),
        ("outlet:0", {}, 2000),
        ("", {}, 4000),
    )
    for q, filters, total in searches:
        counts = _counts(large, q, filters, _sizes(large, q, filters))
        assert counts["total", None] == (total, 1)
    speakers = {key: count for key, count in counts.items() if key[0] == "speaker"}
    assert set(speakers.values()) == {(400, 1)}


def test_a_phrase_of_frequent_words_is_not_ranked(
    large: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = _sizes(large, '"lamps 4" night', {})
    assert sizes.compared >= sizes.matching > 0
    assert _sizes(large, "lamps 4", {}).compared == 0
    for q, filters in product(('"lamps 4"', '"lamps 4"*'), ({}, {"speaker": "speaker-3"})):
        whole = _hits(large, q, filters, "date")
        assert whole
        with monkeypatch.context() as patch:
            patch.setattr(plan, "MAX_COMPARED", 100)
            sizes = _sizes(large, q, filters)
            assert sizes.compared == 101
            assert not plan.make_plan(parse(q), filters, sizes).can_rank
            assert _hits(large, q, filters, "date", sizes=sizes) == whole


def _place(hit: Hit, q: str, sort: Sort) -> float | str | None:
    """What a hit is sorted by."""
    if search.is_ranked(parse(q), sort):
        return hit.rank
    return hit.first_indexed if sort == "indexed" else hit.published


def _sizes(connection: sqlite3.Connection, q: str, filters: dict[str, str]) -> Sizes:
    row = connection.execute(*search.size_query(parse(q), filters)).fetchone()
    return search.parse_sizes(parse(q), filters, tuple(row))


def _hits(
    connection: sqlite3.Connection,
    q: str,
    filters: dict[str, str],
    sort: Sort,
    limit: int = 100,
    **options: Any,
) -> list[Hit]:
    sql = search.hits_query(parse(q), filters, sort=sort, limit=limit, **options)
    return [search.hit_from_row(row) for row in connection.execute(*sql)]


def _counts(
    connection: sqlite3.Connection,
    q: str,
    filters: dict[str, str],
    sizes: Sizes | None = None,
) -> dict[tuple[str, Any], tuple[int, float]]:
    rows = connection.execute(*search.facet_query(parse(q), filters, sizes))
    return {(row[0], row[1]): (row[3], row[4]) for row in rows}
