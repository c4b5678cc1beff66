"""The hits of a search, their order and their counts."""

from __future__ import annotations

import sqlite3
from itertools import pairwise
from pathlib import Path

import pytest

from datasette_quotedex import search
from datasette_quotedex.confidence import LEVELS
from datasette_quotedex.search import Hit
from datasette_quotedex.search.hits import (
    CONTEXT_CHARS,
    _context_after,
    _context_before,
    _split_marked,
)
from datasette_quotedex.search.syntax import parse
from tests.helpers.site_fixture import build, many


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> sqlite3.Connection:
    connection = sqlite3.connect(build(tmp_path_factory.mktemp("search") / "site.db"))
    connection.row_factory = sqlite3.Row
    return connection


def hits(connection: sqlite3.Connection, q: str, **options: object) -> list[Hit]:
    query = parse(q)
    assert query.problem is None
    sql, parameters = search.hits_query(query, **options)  # type: ignore[arg-type]
    return [search.hit_from_row(row) for row in connection.execute(sql, parameters)]


def words(connection: sqlite3.Connection, q: str) -> set[str]:
    """The first words of all quotations found."""
    return {" ".join(hit.text.split()[:2]) for hit in hits(connection, q)}


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ('"did not cross"', {"My father"}),
        ("“did not cross”", {"My father"}),
        ("beds*", {"Two of"}),
        ("gat*", {"The gates"}),
        ("decisi*", set()),
        ("argum* cure", {"A rent"}),
        ("authorit*", {"The gates"}),
        ("speaker:authorit*", {"The gates"}),
        ("“harborfield port authori”*", {"The gates"}),
        ("etxeberria father", {"My father"}),
        ("jose father", {"My father"}),
        ("FATHER", {"My father"}),
        ("lamps OR beds", {"We keep", "Two of"}),
        ("speaker:okafor", {"A rent", "We will", "a dispute", "They told"}),
        ("speaker:okafor -city -dispute", {"We will", "They told"}),
        ("speaker:rent", set()),
        ("strike -speaker:etxeberria", {"The gates", "a dispute", "Sit down"}),
        ("outlet:tidewater father", {"My father"}),
        ("outlet:TIDE -outlet:herald father", {"My father"}),
        ("outlet:% father", set()),
        ("after:2025", {"Two of", "They told", "The budget"}),
        ("before:2025 speaker:raman", {"I have"}),
        ("after:2024-04-02 before:2024-04-03 cross", {"No pilot", "My father"}),
        ("outlet:tidewater -cross", {"The gates", "a dispute", "Sit down"}),
    ],
)
def test_finds(connection: sqlite3.Connection, q: str, found: set[str]) -> None:
    assert words(connection, q) == found


def test_ranks_quotations_before_headlines(connection: sqlite3.Connection) -> None:
    texts = [hit.text for hit in hits(connection, "freeze")]
    said = [i for i, text in enumerate(texts) if "freez" in text.lower()]
    assert said == [0, 1, 2]
    assert len(texts) == 6


def test_sorts_by_date_with_undated_last(connection: sqlite3.Connection) -> None:
    for q in ("", "we", "mayor OR we OR the"):
        dates = [hit.published for hit in hits(connection, q, sort="date")]
        dated = [day for day in dates if day]
        assert dated == sorted(dated, reverse=True)
        assert dates == dated + [None] * (len(dates) - len(dated))


def test_marks_matches(connection: sqlite3.Connection) -> None:
    for sort in ("relevance", "date"):
        (hit,) = hits(connection, "freezing easy", sort=sort)
        assert hit.marked == (
            ("Freezing", True),
            (" the rents is the ", False),
            ("easy", True),
            (" part,", False),
        )
        assert ("freeze", True) in hit.marked_title


def test_gives_context(connection: sqlite3.Connection) -> None:
    (hit,) = hits(connection, '"long overdue"')
    assert hit.before == (
        "Tenants filled the gallery. Luis Brandt, who organizes them, called the decision"
    )
    assert hit.after == "and asked for more. “Freezing the rents is the easy part,” he said."


