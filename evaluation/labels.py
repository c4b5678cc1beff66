"""Annotated documents in one form, whatever corpus they come from.

`polnear` reads a folder in PolNeAR's layout (text/*.txt, attributions/*.ann in brat standoff),
`passages` the invented documents of training/passages. Every eighth passage of a file is kept out
of training (`held_out`); this is the one place where that is decided.
"""

from __future__ import annotations

import json
import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from evaluation.passages import build
from quotedex.extract.find import find
from quotedex.models import MarkedSpan, Span

Row = TypeVar("Row")

SPOKEN_SHARE = 0.6  # of a span's words that must lie in an annotated content
FULL_NAME = re.compile(r"[A-Z][a-z]+ [A-Z][a-zA-Z’']+")
NAME = r"[A-Z][\w.’'-]*"
TITLE_AND_NAME = re.compile(rf"{NAME} of {NAME}(?: {NAME}){{2,}}")
NAME_AND_PLACE = re.compile(rf"({NAME}(?: {NAME})+) of {NAME}(?: {NAME})*")
SAME_SPAN = 0.75  # overlap over union from which a found span is the annotated one


@dataclass(frozen=True)
class Label:
    """What is known of one marked span; None means not annotated, so nothing is learned from it.

    `source` holds all words that may be pointed at ([]: nobody is named), `mention` the exact
    extent where that is sure, `cue` the reporting words ([]: none), `who` the places in the text
    that name the speaker ([]: the text does not tell).
    """

    said: bool | None = None
    source: list[Span] | None = None
    mention: Span | None = None
    cue: list[Span] | None = None
    who: list[Span] | None = None


@dataclass(frozen=True)
class Reported:
    """What a source is said to have said in the reporter's words, without marks."""

    contents: list[Span]
    label: Label


@dataclass(frozen=True)
class Example:
    """A text with its marked spans, a label for each, and the speech it reports without marks."""

    id: str
    text: str
    spans: list[MarkedSpan]
    labels: list[Label]
    people: frozenset[str] = frozenset()
    reported: tuple[Reported, ...] = ()


def held_out(index: int) -> bool:
    """Whether the index-th document (from 0) of a passages file is kept for measuring."""
    return index % 8 == 7


# --- invented passages


def passages(folder: Path, *, held: bool) -> list[Example]:
    """The documents of folder/*.txt that are held out, or those that are not."""
    examples = []
    for path in sorted(folder.glob("*.txt")):
        blocks = re.split(r"^=== ", path.read_text(encoding="utf8"), flags=re.M)[1:]
        for index, block in enumerate(blocks):
            if held_out(index) != held:
                continue
            try:
                examples.append(_passage(build(block)))
            except ValueError as error:
                print(f"{path.name}: {block.splitlines()[0]}: {error}", file=sys.stderr)
    return examples


def _passage(row: dict[str, Any]) -> Example:
    text, spans = row["text"], find(row["text"])
    labels = []
    for span in spans:
        quote = _matching(span, row["quotes"], lambda q: (q["start"], q["end"]))
        if quote is None:
            nobody = _matching(span, row["not_quotes"], lambda s: (s[0], s[1]))
            labels.append(Label(said=False) if nobody else Label())
            continue
        mention = Span(*quote["mention"]) if quote["mention"] else None
        named = quote["kind"] in ("person", "organization")
        labels.append(
            Label(
                said=True,
                source=[mention] if mention else [],
                mention=mention,
                who=_named(text, spans, quote["speaker"]) if named else [],
            )
        )
    people = frozenset(q["speaker"] for q in row["quotes"] if q["kind"] == "person")
    return Example(row["id"], text, spans, labels, people)


def _matching(
    span: MarkedSpan, rows: Sequence[Row], bounds: Callable[[Row], tuple[int, int]]
) -> Row | None:
    """The annotated row that lies where the span does."""
    best, best_share = None, SAME_SPAN
    for row in rows:
        start, end = bounds(row)
        inter = min(end, span.outer_end) - max(start, span.outer_start)
        share = inter / (max(end, span.end) - min(start, span.start))
        if share >= best_share:
            best, best_share = row, share
    return best


def _named(text: str, spans: Sequence[MarkedSpan], name: str) -> list[Span]:
    """Where the reporter's own words hold the name or, for a person, the last word of it."""
    words = re.sub(r",? (Jr|Sr)\.?$|’s$|'s$", "", name).split()
    pattern = rf"(?<!\w)(?:{re.escape(name)}|{re.escape(words[-1])})(?!\w)"
    quoted = [(s.start, s.end) for s in spans if s.parent is None and s.closed]
    starts = [start for start, _end in quoted]
    found = []
    for match in re.finditer(pattern, text):
        at = bisect_right(starts, match.start()) - 1
        if at < 0 or match.start() >= quoted[at][1]:
            found.append(Span(*match.span()))
    return found


# --- PolNeAR


def polnear(folder: Path, split: str, speakers: Path | None = None) -> list[Example]:
    """The articles of one split; `speakers` is a JSON file document -> Q<n> -> speaker, kind."""
    known = json.loads(speakers.read_text(encoding="utf8")) if speakers else {}
    examples = []
    for path in sorted((folder / split / "text").glob("*.txt")):
        with path.open(encoding="utf8", newline="") as file:
            text = file.read()
        annotated = min((folder / split / "attributions").glob(f"{path.stem}_????.ann"))
        named = known.get(path.stem, {})
        examples.append(_article(path.stem, text, read_brat(annotated), named))
    return examples


