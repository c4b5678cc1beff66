"""The article read from its beginning: each pronoun and description given its figure in turn."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from quotedex.extract.resolve import reasons
from quotedex.extract.resolve.article import Page
from quotedex.extract.resolve.entities import Answer, Figure, Place, Trail
from quotedex.extract.resolve.mentions import Source, core, parts
from quotedex.extract.resolve.nominals import (
    Phrase,
    find_announced,
    find_apposed,
    find_described,
    nameless,
    phrases,
    place_of,
    source_phrase,
)
from quotedex.extract.resolve.pronouns import Candidate, Question, beside, candidates, choose
from quotedex.models import Span
from quotedex.text.lexicon import Gender, Pronoun, lexicon

if TYPE_CHECKING:
    from spacy.tokens import Token

_REFERRING = frozenset({"personal", "reflexive", "possessive", "relative"})
_BY = re.compile(r" (?:by|from|of) (?:the |an? )?")
_OWNER = re.compile(
    r"((?:the|an?) [a-z][\w -]*?)(?:['\N{RIGHT SINGLE QUOTATION MARK}]s?) ", re.IGNORECASE
)
# "Secretary | of State | John Osei", but not "a spokesman | for | John Osei"
_LONG_TITLE = re.compile(r" (?:of|for|to) (?:the )?(?:[^\W\d_][\w&'-]* )+")
_BYLINE = re.compile(r"\s*(?:by|from|words:?)\s+", re.IGNORECASE)
Chooser = Callable[[Question, Sequence[Candidate]], Answer | None]
_NOBODY = Figure("anonymous")


@dataclass(slots=True)
class Reading:
    """What is known when the reader has come so far."""

    page: Page
    trail: Trail
    choose: Chooser
    speaker: Figure | None = None
    said_before: int = 0
    answers: dict[Span, Answer | None] = field(default_factory=dict)
    said: dict[tuple[int, int], Figure] = field(default_factory=dict)


def read_article(
    page: Page, trail: Trail, sources: Sequence[Source], choose: Chooser = choose
) -> Iterator[tuple[Source, Answer]]:
    """Each source that the text tells, with whom it means; `trail` holds the named ones before.

    `choose` settles which of several candidates a pronoun means.
    """
    reading = Reading(page, trail, choose)
    for step in _steps(page, [source for source in sources if not _is_speaker(source, page)]):
        if isinstance(step, Source):
            if step.mention not in reading.answers:
                reading.answers[step.mention] = _who(step, reading)
            answer = reading.answers[step.mention]
            if answer is not None:
                reading.speaker = answer.figure
                reading.said_before = step.quotation[1]
                reading.said[step.quotation] = answer.figure
                yield step, answer
        elif isinstance(step, Phrase):
            _meet(step, reading)
        else:
            _ask(step, None, reading)
    for source in sources:
        answer = _speaker_around(source, reading) if _is_speaker(source, page) else None
        if answer is not None:
            reading.said[source.quotation] = answer.figure
            yield source, answer


def _is_speaker(source: Source, page: Page) -> bool:
    """Whether a source is whoever is speaking: "I", "we"."""
    words = core(page.text, parts(page.text, source.mention)[0])
    pronoun = lexicon().pronouns.get(page.text[words.start : words.end].lower())
    return pronoun is not None and pronoun.person == 1


def _speaker_around(source: Source, reading: Reading) -> Answer | None:
    """Who says "I": the speaker of the quotation around it, else the article's author."""
    start, end = source.mention.start, source.mention.end
    around = [q for q in reading.said if q[0] <= start < q[1] and q != source.quotation]
    if around:
        why = reasons.speaks(reading.page.text[start:end])
        return Answer(reading.said[max(around)], "speaker", why)
    if reading.page.quoted(start) is not None:
        return None
    return _author(reading)


def _author(reading: Reading) -> Answer | None:
    """Whom a byline names ("By Ana Osei") or a last line presents ("Ana Osei is a writer.")."""
    page = reading.page
    last_line = page.line_start(len(page.text.rstrip()))
    for place in reading.trail.places:
        before = page.text[page.line_start(place.start) : place.start]
        behind = page.text[place.end : place.end + 4]
        if place.figure.kind != "person":
            continue
        if _BYLINE.fullmatch(before):
            return Answer(place.figure, "speaker", reasons.BYLINE)
        if place.start == last_line and behind == " is ":
            return Answer(place.figure, "speaker", reasons.LAST_LINE)
    return None


