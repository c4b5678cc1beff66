"""Whom a pronoun means: every figure told of so far is scored by a few features, the best wins.

The weights were fitted by logistic regression over annotated news; each is the log of the odds
that its feature gives a candidate over one without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp

from quotedex.lexicon import Pronoun
from quotedex.resolve.figures import Figure, Place, Trail
from quotedex.resolve.page import Page

WEIGHTS: Mapping[str, float] = {
    "same sentence": 0.1,
    "paragraphs between": -0.9,
    "others between": -0.45,
    "subject": 0.45,
    "main subject": 0.65,
    "begins paragraph": 0.55,
    "pronoun": 0.45,
    "only quoted": -0.65,
    "gender known": 1.3,
    "gender doubtful": -2.4,
    "speaker before": 0.35,
    "named": 2.0,
    "named in the quotation": -1.9,
}
_LEAST_PROBABILITY = 0.4


@dataclass(frozen=True, slots=True)
class Question:
    """A pronoun at a place. `quotation` is the span that it is the source of, if it is of one;
    `speaker_before` the figure that said the quotation before it."""

    place: Place
    pronoun: Pronoun
    quotation: tuple[int, int] | None
    speaker_before: Figure | None


def candidates(question: Question, trail: Trail) -> list[Figure]:
    """The figures told of before the pronoun that agree with it, the latest told of first;
    whoever is told of only within quotations comes last."""
    told: dict[Figure, None] = {}
    quoted: dict[Figure, None] = {}
    for place in trail.back(question.place.start):
        if agrees(question.pronoun, place.figure):
            (quoted if place.quoted else told)[place.figure] = None
    return [*told, *(figure for figure in quoted if figure not in told)]


def agrees(pronoun: Pronoun, figure: Figure) -> bool:
    """In gender and number: "he" and a person whom no title or role shows to be a woman."""
    if pronoun.person != 3:
        return False
    if pronoun.gender == "neuter":
        return figure.kind == "organization"
    if pronoun.kind == "description":
        return figure.named and figure.kind == "person" and not figure.contradicts(pronoun.gender)
    if pronoun.gender in ("masculine", "feminine"):
        return (
            figure.kind in ("person", "anonymous")
            and not figure.plural
            and not figure.contradicts(pronoun.gender)
        )
    return True


def features(
    figure: Figure, before: int, question: Question, trail: Trail, page: Page
) -> dict[str, float]:
    """What speaks for a candidate and against it; names as in `WEIGHTS`.

    `before` is how many other candidates were told of later.
    """
    at = question.place.start
    told = [place for place in trail.told(figure) if place.end <= at]
    last = next((place for place in reversed(told) if not place.quoted), told[-1])
    gender = question.pronoun.gender
    gendered = gender in ("masculine", "feminine")
    return {
        "same sentence": float(page.sentence(at) == page.sentence(last.start)),
        "paragraphs between": float(min(page.paragraph(at) - page.paragraph(last.start), 4)),
        "others between": float(min(before, 4)),
        "subject": float(last.standing.subject),
        "main subject": float(last.standing.main),
        "pronoun": float(last.by == "pronoun"),
        "only quoted": float(last.quoted),
        "gender known": float(figure.gender == gender),
        "gender doubtful": float(
            gendered and figure.gender not in ("any", question.pronoun.gender)
        ),
        "speaker before": float(figure is question.speaker_before),
        "named": float(figure.named),
        "begins paragraph": float(page.begins_paragraph(last.start)),
        "named in the quotation": float(_named_within(figure, question.quotation, trail)),
    }


def choose(
    question: Question, trail: Trail, page: Page, weights: Mapping[str, float] = WEIGHTS
) -> Figure | None:
    """The best candidate; None where there is none, or none that stands out."""
    if question.pronoun.kind == "relative":
        return _beside(question, trail)
    scored = [
        (score(features(figure, order, question, trail, page), weights), figure)
        for order, figure in enumerate(candidates(question, trail))
    ]
    if not scored:
        return None
    best, figure = max(scored, key=lambda item: item[0])
    probability = 1 / sum(exp(value - best) for value, _ in scored)
    return figure if probability >= _LEAST_PROBABILITY else None


def _beside(question: Question, trail: Trail) -> Figure | None:
    """Whom a relative clause is about: "Mike Osei of Ohio | , who called it ..."."""
    for place in trail.back(question.place.start):
        person = place.figure.kind != "organization"
        if place.by != "pronoun" and person == (question.pronoun.gender != "neuter"):
            return place.figure
    return None


def score(values: Mapping[str, float], weights: Mapping[str, float]) -> float:
    return sum(weights[name] * value for name, value in values.items())


def _named_within(figure: Figure, quotation: tuple[int, int] | None, trail: Trail) -> bool:
    """Who is named in the words quoted seldom says them: "“Osei is wrong,” he said"."""
    if quotation is None:
        return False
    start, end = quotation
    return any(start <= place.start < end and place.by == "name" for place in trail.told(figure))