def test_cuts_long_context_between_words(tmp_path_factory: pytest.TempPathFactory) -> None:
    article = many(1)[0]
    article["text"] = "word " * 80 + "“Lamp 0 burns,” " + "word " * 80
    path = build(tmp_path_factory.mktemp("context") / "long.db", [article])
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    (hit,) = hits(connection, "lamp")
    assert hit.before.startswith("…word")
    assert hit.after.endswith("word…")
    assert max(len(hit.before), len(hit.after)) <= CONTEXT_CHARS + 1


def test_counts_hits(connection: sqlite3.Connection) -> None:
    for q in ("", "rent", "after:2025", "outlet:herald -city", "zzz"):
        rows = connection.execute(*search.facet_query(parse(q))).fetchall()
        found = hits(connection, q, limit=100)
        assert rows[0]["count"] == len(found)
        speakers = {row["label"]: row["count"] for row in rows if row["facet"] == "speaker"}
        for label, number in speakers.items():
            assert number == sum(hit.speaker_label == label for hit in found)
        kinds = {row["value"]: row["count"] for row in rows if row["facet"] == "kind"}
        assert sum(kinds.values()) == len(found)


@pytest.mark.parametrize("q", ["", "rent", "-rent outlet:herald"])
@pytest.mark.parametrize("name", [one.name for one in search.FILTERS])
def test_every_filter_finds_as_many_hits_as_it_counts(
    connection: sqlite3.Connection, name: str, q: str
) -> None:
    counts = connection.execute(*search.facet_query(parse(q))).fetchall()
    values = {row["value"]: row["count"] for row in counts if row["facet"] == name}
    assert values
    for value, count in values.items():
        assert len(hits(connection, q, filters={name: value}, limit=100)) == count


@pytest.mark.parametrize("sort", ["relevance", "date"])
@pytest.mark.parametrize("q", ["", "rent", "outlet:herald"])
def test_filters_narrow_the_hits(connection: sqlite3.Connection, q: str, sort: str) -> None:
    everything = hits(connection, q, limit=100)
    for facet, attribute in (
        *(("speaker", "speaker_key"), ("speaker_kind", "speaker_kind")),
        *(("outlet", "outlet"), ("kind", "kind")),
    ):
        for value in {getattr(hit, attribute) for hit in everything} - {None}:
            filters = hits(connection, q, filters={facet: value}, sort=sort)
            wanted = {hit.id for hit in everything if getattr(hit, attribute) == value}
            assert {hit.id for hit in filters} == wanted
    for year in ("2024", "2025"):
        filters = hits(connection, q, filters={"year": year}, sort=sort)
        assert {hit.id for hit in filters} == {
            hit.id for hit in everything if (hit.published or "").startswith(year)
        }


@pytest.mark.parametrize("sort", ["relevance", "date"])
@pytest.mark.parametrize("q", ["", "lamp", "speaker:okafor", "outlet:lantern"])
def test_positions_reach_all_hits_and_back(tmp_path: Path, q: str, sort: search.Sort) -> None:
    """Most of these hits rank alike, many share a date, and some have none."""
    articles = many(50)
    for article in articles[::4]:
        article["published"] = None
    connection = sqlite3.connect(build(tmp_path / "many.db", articles))
    connection.row_factory = sqlite3.Row
    whole = hits(connection, q, sort=sort, limit=100)
    steps: list[list[Hit]] = []
    start = None
    while step := hits(connection, q, sort=sort, limit=7, start=start):
        steps.append(step)
        start = _beside(step[-1], q, sort, backwards=False)
    assert [hit for step in steps for hit in step] == whole
    assert len(whole) == 50
    for earlier, later in pairwise(steps):
        start = _beside(later[0], q, sort, backwards=True)
        assert hits(connection, q, sort=sort, limit=7, start=start) == earlier
    start = _beside(steps[0][0], q, sort, backwards=True)
    assert hits(connection, q, sort=sort, limit=7, start=start) == []


