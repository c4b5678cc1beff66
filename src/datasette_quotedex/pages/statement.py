"""One statement: who printed it, when, in which wording, and who shortened it."""

from __future__ import annotations

from typing import Any

from datasette_quotedex.confidence import level
from datasette_quotedex.context import Reader, SiteContext, int_or_zero, site_for, without_ids
from datasette_quotedex.render.sharing import Sharing, speaker_data, statement_data
from datasette_quotedex.render.text import headline, shorten
from datasette_quotedex.render.wording_diff import Wording, compare_wordings

PAGE_SIZE = 200
"""Printings on one page; only their wordings are compared."""

MAX_NAMED = 12
"""Outlets named as having shortened it, and speakers named by different articles."""

MAX_SHOWN_CHARS = 2_000
"""Characters of the statement shown at the top."""


async def statement_page(datasette: Any, request: Any) -> Any:
    """`/-/statements/KEY`, and its data at `/-/statements/KEY.json`; `?next=` continues a page."""
    site = await site_for(datasette, request)
    key, offset = request.url_vars["key"], int_or_zero(request.args.get("next"))
    row, printings = await site.read(lambda db: _read(db, key, offset))
    suffix = ".json" if request.url_vars["format"] else ""
    next_url = None
    if len(printings) > PAGE_SIZE:
        next_url = site.page_url("statements", row["key"], suffix, next=offset + PAGE_SIZE)
    for printing in printings:
        printing["confidence_level"] = level(printing.pop("confidence"))
        printing["headline"] = headline(printing["title"], printing.pop("opening"))
    wordings = compare_wordings(_join_parts(printings[:PAGE_SIZE]))
    if suffix:
        data = [_wording_to_dict(site, wording) for wording in wordings]
        return site.json({**without_ids(row), "wordings": data, "next_path": next_url})
    first = printings[0] if not offset and printings else None
    return await site.page(
        request,
        "statement.html",
        statement=row,
        text=shorten(row["text"], MAX_SHOWN_CHARS),
        wordings=wordings,
        first=first,
        shortened_by=_shortened_by(wordings),
        speakers=_speakers(printings[:PAGE_SIZE]),
        disagreeing=_disagreeing(row, printings[:PAGE_SIZE]),
        next_url=next_url,
        offset=offset,
        sharing=_sharing(site, request, row),
    )


def _sharing(site: SiteContext, request: Any, row: dict[str, Any]) -> Sharing:
    def url(page: str, key: str) -> str:
        return str(site.datasette.absolute_url(request, site.page_url(page, key)))

    own, key = url("statements", row["key"]), row["speaker_key"]
    speaker = key and speaker_data(
        row["speaker"], row["speaker_kind"], url("speakers", key), row["description"]
    )
    name, number = row["speaker"], row["article_count"] or 0
    return Sharing(
        title=f"{name}: “{row['text']}”" if name else f"“{row['text']}”",
        description=f"Printed in {number:,} article{'' if number == 1 else 's'}",
        url=own,
        data=statement_data(row["text"], own, speaker, row["first_published"]),
    )


def _read(db: Reader, key: str, offset: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The statement, and its printings on this page and the first of the next."""
    row = db.row("statements", _STATEMENT, key)
    counted = db.optional_rows(_PULL_QUOTES, id=row["id"])
    row["pull_quote_count"] = counted[0]["number"] if counted else None
    return row, db.rows(_PRINTINGS, id=row["id"], limit=PAGE_SIZE + 1, offset=offset)


def _join_parts(printings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Joins the parts that one article prints of it: "We will," she said. "Not now."

    Together they are the whole statement, so neither part shortens it.
    """
    joined: dict[tuple[int, int], dict[str, Any]] = {}
    for printing in printings:
        first = joined.setdefault((printing["article_id"], printing["utterance"]), printing)
        if first is not printing:
            first["text"] += " " + printing["text"]
    return list(joined.values())


def _shortened_by(wordings: list[Wording]) -> list[tuple[str, int]]:
    """The outlets, or the headlines of articles without one, that only removed words, and how
    many."""
    names: dict[str, int] = {}
    for wording in wordings:
        for printing in wording.printings if wording.is_shortened else ():
            name = printing["outlet"] or printing["headline"]
            names[name] = max(names.get(name, 0), wording.words_removed)
    return list(names.items())[:MAX_NAMED]


def _speakers(printings: list[dict[str, Any]]) -> dict[str, str]:
    """The keys of the speakers that different articles name, by their labels."""
    speakers: dict[str, str] = {}
    for printing in printings:
        if printing["speaker_id"]:
            label = "speaker" if printing["speaker_kind"] == "anonymous" else "speaker_label"
            speakers.setdefault(printing[label], printing["speaker_key"])
    return dict(list(speakers.items())[:MAX_NAMED])


def _disagreeing(row: dict[str, Any], printings: list[dict[str, Any]]) -> int:
    """The number of articles that name another speaker than most of them do."""
    if row["speaker_id"] is None:
        return 0
    others = (p for p in printings if p["speaker_id"] not in (None, row["speaker_id"]))
    return len({printing["article_id"] for printing in others})


def _wording_to_dict(site: SiteContext, wording: Wording) -> dict[str, Any]:
    return {
        "text": wording.text,
        "is_longest": wording.is_longest,
        "changes": [list(change) for change in wording.changes],
        "words_removed": wording.words_removed,
        "words_added": wording.words_added,
        "printings": [
            site.with_path(
                "quotes", {name: value for name, value in printing.items() if name != "text"}
            )
            for printing in wording.printings
        ],
    }


# The `+` keeps SQLite from reading all pull-quotes of the file.
_PULL_QUOTES = """SELECT count(*) AS number FROM quotes
    WHERE statement_id = :id AND +repeats_id IS NOT NULL"""
_STATEMENT = """SELECT st.id, st.key, st.text, st.quote_count, st.article_count, st.first_published,
    st.last_published, st.speaker_id, s.key AS speaker_key, s.name AS speaker,
    s.label AS speaker_label, s.kind AS speaker_kind, s.description
    FROM statements st LEFT JOIN speakers s ON s.id = st.speaker_id WHERE st.key = :key"""
# The ids first, so that sorting reads little, however many printings there are. A pull-quote is not
# a printing of its own: its outlet has not shortened what it prints in full next to it.
_PRINTINGS = """
    WITH here AS MATERIALIZED (
        SELECT id FROM quotes WHERE statement_id = :id AND (repeats_id IS NULL OR NOT EXISTS (
            SELECT 1 FROM quotes AS first WHERE first.id = quotes.repeats_id
                AND first.statement_id = quotes.statement_id))
        ORDER BY published IS NULL, published, key LIMIT :limit OFFSET :offset
    )
    SELECT q.id, q.key, q.text, q.utterance, q.published, q.confidence, q.kind, q.mention,
        q.speaker_id,
        s.key AS speaker_key, s.name AS speaker, s.label AS speaker_label, s.kind AS speaker_kind,
        (SELECT key FROM quotes WHERE id = q.repeats_id) AS repeats_key,
        a.id AS article_id, a.key AS article_key, a.title, substr(a.text, 1, 100) AS opening,
        a.outlet
    FROM here JOIN quotes q ON q.id = here.id JOIN articles a ON a.id = q.article_id
    LEFT JOIN speakers s ON s.id = q.speaker_id
    ORDER BY q.published IS NULL, q.published, q.key"""
