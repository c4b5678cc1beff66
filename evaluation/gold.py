"""The gold standard: documents whose quotations, sources and speakers were annotated by hand.

`polnear` reads a corpus in PolNeAR's layout, `passages` the invented passages that training leaves
out. Both give a `GoldSet`, whose hash identifies the documents and annotations exactly.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from evaluation.passages import FOLDER, Passage, load_passages, offsets_alone
from evaluation.polnear import Article, attribution_of, double_quoted, load_articles
from quotedex.models import Span

# Files of passages that were written after the networks were trained have names that begin so. They
# stay out of the sets until the next training, so that scores remain comparable.
NEWER = "more-"


@dataclass(frozen=True, slots=True)
class GoldQuote:
    """An annotated span in quotation marks.

    `spoken` is False for what is not a quotation (a title, scare quotes). `source` holds the words
    that name the source (empty: none are there), `speaker` the speaker, where that is annotated.
    """

    span: Span
    spoken: bool
    source: tuple[Span, ...] = ()
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class GoldDocument:
    """A text and its annotated spans in text order."""

    name: str
    text: str
    quotes: tuple[GoldQuote, ...]


@dataclass(frozen=True, slots=True)
class GoldSet:
    """Documents that are scored together. `nested_annotated` says whether quotations inside
    quotations are annotated; if not, predicting one is neither right nor wrong."""

    name: str
    documents: tuple[GoldDocument, ...]
    nested_annotated: bool

    @property
    def sha256(self) -> str:
        """The hash of all texts and annotations: scores of one hash can be compared."""
        rows = [asdict(document, dict_factory=offsets_alone) for document in self.documents]
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def polnear(folder: Path, split: str) -> GoldSet:
    """The articles of one split, with speakers where folder/SPLIT-speakers.json has them."""
    speakers = folder / f"{split}-speakers.json"
    articles = load_articles(folder, split, speakers if speakers.exists() else None)
    documents = tuple(_from_article(article) for article in articles)
    return GoldSet(f"PolNeAR {split}", documents, nested_annotated=False)


def _from_article(article: Article) -> GoldDocument:
    quotes = []
    for start, end, closed in double_quoted(article.text):
        words = Span(start + 1, end - 1 if closed else end)
        roles = attribution_of(words, article.attributions)
        if roles is None:
            quotes.append(GoldQuote(Span(start, end), spoken=False))
            continue
        speaker = article.speakers.get(start)
        source = tuple(roles.get("Source", ()))
        name = speaker.name if speaker else None
        quotes.append(GoldQuote(Span(start, end), True, source, name))
    return GoldDocument(article.name, article.text, tuple(quotes))


def passages(folder: Path = FOLDER, *, hard: bool | None = None) -> GoldSet:
    """The held-out passages: all of them, or those on ordinary topics of news (`hard` False, files
    like courts.txt), or those written around one difficulty (True, files like layouts-nested.txt).
    """
    files = [path for path in sorted(folder.glob("*.txt")) if not path.stem.startswith(NEWER)]
    if hard is not None:
        files = [path for path in files if hard == ("-" in path.stem)]
    documents = tuple(_from_passage(passage) for passage in load_passages(files, held_out=True))
    name = {None: "held-out passages", False: "held-out topics", True: "held-out hard cases"}[hard]
    return GoldSet(name, documents, nested_annotated=True)


def _from_passage(passage: Passage) -> GoldDocument:
    quotes = [
        GoldQuote(quote.span, True, (quote.mention,) if quote.mention else (), quote.speaker)
        for quote in passage.quotes
    ]
    quotes += [GoldQuote(span, spoken=False) for span in passage.not_quotes]
    quotes.sort(key=lambda quote: (quote.span.start, -quote.span.end))
    return GoldDocument(passage.name, passage.text, tuple(quotes))