def _beside(hit: Hit, q: str, sort: search.Sort, *, backwards: bool) -> search.Position:
    key = hit.rank if search.is_ranked(parse(q), sort) else hit.published
    return search.Position(key, hit.id, backwards)


@pytest.mark.parametrize("q", ["", "lamp", "outlet:lantern -lamp"])
def test_export_reaches_all_hits_by_id(tmp_path: Path, q: str) -> None:
    connection = sqlite3.connect(build(tmp_path / "many.db", many(50)))
    connection.row_factory = sqlite3.Row
    ids: list[int] = []
    while rows := connection.execute(
        *search.export_query(parse(q), after_id=ids[-1] if ids else 0, limit=7)
    ).fetchall():
        assert tuple(rows[0].keys()) == ("id", *search.EXPORT_COLUMNS)
        ids += [row["id"] for row in rows]
    assert ids == sorted(hit.id for hit in hits(connection, q, limit=100))


@pytest.mark.parametrize("q", ["", "rent", "outlet:herald", "speaker:okafor rent"])
def test_total_stops_at_its_limit(connection: sqlite3.Connection, q: str) -> None:
    found = len(hits(connection, q, limit=100))
    for at_most in (1, 3, 100):
        (number,) = connection.execute(*search.total_query(parse(q), at_most=at_most)).fetchone()
        assert number == min(found, at_most)


def test_filters_by_confidence(connection: sqlite3.Connection) -> None:
    whole = hits(connection, "", limit=100)
    found = [hits(connection, "", filters={"confidence": name}, limit=100) for name, _ in LEVELS]
    assert sorted(hit.id for band in found for hit in band) == sorted(hit.id for hit in whole)
    assert hits(connection, "", filters={"confidence": "no such word"}) == []


def test_text_that_contains_the_sentinels_is_not_marked() -> None:
    assert _split_marked("\ufdd0rent\ufdd1 \ufdd0x\ufdd1", "rent \ufdd0x\ufdd1") == (
        ("rent \ufdd0x\ufdd1", False),
    )
    assert _split_marked("a \ufdd0b\ufdd1", "a b") == (("a ", False), ("b", True))


def test_the_fixture_has_the_tables_that_quotedex_makes(tmp_path: Path) -> None:
    store = pytest.importorskip("quotedex.store", reason="quotedex is not installed")
    store.Store(tmp_path / "made.db").close()
    build(tmp_path / "invented.db", [])
    assert _columns(tmp_path / "invented.db") <= _columns(tmp_path / "made.db")


def _columns(path: Path) -> set[tuple[str, str]]:
    sql = """SELECT tables.name, columns.name FROM sqlite_master AS tables
        JOIN pragma_table_info(tables.name) AS columns
        WHERE tables.type IN ('table', 'view') AND tables.name IN (
            'articles', 'speakers', 'aliases', 'quotes', 'statements', 'runs', 'failures',
            'quote_search', 'quote_details')"""
    return set(sqlite3.connect(path).execute(sql).fetchall())


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("‘Lamps burn?’ ‘They do,’ said Ida.", "", "‘They do,’ said Ida."),
        ("‘They do,’ ‘Lamps burn?’", "‘They do,’", ""),
        ("He said: \"'Lamps burn?' is what she asked.\"", 'He said: "', 'is what she asked."'),
        ("Ida said: “‘Lamps burn?’ That is all.”", "Ida said: “", "That is all.”"),
        ("“ Lamps burn? ” Ida asked. “Yes,” he said.", "", "Ida asked. “Yes,” he said."),
        ("She asked: “Lamps burn?” “Yes.”", "She asked:", "“Yes.”"),
        ("„Lamps burn?“ «Yes.»", "", "«Yes.»"),
    ],
)
def test_context_keeps_the_marks_of_others(text: str, before: str, after: str) -> None:
    start = text.index("Lamps burn?")
    end = start + len("Lamps burn?")
    assert _context_before(text[:start]) == before
    assert _context_after(text[end:]) == after
