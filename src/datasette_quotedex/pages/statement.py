"""One statement: who printed it, when, in which words, and who shortened it."""

from __future__ import annotations

from typing import Any

from datasette_quotedex.context import Place, number, place_of
from datasette_quotedex.layout import headline
from datasette_quotedex.render.wording_diff import Wording, wordings

PRINTINGS = 200
"""Printings on one page; the wordings are compared among these."""

NAMED = 12
"""Of those who shortened it, or are said to have said it."""

LARGE = 2_000
"""Characters of the statement shown at the top."""


async def statement_page(datasette: Any, request: Any) -> Any:
    """`/-/statements/7`, and the same as `/-/statements/7.json`; `?next=` is where to go on."""
    place = await place_of(datasette, request)
    row = await place.one(_STATEMENT, id=number(request.url_vars["id"]))
    offset = number(request.args.get("next"))
    printings = await place.rows(_PRINTINGS, id=row["id"], limit=PRINTINGS + 1, offset=offset)
    form = ".json" if request.url_vars["format"] else ""
    following = None
    if len(printings) > PRINTINGS:
        following = place.to("statements", row["id"], form, next=offset + PRINTINGS)
    for printing in printings:
        printing["headline"] = headline(printing["title"], printing.pop("opening"))
    found = wordings(_whole(printings[:PRINTINGS]))
    if form:
        data = [_wording(place, wording) for wording in found]
        return place.json({**row, "wordings": data, "next_path": following})
    first = printings[0] if not offset and printings else None
    return await place.page(
        request,
        "statement.html",
        statement=row,
        text=row["text"] if len(row["text"]) <= LARGE else row["text"][:LARGE] + "…",
        wordings=found,
        first=first,
        shortened=_shortened(found),
        named=_named(printings[:PRINTINGS]),
        following=following,
        offset=offset,
    )


def _whole(printings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each printing once, where an article has parts of one: "We will," she said. "Not now."

    Neither part shortens the statement, as both are there.
    """
    found: dict[tuple[int, int], dict[str, Any]] = {}
    for printing in printings:
        first = found.setdefault((printing["article_id"], printing["utterance"]), printing)
        if first is not printing:
            first["text"] += " " + printing["text"]
    return list(found.values())


def _shortened(found: list[Wording]) -> list[tuple[str, int]]:
    """Who left words out and put none in, and how many words: outlets, or headlines of articles."""
    names: dict[str, int] = {}
    for wording in found:
        for printing in wording.printings if wording.shortened else ():
            name = printing["outlet"] or printing["headline"]
            names[name] = max(names.get(name, 0), wording.words_out)
    return list(names.items())[:NAMED]


def _named(printings: list[dict[str, Any]]) -> dict[str, int]:
    """To whom the articles give the words, where that is not one speaker: some ids by name."""
    named: dict[str, int] = {}
    for one in printings:
        if one["speaker_id"]:
            named.setdefault(one["speaker"], one["speaker_id"])
    return dict(list(named.items())[:NAMED])


def _wording(place: Place, wording: Wording) -> dict[str, Any]:
    return {
        "text": wording.text,
        "fullest": wording.fullest,
        "changes": [list(change) for change in wording.changes],
        "words_out": wording.words_out,
        "words_in": wording.words_in,
        "printings": [
            {
                **{name: value for name, value in printing.items() if name != "text"},
                "path": place.to("quotes", printing["id"]),
            }
            for printing in wording.printings
        ],
    }


_STATEMENT = """SELECT st.id, st.text, st.quotes AS quotations, st.articles, st.first_published,
    st.last_published, st.speaker_id, s.name AS speaker, s.kind AS speaker_kind, s.description
    FROM statements st LEFT JOIN speakers s ON s.id = st.speaker_id WHERE st.id = :id"""
# The ids first: sorting reads little then, however many printings there are. A pull-quote is no
# printing of its own, nor has its outlet shortened what it prints in full beside it.
_PRINTINGS = """
    WITH here AS MATERIALIZED (
        SELECT id FROM quotes WHERE statement_id = :id AND (repeats_id IS NULL OR NOT EXISTS (
            SELECT 1 FROM quotes AS first WHERE first.id = quotes.repeats_id
                AND first.statement_id = quotes.statement_id))
        ORDER BY published IS NULL, published, id LIMIT :limit OFFSET :offset
    )
    SELECT q.id, q.text, q.utterance, q.published, q.kind, q.mention, q.speaker_id,
        s.name AS speaker, a.id AS article_id, a.title, substr(a.text, 1, 100) AS opening,
        a.publication AS outlet
    FROM here JOIN quotes q ON q.id = here.id JOIN articles a ON a.id = q.article_id
    LEFT JOIN speakers s ON s.id = q.speaker_id
    ORDER BY q.published IS NULL, q.published, q.id"""
