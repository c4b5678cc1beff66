"""The article read from its beginning: each pronoun and description given its figure in turn."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from spacy.tokens import Token

from quotedex.lexicon import Pronoun, lexicon
from quotedex.models import Span
from quotedex.resolve.figures import Figure, Place, Trail
from quotedex.resolve.nominals import (
    Phrase,
    find_role,
    nameless,
    phrase_at,
    place_of,
    role_phrases,
)
from quotedex.resolve.page import Page
from quotedex.resolve.pronouns import Question, choose

# A name behind one of these is not the source: "a spokesman for Ana Osei", "a friend of Osei".
_DEPENDENT = re.compile(r"\b(?:for|of|to|at|in|with|from|by|on|who|whose|that|which)\b")


@dataclass(frozen=True, slots=True)
class Source:
    """The mention of quotation number `index`, whose words are `quotation`."""

    index: int
    quotation: tuple[int, int]
    mention: Span
    antecedent: Span | None


@dataclass(slots=True)
class Reading:
    """What is known when the reader has come so far."""

    page: Page
    trail: Trail
    speaker: Figure | None = None
    answers: dict[Span, Figure | None] = field(default_factory=dict)


def read_article(
    page: Page, trail: Trail, sources: Sequence[Source]
) -> Iterator[tuple[Source, Figure]]:
    """Each source that the text tells, with its figure; `trail` holds the named ones before."""
    reading = Reading(page, trail)
    for step in _steps(page, sources):
        if isinstance(step, Source):
            if step.mention not in reading.answers:
                reading.answers[step.mention] = _who(step, reading)
            figure = reading.answers[step.mention]
            if figure is not None:
                reading.speaker = figure
                yield step, figure
        elif isinstance(step, Phrase):
            _meet(step, reading)
        else:
            _ask(step, None, reading)


def _steps(page: Page, sources: Sequence[Source]) -> list[Source | Phrase | Token]:
    """Sources, and outside of them and of quotations descriptions and pronouns, in text order."""
    mentions = [(source.mention.start, source.mention.end) for source in sources]

    def free(start: int, end: int) -> bool:
        return not any(a < end and start < b for a, b in mentions)

    steps: list[tuple[int, int, Source | Phrase | Token]] = [
        (source.mention.start, source.index, source) for source in sources
    ]
    for phrase in role_phrases(page):
        if free(phrase.start, phrase.end):
            steps.append((phrase.start, -1, phrase))
    for token in page.tokens:
        pronoun = lexicon().pronouns.get(token.lower_)
        if (
            pronoun is not None
            and pronoun.gender in ("masculine", "feminine")
            and page.quoted(token.idx) is None
            and free(token.idx, token.idx + len(token))
        ):
            steps.append((token.idx, -1, token))
    return [step for *_, step in sorted(steps, key=lambda item: item[:2])]


def _who(source: Source, reading: Reading) -> Figure | None:
    """The figure that a source's mention means."""
    start, end = source.mention.start, source.mention.end
    named = _named_head(start, end, reading)
    if named is not None:
        return named
    token = reading.page.head(start, end)
    if source.antecedent is not None:
        told = _named_head(source.antecedent.start, source.antecedent.end, reading)
        if told is not None:
            return told
    first = reading.page.token(start)
    for pronoun in (token, first):
        if pronoun.lower_ in lexicon().pronouns:
            return _ask(pronoun, source, reading)
    return _meet(phrase_at(reading.page, start, end), reading)


def _named_head(start: int, end: int, reading: Reading) -> Figure | None:
    """The named figure that some words are about: "Ms Pelosi's spokesperson | Ashley Etienne |".

    A name that another word depends on is passed by; of several parts the first with a name.
    """
    text = reading.page.text
    for place in reading.trail.named_within(start, end):
        before = text[start : place.start]
        part = before.rpartition(", ")[2]
        if not place.possessive and not _DEPENDENT.search(part):
            return place.figure
    return None


def _ask(token: Token, source: Source | None, reading: Reading) -> Figure | None:
    """Who a pronoun is; the reader keeps the answer."""
    page = reading.page
    pronoun = lexicon().pronouns[token.lower_]
    place = Place(token.idx, token.idx + len(token), _NOBODY, subject=token.dep_ == "nsubj")
    question = Question(place, pronoun, source.quotation if source else None, reading.speaker)
    figure = _enclosing_speaker(token, pronoun, reading) or choose(question, reading.trail, page)
    if figure is not None:
        reading.trail.add(
            Place(
                place.start,
                place.end,
                figure,
                subject=token.dep_ in ("nsubj", "nsubjpass"),
                possessive=token.tag_ == "PRP$",
                quoted=page.quoted(token.idx) is not None,
                pronoun=True,
            )
        )
    return figure


_NOBODY = Figure("anonymous")


def _enclosing_speaker(token: Token, pronoun: Pronoun, reading: Reading) -> Figure | None:
    return None


def _meet(phrase: Phrase, reading: Reading) -> Figure:
    """Whom a description means: somebody told of already, or somebody new."""
    figure = None
    if phrase.definite:
        figure = find_role(phrase, reading.trail, phrase.start)
    if figure is None:
        figure = nameless(phrase, reading.page)
    reading.trail.add(place_of(phrase, figure, reading.page))
    return figure
