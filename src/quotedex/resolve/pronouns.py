"""Whom a pronoun means: every figure told of so far is scored by a few features, the best wins.

The weights were fitted by logistic regression over annotated news; each is the log of the odds
that its feature gives a candidate over one without it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from quotedex.lexicon import Pronoun
from quotedex.resolve.figures import Figure, Place, Trail
from quotedex.resolve.page import Page

WEIGHTS: Mapping[str, float] = {
    "same sentence": 0.5,
    "sentence before": 0.3,
    "paragraphs between": -0.6,
    "others between": -0.5,
    "subject": 0.8,
    "possessive": -0.5,
    "pronoun": 0.5,
    "gender known": 1.0,
    "speaker before": 1.0,
    "named": 0.5,
    "often": 0.3,
    "named in the quotation": -2.5,
    "same clause": -2.0,
}
_LEAST_MARGIN = 0.0


@dataclass(frozen=True, slots=True)
class Question:
    """A pronoun at a place. `quotation` is the span that it is the source of, if it is of one;
    `speaker_before` the figure that said the quotation before it."""

    place: Place
    pronoun: Pronoun
    quotation: tuple[int, int] | None
    speaker_before: Figure | None


def candidates(question: Question, trail: Trail) -> list[Figure]:
    """The figures told of before the pronoun that agree with it, the latest told of first."""
    found: dict[Figure, None] = {}
    for place in trail.back(question.place.start):
        figure = place.figure
        if figure not in found and agrees(question.pronoun, figure):
            found[figure] = None
    return list(found)


def agrees(pronoun: Pronoun, figure: Figure) -> bool:
    """In gender and number: "he" and a person not known to be a woman."""
    if pronoun.gender == "neuter":
        return figure.kind == "organization"
    if pronoun.gender in ("masculine", "feminine"):
        return (
            figure.kind in ("person", "anonymous")
            and not figure.plural
            and figure.gender in ("any", pronoun.gender)
        )
    if pronoun.number == "plural":
        return figure.plural or figure.kind in ("group", "organization")
    return figure.plural or figure.kind in ("group", "organization")


def features(figure: Figure, question: Question, trail: Trail, page: Page) -> dict[str, float]:
    """What speaks for a candidate and against it; names as in `WEIGHTS`."""
    at = question.place.start
    told = [place for place in trail.back(at) if place.figure is figure]
    last = next((place for place in told if not place.quoted), told[0])
    between = {
        place.figure
        for place in trail.back(at)
        if place.start > last.start and not place.quoted and agrees(question.pronoun, place.figure)
    }
    paragraphs = page.paragraph(at) - page.paragraph(last.start)
    sentences = page.sentence(at) - page.sentence(last.start)
    return {
        "same sentence": float(sentences == 0),
        "sentence before": float(sentences == 1),
        "paragraphs between": float(min(paragraphs, 4)),
        "others between": float(min(len(between - {figure}), 4)),
        "subject": float(last.subject),
        "possessive": float(last.possessive),
        "pronoun": float(last.pronoun),
        "gender known": float(figure.gender == question.pronoun.gender),
        "speaker before": float(figure is question.speaker_before),
        "named": float(figure.named),
        "often": float(min(len(told), 8)) ** 0.5,
        "named in the quotation": float(_named_within(figure, question.quotation, trail)),
        "same clause": float(_same_clause(question.place, told, page)),
    }


def choose(
    question: Question, trail: Trail, page: Page, weights: Mapping[str, float] = WEIGHTS
) -> Figure | None:
    """The best candidate; None where there is none, or none that stands out."""
    scored = sorted(
        (
            (score(features(figure, question, trail, page), weights), -order, figure)
            for order, figure in enumerate(candidates(question, trail))
        ),
        key=lambda item: item[:2],
        reverse=True,
    )
    if not scored or (len(scored) > 1 and scored[0][0] - scored[1][0] < _LEAST_MARGIN):
        return None
    return scored[0][2]


def score(values: Mapping[str, float], weights: Mapping[str, float]) -> float:
    return sum(weights[name] * value for name, value in values.items())


def _named_within(figure: Figure, quotation: tuple[int, int] | None, trail: Trail) -> bool:
    """Who is named in the words quoted seldom says them: "“Osei is wrong,” he said"."""
    if quotation is None:
        return False
    start, end = quotation
    return any(
        place.figure is figure and start <= place.start < end and not place.pronoun
        for place in trail.places
    )


def _same_clause(place: Place, told: Collection[Place], page: Page) -> bool:
    """A subject is not its verb's object: "Osei thanked him"."""
    token = page.token(place.start)
    if token.dep_ not in ("dobj", "pobj", "dative", "iobj"):
        return False
    verb = token.head if token.head.pos_ != "ADP" else token.head.head
    return any(page.head(other.start, other.end).head == verb and other.subject for other in told)
