"""The article read from its beginning: each pronoun and description given its figure in turn."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from spacy.tokens import Token

from quotedex.lexicon import lexicon
from quotedex.models import Span
from quotedex.resolve.figures import Figure, Place, Trail
from quotedex.resolve.nominals import (
    Phrase,
    find_announced,
    find_described,
    nameless,
    phrases,
    place_of,
    source_phrase,
)
from quotedex.resolve.page import Page
from quotedex.resolve.pronouns import Question, choose
from quotedex.resolve.sources import Source, core, parts

_REFERRING = frozenset({"personal", "reflexive", "possessive", "relative"})
_BY = re.compile(r" (?:by|from|of) (?:the |an? )?")
_BYLINE = re.compile(r"\s*(?:by|from|words:?)\s+", re.IGNORECASE)
_NOBODY = Figure("anonymous")


@dataclass(slots=True)
class Reading:
    """What is known when the reader has come so far."""

    page: Page
    trail: Trail
    speaker: Figure | None = None
    answers: dict[Span, Figure | None] = field(default_factory=dict)
    said: dict[tuple[int, int], Figure] = field(default_factory=dict)


def read_article(
    page: Page, trail: Trail, sources: Sequence[Source]
) -> Iterator[tuple[Source, Figure]]:
    """Each source that the text tells, with its figure; `trail` holds the named ones before."""
    reading = Reading(page, trail)
    for step in _steps(page, [source for source in sources if not _is_speaker(source, page)]):
        if isinstance(step, Source):
            if step.mention not in reading.answers:
                reading.answers[step.mention] = _who(step, reading)
            figure = reading.answers[step.mention]
            if figure is not None:
                reading.speaker = figure
                reading.said[step.quotation] = figure
                yield step, figure
        elif isinstance(step, Phrase):
            _meet(step, reading)
        else:
            _ask(step, None, reading)
    for source in sources:
        figure = _speaker_around(source, reading) if _is_speaker(source, page) else None
        if figure is not None:
            reading.said[source.quotation] = figure
            yield source, figure


def _is_speaker(source: Source, page: Page) -> bool:
    """Whether a source is whoever is speaking: "I", "we"."""
    words = core(page.text, parts(page.text, source.mention)[0])
    pronoun = lexicon().pronouns.get(page.text[words.start : words.end].lower())
    return pronoun is not None and pronoun.person == 1


def _speaker_around(source: Source, reading: Reading) -> Figure | None:
    """Who says "I": the speaker of the quotation around it, else the article's author."""
    start = source.mention.start
    around = [q for q in reading.said if q[0] <= start < q[1] and q != source.quotation]
    if around:
        return reading.said[max(around)]
    if reading.page.quoted(start) is not None:
        return None
    for place in reading.trail.places:
        before = reading.page.text[reading.page.line_start(place.start) : place.start]
        if place.figure.kind == "person" and _BYLINE.fullmatch(before):
            return place.figure
    return None


def _steps(page: Page, sources: Sequence[Source]) -> list[Source | Phrase | Token]:
    """Sources, and outside of them and of quotations descriptions and pronouns, in text order."""
    mentions = [(source.mention.start, source.mention.end) for source in sources]

    def free(start: int, end: int) -> bool:
        return not any(a < end and start < b for a, b in mentions)

    steps: list[tuple[int, int, Source | Phrase | Token]] = [
        (source.mention.start, source.index, source) for source in sources
    ]
    for phrase in phrases(page):
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
    page = reading.page
    named = _named(source.mention, reading)
    if named is None and source.antecedent is not None:
        named = _named(source.antecedent, reading)
    if named is not None:
        return named
    part = parts(page.text, source.mention)[0]
    words = core(page.text, part)
    head = page.tokens_in(words.start, words.end)[-1]
    pronoun = lexicon().pronouns.get(head.lower_)
    if pronoun is not None and pronoun.kind in _REFERRING:
        return _ask(head, source, reading)
    return _meet(source_phrase(page, words, part.end), reading)


def _named(mention: Span, reading: Reading) -> Figure | None:
    """The figure that a mention names: "Ms Pelosi's spokesperson | Ashley Etienne |", or that
    stands beside it: "a police spokesman | , Ana Osei,"."""
    text = reading.page.text
    for part in parts(text, mention):
        end = core(text, part).end
        for place in reading.trail.named_within(part.start, part.end):
            if place.start < end <= place.end + 1:
                return place.figure
    for place in reading.trail.named_within(mention.end, mention.end + 3):
        if text[mention.end : place.start] == ", " and place.figure.kind == "person":
            return place.figure
    return None


def _ask(token: Token, source: Source | None, reading: Reading) -> Figure | None:
    """Who a pronoun is; the reader keeps the answer."""
    page = reading.page
    place = Place(token.idx, token.idx + len(token), _NOBODY)
    question = Question(
        place,
        lexicon().pronouns[token.lower_],
        source.quotation if source else None,
        reading.speaker,
    )
    figure = choose(question, reading.trail, page)
    if figure is not None:
        if not figure.plural:
            figure.genders[question.pronoun.gender] += 1
        reading.trail.add(
            Place(
                place.start,
                place.end,
                figure,
                standing=page.standing(place.start, place.end),
                possessive=token.tag_ == "PRP$",
                quoted=page.quoted(token.idx) is not None,
                pronoun=True,
            )
        )
    return figure


def _meet(phrase: Phrase, reading: Reading) -> Figure:
    """Whom a description means: somebody told of already, somebody named later, or a new figure."""
    page, trail = reading.page, reading.trail
    figure = _issuer(phrase, reading) if phrase.document else None
    if figure is None and (phrase.definite or phrase.words[-1] == phrase.noun):
        figure = find_described(phrase, trail, page)
    if figure is None and phrase.person and not phrase.plural:
        figure = find_announced(phrase, trail, page)
    if figure is None:
        figure = nameless(phrase, page)
    trail.add(place_of(phrase, figure, page))
    return figure


def _issuer(phrase: Phrase, reading: Reading) -> Figure | None:
    """Whose document it is: "the White House | statement", "a report by the | Bureau of Safety"."""
    text, trail = reading.page.text, reading.trail
    for place in trail.named_within(phrase.start, phrase.end + 60):
        if place.end <= phrase.head.idx and place.start >= phrase.start:
            gap = text[place.end : phrase.head.idx]
            if place.possessive or len(gap.split()) <= 1:
                break
        elif _BY.fullmatch(text[phrase.head.idx + len(phrase.head) : place.start]):
            break
    else:
        return None
    place.figure.roles.add(phrase.noun)
    return place.figure
