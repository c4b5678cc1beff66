"""One quotation: who said it and why we think so, the article around it, its other copies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from datasette_quotedex import confidence
from datasette_quotedex.context import Place, number, place_of
from datasette_quotedex.layout import headline, web_address
from datasette_quotedex.pages.article import Quoted, Speaker, as_data, cast, said_in
from datasette_quotedex.render import citation
from datasette_quotedex.render.marked_text import Words, locate_cue, paragraphs, window

AROUND = 1_200
"""Characters of the article shown before and after."""

LARGE = 3_000
"""Characters of a quotation shown; of a longer one its article has the rest."""

COPIES = 10
LISTED = 50
"""Quotations listed as parts of one utterance, or as nested in this one."""


async def quotation_page(datasette: Any, request: Any) -> Any:
    """`/-/quotes/7`, and the same as `/-/quotes/7.json`."""
    place = await place_of(datasette, request)
    row = await place.one(_QUOTATION, id=number(request.url_vars["id"]))
    around = await _around(place, row)
    related = await _related(place, row)
    permalink = datasette.absolute_url(request, place.to("quotes", row["id"]))
    citations = _citations(row, permalink)
    if request.url_vars["format"]:
        return place.json(_data(place, row, around, related, permalink, citations))
    said_at_once = frozenset([row["id"], *(part["id"] for part in related["parts"])])
    return await place.page(
        request,
        "quotation.html",
        quotation=row,
        text=_first(row["text"], LARGE),
        title=headline(row["title"], row["opening"]),
        source=web_address(row["url"]) or web_address(row["location"]),
        band=confidence.band(row["confidence"]),
        around=around,
        paragraphs=paragraphs(
            around.text,
            [one.said for one in around.quoted],
            around.start,
            said_at_once,
            around.mention,
            around.cue,
        ),
        permalink=permalink,
        citations=citations,
        **related,
    )


@dataclass(frozen=True, slots=True)
class _Around:
    """The part of the article around a quotation, and what is marked in it."""

    start: int
    end: int
    text: str
    whole: bool
    mention: Words | None
    cue: Words | None
    speakers: dict[int, Speaker]
    quoted: list[Quoted]


async def _around(place: Place, row: dict[str, Any]) -> _Around:
    article, low = row["article_id"], max(0, row["start"] - AROUND)
    said = Words(row["start"], min(row["end"], row["start"] + LARGE))
    (found,) = await place.rows(_TEXT, id=article, low=low, length=said.end + AROUND - low)
    start, end = window(found["text"], low, said, row["length"])
    text = found["text"][start - low : end - low]
    mention = _words(row, "mention")
    cue = _words(row, "cue")
    if row["cue"] and not cue:  # read by an early version, which kept no place of it
        cue = locate_cue(text, start, row["cue"], Words(row["start"], row["end"]), mention)
    speakers = await cast(place, article)
    quoted = await said_in(place, article, speakers, start, end)
    whole = start == 0 and end == row["length"]
    return _Around(start, end, text, whole, mention, cue, speakers, quoted)


def _words(row: dict[str, Any], part: str) -> Words | None:
    """Where the mention or the cue stands."""
    start = row[f"{part}_start"]
    return None if start is None else Words(start, row[f"{part}_end"])


async def _related(place: Place, row: dict[str, Any]) -> dict[str, Any]:
    """Quotations that belong to this one: `parts` of its utterance, those within and around it,
    that of which it is a pull-quote, its own pull-quotes, and other `copies` of its statement,
    the earliest first."""
    utterance = {name: row[name] for name in ("id", "article_id", "utterance", "parent_id")}
    return {
        "parts": await place.rows(_PARTS, **utterance, limit=LISTED),
        "nested": await place.rows(_NESTED, id=row["id"], limit=LISTED),
        "outer": await place.rows(_ONE, id=row["parent_id"]),
        "repeats": await place.rows(_ONE, id=row["repeats_id"]),
        "repeated": await place.rows(_REPEATED, id=row["id"], limit=LISTED),
        "copies": await place.rows(
            _COPIES,
            id=row["id"],
            original=row["repeats_id"],
            statement=row["statement_id"],
            limit=COPIES,
        ),
    }


def _first(text: str, size: int) -> str:
    return text if len(text) <= size else text[:size].rpartition(" ")[0] + "…"


def _citations(row: dict[str, Any], permalink: str) -> dict[str, str]:
    source = citation.Source(
        id=row["id"],
        text=row["text"],
        speaker=row["speaker"],
        title=headline(row["title"], row["opening"]),
        byline=row["byline"],
        outlet=row["outlet"],
        published=row["published"],
        link=web_address(row["url"]) or web_address(row["location"]),
        address=permalink,
    )
    return {
        "plain": citation.plain(source),
        "markdown": citation.markdown(source),
        "bibtex": citation.bibtex(source),
    }


def _data(
    place: Place,
    row: dict[str, Any],
    around: _Around,
    related: dict[str, Any],
    permalink: str,
    citations: dict[str, str],
) -> dict[str, Any]:
    """The page as JSON."""
    plain = ("id", "text", "kind", "published", "start", "end", "confidence", "why")
    speaker = around.speakers.get(row["speaker_id"])
    mention = around.mention
    named = ("title", "byline", "outlet", "published", "location", "url")
    return {
        **{name: row[name] for name in (*plain, "cue", "cue_start", "cue_end")},
        "certainty": confidence.band(row["confidence"]),
        "mention": row["mention"]
        and {
            "text": row["mention"],
            "start": mention.start if mention else None,
            "end": mention.end if mention else None,
        },
        "speaker": speaker and as_data(place, speaker),
        "article": {
            "id": row["article_id"],
            **{name: row[name] for name in named},
            "path": place.to("articles", row["article_id"]),
        },
        "statement": {
            "id": row["statement_id"],
            "quotations": row["copies"],
            "articles": row["printed"],
            "path": place.to("statements", row["statement_id"]),
        },
        "context": {"start": around.start, "end": around.end, "text": around.text},
        **{
            name: [{**one, "path": place.to("quotes", one["id"])} for one in rows]
            for name, rows in related.items()
        },
        "permalink": permalink,
        "citations": citations,
    }


_QUOTATION = """SELECT q.id, q.text, q.kind, q.published, q.start, q."end", q.confidence, q.why,
    q.cue, q.cue_start, q.cue_end, q.mention, q.mention_start, q.mention_end, q.utterance,
    q.parent_id, q.repeats_id, q.speaker_id, q.article_id, q.statement_id, s.name AS speaker,
    s.kind AS speaker_kind, s.description, a.title, a.byline, a.publication AS outlet, a.location,
    a.url, substr(a.text, 1, 100) AS opening, length(a.text) AS length,
    st.quotes AS copies, st.articles AS printed
    FROM quotes q JOIN articles a ON a.id = q.article_id
    LEFT JOIN speakers s ON s.id = q.speaker_id
    LEFT JOIN statements st ON st.id = q.statement_id WHERE q.id = :id"""
_TEXT = "SELECT substr(text, :low + 1, :length) AS text FROM articles WHERE id = :id"
_RELATED = """SELECT q.id, substr(q.text, 1, 300) AS text, q.kind, s.name AS speaker
    FROM quotes q LEFT JOIN speakers s ON s.id = q.speaker_id WHERE"""
_PARTS = f"""{_RELATED} q.article_id = :article_id AND q.utterance = :utterance
    AND q.parent_id IS :parent_id AND q.id <> :id ORDER BY q.start LIMIT :limit"""
# The ids first: where a file has no nested quotations SQLite would rather walk through all of them.
_NESTED = f"""{_RELATED} q.id IN (SELECT id FROM quotes WHERE parent_id = :id)
    ORDER BY q.start LIMIT :limit"""
_ONE = f"{_RELATED} q.id = :id"
_REPEATED = f"{_RELATED} q.repeats_id = :id ORDER BY q.start LIMIT :limit"
_COPIES = """SELECT q.id, substr(q.text, 1, 300) AS text, q.published, a.publication AS outlet,
    a.title, substr(a.text, 1, 100) AS opening
    FROM quotes q JOIN articles a ON a.id = q.article_id
    WHERE q.statement_id = :statement AND q.id <> :id AND q.id IS NOT :original
    AND q.repeats_id IS NULL ORDER BY q.published, q.id LIMIT :limit"""