def read_brat(path: Path) -> list[dict[str, list[Span]]]:
    """The attributions of a standoff file, each as role (Source, Cue, Content) -> spans.

    A "T" line gives a span ("T3\tContent 18 70;75 80\t..."), an "E" line binds some to roles
    ("E1\tAttribution:T4 Content:T3 Source:T1"), often before all of them are given.
    """
    rows = [line.split("\t") for line in path.read_text(encoding="utf8").splitlines()]
    spans = {
        row[0]: [Span(*map(int, part.split())) for part in row[1].split(" ", 1)[1].split(";")]
        for row in rows
        if row[0].startswith("T") and len(row) > 1
    }
    attributions = []
    for row in rows:
        if row[0].startswith("E") and len(row) > 1:
            roles: dict[str, list[Span]] = {}
            for argument in row[1].split():
                role, _, key = argument.partition(":")
                roles.setdefault(role.rstrip("0123456789"), []).extend(spans.get(key, []))
            attributions.append(roles)
    return attributions


def _article(
    name: str,
    text: str,
    attributions: list[dict[str, list[Span]]],
    speakers: dict[str, dict[str, str]],
) -> Example:
    spans = find(text)
    counted = {start: f"Q{n}" for n, start in enumerate(_double_marks(text))}
    labels, people = [], set()
    for span in spans:
        if span.parent is not None:
            labels.append(Label())  # the corpus does not say who speaks within a quotation
            continue
        best = max(attributions, key=lambda a: _inside(span, a.get("Content", [])), default=None)
        if best is None or _inside(span, best.get("Content", [])) < SPOKEN_SHARE:
            labels.append(Label(said=False))
            continue
        label = Label(said=True, cue=best.get("Cue", []))
        if source := best.get("Source"):
            mention, sure = _head(text, source)
            key = counted.get(span.outer_start, "")
            label = replace(
                label,
                source=[mention],
                mention=mention if sure else None,
                who=_who(text, spans, mention, speakers.get(key)),
            )
            if speakers.get(key, {}).get("kind") == "person":
                people.add(speakers[key]["speaker"])
            elif FULL_NAME.fullmatch(text, mention.start, mention.end):
                people.add(text[mention.start : mention.end])
        labels.append(label)
    reported = tuple(_reported(text, spans, attributions))
    return Example(name, text, spans, labels, frozenset(people), reported)


def _reported(
    text: str, spans: Sequence[MarkedSpan], attributions: list[dict[str, list[Span]]]
) -> Iterator[Reported]:
    """The attributions with a source whose content holds no mark."""
    marked = [Span(span.outer_start, span.outer_end) for span in spans]
    for roles in attributions:
        contents, source = roles.get("Content", []), roles.get("Source", [])
        if not contents or not source or any(_overlap(c, m) for c in contents for m in marked):
            continue
        mention, sure = _head(text, source)
        exact = mention if sure else None
        yield Reported(contents, Label(True, [mention], exact, roles.get("Cue", [])))


def _overlap(a: Span, b: Span) -> bool:
    return a.start < b.end and b.start < a.end


def _double_marks(text: str) -> Iterator[int]:
    """Where the double-quoted spans start, in the order in which speaker files number them: a
    paragraph's end closes one, and so does the next opening mark."""
    opened: int | None = None
    for match in re.finditer(r"[“”\"]|\n|\Z", text):
        at, mark = match.start(), match.group()
        if opened is not None:
            if at + (mark in ("”", '"')) - opened > 2:
                yield opened
            opened = at if mark == "“" else None
        elif mark in ("“", '"'):
            opened = at


def _inside(span: MarkedSpan, contents: Sequence[Span]) -> float:
    shared = sum(max(0, min(span.end, c.end) - max(span.start, c.start)) for c in contents)
    return shared / (span.end - span.start)


def _head(text: str, source: list[Span]) -> tuple[Span, bool]:
    """The words of an annotated source that name it, and whether that is its exact extent.

    The corpus marks whole phrases: "Ada Poole, who left in May" -> "Ada Poole"; "owner and
    founder Ada Poole" -> "Ada Poole"; "Senator Ada Poole of New Kent" -> "Senator Ada Poole";
    "Secretary of State Ada Poole" and "a clerk at the court" stay as they are.
    """
    start, end = source[0].start, source[0].end
    words = text[start:end]
    cut = re.search(r",|\s\(|\s[–—-]+\s|\s(?:who|which|whose)\s", words)
    if cut and cut.start() > 1:
        words = words[: cut.start()]
    if len(words.split()) <= 2:
        return Span(start, start + len(words)), True
    if TITLE_AND_NAME.fullmatch(words):
        return Span(start, start + len(words)), True
    if placed := NAME_AND_PLACE.fullmatch(words):
        return Span(start, start + placed.end(1)), False
    run = re.search(r"(?:(?<=\s)|^)(?:[A-Z][\w.’'-]*\s+)*[A-Z][\w’'-]*$", words)
    if run and not words.lower().startswith(("the ", "a ", "an ")):
        return Span(start + run.start(), start + run.end()), len(run.group().split()) <= 3
    sure = not re.search(r"\s(?:of|in|at|for|from|to|with)\s", words)
    return Span(start, start + len(words)), sure


def _who(
    text: str, spans: Sequence[MarkedSpan], mention: Span, speaker: dict[str, str] | None
) -> list[Span] | None:
    """Where the speaker's name stands; of a source that is a name itself, where that recurs."""
    if speaker is not None:
        named = speaker["kind"] in ("person", "organization")
        return _named(text, spans, speaker["speaker"]) if named else []
    words = text[mention.start : mention.end]
    if re.fullmatch(r"[A-Z][\w.’'-]*( [A-Z][\w.’'-]*){0,3}", words):
        return _named(text, spans, words)
    return None
