"""The plugin inside the installed version of Datasette, 0.65 or 1.0."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette
from datasette.database import QueryInterrupted
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import datasette_quotedex
from datasette_quotedex import databases, metadata
from datasette_quotedex.context import Reader
from datasette_quotedex.lanes import Lane, run_in_lane
from datasette_quotedex.render.text import headline
from tests.helpers.site_client import Page, assert_only_our_scripts, get, with_all_keys, with_keys
from tests.helpers.site_fixture import CASES, build, hostile, many, register

register()
LINE = "1.0" if hasattr(Datasette, "set_resource_metadata") else "0.65"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("plugin") / "news.db")


@pytest.fixture
def site(path: Path) -> Datasette:
    return Datasette([str(path)])


@pytest.mark.asyncio
async def test_home_shows_counts_and_lists(site: Datasette) -> None:
    page = Page((await get(site, "/")).text)
    assert re.search(r"articles ?4 quotations ?15 speakers ?7", page.text)
    assert "Ana Okafor" in page.text
    assert "a senior city official" not in page.text
    assert "Night nurses ask for a third pair of hands" in page.text
    assert ("input", "q") in [(tag, attrs.get("name")) for tag, attrs in page.tags]
    for link in page.own_links():
        await get(site, link)


@pytest.mark.asyncio
async def test_search_ranks_and_highlights(site: Datasette) -> None:
    response = await get(site, "/-/quotes", q="rent freeze")
    page = Page(response.text)
    assert "6 quotations" in page.text
    assert response.text.index("<mark>Freezing") < response.text.index(">long overdue<")
    assert "<mark>rent</mark>" in response.text
    assert "14 March 2024" in page.text
    assert page.links()["https://herald.example/2024/rent-freeze"] == "a"
    assert with_all_keys(site, "/-/articles/@1", "/-/quotes/@4", "/-/speakers/@2") <= set(
        page.links()
    )


@pytest.mark.asyncio
async def test_article_without_headline_has_its_first_words(site: Datasette) -> None:
    opening = "A note without a headline, an outlet or a…"
    assert opening in Page((await get(site, "/-/quotes", q="lamps")).text).text
    assert opening in Page((await get(site, "/")).text).text


def test_labelled_date_is_not_among_the_first_words() -> None:
    opening = " date 2024-03-14 The council met: two days, no vote, and on date 2024-03-16 a third."
    assert headline(None, opening) == "The council met: two days, no vote, and on…"


@pytest.mark.asyncio
async def test_every_link_of_a_search_works(site: Datasette) -> None:
    page = Page((await get(site, "/-/quotes", q="rent OR strike OR beds")).text)
    assert len(page.own_links()) > 20
    for link in page.own_links():
        await get(site, link)


@pytest.mark.asyncio
async def test_filters_narrow_and_can_be_removed(site: Datasette) -> None:
    page = Page((await get(site, "/-/quotes", q="rent", speaker="@2", kind="partial")).text)
    assert "1 quotation " in page.text
    assert "Speaker: Luis Brandt" in page.text
    assert "/-/quotes?q=rent&kind=partial" in page.links()
    assert with_keys(site, "/-/quotes?q=rent&speaker=@2") in page.links()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "query",
    [
        {"speaker": "x"},
        {"speaker": "-1"},
        {"speaker": "9" * 40},
        {"next": "x"},
        {"next": "9" * 18},
        {"sort": "size"},
        {"database": "no"},
        {"year": "'"},
        {"outlet": "\x00"},
    ],
    ids=str,
)
async def test_takes_any_address(site: Datasette, query: dict[str, Any]) -> None:
    for form in ("", ".json", ".csv"):
        await get(site, f"/-/quotes{form}", **{"q": "rent", **query})


@pytest.mark.asyncio
async def test_explains_an_invalid_search(site: Datasette) -> None:
    page = Page((await get(site, "/-/quotes", q="“rent")).text)
    assert "has no closing quotation mark" in page.text
    data = (await get(site, "/-/quotes.json", status=400, q="“rent")).json()
    assert not data["ok"]
    assert "has no closing quotation mark" in data["problem"]
    assert (
        "has no closing quotation mark"
        in (await get(site, "/-/quotes.csv", status=400, q="“rent")).text
    )


@pytest.mark.asyncio
async def test_gives_advice_if_nothing_matches(site: Datasette) -> None:
    page = Page((await get(site, "/-/quotes", q="zzzz", kind="full")).text)
    assert "No quotations match" in page.text
    assert "Remove a filter" in page.text
    assert "Remove the quotation marks" not in page.text
    for phrase in ('"zzzz rent"', "“zzzz rent”"):
        page = Page((await get(site, "/-/quotes", q=phrase)).text)
        assert "Remove the quotation marks to find the words in any order." in page.text


@pytest.mark.asyncio
async def test_pages_follow_each_other(tmp_path: Path) -> None:
    site = Datasette([str(build(tmp_path / "many.db", many(50)))])
    for sort in ("relevance", "date"):
        url = f"/-/quotes.json?q=lamp&sort={sort}"
        seen: list[str] = []
        while url:
            data = (await get(site, url)).json()
            assert data["total"] == 50
            seen += [hit["key"] for hit in data["hits"]]
            url = (data["next_url"] or "").removeprefix("http://localhost")
        assert len(set(seen)) == len(seen) == 50


@pytest.mark.asyncio
async def test_json_has_the_offsets_of_matches(site: Datasette) -> None:
    data = (await get(site, "/-/quotes.json", q="freezing easy")).json()
    (hit,) = data["hits"]
    assert [hit["text"][start:end] for start, end in hit["matches"]] == ["Freezing", "easy"]
    assert hit["speaker"] == {
        "key": "luis-brandt",
        "name": "Luis Brandt",
        "label": "Luis Brandt",
        "kind": "person",
        "description": "tenant organizer",
        "path": "/-/speakers/luis-brandt",
    }
    assert hit["article"]["path"] == with_keys(site, "/-/articles/@1")
    assert hit["path"] == with_keys(site, "/-/quotes/@4")
    assert data["facets"]["outlet"] == [
        {"value": "Harborfield Herald", "label": "Harborfield Herald", "count": 1}
        | {"estimated": False}
    ]


@pytest.mark.asyncio
async def test_csv_has_every_hit(tmp_path: Path) -> None:
    site = Datasette([str(build(tmp_path / "many.db", many(50)))])
    response = await get(site, "/-/quotes.csv", q="lamp")
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert len(rows) == 50
    assert {row["outlet"] for row in rows} == {"Lantern Weekly"}
    assert response.headers["content-type"] == "text/csv; charset=utf-8"


@pytest.mark.asyncio
async def test_our_pages_forbid_scripts_but_our_files(site: Datasette) -> None:
    for url in ("/", "/-/quotes", "/-/quotes?q=rent", "/-/quotes?q=%22"):
        response = await get(site, url)
        policy = response.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert_only_our_scripts(response)
        page = Page(response.text)
        assert not [tag for tag, _ in page.tags if tag == "style"]
        assert not [attrs for _, attrs in page.tags if "style" in attrs]
        loaded = [
            attrs.get("href") or attrs.get("src") or ""
            for tag, attrs in page.tags
            if attrs.get("rel") == "stylesheet" or "src" in attrs
        ]
        assert all(address.startswith("/") for address in loaded)
        for address in loaded:
            await get(site, address)
    response = await get(site, "/news/quotes")
    assert "content-security-policy" not in response.headers


@pytest.mark.asyncio
@pytest.mark.parametrize("sort", ["relevance", "date"])
async def test_hostile_text_is_escaped(tmp_path: Path, sort: str) -> None:
    """Every string stands in every column, is found by its words, and is only ever text."""
    strings = CASES["hostile"]
    site = Datasette([str(build(tmp_path / "bad.db", hostile(strings)))])
    plain = Page((await get(site, "/-/quotes", q="nothing at all")).text)
    allowed = {tag for tag, _ in plain.tags} | {
        *("article", "blockquote", "q", "mark", "span", "time", "ol", "section", "h2", "b"),
        *("label", "select", "option", "bdi"),
    }
    for query in ({"q": "rent"}, {"q": ""}, {"q": strings[0]}, {"q": "rent", "speaker": 1}):
        response = await get(site, "/-/quotes", sort=sort, **query)
        page = Page(response.text)
        assert {tag for tag, _ in page.tags} <= allowed
        handlers = [name for _, attrs in page.tags for name in attrs if name.startswith("on")]
        assert handlers == []
        assert not [link for link in page.links() if link.lower().startswith("javascript")]
    page = Page((await get(site, "/-/quotes", q="rent", sort=sort)).text)
    for string in strings:
        text = re.sub(r"\s+", " ", string.replace("\0", "\ufffd"))
        if "\0" not in string:
            assert f"rent {text}" in page.text
    data = (await get(site, "/-/quotes.json", q="rent", sort=sort)).json()
    texts = {f"rent {string}".replace("\0", "\ufffd") for string in strings}
    assert {hit["text"] for hit in data["hits"]} == texts
    rows = csv.reader(io.StringIO((await get(site, "/-/quotes.csv", q="rent")).text, newline=""))
    assert {row[1] for row in rows} == {"text", *texts}
    response = await get(site, "/")
    assert_only_our_scripts(response)
    assert not [tag for tag, _ in Page(response.text).tags if tag in ("img", "style")]


@pytest.mark.asyncio
async def test_location_never_becomes_a_javascript_link(site: Datasette) -> None:
    page = Page((await get(site, "/-/quotes", q="lamps")).text)
    assert "We keep the lamps lit" in page.text
    assert not [link for link in page.links() if "alert" in link]
    page = Page((await get(site, "/-/quotes", q="beds")).text)
    assert "/home/mira" not in page.text


@pytest.mark.asyncio
async def test_random_searches_give_pages(site: Datasette) -> None:
    await site.invoke_startup()
    words = st.lists(
        st.sampled_from([*'"“-*+(){}:%_&<\0é', "OR ", "speaker:", "after:", "rent ", "a* "]),
        max_size=12,
    ).map("".join)
    typed: list[str] = []

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.one_of(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), words))
    def collect(q: str) -> None:
        typed.append(q)

    collect()
    for q in typed:
        await get(site, "/-/quotes", q=q)


@pytest.mark.asyncio
async def test_site_without_quotations_is_unchanged(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    sqlite3.connect(other).executescript("CREATE TABLE quotes (id INTEGER PRIMARY KEY)")
    site = Datasette([str(other)])
    response = await get(site, "/")
    assert "Who said what" not in response.text
    assert "content-security-policy" not in response.headers
    assert "Search quotations" not in response.text
    await get(site, "/-/quotes", status=404)
    row = await site.get_database("other").execute("SELECT length(zeroblob(50000000))")
    assert row.rows[0][0] == 50_000_000


@pytest.mark.asyncio
async def test_several_databases_are_kept_apart(path: Path, tmp_path: Path) -> None:
    lamps = build(tmp_path / "lamps.db", many(3))
    site = Datasette([str(path), str(lamps)])
    data = (await get(site, "/-/quotes.json", q="lamp", database="lamps")).json()
    assert data["total"] == 3
    assert (await get(site, "/-/quotes.json", q="lamp")).json()["total"] == 1
    page = Page((await get(site, "/-/quotes", q="lamp", database="lamps")).text)
    assert with_keys(site, "/-/articles/@1?database=lamps") in page.links()
    assert with_keys(site, "/-/speakers/@1?database=lamps") in page.links()
    assert ("database", "lamps") in [(a.get("name"), a.get("value")) for _, a in page.tags]


@pytest.mark.asyncio
@pytest.mark.parametrize("where", ["instance", "database", "table"])
async def test_search_needs_permission_for_the_tables(path: Path, where: str) -> None:
    rule: dict[str, Any] = {"allow": {"id": "mira"}}
    if where == "table":
        rule = {"databases": {"news": {"tables": {"articles": rule}}}}
    elif where == "database":
        rule = {"databases": {"news": rule}}
    site = Datasette([str(path)], **({"config": rule} if LINE == "1.0" else {"metadata": rule}))
    for form in ("", ".json", ".csv"):
        response = await get(site, f"/-/quotes{form}", status=403, q="rent")
        assert "Freezing" not in response.text
    home = await site.client.get("/")
    assert "Who said what" not in home.text
    cookies = {"ds_actor": site.sign({"a": {"id": "mira"}}, "actor")}
    response = await site.client.get("/-/quotes?q=rent", cookies=cookies)
    assert response.status_code == 200
    assert "Freezing" in response.text


@pytest.mark.asyncio
async def test_public_sql_cannot_fill_the_memory(site: Datasette) -> None:
    await site.invoke_startup()
    with pytest.raises((sqlite3.DataError, sqlite3.OperationalError)):
        await site.get_database("news").execute("SELECT zeroblob(900000000)", log_sql_errors=False)


@pytest.mark.asyncio
async def test_explains_a_search_that_takes_too_long(
    site: Datasette, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch = Reader._fetch

    def impatient(db: Reader, sql: str, parameters: dict[str, object]) -> list[dict[str, Any]]:
        if any(part in sql for part in slow):
            raise QueryInterrupted(Exception("interrupted"), sql, None)
        return fetch(db, sql, parameters)

    monkeypatch.setattr(Reader, "_fetch", impatient)
    slow = ["WITH hits"]
    page = Page((await get(site, "/-/quotes", q="")).text)
    assert "15 quotations" in page.text
    assert "Speaker" not in [text.strip() for text in page.texts]
    slow = ["bm25("]
    page = Page((await get(site, "/-/quotes", q="rent")).text)
    assert "newest first" in page.text
    assert "6 quotations" in page.text
    slow = ["max(id)", "WITH hits"]
    page = Page((await get(site, "/-/quotes", q="rent")).text)
    assert "newest first" in page.text
    assert "Too many quotations to count" in page.text
    page = Page((await get(site, "/-/quotes", q="")).text)
    assert "Too many quotations to count" in page.text
    assert "The budget holds" in page.text
    slow = ["highlight("]
    page = Page((await get(site, "/-/quotes", q="rent")).text)
    assert "takes too long" in page.text
    slow = ["FROM articles"]
    answer = await get(site, "/-/articles/@1", status=503)
    assert "retry-after" in answer.headers


@pytest.mark.asyncio
async def test_tables_are_described(site: Datasette) -> None:
    page = Page((await get(site, "/news/quotes")).text)
    assert "Direct quotations: the words inside quotation marks" in page.text
    assert "Probability that this is a quotation" in page.text
    assert "Luis Brandt" in page.text
    assert "Council votes for a rent freeze" in page.text
    facets = (await get(site, "/news/quotes.json?_extra=facet_results")).json()["facet_results"]
    assert set(facets.get("results", facets)) == {"kind", "speaker_id"}


def test_every_public_column_is_described(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        columns = connection.execute(
            """SELECT tables.name, columns.name
            FROM pragma_table_list AS tables, pragma_table_info(tables.name) AS columns
            WHERE tables.type IN ('table', 'view') AND tables.name NOT LIKE 'sqlite!_%' ESCAPE '!'
                AND tables.name NOT LIKE '!_%' ESCAPE '!'"""
        ).fetchall()
    described = [
        (table, column)
        for table, details in metadata.TABLE_DESCRIPTIONS.items()
        for column in details["columns"]
    ]
    assert sorted(described) == sorted(columns)
    assert all("label_column" in each for each in metadata.TABLE_DESCRIPTIONS.values())


@pytest.mark.asyncio
async def test_view_is_described_and_has_facets(site: Datasette) -> None:
    page = Page((await get(site, "/news/quote_details")).text)
    assert "Each quotation with its speaker and article" in page.text
    assert "How the speaker was found" in page.text
    facets = (await get(site, "/news/quote_details.json?_extra=facet_results")).json()
    results = facets["facet_results"]
    assert set(results.get("results", results)) == {"speaker_kind", "outlet", "kind"}


@pytest.mark.asyncio
async def test_internal_tables_are_hidden(site: Datasette, path: Path) -> None:
    links = Page((await get(site, "/news")).text).links()
    assert "/news/quotes" in links
    assert not [link for link in links if link.startswith("/news/_")]
    tables = (await get(site, "/news.json")).json()["tables"]
    hidden = {table["name"] for table in tables if table["hidden"]}
    with closing(sqlite3.connect(path)) as connection:
        internal = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '!_%' ESCAPE '!'"
        ).fetchall()
    assert {"_quote_links", "_sqlite_migrations"} <= {name for (name,) in internal} <= hidden


@pytest.mark.asyncio
async def test_metadata_of_the_publisher_takes_precedence(path: Path) -> None:
    own = {"description": "Our own words", "columns": {"cue": "Our cue"}}
    site = Datasette([str(path)], metadata={"databases": {"news": {"tables": {"quotes": own}}}})
    text = Page((await get(site, "/news/quotes")).text).text
    assert "Our own words" in text
    assert "Our cue" in text
    assert "Direct quotations: the words" not in text
    assert "Who is quoted" in Page((await get(site, "/news/speakers")).text).text
    assert "Our own words" not in str(metadata.TABLE_DESCRIPTIONS)


@pytest.mark.asyncio
async def test_menu_of_datasette_links_to_the_search(site: Datasette) -> None:
    assert "/-/quotes" in Page((await get(site, "/news/quotes")).text).links()


@pytest.mark.asyncio
async def test_follows_base_url(path: Path) -> None:
    site = Datasette([str(path)], settings={"base_url": "/press/"})
    page = Page((await get(site, "/-/quotes", q="rent")).text)
    assert len(page.own_links()) > 10
    assert all(link.startswith("/press/") for link in page.own_links())
    data = (await get(site, "/-/quotes.json", q="rent")).json()
    assert data["hits"][0]["article"]["path"].startswith("/press/")


@pytest.mark.asyncio
async def test_title_is_that_of_the_publisher(path: Path) -> None:
    site = Datasette([str(path)], metadata={"title": "The <Herald> said"})
    assert "The &lt;Herald&gt; said" in (await get(site, "/")).text


@pytest.mark.asyncio
async def test_finds_only_files_with_all_tables(path: Path, tmp_path: Path) -> None:
    half = tmp_path / "half.db"
    sqlite3.connect(half).executescript("CREATE TABLE quotes (id); CREATE TABLE articles (id);")
    site = Datasette([str(half), str(path)])
    assert await databases.with_quotations(site) == ["news"]


@pytest.mark.asyncio
async def test_databases_in_memory_are_not_read(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Datasette 0.65 makes the tables of `_internal` in the first request that needs them, and
    fails if anything reads its schema at that moment."""
    site = Datasette([str(path)], memory=True)
    await site.invoke_startup()
    asked: set[str] = set()

    async def watched(lane: Lane, datasette: Datasette, name: str, *rest: Any) -> Any:
        asked.add(name)
        return await run_in_lane(lane, datasette, name, *rest)

    monkeypatch.setattr(databases, "run_in_lane", watched)
    await databases.with_quotations(site)
    assert asked <= {"news"}
    assert len(site.databases) > 1


def test_loads_nothing_of_quotedex() -> None:
    code = (
        "import sys, datasette_quotedex.pages, datasette_quotedex.sql;"
        "heavy = {'quotedex', 'spacy', 'textacy', 'torch', 'onnxruntime'};"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    source = str(Path(datasette_quotedex.__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": source}, check=False)
    assert done.returncode == 0
