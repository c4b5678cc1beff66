"""The gold standard: documents whose quotations, sources and speakers were annotated by hand.

`polnear` reads a corpus in PolNeAR's layout, `passages` and `newer_passages` the invented passages
that training leaves out, `from_json` other annotated documents. Each gives a `GoldSet`, whose hash
identifies the documents and annotations exactly.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from evaluation.passages import FOLDER, Passage, load_passages, offsets_alone
from evaluation.polnear import Article, attribution_of, double_quoted, load_articles
from evaluation.real import load_real
from quotedex.models import Span

# Files of passages that were written later than the others have names that begin so. They are a set
# of their own, so that the scores of the older sets remain comparable.
NEWER = "more-"


@dataclass(frozen=True, slots=True)
class GoldQuote:
    """An annotated span in quotation marks.

    `spoken` is False for what is not a quotation (a title, scare quotes). `source` holds the words
    that name the source (empty: none are there), `speaker` the speaker's name and `kind` their kind
    (person, organization, group, anonymous), where those are annotated. `also` are other right
    names, and `any_mention` says that whatever is given as the source is right.
    """

    span: Span
    spoken: bool
    source: tuple[Span, ...] = ()
    speaker: str | None = None
    kind: str | None = None
    also: tuple[str, ...] = ()
    any_mention: bool = False


@dataclass(frozen=True, slots=True)
class GoldDocument:
    """A text and its annotated spans in text order; predictions at the `ignored` spans do not
    count."""

    name: str
    text: str
    quotes: tuple[GoldQuote, ...]
    ignored: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class GoldSet:
    """Documents that are scored together.

    `complete` says that quotations inside quotations are annotated too, and that a quotation
    without an annotated source has none. Then "nobody is named" is an answer, right or wrong. If
    not, such quotations count for detection only.
    """

    name: str
    documents: tuple[GoldDocument, ...]
    complete: bool

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
    return GoldSet(f"PolNeAR {split}", documents, complete=False)


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
        name, kind = (speaker.name, speaker.kind) if speaker else (None, None)
        quotes.append(GoldQuote(Span(start, end), True, source, name, kind))
    return GoldDocument(article.name, article.text, tuple(quotes))


def passages(folder: Path = FOLDER, *, hard: bool | None = None) -> GoldSet:
    """The held-out passages: all of them, or those on ordinary topics of news (`hard` False, files
    like courts.txt), or those written around one difficulty (True, files like layouts-nested.txt).
    The newer ones are only among all of them.
    """
    files = sorted(folder.glob("*.txt"))
    if hard is not None:
        files = [file for file in files if not _is_newer(file) and hard == ("-" in file.stem)]
    name = {None: "held-out passages", False: "held-out topics", True: "held-out hard cases"}[hard]
    return _from_passages(name, load_passages(files, held_out=True))


def newer_passages(folder: Path = FOLDER) -> GoldSet:
    """The held-out passages among those that were written later, each around one difficulty."""
    files = [file for file in sorted(folder.glob("*.txt")) if _is_newer(file)]
    return _from_passages("held-out newer cases", load_passages(files, held_out=True))


def from_json(path: Path, name: str) -> GoldSet:
    """The documents of a JSON file (`evaluation.real`)."""
    return _from_passages(name, load_real(path))


def _is_newer(file: Path) -> bool:
    return file.stem.startswith(NEWER)


def _from_passages(name: str, read: Iterable[Passage]) -> GoldSet:
    return GoldSet(name, tuple(_from_passage(passage) for passage in read), complete=True)


def _from_passage(passage: Passage) -> GoldDocument:
    quotes = [
        GoldQuote(
            quote.span,
            True,
            (quote.mention,) if quote.mention else (),
            quote.speaker,
            quote.kind,
            quote.also,
            quote.any_mention,
        )
        for quote in passage.quotes
    ]
    quotes += [GoldQuote(span, spoken=False) for span in passage.not_quotes]
    quotes.sort(key=lambda quote: (quote.span.start, -quote.span.end))
    return GoldDocument(passage.name, passage.text, tuple(quotes), passage.ignored)
