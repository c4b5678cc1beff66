"""Editors correct and undo on the site; nobody else can, and whatever they type is only text."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette

from datasette_quotedex import editing
from quotedex.check import check
from quotedex.index import index
from quotedex.site.serve import SiteOptions, build_site
from quotedex.store import Store
from tests.helpers import toy_extractor as toy
from tests.helpers.site_client import Page, get

FERRY = (
    "“The ferry sails at noon on Friday,” Ada Okafor said. “Nobody told the harbour office,”"
    " Bo Lind said. The film “Low Tide” opens."
)
PIER = "“The pier needs nine new planks,” Ada Okafor said."
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "quotes.db"
    documents = [
        toy.document("ferry.txt", FERRY, "2024-05-01", outlet="Lantern"),
        toy.document("pier.txt", PIER, "2024-05-03", outlet="Lantern"),
    ]
    index(path, documents, extract=toy.extract)
    return path


@pytest.fixture
def site(path: Path) -> Datasette:
    return build_site(path, SiteOptions(edit=True))


def signed_in(site: Datasette, actor: dict[str, str] | None = None) -> dict[str, str]:
    return {"ds_actor": site.sign({"a": actor or {"id": "root"}}, "actor")}


async def send(site: Datasette, cookies: dict[str, str], **form: str) -> Any:
    """Fill in the form of a page as a browser does."""
    page = await site.client.get("/-/corrections", cookies=cookies)
    token = page.cookies.get("ds_csrftoken")
    if token:
        cookies = {**cookies, "ds_csrftoken": token}
        form["csrftoken"] = token
    return await site.client.post("/-/corrections", data=form, cookies=cookies)


async def key_of(site: Datasette, words: str) -> str:
    found = (await get(site, "/-/quotes.json", q=words)).json()
    return str(found["hits"][0]["key"])


@pytest.mark.asyncio
async def test_an_editor_corrects_and_undoes(site: Datasette, path: Path) -> None:
    editor = signed_in(site)
    key = await key_of(site, "planks")
    page = (await site.client.get(f"/-/quotes/{key}", cookies=editor)).text
    assert "Correct this quotation" in page
    answer = await send(site, editor, key=key, what="speaker", new_speaker="bo-lind", why="heard")
    assert (answer.status_code, answer.headers["location"]) == (302, f"/-/quotes/{key}")
    body = (await get(site, f"/-/quotes/{key}.json")).json()
    assert body["speaker"]["name"] == "Bo Lind"
    (correction,) = body["corrections"]
    assert (correction["old_value"], correction["why"]) == ("Ada Okafor", "heard")
    assert (await get(site, "/-/quotes.json", q="planks", speaker="bo-lind")).json()["hits"]
    shown = await site.client.get(f"/-/quotes/{key}", cookies=editor)
    assert re.search(r"Corrected by \S+ on .*: heard", Page(shown.text).text)
    assert shown.headers["cache-control"] == "private, no-store"
    assert ">Undo<" in shown.text
    assert ">Undo<" not in (await get(site, f"/-/quotes/{key}")).text
    undo = str(correction["id"])
    answer = await send(site, editor, key=key, what="speaker", undo=undo)
    assert answer.status_code == 302
    body = (await get(site, f"/-/quotes/{key}.json")).json()
    assert (body["speaker"]["name"], body["corrections"]) == ("Ada Okafor", [])
    assert [each for each in check(path) if not each.ok] == []


@pytest.mark.asyncio
async def test_what_nobody_said_can_be_undone_where_it_was(site: Datasette) -> None:
    editor, key = signed_in(site), await key_of(site, "tide")
    answer = await send(site, editor, key=key, what="nobody", why="a film")
    assert answer.headers["location"] == f"/-/quotes/{key}"
    assert (await get(site, "/-/quotes.json", q="tide")).json()["hits"] == []
    gone = await get(site, f"/-/quotes/{key}", 410)
    assert "Nobody said this" in gone.text
    assert "a film" in gone.text
    (correction,) = (await get(site, f"/-/quotes/{key}.json", 410)).json()["corrections"]
    shown = await site.client.get(f"/-/quotes/{key}", cookies=editor)
    assert ">Undo<" in shown.text
    await send(site, editor, key=key, what="nobody", undo=str(correction["id"]))
    await get(site, f"/-/quotes/{key}")
    (listed,) = (await get(site, "/-/corrections.json")).json()["corrections"]
    assert listed["state"] == "undone"
    assert "Undone by" in (await get(site, "/-/corrections")).text


@pytest.mark.asyncio
async def test_words_and_names_are_corrected(site: Datasette, path: Path) -> None:
    editor, key = signed_in(site), await key_of(site, "harbour")
    answer = await send(
        site, editor, key=key, what="text", new_text="told the harbour office", kind="group"
    )
    address = answer.headers["location"]
    assert (await get(site, f"{address}.json")).json()["text"] == "told the harbour office"
    answer = await send(site, editor, key="bo-lind", what="name", new_name="Bosse Lind")
    assert answer.headers["location"] == "/-/speakers/bosse-lind"
    shown = await site.client.get("/-/speakers/bosse-lind", cookies=editor)
    assert "Name was “Bo Lind”" in shown.text
    answer = await send(
        site, editor, key="ada-okafor", what="merge", new_merge="bosse-lind", why="one person"
    )
    body = (await get(site, "/-/speakers/ada-okafor.json")).json()
    assert (body["quote_count"], len(body["corrections"])) == (3, 2)
    assert [each for each in check(path) if not each.ok] == []


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({"what": "text", "new_text": "words of another"}, "The article does not have these words"),
        ({"what": "speaker", "new_speaker": ""}, "A correction of the kind speaker needs a new"),
        ({"what": "speaker", "new_speaker": "no-such-speaker"}, "no speaker no-such-speaker"),
        ({"what": "nonsense"}, "&#39;nonsense&#39; is not one of"),
        ({"what": "speaker", "undo": "99"}, "Correction 99 does not exist"),
        ({"what": "speaker", "undo": "x"}, "Correction 0 does not exist"),
    ],
)
async def test_an_editor_is_told_what_cannot_be(
    site: Datasette, path: Path, form: dict[str, str], reason: str
) -> None:
    answer = await send(site, signed_in(site), key=await key_of(site, "planks"), **form)
    assert answer.status_code == 400
    assert reason in answer.text
    with Store(path) as store:
        assert store.corrections() == []


@pytest.mark.asyncio
@pytest.mark.parametrize("actor", [None, {"id": "ada"}])
async def test_nobody_else_corrects(
    site: Datasette, path: Path, actor: dict[str, str] | None
) -> None:
    cookies = signed_in(site, actor) if actor else {}
    key = await key_of(site, "planks")
    assert "Correct this" not in (await site.client.get(f"/-/quotes/{key}", cookies=cookies)).text
    answer = await send(site, cookies, key=key, what="nobody")
    assert answer.status_code == 403
    with Store(path) as store:
        assert store.corrections() == []


@pytest.mark.asyncio
async def test_a_form_of_another_site_corrects_nothing(site: Datasette, path: Path) -> None:
    key = await key_of(site, "planks")
    answer = await site.client.post(
        "/-/corrections",
        data={"key": key, "what": "nobody"},
        cookies=signed_in(site),
        headers={"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
    )
    assert answer.status_code == 403
    with Store(path) as store:
        assert store.corrections() == []


@pytest.mark.asyncio
async def test_a_site_without_edit_has_no_editors(path: Path) -> None:
    site = await asyncio.to_thread(build_site, path)
    key = await key_of(site, "planks")
    page = await site.client.get(f"/-/quotes/{key}", cookies=signed_in(site))
    assert "Correct this" not in page.text
    assert (await send(site, signed_in(site), key=key, what="nobody")).status_code == 403


@pytest.mark.asyncio
async def test_a_plugin_may_let_others_edit(path: Path, tmp_path: Path) -> None:
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    (plugins / "editors.py").write_text(
        """
