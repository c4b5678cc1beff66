"""The people whom an article names, each with all the forms of the name, and where they stand."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence

from quotedex.lexicon import Gender, lexicon
from quotedex.models import Span
from quotedex.resolve.figures import Figure, Place
from quotedex.resolve.names import (
    Name,
    fold,
    given_gender,
    given_names,
    same_person,
    short_for,
    take_apart,
)
from quotedex.resolve.page import Page
from quotedex.resolve.runs import Run, capitalized_runs
from quotedex.resolve.vocabulary import roles_of, vocabulary

_NO_PERSON = frozenset(
    {"ORG", "GPE", "LOC", "FAC", "NORP", "EVENT", "LAW", "PRODUCT", "WORK_OF_ART", "DATE"}
)
_AFTER_PERSON = re.compile(r",? ?\(?(\d{2}\b(?! percent)|who\b|whose\b)")


def find_cast(page: Page, sources: Collection[Span]) -> list[Place]:
    """Every place where a person is named, in text order.

    `sources` are the mentions that attribution found: what stands there alone is a speaker.
    """
    runs = [_cut(run, page) for run in capitalized_runs(page)]
    singles = Counter(_name(run).surname for run in runs if run.size == 1)
    runs = [part for run in runs for part in _headline_names(run, singles)]
    people = _whole_names(runs, page)
    places: list[Place] = []
    for run in runs:
        person = _find(run, people, places)
        if person is None and _is_single_person(run, runs, page, sources):
            person = Figure("person", [_name(run)])
            people.append(person)
        if person is not None:
            _learn(person, run, page)
            places.append(_place(run, person, page))
    return places


def _cut(run: Run, page: Page) -> Run:
    """Leaves out what the entity recognizer leaves out of a person: "Libertarian | Gary Osei",
    and the day after a name: "Osei | Tuesday"."""
    words, first = run.words, run.name
    while len(words) > first + 1 and fold(words[-1].text) in vocabulary().calendar:
        words = words[:-1]
    if fold(words[first].text) not in given_names():
        for index in range(first + 1, len(words) - 1):
            if page.label(words[first].start, words[index - 1].end) != "PERSON" and page.is_entity(
                words[index].start, words[-1].end, "PERSON"
            ):
                return Run(words, index)
    return Run(words, first)


def _headline_names(run: Run, singles: Counter[str]) -> Iterator[Run]:
    """The names inside a headline's capitals: "Ana Osei Sues | Osei" of "Ana Osei Sues Osei"."""
    if run.size < 4:
        yield run
        return
    at = run.name
    while at < len(run.words):
        size = 1
        if at + 1 < len(run.words) and fold(run.words[at].text) in given_names():
            size = 2 if fold(run.words[at + 1].text) in singles else 1
        if size == 2 or fold(run.words[at].text) in singles:
            yield Run(run.words[at : at + size], 0)
        at += size


def _name(run: Run) -> Name:
    return take_apart(" ".join(word.text for word in run.words[run.name :]))


def _whole_names(runs: Sequence[Run], page: Page) -> list[Figure]:
    """One person for each name of two words or more, variants of a name joined."""
    found: dict[Name, list[Run]] = defaultdict(list)
    for run in runs:
        name = _name(run)
        if len(name.words) > 1:
            found[name].append(run)
    people: list[Figure] = []
    for name in sorted(found, key=lambda n: -len(n.words)):
        if _person_score(name, found[name], page) <= 0:
            continue
        same = [p for p in people if any(same_person(name, other) for other in p.names)]
        if len(same) == 1:
            same[0].names.append(name)
        else:
            people.append(Figure("person", [name]))
    return people


def _person_score(name: Name, runs: Sequence[Run], page: Page) -> float:
    """Above 0 for a person: given name, title, age or "who" after it, the recognizer's word."""
    words = lexicon()
    labels = [page.label(run.start, run.end) for run in runs]
    score = sum((label == "PERSON") - (label in _NO_PERSON) for label in labels) / len(labels)
    score += 1.0 * (name.words[0] in given_names())
    score += 1.5 * any(roles_of(run.title) for run in runs)
    score += 1.0 * any(_AFTER_PERSON.match(page.text, run.end) for run in runs)
    score -= 2.0 * (name.surname in words.organization_nouns or len(name.words) > 5)
    score -= 1.0 * any(page.text[: run.words[0].start].lower().endswith("the ") for run in runs)
    score -= 1.0 * (name.words[0] in words.roles or name.surname in words.document_nouns)
    return score - 0.5


def _find(run: Run, people: Sequence[Figure], places: Sequence[Place]) -> Figure | None:
    """The person whose whole or short name a run is; of several the one told of last."""
    name = _name(run)
    for person in people:
        if name in person.names:
            return person
    fits = {p: max(short_for(name, full) for full in p.names) for p in people}
    best = max(fits.values(), default=0)
    if best == 0:
        return None
    gender = _title_gender(run)
    fitting = [person for person, fit in fits.items() if fit == best]
    candidates = [p for p in fitting if "any" in (gender, p.gender) or p.gender == gender]
    latest = {place.figure: place.start for place in places}
    return max(candidates or fitting, key=lambda p: latest.get(p, -1))


def _title_gender(run: Run) -> Gender:
    for word in run.title:
        gender = lexicon().titles.get(word, "any")
        if gender != "any":
            return gender
    return "any"


def _is_single_person(run: Run, runs: Sequence[Run], page: Page, sources: Collection[Span]) -> bool:
    """Whether a name of one word is somebody's: "Mr Osei", "Melanie", "Sukarmin, 80"."""
    word = run.words[run.name].text
    folded = fold(word)
    if run.size > 1 or folded in lexicon().roles or folded in lexicon().organization_nouns:
        return False
    if roles_of(run.title):
        return True
    same = [r for r in runs if r.size == 1 and r.words[-1].text == word]
    labels = Counter(page.label(r.start, r.end) for r in same)
    persons = labels["PERSON"]
    others = sum(n for label, n in labels.items() if label in _NO_PERSON)
    if any(span.start <= run.start and run.end <= span.end for span in sources):
        persons += 1
    return persons > others or (persons == others > 0 and folded in given_names())


def _learn(person: Figure, run: Run, page: Page) -> None:
    """What one place adds: a form of the name, gender, roles."""
    name = _name(run)
    if name in person.names:
        person.forms[re.sub(r"\s+", " ", page.text[run.start : run.end])] += 1
    gender = _title_gender(run)
    if gender in ("masculine", "feminine"):
        person.genders[gender] += 3
    given = given_gender(name)
    if given in ("masculine", "feminine"):
        person.genders[given] += 1
    person.roles |= roles_of(run.title)


def _place(run: Run, person: Figure, page: Page) -> Place:
    return Place(
        run.words[0].start,
        run.end,
        person,
        subject=page.is_subject(run.start, run.end),
        possessive=run.possessive,
        quoted=page.quoted(run.start) is not None,
    )