def _steps(page: Page, sources: Sequence[Source]) -> list[Source | Phrase | Token]:
    """Sources, and outside of them and of quotations descriptions and pronouns, in text order."""
    mentions = [(source.mention.start, source.mention.end) for source in sources]

    within = {at for at in (page.quoted(start) for start, _ in mentions) if at is not None}

    def free(start: int, end: int) -> bool:
        return not any(a < end and start < b for a, b in mentions)

    steps: list[tuple[int, int, Source | Phrase | Token]] = [
        (source.mention.start, source.index, source) for source in sources
    ]
    for phrase in phrases(page, within):
        if free(phrase.start, phrase.end):
            steps.append((phrase.start, -1, phrase))
    for token in page.tokens:
        pronoun = lexicon().pronouns.get(token.lower_)
        if (
            pronoun is not None
            and pronoun.gender in ("masculine", "feminine")
            and page.quoted(token.idx) in (None, *within)
            and free(token.idx, token.idx + len(token))
        ):
            steps.append((token.idx, -1, token))
    return [step for *_, step in sorted(steps, key=lambda item: item[:2])]


def _who(source: Source, reading: Reading) -> Answer | None:
    """The figure that a source's mention means; None also where no noun is among its words."""
    page = reading.page
    named = _named(source.mention, reading)
    if named is not None:
        return named
    part = parts(page.text, source.mention)[0]
    words = core(page.text, part)
    head = page.tokens_in(words.start, words.end)[-1]
    pronoun = lexicon().pronouns.get(head.lower_)
    if pronoun is not None and pronoun.kind in _REFERRING:
        return _ask(head, source, reading)
    if head.pos_ in ("VERB", "AUX", "ADP"):
        return None
    return _meet(source_phrase(page, words, part.end), reading, source)


def _named(mention: Span, reading: Reading) -> Answer | None:
    """The figure that a mention names: "Ms Pelosi's spokesperson | Ashley Etienne |", or that
    stands beside it: "a police spokesman | , Ana Osei,"."""
    text = reading.page.text
    for part in parts(text, mention):
        end = core(text, part).end
        places = reading.trail.named_within(part.start, part.end)
        if _are_together(places, end, text):
            together = _together([place.figure for place in places[-2:]])
            return Answer(together, "name", reasons.TOGETHER)
        for place in places:
            if place.start < end <= place.end + 1:
                return Answer(place.figure, "name", reasons.named(place, reading.trail, text))
        if (
            places
            and places[-1].end >= part.end
            and _LONG_TITLE.fullmatch(text[end : places[-1].start])
        ):
            why = reasons.named(places[-1], reading.trail, text)
            return Answer(places[-1].figure, "name", why)
    for place in reading.trail.named_within(mention.end, mention.end + 3):
        if text[mention.end : place.start] == ", " and place.figure.kind == "person":
            return Answer(place.figure, "name", reasons.NAMED_BESIDE)
    return None


def _are_together(places: Sequence[Place], end: int, text: str) -> bool:
    """ "Ana Osei and Tom Bell" and nothing behind."""
    return (
        len(places) > 1
        and all(place.figure.kind == "person" for place in places[-2:])
        and text[places[-2].end : places[-1].start] == " and "
        and places[-1].start < end <= places[-1].end + 1
    )


def _together(figures: Sequence[Figure]) -> Figure:
    name = " and ".join(figure.name for figure in figures)
    return Figure("group", named=True, forms=Counter([name]), plural=True)