from datasette import hookimpl

@hookimpl(specname="permission_allowed", optionalhook=True)
def in_065(actor, action):
    if action == "quotedex-edit" and actor and actor["id"] == "ada":
        return True

@hookimpl(specname="permission_resources_sql", optionalhook=True)
def in_1(actor, action):
    if action == "quotedex-edit" and actor and actor["id"] == "ada":
        from datasette.permissions import PermissionSQL
        return PermissionSQL.allow(reason="an editor")
"""
    )
    options = SiteOptions(edit=True, plugins_dir=str(plugins))
    site = await asyncio.to_thread(build_site, path, options)
    key = await key_of(site, "planks")
    actor = {"id": "ada", "name": "Ada of the desk"}
    answer = await send(site, signed_in(site, actor), key=key, what="speaker", new_speaker="Una Ek")
    assert answer.status_code == 302
    (correction,) = (await get(site, f"/-/quotes/{key}.json")).json()["corrections"]
    assert correction["who"] == "Ada of the desk"


@pytest.mark.asyncio
async def test_hostile_text_is_only_text(site: Datasette) -> None:
    editor, key = signed_in(site), await key_of(site, "planks")
    await send(site, editor, key=key, what="speaker", new_speaker=HOSTILE, why=HOSTILE)
    body = (await get(site, f"/-/quotes/{key}.json")).json()
    assert body["speaker"]["name"] == HOSTILE
    speaker = body["speaker"]["path"]
    for address in (f"/-/quotes/{key}", "/-/corrections", speaker, "/-/quotes?q=planks"):
        for cookies in (editor, {}):
            page = await site.client.get(address, cookies=cookies)
            assert page.status_code == 200
            tags = Page(page.text).tags
            assert "img" not in [tag for tag, _ in tags]
            # Only scripts of our own, and data, which is no script.
            scripts = [attributes for tag, attributes in tags if tag == "script"]
            assert all(each.get("src") or each.get("type") for each in scripts)
    await send(site, editor, key=speaker.rpartition("/")[2], what="name", new_name=HOSTILE[::-1])
    assert "<gmi" not in (await get(site, "/-/corrections")).text.replace("&lt;", "")


@pytest.mark.asyncio
async def test_the_link_signs_in_once(site: Datasette) -> None:
    token = site._root_token
    answer = await site.client.get(f"/-/auth-token?token={token}")
    assert "ds_actor" in answer.cookies
    assert (await site.client.get(f"/-/auth-token?token={token}")).status_code == 403


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("setting", "link"),
    [
        ("https://d.example/?q={key}&at={url}", "https://d.example/?q=KEY&amp;at=http%3A%2F%2F"),
        ("mailto:d@d.example?body={url}+{key}", "mailto:d@d.example?body=http%3A%2F%2F"),
        ("javascript:alert(1)", None),
        (None, None),
    ],
)
async def test_readers_report_mistakes_where_the_publisher_says(
    path: Path, tmp_path: Path, setting: str | None, link: str | None
) -> None:
    file = tmp_path / "metadata.json"
    file.write_text(json.dumps({"plugins": {"datasette-quotedex": {"report_url": setting}}}))
    site = await asyncio.to_thread(build_site, path, SiteOptions(metadata=str(file)))
    key = await key_of(site, "planks")
    for address, of in ((f"/-/quotes/{key}", key), ("/-/speakers/ada-okafor", "ada-okafor")):
        page = (await get(site, address)).text
        assert ("Report a mistake" in page) == (link is not None)
        assert link is None or f'href="{link.replace("KEY", of)}' in page
    assert "javascript:" not in page


@pytest.mark.asyncio
async def test_two_editors_at_once(site: Datasette, path: Path) -> None:
    editor = signed_in(site)
    keys = [await key_of(site, words) for words in ("planks", "ferry", "harbour")]
    answers = await asyncio.gather(
        *(send(site, editor, key=key, what="speaker", new_speaker="Una Ek") for key in keys)
    )
    assert [answer.status_code for answer in answers] == [302] * 3
    body = (await get(site, "/-/speakers/una-ek.json")).json()
    assert body["quote_count"] == 3
    assert [each for each in check(path) if not each.ok] == []


def test_the_permission_has_one_name() -> None:
    assert editing.PERMISSION == "quotedex-edit"
