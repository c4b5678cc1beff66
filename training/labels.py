"""Training examples: texts with a label for each span in quotation marks, from either corpus.

`polnear` reads a corpus in PolNeAR's layout, `passages` the invented passages.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from evaluation.passages import Passage, load_passages
from evaluation.polnear import (
    AnnotatedRoles,
    AnnotatedSpeaker,
    Article,
    attribution_of,
    load_articles,
)
from evaluation.real import load_real
from quotedex.extract.find import find
from quotedex.models import MarkedSpan, Span

Annotated = TypeVar("Annotated")

PIECE = 40  # paragraphs of a piece of unlabeled text
MIN_IOU = 0.75  # intersection over union from which a found span is the annotated one
FULL_NAME = re.compile(r"[A-Z][a-z]+ [A-Z][a-zA-Z’']+")
NAME = r"[A-Z][\w.’'-]*"
TITLE_AND_NAME = re.compile(rf"{NAME} of {NAME}(?: {NAME}){{2,}}")
NAME_AND_PLACE = re.compile(rf"({NAME}(?: {NAME})+) of {NAME}(?: {NAME})*")


@dataclass(frozen=True)
class Label:
    """The annotation of one span; None means not annotated, so nothing is learned from it.

    `spoken` is False for what is not a quotation. `source` holds all words that may be pointed at
    ([]: no source is named), `mention` their exact extent where that is certain, `cue` the
    reporting words ([]: none), `antecedent` the places in the text that name the speaker ([]: the
    text does not name them).
    """

    spoken: bool | None = None
    source: list[Span] | None = None
    mention: Span | None = None
    cue: list[Span] | None = None
    antecedent: list[Span] | None = None


@dataclass(frozen=True)
class IndirectSpeech:
    """What a source says in the reporter's words, without quotation marks."""

    contents: list[Span]
    label: Label


@dataclass(frozen=True)
class Example:
    """A text with its spans in quotation marks, a label for each, the names of its people, and its
    indirect speech."""

    name: str
    text: str
    spans: list[MarkedSpan]
    labels: list[Label]
    people: frozenset[str] = frozenset()
    indirect: tuple[IndirectSpeech, ...] = ()


# --- invented passages


def passages(*, held_out: bool) -> list[Example]:
    """The passages that are held out of training, or those that are not."""
    return [_from_passage(passage) for passage in load_passages(held_out=held_out)]


def real(path: Path) -> list[Example]:
    """The real articles of a JSON file (see evaluation/real.py)."""
    return [_from_passage(article) for article in load_real(path)]


def _from_passage(passage: Passage) -> Example:
    text, spans = passage.text, find(passage.text)
    labels = []
    for span in spans:
        quote = _matching(span, passage.quotes, lambda quote: quote.span)
        if quote is None:
            negative = _matching(span, passage.not_quotes, lambda negative: negative)
            labels.append(Label(spoken=False) if negative else Label())
            continue
        named = quote.kind in ("person", "organization")
        labels.append(
            Label(
                spoken=True,
                source=[quote.mention] if quote.mention else [],
                mention=quote.mention,
                antecedent=_places_named(text, spans, quote.speaker)
                if named and quote.speaker
                else [],
            )
        )
    people = {quote.speaker for quote in passage.quotes if quote.kind == "person"}
    return Example(passage.name, text, spans, labels, frozenset(filter(None, people)))


def _matching(
    span: MarkedSpan, candidates: Sequence[Annotated], bounds: Callable[[Annotated], Span]
) -> Annotated | None:
    """The candidate whose annotated span, with or without its marks, is this one."""
    best, best_iou = None, MIN_IOU
    for candidate in candidates:
        start, end = bounds(candidate).start, bounds(candidate).end
        intersection = min(end, span.outer_end) - max(start, span.outer_start)
        iou = intersection / (max(end, span.end) - min(start, span.start))
        if iou >= best_iou:
            best, best_iou = candidate, iou
    return best


def _places_named(text: str, spans: Sequence[MarkedSpan], name: str) -> list[Span]:
    """Where the name or, for a person, its last word stands outside quotation marks."""
    words = re.sub(r",? (Jr|Sr)\.?$|’s$|'s$", "", name).split()
    pattern = rf"(?<!\w)(?:{re.escape(name)}|{re.escape(words[-1])})(?!\w)"
    quoted = [(s.start, s.end) for s in spans if s.parent is None and s.closed]
    starts = [start for start, _end in quoted]
    places = []
    for match in re.finditer(pattern, text):
        at = bisect_right(starts, match.start()) - 1
        if at < 0 or match.start() >= quoted[at][1]:
            places.append(Span(*match.span()))
    return places


# --- text without annotations


