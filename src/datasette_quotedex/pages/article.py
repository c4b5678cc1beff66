"""An article with its quotations marked; the speakers and quotations of one article."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from datasette_quotedex.confidence import level
from datasette_quotedex.context import Reader, SiteContext, int_or_zero, site_for, without_ids
from datasette_quotedex.pages.search.exports import csv_answer
from datasette_quotedex.pages.search.request import WHOLE, Search
from datasette_quotedex.render.marked_text import (
    CharRange,
    MarkedQuote,
    mark_paragraphs,
    split_into_parts,
)
from datasette_quotedex.render.text import headline, web_link
from datasette_quotedex.search.filters import IN_ARTICLE

PART_CHARS = 30_000
"""Characters of an article on one page, about twenty minutes of reading."""


async def article_page(datasette: Any, request: Any) -> Any:
    """`/-/articles/KEY`, its data at `/-/articles/KEY.json`, its quotations at `.csv`; `?at=` is an
    offset to open at."""
    site = await site_for(datasette, request)
    key, offset = request.url_vars["key"], int_or_zero(request.args.get("at"))
    if request.url_vars["format"] == "csv":
        row = await site.read(lambda db: db.row("articles", _ARTICLE, key))
        search = Search(site, filters={IN_ARTICLE: row["key"]}, **WHOLE)
        return await csv_answer(search, request, f"{row['key']}.csv")
    shown = await site.read(lambda db: _read(db, key, offset))
    row, part, number = shown.article, shown.part, shown.number
    suffix = ".json" if request.url_vars["format"] else ""
    other_parts = {
        name: site.page_url("articles", row["key"], suffix, at=shown.parts[n].start)
        for name, n in (("previous", number - 1), ("next", number + 1))
        if 0 <= n < len(shown.parts)
    }
    if suffix:
        body = without_ids(row)
        body["speakers"] = [speaker.to_dict(site) for speaker in shown.speakers.values()]
        body |= {"start_char": part.start, "end_char": part.end, "text": shown.text}
        body["quotations"] = [quote.to_dict(site) for quote in shown.quotes]
        body["excerpt_words"] = shown.excerpt_words
        return site.json({**body, "next_path": other_parts.get("next")})
    return await site.page(
        request,
        "article.html",
        article=row,
        title=headline(row["title"], shown.opening),
        original=web_link(row["url"]) or web_link(row["location"]),
        speakers=shown.speakers,
        paragraphs=mark_paragraphs(
            shown.text, [quote.marked for quote in shown.quotes], part.start
        ),
        quote_count=shown.quote_count,
        part=(number + 1, len(shown.parts)),
        excerpt_words=shown.excerpt_words,
        other_parts=other_parts,
    )


@dataclass(frozen=True, slots=True)
class QuotedSpeaker:
    """A speaker quoted in an article. `number` counts its speakers from 1."""

    id: int
    key: str
    number: int
    name: str
    label: str
    kind: str | None
    description: str | None
    quote_count: int

    @property
    def colour(self) -> int:
        return MarkedQuote(0, "", 0, 0, self.number).colour

    def to_dict(self, site: SiteContext) -> dict[str, Any]:
        names = ("key", "name", "label", "kind", "description")
        return site.with_path("speakers", {name: getattr(self, name) for name in names})


@dataclass(frozen=True, slots=True)
class ArticleQuote:
    """A quotation of an article: where it stands, and other columns of its row."""

    marked: MarkedQuote
    kind: str | None
    parent_key: str | None
    utterance: int | None
    repeats_key: str | None

    def to_dict(self, site: SiteContext) -> dict[str, Any]:
        row = {
            "key": self.marked.key,
            "start_char": self.marked.start,
            "end_char": self.marked.end,
            "kind": self.kind,
            "speaker_key": self.marked.speaker_key,
            "parent_key": self.parent_key,
            "utterance": self.utterance,
            "repeats_key": self.repeats_key,
            "confidence_level": self.marked.confidence_level,
        }
        return site.with_path("quotes", row)


@dataclass(frozen=True, slots=True)
class _ShownArticle:
    """An article, and the part of it that a page shows: `number` counts from 0."""

    article: dict[str, Any]
    opening: str
    parts: list[CharRange]
    number: int
    text: str
    speakers: dict[int, QuotedSpeaker]
    quotes: list[ArticleQuote]
    quote_count: int
    excerpt_words: int | None

    @property
    def part(self) -> CharRange:
        return self.parts[self.number]


def _read(db: Reader, key: str, offset: int) -> _ShownArticle:
    row = db.row("articles", _ARTICLE, key)
    text = row.pop("text")
    parts = split_into_parts(text, PART_CHARS)
    number = max((n for n, part in enumerate(parts) if part.start <= offset), default=0)
    start, end = parts[number]
    speakers = article_speakers(db, row["id"])
    words = db.rows("SELECT words FROM _excerpts")
    return _ShownArticle(
        row,
        text[:100],
        parts,
        number,
        text[start:end],
        speakers,
        quotes=article_quotes(db, row["id"], speakers, start, end),
        quote_count=db.rows(_QUOTE_COUNT, id=row["id"])[0]["quote_count"],
        excerpt_words=words[0]["words"] if words else None,
    )


def article_speakers(db: Reader, article_id: int) -> dict[int, QuotedSpeaker]:
    """The speakers quoted in an article by id, in the order of their first quotations."""
    rows = db.rows(_SPEAKERS, id=article_id)
    return {row["id"]: QuotedSpeaker(number=n, **row) for n, row in enumerate(rows, start=1)}


def article_quotes(
    db: Reader, article_id: int, speakers: dict[int, QuotedSpeaker], start: int, end: int
) -> list[ArticleQuote]:
    """The quotations that overlap a part of an article, in the order of the text."""
    quotes = []
    for row in db.rows(_QUOTES, id=article_id, low=start, high=end):
        speaker = speakers.get(row["speaker_id"])
        marked = MarkedQuote(
            row["id"],
            row["key"],
            row["start_char"],
            row["end_char"],
            speaker_number=speaker.number if speaker else None,
            speaker=speaker.label if speaker and speaker.kind != "anonymous" else row["speaker"],
            speaker_key=row["speaker_key"],
            is_pull_quote=row["repeats_key"] is not None,
            confidence_level=level(row["confidence"]),
        )
        others = (row[name] for name in ("kind", "parent_key", "utterance", "repeats_key"))
        quotes.append(ArticleQuote(marked, *others))
    return quotes


_ARTICLE = """SELECT id, key, title, byline, outlet, published, language,
    coalesce(path, location) AS location, url,
    word_count, text FROM articles WHERE key = :key"""
_SPEAKERS = """SELECT s.id, s.key, s.name, s.label, s.kind, s.description,
        count(*) AS quote_count
    FROM quotes q JOIN speakers s ON s.id = q.speaker_id WHERE q.article_id = :id
    GROUP BY s.id ORDER BY min(q.start_char), s.key"""
_QUOTES = """SELECT q.id, q.key, q.start_char, q.end_char, q.kind, q.speaker_id,
        s.key AS speaker_key, s.name AS speaker, parent.key AS parent_key, q.utterance,
        q.confidence,
        repeated.key AS repeats_key
    FROM quotes q LEFT JOIN speakers s ON s.id = q.speaker_id
    LEFT JOIN quotes parent ON parent.id = q.parent_id
    LEFT JOIN quotes repeated ON repeated.id = q.repeats_id
    WHERE q.article_id = :id AND q.start_char < :high AND q.end_char > :low
    ORDER BY q.start_char, q.end_char DESC, q.key"""
_QUOTE_COUNT = "SELECT count(*) AS quote_count FROM quotes WHERE article_id = :id"
