"""An article with its quotations marked, and what other pages show of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from datasette_quotedex.context import Place, number, place_of
from datasette_quotedex.layout import headline, web_address
from datasette_quotedex.render.marked_text import Said, paragraphs, parts

PART = 30_000
"""Characters of an article on one page, about twenty minutes of reading."""


async def article_page(datasette: Any, request: Any) -> Any:
    """`/-/articles/7`, and the same as `/-/articles/7.json`; `?at=` is an offset to turn to."""
    place = await place_of(datasette, request)
    row = await place.one(_ARTICLE, id=number(request.url_vars["id"]))
    text = row.pop("text")
    divided = parts(text, PART)
    at = number(request.args.get("at"))
    index = max((n for n, part in enumerate(divided) if part.start <= at), default=0)
    start, end = divided[index]
    speakers = await cast(place, row["id"])
    quoted = await said_in(place, row["id"], speakers, start, end)
    form = ".json" if request.url_vars["format"] else ""
    turns = {
        name: place.to("articles", row["id"], form, at=divided[n].start)
        for name, n in (("previous", index - 1), ("next", index + 1))
        if 0 <= n < len(divided)
    }
    if form:
        body = {**row, "speakers": [as_data(place, speaker) for speaker in speakers.values()]}
        body |= {"start": start, "end": end, "text": text[start:end]}
        body["quotations"] = [_brief(place, row, said) for said in quoted]
        return place.json({**body, "next_path": turns.get("next")})
    return await place.page(
        request,
        "article.html",
        article=row,
        title=headline(row["title"], text[:100]),
        source=web_address(row["url"]) or web_address(row["location"]),
        speakers=speakers,
        paragraphs=paragraphs(text[start:end], [one.said for one in quoted], start),
        quotations=await _number_of_quotations(place, row["id"]),
        part=(index + 1, len(divided)),
        turns=turns,
    )


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody quoted in an article, in which `number` is his place among the speakers, from 1."""

    id: int
    number: int
    name: str
    kind: str | None
    description: str | None
    quotations: int

    @property
    def colour(self) -> int:
        return Said(0, 0, 0, self.number).colour


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quotation of an article: where it stands, and what its row says besides."""

    said: Said
    kind: str | None
    parent_id: int | None
    utterance: int | None
    repeats_id: int | None


async def cast(place: Place, article_id: int) -> dict[int, Speaker]:
    """Who is quoted in an article, by id, in the order of their first quotations."""
    rows = await place.rows(_CAST, id=article_id)
    return {row["id"]: Speaker(number=n, **row) for n, row in enumerate(rows, start=1)}


async def said_in(
    place: Place, article_id: int, speakers: dict[int, Speaker], start: int, end: int
) -> list[Quoted]:
    """The quotations that touch a part of an article, in the order of the text."""
    found = []
    for row in await place.rows(_QUOTED, id=article_id, low=start, high=end):
        speaker = speakers.get(row["speaker_id"])
        said = Said(
            row["id"],
            row["start"],
            row["end"],
            number=speaker.number if speaker else None,
            speaker=speaker.name if speaker else None,
            speaker_id=row["speaker_id"],
            repeats=row["repeats_id"] is not None,
        )
        rest = (row[name] for name in ("kind", "parent_id", "utterance", "repeats_id"))
        found.append(Quoted(said, *rest))
    return found


def as_data(place: Place, speaker: Speaker) -> dict[str, Any]:
    """A speaker of an article, as JSON."""
    plain = {name: getattr(speaker, name) for name in ("id", "name", "kind", "description")}
    return {**plain, "path": place.to("speakers", speaker.id)}


async def _number_of_quotations(place: Place, article_id: int) -> int:
    return int((await place.one(_NUMBER, id=article_id))["quotations"])


def _brief(place: Place, article: dict[str, Any], quoted: Quoted) -> dict[str, Any]:
    said = quoted.said
    return {
        "id": said.id,
        "start": said.start,
        "end": said.end,
        "kind": quoted.kind,
        "speaker_id": said.speaker_id,
        "parent_id": quoted.parent_id,
        "utterance": quoted.utterance,
        "repeats_id": quoted.repeats_id,
        "path": place.to("quotes", said.id),
    }


_ARTICLE = """SELECT id, title, byline, publication AS outlet, published, language, location, url,
    words, text FROM articles WHERE id = :id"""
_CAST = """SELECT s.id, s.name, s.kind, s.description, count(*) AS quotations
    FROM quotes q JOIN speakers s ON s.id = q.speaker_id WHERE q.article_id = :id
    GROUP BY s.id ORDER BY min(q.start), s.id"""
_QUOTED = """SELECT id, start, "end", kind, speaker_id, parent_id, utterance, repeats_id FROM quotes
    WHERE article_id = :id AND start < :high AND "end" > :low ORDER BY start, "end" DESC, id"""
_NUMBER = "SELECT count(*) AS quotations FROM quotes WHERE article_id = :id"