def _ask(token: Token, source: Source | None, reading: Reading) -> Answer | None:
    """Who a pronoun is; the reader keeps the answer."""
    page = reading.page
    place = Place(token.idx, token.idx + len(token), _NOBODY)
    question = Question(
        place,
        lexicon().pronouns[token.lower_],
        source.quotation if source else None,
        reading.speaker,
        reading.said_before,
        source.antecedent if source else None,
    )
    answer = _best(question, reading)
    if answer is not None:
        figure = answer.figure
        if not figure.plural:
            figure.genders[question.pronoun.gender] += 1
        reading.trail.add(
            Place(
                place.start,
                place.end,
                figure,
                standing=page.standing(place.start, place.end),
                possessive=token.tag_ == "PRP$",
                quoted=page.quoted(token.idx),
                by="pronoun",
            )
        )
    return answer


def _meet(phrase: Phrase, reading: Reading, source: Source | None = None) -> Answer:
    """Whom a description means: somebody told of already, somebody named later, or a new figure."""
    page, trail = reading.page, reading.trail
    answer = _issuer(phrase, reading) if phrase.document else find_apposed(phrase, trail, page)
    if answer is None and phrase.definite:
        answer = find_described(phrase, trail)
    person = phrase.person or (source is not None and not phrase.document)
    if answer is None and person and not phrase.organization and not phrase.plural:
        answer = find_announced(phrase, trail, page)
    if answer is None and phrase.definite and source is not None:
        answer = _guess(phrase, source, reading)
    if answer is None:
        figure = nameless(phrase, page)
        answer = Answer(figure, "words", reasons.nameless(figure, document=phrase.document))
    trail.add(place_of(phrase, answer.figure, page))
    return answer


def _guess(phrase: Phrase, source: Source, reading: Reading) -> Answer | None:
    """Whom a description means that was given to nobody before: "the businessman" after "Ana Osei".

    Only one who would be meant by a pronoun just here.
    """
    role = lexicon().roles.get(phrase.noun)
    if phrase.plural or phrase.document or not (phrase.person or phrase.organization):
        return None
    complement = phrase.end > phrase.head.idx + len(phrase.head) and not phrase.age
    if complement or _OWNER.match(reading.page.text, phrase.start, phrase.head.idx):
        return None
    gender: Gender = role.gender if role else "any" if phrase.person else "neuter"
    pronoun = Pronoun(gender, "singular", 3, "description")
    place = Place(phrase.start, phrase.end, _NOBODY)
    question = Question(place, pronoun, source.quotation, reading.speaker)
    answer = _best(question, reading)
    if answer is None:
        return None
    return replace(answer, way="guess", why=reasons.guessed(phrase.label, answer.why))


def _best(question: Question, reading: Reading) -> Answer | None:
    if question.pronoun.kind == "relative":
        return beside(question, reading.trail, reading.page)
    return reading.choose(question, candidates(question, reading.trail, reading.page))


def _issuer(phrase: Phrase, reading: Reading) -> Answer | None:
    """Whose document it is: "the White House | statement", "a report by the | Bureau of Safety",
    "the insurer’s | report", "her | letter"."""
    page, trail = reading.page, reading.trail
    issuer = None
    why = reasons.issued(phrase.head.text)
    for place in trail.named_within(phrase.start, phrase.end + 60):
        gap = page.text[place.end : phrase.head.idx]
        if phrase.start <= place.start and place.end <= phrase.head.idx:
            if place.possessive or len(gap.split()) <= 1:
                issuer = place.figure
        elif _BY.fullmatch(page.text[phrase.head.idx + len(phrase.head) : place.start]):
            issuer = place.figure
    owner = _OWNER.match(page.text, phrase.start, phrase.head.idx)
    if issuer is None and owner:
        core = Span(owner.start(1), owner.end(1))
        answer = _meet(source_phrase(page, core, core.end), reading)
        issuer, why = answer.figure, reasons.issued(phrase.head.text, answer.why)
        if (
            issuer.kind == "anonymous"
            and not issuer.named
            and issuer.roles.isdisjoint(lexicon().roles)
        ):
            issuer.kind = "organization"
    if issuer is None and phrase.words[0] in ("his", "her", "its"):
        asked = _ask(page.token(phrase.start), None, reading)
        if asked is not None:
            issuer, why = asked.figure, reasons.issued(phrase.head.text, asked.why)
    if issuer is None:
        return None
    issuer.roles.add(phrase.noun)
    return Answer(issuer, "issuer", why)