def unlabeled(folder: Path) -> list[Example]:
    """The `.txt` files of a folder, of which a network learns from its teacher alone.

    Lines that end within a paragraph are joined; files are cut into pieces of some paragraphs.
    """
    examples = []
    for path in sorted(folder.glob("*.txt")):
        paragraphs = re.split(r"\n\s*\n", path.read_text(encoding="utf-8"))
        joined = [" ".join(paragraph.split()) for paragraph in paragraphs]
        for start in range(0, len(joined), PIECE):
            text = "\n\n".join(joined[start : start + PIECE])
            spans = find(text)
            labels = [Label() for _span in spans]
            examples.append(Example(f"{path.stem}-{start}", text, spans, labels))
    return examples


# --- PolNeAR


def polnear(folder: Path, split: str, speakers_file: Path | None = None) -> list[Example]:
    """The articles of one split."""
    return [_from_article(article) for article in load_articles(folder, split, speakers_file)]


def _from_article(article: Article) -> Example:
    text, spans = article.text, find(article.text)
    labels: list[Label] = []
    people: set[str] = set()
    for span in spans:
        if span.parent is not None:
            labels.append(Label())  # the corpus does not annotate quotations inside quotations
            continue
        roles = attribution_of(Span(span.start, span.end), article.attributions)
        if roles is None:
            labels.append(Label(spoken=False))
            continue
        label = Label(spoken=True, cue=list(roles.get("Cue", ())))
        if source := roles.get("Source"):
            mention, exact = trim_source(text, source)
            speaker = article.speakers.get(span.outer_start)
            label = replace(
                label,
                source=[mention],
                mention=mention if exact else None,
                antecedent=_antecedents(text, spans, mention, speaker),
            )
            if speaker and speaker.kind == "person":
                people.add(speaker.name)
            elif FULL_NAME.fullmatch(text, mention.start, mention.end):
                people.add(text[mention.start : mention.end])
        labels.append(label)
    indirect = tuple(_indirect_speech(text, spans, article.attributions))
    return Example(article.name, text, spans, labels, frozenset(people), indirect)


def _indirect_speech(
    text: str, spans: Sequence[MarkedSpan], attributions: Sequence[AnnotatedRoles]
) -> Iterator[IndirectSpeech]:
    """The attributions with a source whose content holds no quotation mark."""
    quoted = [Span(span.outer_start, span.outer_end) for span in spans]
    for roles in attributions:
        contents, source = list(roles.get("Content", ())), roles.get("Source", ())
        if not contents or not source or any(overlap(c, q) for c in contents for q in quoted):
            continue
        mention, exact = trim_source(text, source)
        cue = list(roles.get("Cue", ()))
        yield IndirectSpeech(contents, Label(True, [mention], mention if exact else None, cue))


def overlap(a: Span, b: Span) -> bool:
    """Whether two spans have a character in common."""
    return a.start < b.end and b.start < a.end


def trim_source(text: str, source: Sequence[Span]) -> tuple[Span, bool]:
    """The mention within an annotated source, and whether that is its exact extent.

    The corpus annotates whole phrases: "Ada Poole, who left in May" -> "Ada Poole"; "owner and
    founder Ada Poole" -> "Ada Poole"; "Senator Ada Poole of New Kent" -> "Senator Ada Poole";
    "Secretary of State Ada Poole" and "a clerk at the court" stay as they are.
    """
    start, end = source[0].start, source[0].end
    words = text[start:end]
    clause = re.search(r",|\s\(|\s[–—-]+\s|\s(?:who|which|whose)\s", words)
    if clause and clause.start() > 1:
        words = words[: clause.start()]
    if len(words.split()) <= 2:
        return Span(start, start + len(words)), True
    if TITLE_AND_NAME.fullmatch(words):
        return Span(start, start + len(words)), True
    if match := NAME_AND_PLACE.fullmatch(words):
        return Span(start, start + match.end(1)), False
    name = re.search(r"(?:(?<=\s)|^)(?:[A-Z][\w.’'-]*\s+)*[A-Z][\w’'-]*$", words)
    if name and not words.lower().startswith(("the ", "a ", "an ")):
        return Span(start + name.start(), start + name.end()), len(name.group().split()) <= 3
    exact = not re.search(r"\s(?:of|in|at|for|from|to|with)\s", words)
    return Span(start, start + len(words)), exact


def _antecedents(
    text: str, spans: Sequence[MarkedSpan], mention: Span, speaker: AnnotatedSpeaker | None
) -> list[Span] | None:
    """Where the speaker is named; without an annotated speaker, where a mention that is itself a
    name recurs."""
    if speaker is not None:
        named = speaker.kind in ("person", "organization")
        return _places_named(text, spans, speaker.name) if named else []
    words = text[mention.start : mention.end]
    if re.fullmatch(r"[A-Z][\w.’'-]*( [A-Z][\w.’'-]*){0,3}", words):
        return _places_named(text, spans, words)
    return None
