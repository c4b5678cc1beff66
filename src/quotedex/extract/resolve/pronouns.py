"""Whom a pronoun means: every figure told of so far is scored by a few features, the best wins.

`weights.toml` holds what training/fit_resolver.py fitted: for each kind of pronoun the log of the
odds that a feature gives a candidate over one without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import exp, log

from quotedex.extract.resolve import reasons
from quotedex.extract.resolve.article import Page
from quotedex.extract.resolve.entities import STRONG, Answer, Figure, Place, Trail
from quotedex.models import Span
from quotedex.text.lexicon import Pronoun, weights

_LEAST_PROBABILITY = 0.4
_REMEMBERED = 1000  # places that a reader looks back on


@dataclass(frozen=True, slots=True)
class Question:
    """A pronoun at a place. `quotation` is the span that it is the source of, if it is of one;
    `speaker_before` the figure that said the quotation before it, which ended at `said_before`;
    `pointed` the words that the attribution network takes for the antecedent."""

    place: Place
    pronoun: Pronoun
    quotation: tuple[int, int] | None
    speaker_before: Figure | None
    said_before: int = 0
    pointed: Span | None = None

    @property
    def kind(self) -> str:
        """The table of weights that is for it."""
        described = self.pronoun.kind == "description"
        if self.pronoun.gender in ("masculine", "feminine") or (
            described and self.pronoun.gender != "neuter"
        ):
            return "person"
        return "thing" if self.pronoun.gender == "neuter" else "several"


@dataclass(frozen=True, slots=True)
class Candidate:
    figure: Figure
    features: Mapping[str, float]


def candidates(question: Question, trail: Trail, page: Page) -> list[Candidate]:
    """The figures told of before the pronoun that agree with it, with what speaks for each."""
    here = page.quoted(question.place.start)
    told: dict[Figure, None] = {}
    quoted: dict[Figure, None] = {}
    for place in islice(trail.back(question.place.start), _REMEMBERED):
        if agrees(question.pronoun, place.figure):
            (told if place.quoted in (None, here) else quoted)[place.figure] = None
    ordered = [*told, *(figure for figure in quoted if figure not in told)]
    if question.kind == "several" and any(figure.uses_they for figure in ordered):
        ordered = [figure for figure in ordered if figure.uses_they]
    return [
        Candidate(figure, features(figure, order, question, trail, page))
        for order, figure in enumerate(ordered)
    ]


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
            and not figure.uses_they
            and not figure.contradicts(pronoun.gender)
        )
    return True


def features(
    figure: Figure, before: int, question: Question, trail: Trail, page: Page
) -> dict[str, float]:
    """What speaks for a candidate and against it; names as in `weights.toml`.

    `before` is how many other candidates were told of later.
    """
    at = question.place.start
    told = [place for place in trail.told(figure) if place.end <= at]
    heard = (None, page.quoted(at))
    last = next((place for place in reversed(told) if place.quoted in heard), told[-1])
    apart = page.paragraph(at) - page.paragraph(last.start)
    sentences = page.sentence(at) - page.sentence(last.start)
    values = {
        "same sentence": sentences == 0,
        "sentence before": sentences == 1 and apart == 0,
        "same paragraph": apart == 0,
        "paragraph before": apart == 1,
        "paragraphs between": min(apart, 4),
        "next to last": before == 1,
        "others between": min(before, 4),
        "subject": last.standing.subject,
        "main subject": last.standing.main,
        "possessive": last.possessive,
        "begins paragraph": page.begins_paragraph(last.start),
        "pronoun": last.by == "pronoun",
        "description": last.by == "description",
        "only quoted": last.quoted not in heard,
        "in the same quotation": last.quoted is not None and last.quoted in heard,
        "told of often": log(len(told)),
        "named": figure.named,
        "kind person": figure.kind == "person",
        "several": figure.plural,
        "known by roles": bool(figure.roles),
        "named in the quotation": _named_within(figure, question.quotation, trail),
        "pointed at": _is_pointed(figure, question.pointed, trail),
    }
    values.update(_gender(figure, question))
    values.update(_spoke(figure, question, page))
    return {name: float(value) for name, value in values.items() if value}


def _gender(figure: Figure, question: Question) -> dict[str, bool]:
    gender = question.pronoun.gender
    if gender not in ("masculine", "feminine"):
        return {}
    sure = max(figure.genders["masculine"], figure.genders["feminine"]) >= STRONG
    return {
        "gender sure": figure.gender == gender and sure,
        "gender likely": figure.gender == gender and not sure,
        "gender doubtful": figure.gender not in ("any", gender),
    }


def _spoke(figure: Figure, question: Question, page: Page) -> dict[str, bool]:
    if figure is not question.speaker_before:
        return {}
    apart = page.paragraph(question.place.start) - page.paragraph(question.said_before)
    return {
        "spoke before": True,
        "spoke in this paragraph": apart == 0,
        "spoke in the paragraph before": apart == 1,
    }


def _is_pointed(figure: Figure, pointed: Span | None, trail: Trail) -> bool:
    return pointed is not None and any(
        place.start < pointed.end and pointed.start < place.end for place in trail.told(figure)
    )


def choose(question: Question, found: Sequence[Candidate]) -> Answer | None:
    """The best candidate, with its probability among all; None where none stands out."""
    if not found:
        return None
    table = weights()[question.kind]
    scores = [sum(table.get(n, 0.0) * v for n, v in c.features.items()) for c in found]
    best = max(range(len(found)), key=scores.__getitem__)
    probability = 1 / sum(exp(value - scores[best]) for value in scores)
    if probability < _LEAST_PROBABILITY:
        return None
    why = reasons.chosen(
        [candidate.figure for candidate in found],
        found[best].figure,
        question.pronoun,
        pointed="pointed at" in found[best].features,
    )
    return Answer(found[best].figure, "pronoun", why, probability)


def beside(question: Question, trail: Trail, page: Page) -> Answer | None:
    """Whom a relative clause is about: "Mike Osei of Ohio | , who called it ..."."""
    for place in islice(trail.back(question.place.start), _REMEMBERED):
        person = place.figure.kind != "organization"
        if place.by != "pronoun" and person == (question.pronoun.gender != "neuter"):
            word = page.text[question.place.start : question.place.end].lower()
            return Answer(place.figure, "pronoun", reasons.just_before(place.figure, word))
    return None


def _named_within(figure: Figure, quotation: tuple[int, int] | None, trail: Trail) -> bool:
    """Who is named in the words quoted seldom says them: "“Osei is wrong,” he said"."""
    if quotation is None:
        return False
    start, end = quotation
    return any(start <= place.start < end and place.by == "name" for place in trail.told(figure))
