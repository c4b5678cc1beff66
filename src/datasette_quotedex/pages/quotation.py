"""One quotation: its speaker and the reasons, the article around it, and its other printings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from datasette_quotedex import confidence, editing
from datasette_quotedex.context import Reader, SiteContext, site_for
from datasette_quotedex.pages.article import (
    ArticleQuote,
    QuotedSpeaker,
    article_quotes,
    article_speakers,
)
from datasette_quotedex.render.card import card
from datasette_quotedex.render.citation import Citation
from datasette_quotedex.render.marked_text import CharRange, cut_context, mark_paragraphs
from datasette_quotedex.render.sharing import Sharing, quotation_data, speaker_data
from datasette_quotedex.render.text import headline, readable_date, shorten, web_link
from datasette_quotedex.search.filters import PLACE

CONTEXT_CHARS = 1_200
"""Characters of the article shown before and after."""

MAX_SHOWN_CHARS = 3_000
"""Characters of a quotation shown; its article has the rest of a longer one."""

MAX_COPIES = 10
MAX_LISTED = 50
"""Other parts of the utterance, nested quotations and pull-quotes listed."""


async def quotation_page(datasette: Any, request: Any) -> Any:
    """`/-/quotes/KEY`, its data at `/-/quotes/KEY.json`, and a picture of it at `.svg`."""
    site = await site_for(datasette, request)
    key, form = request.url_vars["key"], request.url_vars["format"]
    if form == "svg":
        row = await site.read(lambda db: db.row("quotes", _QUOTATION, key))
        return site.svg(_card(row))
    row, context, related, corrections = await site.read(lambda db: _read(db, key))
    permalink = datasette.absolute_url(request, site.page_url("quotes", row["key"]))
    citations = _citation(row, permalink).formats()
    if form:
        found = [editing.to_dict(one) for one in corrections]
        body = _to_dict(site, row, context, related, permalink, citations)
        return site.json({**body, "corrections": found})
    utterance_ids = frozenset([row["id"], *(part["id"] for part in related["parts"])])
    values = await editing.page_values(site, request, "quotes", row["key"])
    page = await site.page(
        request,
        "quotation.html",
        script="copy.js",
        quotation=row,
        text=shorten(row["text"], MAX_SHOWN_CHARS),
        title=headline(row["title"], row["opening"]),
        original=web_link(row["url"]) or web_link(row["location"]),
        confidence_level=confidence.level(row["confidence"]),
        context=context,
        paragraphs=mark_paragraphs(
            context.text,
            [quote.marked for quote in context.quotes],
            context.start,
            utterance_ids,
            context.mention,
            context.cue,
        ),
        permalink=permalink,
        citations=citations,
        sharing=_sharing(site, request, row, related["repeats"], permalink),
        corrections=corrections,
        **related,
        **values,
    )
    return editing.private(page, values)


def _read(
    db: Reader, key: str
) -> tuple[dict[str, Any], _Context, dict[str, Any], list[dict[str, Any]]]:
    row = db.row("quotes", _QUOTATION, key)
    corrections = editing.corrections_of(db, "quotes", row["key"])
    return row, _context(db, row), _related(db, row), corrections


@dataclass(frozen=True, slots=True)
class _Context:
    """The part of the article around a quotation, and what is marked in it."""

    start: int
    end: int
    text: str
    is_whole_article: bool
    mention: CharRange | None
    cue: CharRange | None
    speakers: dict[int, QuotedSpeaker]
    quotes: list[ArticleQuote]


def _context(db: Reader, row: dict[str, Any]) -> _Context:
    article, low = row["article_id"], max(0, row["start_char"] - CONTEXT_CHARS)
    shown = CharRange(row["start_char"], min(row["end_char"], row["start_char"] + MAX_SHOWN_CHARS))
    length = shown.end + CONTEXT_CHARS - low
    text = db.rows(_TEXT, id=article, low=low, length=length)[0]["text"]
    start, end = cut_context(text, low, shown, row["length"])
    speakers = article_speakers(db, article)
    return _Context(
        start,
        end,
        text=text[start - low : end - low],
        is_whole_article=start == 0 and end == row["length"],
        mention=_char_range(row, "mention"),
        cue=_char_range(row, "cue"),
        speakers=speakers,
        quotes=article_quotes(db, article, speakers, start, end),
    )


def _char_range(row: dict[str, Any], part: str) -> CharRange | None:
    """Where the mention or the cue stands in the article."""
    start = row[f"{part}_start_char"]
    return None if start is None else CharRange(start, row[f"{part}_end_char"])


def _related(db: Reader, row: dict[str, Any]) -> dict[str, Any]:
    """Related quotations: other `parts` of the utterance, those `nested` in this one and the
    `outer` one around it; the one that a pull-quote `repeats`, and pull-quotes in which this one is
    `repeated`; other `copies` of the statement, the earliest first."""
    utterance = {name: row[name] for name in ("id", "article_id", "utterance", "parent_id")}
    return {
        "parts": db.rows(_PARTS, **utterance, limit=MAX_LISTED),
        "nested": db.rows(_NESTED, id=row["id"], limit=MAX_LISTED),
        "outer": db.rows(_ONE, id=row["parent_id"]),
        "repeats": db.rows(_ONE, id=row["repeats_id"]),
        "repeated": db.rows(_REPEATED, id=row["id"], limit=MAX_LISTED),
        "copies": db.rows(
            _COPIES,
            id=row["id"],
            original=row["repeats_id"],
            statement=row["statement_id"],
            limit=MAX_COPIES,
        ),
    }


def _citation(row: dict[str, Any], permalink: str) -> Citation:
    return Citation(
        key=row["key"],
        text=row["text"],
        speaker=row["speaker"],
        title=headline(row["title"], row["opening"]),
        byline=row["byline"],
        outlet=row["outlet"],
        published=row["published"],
        article_url=web_link(row["url"]) or web_link(row["location"]),
        permalink=permalink,
    )


def _card(row: dict[str, Any]) -> str:
    """The picture: the words, who said them, where and when."""
    where = row["outlet"] or headline(row["title"], row["opening"])
    # First, since the end of a long line is cut off.
    parts = ("Pull-quote" if row["repeats_id"] else None, where, readable_date(row["published"]))
    return card(row["text"], _said_by(row), ", ".join(part for part in parts if part))


def _said_by(row: dict[str, Any]) -> str:
    return str(row["speaker"] or row["mention"] or "Unknown speaker")


def _sharing(
    site: SiteContext,
    request: Any,
    row: dict[str, Any],
    repeats: list[dict[str, Any]],
    permalink: str,
) -> Sharing:
    def url(page: str, key: str) -> str:
        return str(site.datasette.absolute_url(request, site.page_url(page, key)))

    title = headline(row["title"], row["opening"])
    label = "pull-quote" if row["repeats_id"] else None
    parts = (title, row["outlet"], readable_date(row["published"]), label)
    key = row["speaker_key"]
    speaker = key and speaker_data(
        row["speaker"], row["speaker_kind"], url("speakers", key), row["description"]
    )
    original = url("quotes", repeats[0]["key"]) if repeats else None
    return Sharing(
        title=f"{_said_by(row)}: “{row['text']}”",
        description=", ".join(part for part in parts if part),
        url=permalink,
        data=quotation_data(row["text"], permalink, speaker, row, original),
    )


def _to_dict(
    site: SiteContext,
    row: dict[str, Any],
    context: _Context,
    related: dict[str, Any],
    permalink: str,
    citations: dict[str, str],
) -> dict[str, Any]:
    """The page as JSON."""
    offsets = ("start_char", "end_char", "cue_start_char", "cue_end_char")
    plain = ("key", "text", "kind", "published", "cue", "confidence", "why", "speaker_why")
    speaker = context.speakers.get(row["speaker_id"])
    mention = context.mention
    of_article = ("title", "byline", "outlet", "published", "location", "url")
    article = {"key": row["article_key"], **{name: row[name] for name in of_article}}
    statement = {
        "key": row["statement_key"],
        "quote_count": row["quote_count"],
        "article_count": row["article_count"],
    }
    return {
        **{name: row[name] for name in (*plain, *offsets)},
        "confidence_level": confidence.level(row["confidence"]),
        "mention": row["mention"]
        and {
            "text": row["mention"],
            "start_char": mention.start if mention else None,
            "end_char": mention.end if mention else None,
        },
        "speaker": speaker and speaker.to_dict(site),
        "article": site.with_path("articles", article),
        "statement": site.with_path("statements", statement),
        "context": {"start_char": context.start, "end_char": context.end, "text": context.text},
        **{name: [site.with_path("quotes", one) for one in rows] for name, rows in related.items()},
        "permalink": permalink,
        "citations": citations,
    }


_QUOTATION = f"""SELECT q.id, q.key, q.text, q.kind, q.published, q.start_char, q.end_char,
    q.confidence, q.why, q.speaker_why, q.cue, q.cue_start_char, q.cue_end_char, q.mention,
    q.mention_start_char, q.mention_end_char, q.utterance,
    q.parent_id, q.repeats_id, q.speaker_id, q.article_id, q.statement_id, s.name AS speaker,
    s.key AS speaker_key, s.label, a.key AS article_key, st.key AS statement_key,
    s.kind AS speaker_kind, s.description, a.title, a.byline, a.outlet, {PLACE} AS location,
    a.url, substr(a.text, 1, 100) AS opening, length(a.text) AS length,
    st.quote_count, st.article_count
    FROM quotes q JOIN articles a ON a.id = q.article_id
    LEFT JOIN speakers s ON s.id = q.speaker_id
    LEFT JOIN statements st ON st.id = q.statement_id WHERE q.key = :key"""
_TEXT = "SELECT substr(text, :low + 1, :length) AS text FROM articles WHERE id = :id"
_RELATED = """SELECT q.id, q.key, substr(q.text, 1, 300) AS text, q.kind, s.name AS speaker,
    (SELECT key FROM quotes WHERE id = q.repeats_id) AS repeats_key
    FROM quotes q LEFT JOIN speakers s ON s.id = q.speaker_id WHERE"""
_PARTS = f"""{_RELATED} q.article_id = :article_id AND q.utterance = :utterance
    AND q.parent_id IS :parent_id AND q.id <> :id ORDER BY q.start_char LIMIT :limit"""
# The ids first: without nested quotations in the file, SQLite would read all quotations instead.
_NESTED = f"""{_RELATED} q.id IN (SELECT id FROM quotes WHERE parent_id = :id)
    ORDER BY q.start_char LIMIT :limit"""
_ONE = f"{_RELATED} q.id = :id"
_REPEATED = f"{_RELATED} q.repeats_id = :id ORDER BY q.start_char LIMIT :limit"
_COPIES = """SELECT q.id, q.key, substr(q.text, 1, 300) AS text, q.published, a.outlet,
    a.title, substr(a.text, 1, 100) AS opening
    FROM quotes q JOIN articles a ON a.id = q.article_id
    WHERE q.statement_id = :statement AND q.id <> :id AND q.id IS NOT :original
    AND q.repeats_id IS NULL ORDER BY q.published, q.key LIMIT :limit"""
