"""The contents of every page but the search, and their JSON."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from datasette.app import Datasette

from tests.helpers import ROOT
from tests.helpers.press import press
from tests.helpers.site_client import (
    Page,
    assert_only_our_scripts,
    get,
    with_all_keys,
    with_keys,
)
from tests.helpers.site_fixture import CASES, build, hostile, many, register

register()

DOCS = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
KINDS = ("quotes", "articles", "speakers", "statements")
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("pages") / "town.db", press())


@pytest.fixture
def site(town: Path) -> Datasette:
    return Datasette([str(town)])


@pytest.mark.asyncio
async def test_quotation_shows_speaker_and_reasons(site: Datasette) -> None:
    response = await get(site, "/-/quotes/@1")
    text = Page(response.text).text
    assert "Quotation · Ana Okafor" in text
    assert '<mark class="mention">Mayor Ana Okafor</mark>' in response.text
    assert '<mark class="cue">said</mark>' in response.text
    assert re.search(r'<mark class="focus quote c1 d1">We did not come here', response.text)
    assert '<span class="quote c2 d1">We have three offers' in response.text
    assert "90% (high)" in text
    assert "named near it, with “said”" in text
    assert "Ana Okafor named in full" in text
    assert "All 9 printings, compared" in text
    links = Page(response.text).links()
    assert with_all_keys(
        site, "/-/speakers/@1", "/-/articles/@1", "/-/statements/@1", "/-/quotes/@2"
    ) <= set(links)


@pytest.mark.asyncio
async def test_quotation_says_how_its_speaker_was_found(tmp_path: Path) -> None:
    article = {**press(1)[0], "text": "“One,” she said. “Two,” said a voice."}
    why = {"speaker_why": "the only woman named so far"}
    article["quotes"] = [
        ["One,", "Ida Lund", "full", "she", "said", why],
        ["Two,", None, "full", "a voice", "said"],
    ]
    site = Datasette([str(build(tmp_path / "why.db", [article]))])
    text = Page((await get(site, "/-/quotes/@1")).text).text
    assert "Ida Lund the only woman named so far" in text
    data = (await get(site, "/-/quotes/@1.json")).json()
    assert data["speaker_why"] == "the only woman named so far"
    assert "the only woman" not in (await get(site, "/-/quotes/@2")).text
    assert (await get(site, "/-/quotes/@2.json")).json()["speaker_why"] is None


@pytest.mark.asyncio
async def test_nested_quotations_link_to_each_other(site: Datasette, town: Path) -> None:
    with sqlite3.connect(town) as connection:
        inner, outer = connection.execute(
            "SELECT id, parent_id FROM quotes WHERE parent_id IS NOT NULL"
        ).fetchone()
    assert (
        with_keys(site, f"/-/quotes/@{outer}")
        in Page((await get(site, f"/-/quotes/@{inner}")).text).links()
    )
    page = await get(site, f"/-/quotes/@{outer}")
    assert with_keys(site, f"/-/quotes/@{inner}") in Page(page.text).links()
    assert "Quotations inside it" in page.text
    data = (await get(site, f"/-/quotes/@{inner}.json")).json()
    assert [one["path"] for one in data["outer"]] == [with_keys(site, f"/-/quotes/@{outer}")]


@pytest.mark.asyncio
async def test_parts_of_one_utterance_are_shown_together(tmp_path: Path) -> None:
    article = {**press(1)[0], "text": "“One,” Ida Lund said. “Two.” Then: “Three.”"}
    article["quotes"] = [
        ["One,", "Ida Lund", "full", "Ida Lund", "said", {"utterance": 5}],
        ["Two.", "Ida Lund", "full", "Ida Lund", "said", {"utterance": 5}],
        ["Three.", None, "full", None, None],
    ]
    site = Datasette([str(build(tmp_path / "parts.db", [article]))])
    response = await get(site, "/-/quotes/@1")
    assert re.findall(r'<mark class="focus[^>]*>([^<]*)', response.text) == ["One,", "Two."]
    data = (await get(site, "/-/quotes/@2.json")).json()
    assert [part["path"] for part in data["parts"]] == [with_keys(site, "/-/quotes/@1")]
    nobody = Page((await get(site, "/-/quotes/@3")).text).text
    assert "Quotation · Unknown speaker" in nobody


@pytest.mark.asyncio
async def test_cue_is_marked_at_its_offsets(tmp_path: Path) -> None:
    text = "She said it before. “One,” Ida Lund said. What she said was true."
    article = {**press(1)[0], "text": text, "quotes": []}
    place = {"cue_start_char": text.rindex("said"), "cue_end_char": text.rindex("said") + 4}
    article["quotes"].append(["One,", "Ida Lund", "full", "Ida Lund", "said", place])
    path = build(tmp_path / "cue.db", [article])
    site = Datasette([str(path)])
    page = await get(site, "/-/quotes/@1")
    assert 'What she <mark class="cue">said</mark> was true.' in page.text
    data = (await get(site, "/-/quotes/@1.json")).json()
    assert {name: data[name] for name in place} == place


@pytest.mark.asyncio
async def test_pull_quote_and_its_original_link_to_each_other(tmp_path: Path) -> None:
    text = "“We will not sell the pier, ever,” Ida Lund said.\n\n“We will not sell”\n\nIt rained."
    article = {**press(1)[0], "text": text, "quotes": []}
    said = ["We will not sell the pier, ever,", "Ida Lund", "full", "Ida Lund", "said"]
    article["quotes"] += [said, ["We will not sell", "Ida Lund", "full", None, None]]
    place = {"start_char": text.rindex("We"), "end_char": 66}
    article["quotes"][1].append({"repeats": 0, **place})
    path = build(tmp_path / "again.db", [article, {**press(2)[1], "quotes": [said], "text": text}])
    site = Datasette([str(path)])
    first = await get(site, "/-/quotes/@1")
    assert "Repeated as a pull-quote" in first.text
    again = await get(site, "/-/quotes/@2")
    assert "Pull-quote · Ida Lund" in Page(again.text).text
    assert [one["path"] for one in (await get(site, "/-/quotes/@2.json")).json()["repeats"]] == [
        with_keys(site, "/-/quotes/@1")
    ]
    data = (await get(site, "/-/quotes/@1.json")).json()
    assert [one["path"] for one in data["repeated"]] == [with_keys(site, "/-/quotes/@2")]
    assert [one["path"] for one in data["copies"]] == [with_keys(site, "/-/quotes/@3")]
    assert '<span class="detail">pull-quote</span>' in (await get(site, "/-/articles/@1")).text
    statement = (await get(site, "/-/statements/@1.json")).json()
    assert [len(wording["printings"]) for wording in statement["wordings"]] == [2]


@pytest.mark.asyncio
async def test_file_without_all_tables_is_left_to_datasette(tmp_path: Path) -> None:
    path = build(tmp_path / "old.db", press(2))
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE topics")
    site = Datasette([str(path)])
    assert "quote_details" in (await get(site, "/old")).text
    await get(site, "/-/quotes", status=404)


@pytest.mark.asyncio
async def test_quotation_page_has_citations(site: Datasette) -> None:
    page = Page((await get(site, "/-/quotes/@1")).text)
    key = with_keys(site, "/-/quotes/@1").rpartition("/")[2]
    assert f"@misc{{quotation-{key}," in page.text
    assert with_keys(site, "http://localhost/-/quotes/@1") in page.links()
    assert len([tag for tag, attrs in page.tags if tag == "pre" and "tabindex" in attrs]) == 3


@pytest.mark.asyncio
async def test_article_has_its_quotations_marked(site: Datasette) -> None:
    response = await get(site, "/-/articles/@1")
    page = Page(response.text)
    for number in (1, 2, 3):
        assert with_keys(site, f"/-/quotes/@{number}") in page.links()
        key = with_keys(site, f"/-/quotes/@{number}").rpartition("/")[2]
        assert f'id="q{key}"' in response.text
    assert response.text.count('aria-label="Quoted in this paragraph"') == 3
    assert "Harborfield Herald" in page.text
    assert "3 quotations" in page.text


@pytest.mark.asyncio
async def test_speaker_page(site: Datasette) -> None:
    response = await get(site, "/-/speakers/@1")
    page = Page(response.text)
    assert "Also called Mayor Ana Okafor, Okafor" in page.text
    assert 'aria-label="18 quotations by month, March 2023 to January 2025' in response.text
    assert with_keys(site, "/-/quotes?q=after:2023-03+before:2023-04&speaker=@1") in map(
        _plain, page.links()
    )
    assert with_keys(site, "/-/compare?speakers=@1,@2") in page.links()
    assert with_keys(site, "/-/speakers/@1.atom") in page.links()
    assert "All 18 quotations" in page.text
    assert "wikidata" not in response.text
    found = await get(site, "/-/speakers/@1", q="boat")
    assert "<mark>boat</mark>" in found.text
    assert "sell the pier" not in Page(found.text).text
    assert "has no closing quotation mark" in (await get(site, "/-/speakers/@1", q="“boat")).text


@pytest.mark.asyncio
async def test_speaker_with_wikidata_item_and_topics(tmp_path: Path) -> None:
    file = build(tmp_path / "more.db", press(5))
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE speakers SET wikidata = 'Q42' WHERE id = 1")
        connection.execute("UPDATE speakers SET wikidata = 'javascript:x' WHERE id = 2")
        connection.execute("DELETE FROM topics")
        connection.execute("INSERT INTO topics VALUES (1, 'old pier', 0.5), (1, 'rents', 0.1)")
    site = Datasette([str(file)])
    page = Page((await get(site, "/-/speakers/@1")).text)
    assert "https://www.wikidata.org/wiki/Q42" in page.links()
    assert with_keys(site, "/-/quotes?q=%22old+pier%22&speaker=@1") in page.links()
    assert with_keys(site, "/-/quotes?q=rents&speaker=@1") in page.links()
    data = (await get(site, "/-/speakers/@1.json")).json()["topics"]
    path = with_keys(site, "/-/quotes?q=%22old+pier%22&speaker=@1")
    assert data[0] == {"term": "old pier", "score": 0.5, "path": path}
    assert "javascript" not in (await get(site, "/-/speakers/@2")).text


@pytest.mark.asyncio
async def test_speaker_feed(site: Datasette) -> None:
    response = await get(site, "/-/speakers/@1.atom?printings=all&unsure=shown")
    assert response.headers["content-type"].startswith("application/atom+xml")
    root = ElementTree.fromstring(response.text)
    entries = root.findall(f"{ATOM}entry")
    assert len(entries) == 18
    assert max(e.findtext(f"{ATOM}published") or "" for e in entries) == "2025-01-23T00:00:00Z"
    assert root.findtext(f"{ATOM}updated") == entries[0].findtext(f"{ATOM}updated")
    assert root.findtext(f"{ATOM}id") == "tag:quotedex,2026:speakers/ana-okafor"
    assert (entries[0].findtext(f"{ATOM}id") or "").startswith("tag:quotedex,2026:quotes/")
    fewer = ElementTree.fromstring((await get(site, "/-/speakers/@1.atom", q="boat")).text)
    assert 0 < len(fewer.findall(f"{ATOM}entry")) < 18


@pytest.mark.asyncio
async def test_statement_shows_who_shortened_it(site: Datasette) -> None:
    response = await get(site, "/-/statements/@1")
    page = Page(response.text)
    assert "First printed in Harborfield Herald on 6 March 2023" in page.text
    assert "3 wordings" in page.text
    assert "<del>We did not come here to sell the pier, and</del>" in response.text
    assert "<ins>a</ins>" in response.text
    assert "Shorter in Northgate Courier (10 words fewer), The Tidewater Post" in page.text
    data = (await get(site, "/-/statements/@1.json")).json()
    assert [wording["words_removed"] for wording in data["wordings"]] == [0, 1, 10]
    assert sum(len(wording["printings"]) for wording in data["wordings"]) == 9


@pytest.mark.asyncio
async def test_statement_split_by_its_attribution_is_not_shortened(tmp_path: Path) -> None:
    whole, split = press(2)
    first, second = "We will sell the old pier,", "but not before the harbor freezes again"
    whole |= {"text": f"“{first} {second},” she said.", "quotes": []}
    split |= {"text": f"“{first}” she said, “{second}.”", "quotes": []}
    for article, *texts in ((whole, f"{first} {second},"), (split, first, f"{second}.")):
        for text in texts:
            more = {"utterance": 0}
            article["quotes"].append([text, "Ida Lund", "full", "she", "said", more])
    site = Datasette([str(build(tmp_path / "split.db", [whole, split]))])
    data = (await get(site, "/-/statements/@1.json")).json()
    (wording,) = data["wordings"]
    keys = [f"/-/articles/{printing['article_key']}" for printing in wording["printings"]]
    assert keys == [with_keys(site, "/-/articles/@1"), with_keys(site, "/-/articles/@2")]
    assert "Shorter in" not in (await get(site, "/-/statements/@1")).text


@pytest.mark.asyncio
async def test_statement_with_different_speakers(tmp_path: Path) -> None:
    articles = press(3)
    for article, speaker in zip(articles, ("Ida Lund", "Bo Moss", None), strict=True):
        article |= {"text": "“We will not sell the pier,” it was said.", "quotes": []}
        article["quotes"].append(["We will not sell the pier,", speaker, "full", None, "said"])
    site = Datasette([str(build(tmp_path / "differ.db", articles))])
    text = Page((await get(site, "/-/statements/@1")).text).text
    assert "Ida Lund or Bo Moss the articles disagree" in text


@pytest.mark.asyncio
async def test_statement_counts_articles_that_name_someone_else(tmp_path: Path) -> None:
    articles = press(5)
    for article, speaker in zip(articles, ["Ida Lund"] * 4 + ["Bo Moss"], strict=True):
        article |= {"text": "“We will not sell the pier,” it was said.", "quotes": []}
        article["quotes"].append(["We will not sell the pier,", speaker, "full", None, "said"])
    site = Datasette([str(build(tmp_path / "one.db", articles))])
    text = Page((await get(site, "/-/statements/@1")).text).text
    assert "Ida Lund 1 article names someone else" in text
    assert "Printed in 5 articles" in text


@pytest.mark.asyncio
async def test_speaker_of_one_month_has_no_chart(tmp_path: Path) -> None:
    articles = [one | {"published": f"2024-05-0{day}"} for day, one in enumerate(press(2), 1)]
    for name, dates, has_chart in (("one", articles, False), ("two", press(9), True)):
        site = Datasette([str(build(tmp_path / f"{name}.db", dates))])
        text = (await get(site, "/-/speakers/@1")).text
        assert ("Quotations over time" in text) is has_chart


@pytest.mark.asyncio
async def test_chart_counts_quotations_without_a_date(tmp_path: Path) -> None:
    articles = [*press(6), *({**one, "published": None} for one in press(9)[6:])]
    site = Datasette([str(build(tmp_path / "undated.db", articles))])
    text = Page((await get(site, "/")).text).text
    assert re.search(r"\d+ quotations by month, .* \d more have no date\.", text)


@pytest.mark.asyncio
async def test_compare_speakers(site: Datasette) -> None:
    page = Page((await get(site, "/-/compare", speakers="@1,@3", q="pier OR rent")).text)
    assert "Ana Okafor and Luis Brandt" in page.text
    data = (await get(site, "/-/compare.json", speakers="@1,@3", q="rent")).json()
    assert [side["total"] for side in data["speakers"]] == [0, 18]
    named = Page((await get(site, "/-/compare", first="brandt", second="Mayor Ana Okafor")).text)
    assert "Luis Brandt and Ana Okafor" in named.text
    kept = Page(
        (await get(site, "/-/compare", speakers="@1,@3", first="Ana Okafor", second="")).text
    )
    assert "Ana Okafor and Luis Brandt" in kept.text
    nobody = Page((await get(site, "/-/compare", first="Zed", second="<b>")).text)
    assert "No speaker found with the name “Zed”" in nobody.text
    assert "No speaker found with the name “<b>”" in nobody.text
    assert (
        "has no closing quotation mark"
        in (await get(site, "/-/compare", speakers="@1,@3", q="“x")).text
    )


@pytest.mark.asyncio
async def test_about_shows_confidence_and_failures(tmp_path: Path) -> None:
    path = build(tmp_path / "about.db", press(8))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE quotes SET confidence = 0.5 WHERE id % 2")
        connection.execute("UPDATE runs SET model = 'a_small_pipeline', version = '0'")
        connection.execute(
            "INSERT INTO failures VALUES ('fog.pdf', 'the file is <empty>', NULL, 1)"
        )
    site = Datasette([str(path)])
    text = Page((await get(site, "/-/about")).text).text
    assert "about 31% of the quotations in this file are wrong" in text
    told = (await get(site, "/-/about.json")).json()["accuracy"]
    share = round(100 * told["sets"][0]["speaker"]["precision"])
    assert f"quotedex {told['version']} finds" in text
    assert f"and {share}% the right speaker" in text
    assert "made by other versions" in text
    assert "a_small_pipeline" in text
    assert "fog.pdf" in text
    assert "the file is <empty>" in text
    data = (await get(site, "/-/about.json")).json()
    assert data["counts"] == {"articles": 8, "quotations": 23, "speakers": 8}
    assert [level["percent"] for level in data["sample"]["levels"]] == [48, 0, 52]
    assert data["failed"] == 1


@pytest.mark.asyncio
async def test_home_links_to_pages_and_has_a_chart(site: Datasette) -> None:
    response = await get(site, "/")
    assert with_all_keys(
        site, "/-/speakers/@3", "/-/statements/@1", "/-/about", "/-/compare"
    ) <= set(Page(response.text).links())
    assert 'aria-label="123 quotations by month' in response.text


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", KINDS)
async def test_rows_of_tables_link_to_our_pages(site: Datasette, kind: str) -> None:
    row = Page((await get(site, f"/town/{kind}/1")).text)
    assert with_keys(site, f"/-/{kind}/@1") in row.links()
    assert "Links from other tables" in row.text
    assert not [link for link in row.links() if link.startswith("/town/_")]
    assert "/-/runs/1" not in (await get(site, "/town/runs/1")).text


@pytest.mark.asyncio
async def test_every_link_works_and_no_script_is_needed(site: Datasette) -> None:
    links: set[str] = set()
    urls = ("/-/about", "/-/compare?speakers=@1,@3", "/-/quotes/@13")
    for url in (*urls, *(f"/-/{kind}/@1" for kind in KINDS)):
        response = await get(site, url)
        policy = response.headers["content-security-policy"]
        assert "unsafe" not in policy
        page = Page(response.text)
        assert_only_our_scripts(response)
        assert not [tag for tag, attrs in page.tags if tag == "style" or "style" in attrs]
        ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
        assert len(ids) == len(set(ids))
        links |= {link.partition("#")[0] for link in page.own_links()}
    months = sorted(link for link in links if "after" in link)
    for link in links - set(months[2:]):
        await get(site, link)


@pytest.mark.asyncio
async def test_unknown_keys_are_not_found(site: Datasette) -> None:
    for address in ("/-/speakers/@0", f"/-/statements/{'9' * 30}", "/-/speakers/@999.atom"):
        response = await get(site, address, status=404)
        assert "Page not found Quotations can change when" in Page(response.text).text
        assert "content-security-policy" in response.headers
    assert (await get(site, "/-/quotes/@999.json", status=404)).json()["ok"] is False


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("url", "query"),
    [
        ("/-/articles/@1", {"at": "9" * 18}),
        ("/-/articles/@1", {"at": "-5"}),
        ("/-/statements/@1", {"next": "9" * 18}),
        ("/-/compare", {"speakers": ",,,x"}),
        ("/-/compare", {"speakers": "9" * 40, "first": '"' * 9, "second": "*"}),
        ("/-/speakers/@1", {"q": "\x00"}),
        ("/-/about", {"database": "no"}),
    ],
    ids=str,
)
async def test_takes_any_address(site: Datasette, url: str, query: dict[str, Any]) -> None:
    await get(site, url, **query)
    await get(site, url + ".json", **query)


@pytest.mark.asyncio
async def test_hostile_text_is_escaped_on_every_page(tmp_path: Path) -> None:
    """Every string stands in every column, in names, citations, feeds and pictures too."""
    strings = CASES["hostile"]
    site = Datasette([str(build(tmp_path / "bad.db", hostile(strings)))])
    benign = Datasette([str(build(tmp_path / "good.db", press(6)))])
    for index in range(1, len(strings) + 1):
        for kind in KINDS:
            response = await get(site, f"/-/{kind}/@{index}")
            page = Page(response.text)
            plain = Page((await get(benign, f"/-/{kind}/@1")).text) if index == 1 else None
            if plain:
                allowed = {tag for tag, _ in plain.tags} | {"mark", "b", "time", "details"}
                assert {tag for tag, _ in page.tags} <= allowed | {"del", "ins"}
            assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]
            assert not [link for link in page.links() if link.lower().startswith("javascript")]
            assert not [tag for tag, _ in page.tags if tag in ("img", "style")]
            assert_only_our_scripts(response)
    ElementTree.fromstring((await get(site, "/-/speakers/@1.atom")).text)
    await get(site, "/-/compare", first=strings[0], second=strings[1], q=strings[2])


@pytest.mark.asyncio
async def test_large_articles_quotations_and_statements_are_divided(tmp_path: Path) -> None:
    """2,000 quotations in one article, a quotation of 100,000 characters, 300 printings."""
    line = "This line stands on the harbor wall,"
    long = "word " * 20_000
    crowded = {
        **press(1)[0],
        "text": f"“{line}” Ida Lund said.\n\n" * 2000,
        "location": "https://x.example/1",
    }
    crowded["quotes"] = [[line, "Ida Lund", "full", "Ida Lund", "said"]] * 2000
    endless = {**press(1)[0], "text": f"He read: “{long}”", "location": "https://x.example/2"}
    endless["quotes"] = [[long, "Ida Lund", "full", "He", "read"]]
    site = Datasette([str(build(tmp_path / "large.db", [crowded, endless]))])
    first = await get(site, "/-/articles/@1")
    assert len(first.text) < 900_000
    assert "2,000 quotations" in Page(first.text).text
    seen: list[str] = []
    url: str | None = "/-/articles/@1.json"
    while url:
        data = (await get(site, url)).json()
        seen += [one["key"] for one in data["quotations"]]
        url = data["next_path"]
    assert len(set(seen)) == 2000
    quotation = await get(site, "/-/quotes/@2001")
    assert len(quotation.text) < 40_000
    assert "Read all 100,000 characters" in Page(quotation.text).text
    key = with_keys(site, "/-/quotes/@2001").rpartition("/")[2]
    assert with_keys(site, f"/-/articles/@2?at=10#q{key}") in Page(quotation.text).links()
    statement = await get(site, "/-/statements/@1")
    assert "More printings" in statement.text
    assert len(statement.text) < 400_000


@pytest.mark.asyncio
async def test_several_databases_are_kept_apart(town: Path, tmp_path: Path) -> None:
    lamps = build(tmp_path / "lamps.db", many(3))
    site = Datasette([str(town), str(lamps)])
    for kind in KINDS:
        page = Page((await get(site, f"/-/{kind}/@1", database="lamps")).text)
        links = [link for link in page.own_links() if re.match(r"/-/\w+/\w", link)]
        assert links
        assert all("database=lamps" in link for link in links)
    assert "Lamp 0 burns" in (await get(site, "/-/quotes/@1", database="lamps")).text


@pytest.mark.asyncio
async def test_follows_base_url(town: Path) -> None:
    site = Datasette([str(town)], settings={"base_url": "/press/"})
    for kind in KINDS:
        links = Page((await get(site, f"/-/{kind}/@1")).text).own_links()
        assert links
        assert all(link.startswith("/press/") for link in links)


@pytest.mark.asyncio
async def test_pages_need_permission_for_the_tables(town: Path) -> None:
    rule: dict[str, Any] = {"databases": {"town": {"tables": {"statements": {"allow": False}}}}}
    new = hasattr(Datasette, "set_resource_metadata")
    site = Datasette([str(town)], **({"config": rule} if new else {"metadata": rule}))
    for kind in KINDS:
        await get(site, f"/-/{kind}/@1", status=403)
    await get(site, "/-/about", status=403)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("quotation", "/-/quotes/@1.json"),
        ("article", "/-/articles/@1.json"),
        ("speaker", "/-/speakers/@1.json"),
        ("statement", "/-/statements/@1.json"),
        ("comparison", "/-/compare.json?speakers=@1,@3"),
        ("corrections", "/-/corrections.json"),
        ("names", "/-/suggest.json?q=a"),
        ("home", "/-/home.json"),
        ("about", "/-/about.json"),
    ],
)
async def test_json_has_the_documented_keys(site: Datasette, name: str, url: str) -> None:
    (section,) = re.findall(rf"<!-- keys: {name} -->\n(.*?)\n\n", DOCS, re.DOTALL)
    rows = re.findall(r"^\| (`[^|]*) \|", section, re.MULTILINE)
    documented = [key for row in rows for key in re.findall(r"`(\w+)`", row)]
    assert set((await get(site, url)).json()) == {"ok", *documented}


def _plain(link: str) -> str:
    return link.replace("%3A", ":").replace("%2C", ",")
