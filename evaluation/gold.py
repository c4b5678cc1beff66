"""What a careful reader found in the documents that programs are measured on.

`polnear` reads a folder in PolNeAR's layout, `passages` the invented documents that training left
out. Both give `GoldSet`s, whose hash names exactly what was measured.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from evaluation.labels import held_out, read_brat
from evaluation.passages import build
from quotedex.models import Span

SPOKEN_SHARE = 0.6  # of a marked span's characters that one annotated content must hold


@dataclass(frozen=True, slots=True)
class GoldQuote:
    """One marked span. `spoken` is False for what nobody says; `source` holds the words that name
    who says it (empty: nobody is named), `speaker` who that is, where an annotator said so."""

    span: Span
    spoken: bool
    source: tuple[Span, ...] = ()
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class GoldDocument:
    """A text with its marked spans in text order."""

    name: str
    text: str
    quotes: tuple[GoldQuote, ...]


@dataclass(frozen=True, slots=True)
class GoldSet:
    """Documents measured together. `nested_annotated` tells whether quotations inside quotations
    are in it; where not, a program that finds them can be held neither right nor wrong."""

    name: str
    documents: tuple[GoldDocument, ...]
    nested_annotated: bool

    @property
    def sha256(self) -> str:
        """The hash of every text and annotation: it names what figures were measured on."""
        rows = [asdict(document) for document in self.documents]
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def polnear(folder: Path, split: str) -> GoldSet:
    """The annotated articles of folder/SPLIT/{text,attributions}; speakers where a file
    folder/SPLIT-speakers.json gives them (document -> "Q<n>", the n-th marked span -> "speaker").

    Of several annotators of an article the first by file name counts.
    """
    speakers_file = folder / f"{split}-speakers.json"
    speakers: dict[str, dict[str, dict[str, str]]] = {}
    if speakers_file.exists():
        speakers = json.loads(speakers_file.read_text(encoding="utf-8"))
    documents = []
    for path in sorted((folder / split / "text").glob("*.txt")):
        with path.open(encoding="utf-8", newline="") as file:
            text = file.read()
        annotators = (folder / split / "attributions").glob(f"{path.stem}_????.ann")
        attributions = read_brat(min(annotators))
        named = speakers.get(path.stem, {})
        quotes = tuple(
            _gold_quote(*marked, attributions, named.get(f"Q{number}", {}).get("speaker"))
            for number, marked in enumerate(double_marked(text))
        )
        documents.append(GoldDocument(path.stem, text, quotes))
    return GoldSet(f"PolNeAR {split}", tuple(documents), nested_annotated=False)


def passages(folder: Path, *, hard: bool | None = None) -> GoldSet:
    """The invented documents of folder/*.txt that training left out.

    With `hard` False only those of a field of news (courts.txt), with True only those written to
    be hard, of one kind of difficulty a file (layouts-nested.txt). A document whose markup is
    broken is named on standard error and left out too.
    """
    documents = []
    for path in sorted(folder.glob("*.txt")):
        if hard is not None and hard != ("-" in path.stem):
            continue
        blocks = re.split(r"^=== ", path.read_text(encoding="utf-8"), flags=re.M)[1:]
        for block in (block for index, block in enumerate(blocks) if held_out(index)):
            try:
                documents.append(_gold_passage(build(block)))
            except ValueError as error:
                print(f"{path.name}: {block.splitlines()[0]}: {error}", file=sys.stderr)
    name = {None: "held-out passages", False: "held-out fields", True: "held-out hard kinds"}[hard]
    return GoldSet(name, tuple(documents), nested_annotated=True)


def double_marked(text: str) -> Iterator[tuple[int, int, bool]]:
    """The spans between double quotation marks, marks included: (start, end, closed).

    A paragraph's end closes a span, and so does the next opening mark. Speaker files number the
    spans in this order.
    """
    opened: int | None = None
    for match in re.finditer(r"[“”\"]|\n|\Z", text):
        at, mark = match.start(), match.group()
        if opened is None:
            if mark in ("“", '"'):
                opened = at
            continue
        closed = mark in ("”", '"')
        end = at + 1 if closed else at
        if end - opened > 2:
            yield opened, end, closed
        opened = at if mark == "“" else None


def _gold_quote(
    start: int,
    end: int,
    closed: bool,
    attributions: Sequence[dict[str, list[Span]]],
    speaker: str | None,
) -> GoldQuote:
    """Spoken if one annotated attribution holds most of the words between the marks."""
    words = Span(start + 1, end - 1 if closed else end)
    best = max(attributions, key=lambda a: shared(words, a.get("Content", [])), default=None)
    length = words.end - words.start
    if best is None or shared(words, best.get("Content", [])) / length < SPOKEN_SHARE:
        return GoldQuote(Span(start, end), spoken=False)
    return GoldQuote(Span(start, end), True, tuple(best.get("Source", [])), speaker)


def shared(span: Span, others: Sequence[Span]) -> int:
    """How many characters of the span the others hold."""
    return sum(max(0, min(span.end, o.end) - max(span.start, o.start)) for o in others)


def _gold_passage(row: dict[str, Any]) -> GoldDocument:
    quotes = [
        GoldQuote(
            Span(quote["start"], quote["end"]),
            True,
            (Span(*quote["mention"]),) if quote["mention"] else (),
            quote["speaker"],
        )
        for quote in row["quotes"]
    ]
    quotes += [GoldQuote(Span(start, end), spoken=False) for start, end in row["not_quotes"]]
    quotes.sort(key=lambda quote: (quote.span.start, -quote.span.end))
    return GoldDocument(row["id"], row["text"], tuple(quotes))
