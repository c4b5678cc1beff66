"""An article with its quotations marked; the speakers and quotations of one article."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from datasette_quotedex.context import SiteContext, int_or_zero, site_for
from datasette_quotedex.render.marked_text import MarkedQuote, mark_paragraphs, split_into_parts
from datasette_quotedex.render.text import headline, web_link

PART_CHARS = 30_000
"""Characters of an article on one page, about twenty minutes of reading."""


async def article_page(datasette: Any, request: Any) -> Any:
    """`/-/articles/7`, and its data at `/-/articles/7.json`; `?at=` is an offset to open at."""
    site = await site_for(datasette, request)
    row = await site.row(_ARTICLE, id=int_or_zero(request.url_vars["id"]))
    text = row.pop("text")
    parts = split_into_parts(text, PART_CHARS)
    offset = int_or_zero(request.args.get("at"))
    index = max((n for n, part in enumerate(parts) if part.start <= offset), default=0)
    start, end = parts[index]
    speakers = await article_speakers(site, row["id"])
    quotes = await article_quotes(site, row["id"], speakers, start, end)
    words = await site.rows("SELECT words FROM _excerpts")
    excerpt_words = words[0]["words"] if words else None
    suffix = ".json" if request.url_vars["format"] else ""
    other_parts = {
        name: site.page_url("articles", row["id"], suffix, at=parts[n].start)
        for name, n in (("previous", index - 1), ("next", index + 1))
        if 0 <= n < len(parts)
    }
    if suffix:
        body = {**row, "speakers": [speaker.to_dict(site) for speaker in speakers.values()]}
        body |= {"start_char": start, "end_char": end, "text": text[start:end]}
        body["quotations"] = [quote.to_dict(site) for quote in quotes]
        body["excerpt_words"] = excerpt_words
        return site.json({**body, "next_path": other_parts.get("next")})
    return await site.page(
        request,
        "article.html",
        article=row,
        title=headline(row["title"], text[:100]),
        original=web_link(row["url"]) or web_link(row["location"]),
        speakers=speakers,
        paragraphs=mark_paragraphs(text[start:end], [quote.marked for quote in quotes], start),
        quote_count=(await site.row(_QUOTE_COUNT, id=row["id"]))["quote_count"],
        part=(index + 1, len(parts)),
        excerpt_words=excerpt_words,
        other_parts=other_parts,
    )


@dataclass(frozen=True, slots=True)
class QuotedSpeaker:
    """A speaker quoted in an article. `number` counts its speakers from 1."""

    id: int
    number: int
    name: str
    kind: str | None
    description: str | None
    quote_count: int

    @property
    def colour(self) -> int:
        return MarkedQuote(0, 0, 0, self.number).colour

    def to_dict(self, site: SiteContext) -> dict[str, Any]:
        names = ("id", "name", "kind", "description")
        return site.with_path("speakers", {name: getattr(self, name) for name in names})


@dataclass(frozen=True, slots=True)
class ArticleQuote:
    """A quotation of an article: where it stands, and other columns of its row."""

    marked: MarkedQuote
    kind: str | None
    parent_id: int | None
    utterance: int | None
    repeats_id: int | None

    def to_dict(self, site: SiteContext) -> dict[str, Any]:
        row = {
            "id": self.marked.id,
            "start_char": self.marked.start,
            "end_char": self.marked.end,
            "kind": self.kind,
            "speaker_id": self.marked.speaker_id,
            "parent_id": self.parent_id,
            "utterance": self.utterance,
            "repeats_id": self.repeats_id,
        }
        return site.with_path("quotes", row)


async def article_speakers(site: SiteContext, article_id: int) -> dict[int, QuotedSpeaker]:
    """The speakers quoted in an article by id, in the order of their first quotations."""
    rows = await site.rows(_SPEAKERS, id=article_id)
    return {row["id"]: QuotedSpeaker(number=n, **row) for n, row in enumerate(rows, start=1)}


async def article_quotes(
    site: SiteContext, article_id: int, speakers: dict[int, QuotedSpeaker], start: int, end: int
) -> list[ArticleQuote]:
    """The quotations that overlap a part of an article, in the order of the text."""
    quotes = []
    for row in await site.rows(_QUOTES, id=article_id, low=start, high=end):
        speaker = speakers.get(row["speaker_id"])
        marked = MarkedQuote(
            row["id"],
            row["start_char"],
            row["end_char"],
            speaker_number=speaker.number if speaker else None,
            speaker=speaker.name if speaker else None,
            speaker_id=row["speaker_id"],
            is_pull_quote=row["repeats_id"] is not None,
        )
        others = (row[name] for name in ("kind", "parent_id", "utterance", "repeats_id"))
        quotes.append(ArticleQuote(marked, *others))
    return quotes


_ARTICLE = """SELECT id, title, byline, outlet, published, language, location, url,
    word_count, text FROM articles WHERE id = :id"""
_SPEAKERS = """SELECT s.id, s.name, s.kind, s.description, count(*) AS quote_count
    FROM quotes q JOIN speakers s ON s.id = q.speaker_id WHERE q.article_id = :id
    GROUP BY s.id ORDER BY min(q.start_char), s.id"""
_QUOTES = """SELECT id, start_char, end_char, kind, speaker_id, parent_id, utterance, repeats_id
    FROM quotes WHERE article_id = :id AND start_char < :high AND end_char > :low
    ORDER BY start_char, end_char DESC, id"""
_QUOTE_COUNT = "SELECT count(*) AS quote_count FROM quotes WHERE article_id = :id"
