"""Small databases as `quotedex index` writes them, with invented news."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from datasette.plugins import pm

import datasette_quotedex
from quotedex.link import ListedSpeaker
from quotedex.models import Document, Extraction, Quote, Span, Speaker
from quotedex.store import Store
from quotedex.text.keyterms import Topic
from tests.helpers import load_cases

CASES: dict[str, Any] = load_cases("site")


def register() -> None:
    """Register the plugin with Datasette if it is on the path but not installed."""
    if not any(plugin is datasette_quotedex for plugin in pm.get_plugins()):
        pm.register(datasette_quotedex, "quotedex")


def build(path: Path, articles: list[dict[str, Any]] | None = None) -> Path:
    """A database at `path` with these articles (by default those of cases/site.json).

    Speakers of one name are the same over all articles, as a list of people has them.
    """
    given = CASES["articles"] if articles is None else articles
    extractions = list(map(_extraction, _with_different_texts(given)))
    with Store(path) as store:
        store.use_people(_people(extractions))
        run = store.start_run()
        store.write(extractions, run)
        store.finish_run(run, "completed")
        samples = store.topic_samples(store.stale_speakers())
        store.save_topics(samples, {s.speaker_id: [Topic("old pier", 0.25)] for s in samples})
    return path


def hostile(strings: list[str]) -> list[dict[str, Any]]:
    """One article per string, with the string in every column that text is read from."""
    return [
        {
            "title": f"title {string}",
            "outlet": f"outlet {string}",
            "published": f"2024 {string}",
            "location": f"https://news.example/{string}",
            "byline": string,
            "text": f"Then: “rent {string}” {string}",
            "quotes": [[f"rent {string}", f"speaker {string}", "full", string, string]],
            "description": string,
        }
        for string in strings
    ]


def many(number: int) -> list[dict[str, Any]]:
    """This many articles, each with a short quotation about a lamp, on the days of May."""
    return [
        {
            "title": f"Lamp report {n}",
            "outlet": "Lantern Weekly",
            "published": f"2023-05-{n % 28 + 1:02}",
            "location": f"https://lantern.example/{n}",
            "byline": None,
            "text": f"“Lamp {n} burns,” a keeper said.",
            "quotes": [[f"Lamp {n} burns,", "Ana Okafor", "full", "a keeper", "said"]],
        }
        for n in range(number)
    ]


def _with_different_texts(articles: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The articles, with spaces at the end of texts that repeat: a text is stored only once."""
    seen = Counter[str]()
    for article in articles:
        text = article["text"]
        yield {**article, "text": text + " " * seen[text]}
        seen[text] += 1


def _extraction(article: dict[str, Any]) -> Extraction:
    text = article["text"]
    document = Document(
        article["location"],
        text,
        article["location"],
        **{name: article[name] for name in ("title", "byline", "outlet", "published")},
    )
    quotes: list[Quote] = []
    ends: dict[str, int] = {}
    for utterance, (words, name, kind, mention, cue, *more) in enumerate(article["quotes"]):
        given = more[0] if more else {}
        start = given.get("start_char", text.find(words, ends.get(words, 0)))
        end = ends[words] = start + len(words)
        mention_span = _nearest(mention, text, start, end)
        cue_span = _nearest(cue, text, start, end)
        if "cue_start_char" in given:
            cue_span = Span(given["cue_start_char"], given["cue_end_char"])
        in_full = (name or "") in (mention or "")
        why = given.get("speaker_why", "named in full" if in_full else "the only one named so far")
        quotes.append(
            Quote(
                text=words,
                start=start,
                end=end,
                kind=kind,
                utterance=given.get("utterance", utterance),
                parent=given.get("parent"),
                confidence=given.get("confidence", 0.9),
                cue=cue_span,
                mention=mention_span,
                speaker=_speaker(name, why, article) if name else None,
                why=f"named near it, with “{cue}”",
                repeats=given.get("repeats"),
            )
        )
    return Extraction(document, text, tuple(quotes))


def _nearest(part: str | None, text: str, start: int, end: int) -> Span | None:
    """The mention or cue nearest to a quotation, None if it is not in the text."""
    if not part:
        return None
    after, before = text.find(part, end), text.rfind(part, 0, start)
    places = [place for place in (after, before) if place >= 0]
    if not places:
        return None
    nearest = min(places, key=lambda place: place - end if place >= end else start - place)
    return Span(nearest, nearest + len(part))


def _speaker(name: str, why: str, article: dict[str, Any]) -> Speaker:
    kind, description = CASES["speakers"].get(name, ("person", article.get("description")))
    return Speaker(name, kind, description, why=why)


def _people(extractions: Iterable[Extraction]) -> list[ListedSpeaker]:
    speakers = [quote.speaker for each in extractions for quote in each.quotes if quote.speaker]
    return list({speaker.name: ListedSpeaker(speaker.name) for speaker in speakers}.values())
