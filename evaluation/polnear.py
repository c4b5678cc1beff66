"""Reads a corpus in the layout of PolNeAR, the Political News Attribution Relations corpus.

FOLDER/SPLIT/text/*.txt are the articles, FOLDER/SPLIT/attributions/*.ann their annotation in brat
standoff. Where there is a file of speakers, it maps a document to "Q<n>" (the n-th span in double
quotation marks, from 0) to "speaker" and "kind".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from quotedex.models import Span

MIN_COVERED = 0.6  # share of a span that one annotated content must cover to be its quotation

AnnotatedRoles = Mapping[str, Sequence[Span]]  # role (Source, Cue, Content) -> spans


@dataclass(frozen=True, slots=True)
class AnnotatedSpeaker:
    """The speaker's full name in the article, and their kind (person, organization, ...)."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Article:
    """An article and its annotation; `speakers` maps the start of a span in double quotation marks
    to its speaker."""

    name: str
    text: str
    attributions: Sequence[AnnotatedRoles]
    speakers: Mapping[int, AnnotatedSpeaker]


def load_articles(folder: Path, split: str, speakers_file: Path | None = None) -> Iterator[Article]:
    """The articles of one split. Where several people annotated an article, the first one by file
    name counts."""
    speakers: dict[str, dict[str, dict[str, str]]] = {}
    if speakers_file is not None:
        speakers = json.loads(speakers_file.read_text(encoding="utf-8"))
    for path in sorted((folder / split / "text").glob("*.txt")):
        with path.open(encoding="utf-8", newline="") as file:
            text = file.read()
        annotations = (folder / split / "attributions").glob(f"{path.stem}_????.ann")
        by_number = speakers.get(path.stem, {})
        yield Article(
            path.stem,
            text,
            read_brat(min(annotations)),
            {
                start: AnnotatedSpeaker(entry["speaker"], entry["kind"])
                for number, (start, _end, _closed) in enumerate(double_quoted(text))
                if (entry := by_number.get(f"Q{number}"))
            },
        )


def read_brat(path: Path) -> list[AnnotatedRoles]:
    """The attributions of a standoff file.

    A "T" line defines spans ("T3\tContent 18 70;75 80\t..."), an "E" line binds them to roles
    ("E1\tAttribution:T4 Content:T3 Source:T1"), often before all of them are defined.
    """
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    spans = {
        row[0]: [_span(part) for part in row[1].split(" ", 1)[1].split(";")]
        for row in rows
        if row[0].startswith("T") and len(row) > 1
    }
    attributions: list[AnnotatedRoles] = []
    for row in rows:
        if row[0].startswith("E") and len(row) > 1:
            roles: dict[str, list[Span]] = {}
            for argument in row[1].split():
                role, _, key = argument.partition(":")
                roles.setdefault(role.rstrip("0123456789"), []).extend(spans.get(key, []))
            attributions.append(roles)
    return attributions


def _span(part: str) -> Span:
    """`18 70` -> Span(18, 70)."""
    start, end = part.split()
    return Span(int(start), int(end))


def double_quoted(text: str) -> Iterator[tuple[int, int, bool]]:
    """The spans in double quotation marks, marks included: (start, end, closed).

    The end of a paragraph ends a span, and so does the next opening mark. Speaker files number the
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


def attribution_of(span: Span, attributions: Sequence[AnnotatedRoles]) -> AnnotatedRoles | None:
    """The attribution whose content covers most of the span; None if it covers too little."""
    best = max(attributions, key=lambda roles: covered(span, roles.get("Content", [])), default={})
    share = covered(span, best.get("Content", [])) / (span.end - span.start)
    return best if share >= MIN_COVERED else None


def covered(span: Span, others: Sequence[Span]) -> int:
    """How many characters of the span the others cover."""
    return sum(max(0, min(span.end, o.end) - max(span.start, o.start)) for o in others)
