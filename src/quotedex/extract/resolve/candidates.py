"""Candidates for what a pronoun or a description refers to, and how one of them is chosen.

A log-linear model: `lexicons/weights.toml` holds for each kind of expression the log-odds that a
feature gives a candidate. training/fit_resolver.py fits them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

from quotedex.extract.resolve.article import ParsedArticle
from quotedex.extract.resolve.entities import DiscourseModel, Entity, Mention
from quotedex.extract.resolve.mentions import SourceMention
from quotedex.text.lexicon import resolver_weights

_POINTER_FLOOR = 0.02  # below it the network's probability says nothing
CLEAR_POINTER = log(0.5 / _POINTER_FLOOR)
"""The feature "pointer" of an entity that the network gives half of the probability."""


@dataclass(frozen=True, slots=True)
class LastQuotation:
    """Who said the quotation before, and where it ended."""

    speaker: Entity
    end: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entity that may be meant, None for somebody not mentioned elsewhere, and its features."""

    entity: Entity | None
    features: Mapping[str, float]


def best_candidate(candidates: Sequence[Candidate], table: str) -> tuple[int, float]:
    """The index of the most probable candidate, and its probability among all."""
    weights = resolver_weights()[table]
    scores = [
        sum(weights.get(name, 0.0) * value for name, value in candidate.features.items())
        for candidate in candidates
    ]
    best = max(range(len(candidates)), key=scores.__getitem__)
    return best, 1 / sum(exp(score - scores[best]) for score in scores)


def last_mention(mentions: Sequence[Mention], at: int, article: ParsedArticle) -> Mention:
    """The last of some mentions, those inside other quotations than this place's aside."""
    heard = (None, article.quotation_at(at))
    return next((m for m in reversed(mentions) if m.quotation in heard), mentions[-1])


def nearness_features(
    last: Mention, at: int, model: DiscourseModel, article: ParsedArticle
) -> dict[str, float]:
    """How near the last mention is, and whether its clause is about somebody's words.

    Quoted words are not counted: "An aide | denied it. “…,” | he | said".
    """
    gap = article.chars_outside_quotations(last.end, at)
    return {
        "within 50 characters": gap < 50,
        "within 150 characters": gap < 150,
        "within 400 characters": gap < 400,
        "characters between": log(1 + max(0, gap) / 50),
        "last subject": model.last_subject(at) is last.entity,
        "subject of a cue": article.is_subject_of_cue(last.start, last.end),
    }


def role_in_article_features(
    entity: Entity, model: DiscourseModel, article: ParsedArticle
) -> dict[str, float]:
    """What the whole article says: is this one of those whom it quotes?"""
    times = model.times_source[entity]
    first = model.mentions_of(entity)[0]
    return {
        "times a source": min(times, 3),
        "never a source": times == 0,
        "in the opening": article.paragraph_at(first.start) <= 2,
    }


def pointer_features(
    entity: Entity | None, source: SourceMention | None, model: DiscourseModel
) -> dict[str, float]:
    """The attribution network's probability for all mentions of an entity together, as a logarithm;
    for None, that the name is not in its view."""
    if source is None or not source.pointers:
        return {}
    if entity is None:
        share = 1 - sum(probability for _, probability in source.pointers)
    else:
        mentions = model.mentions_of(entity)
        share = sum(
            probability
            for span, probability in source.pointers
            if any(m.start < span.end and span.start < m.end for m in mentions)
        )
    return {"pointer": log((max(share, 0.0) + _POINTER_FLOOR) / _POINTER_FLOOR)}
