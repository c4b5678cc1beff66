"""The people whom an article names, each with all the forms of the name, and where they stand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from rapidfuzz.fuzz import ratio

from quotedex.extract.resolve.appositions import Portrait, portrait
from quotedex.extract.resolve.article import Page
from quotedex.extract.resolve.entities import LIKELY, STRONG, Figure, Place
from quotedex.extract.resolve.person_classifier import NO_PERSON, Names, is_person, read_names
from quotedex.extract.resolve.proper_names import Run, capitalized_runs
from quotedex.models import Span
from quotedex.text.lexicon import Gender, lexicon, vocabulary
from quotedex.text.names import (
    Name,
    fold,
    given_gender,
    given_names,
    same_person,
    short_for,
    take_apart,
)

_USES_THEY = re.compile(r",? who (?:uses|goes by) (?:the )?(?:pronouns? )?they\b")


def find_cast(page: Page, capitalized: Sequence[Run], sources: Collection[Span]) -> list[Place]:
    """Every place where a person is named, in text order.

    `capitalized` are all runs of capitalized words, `sources` the cores of the mentions that
    attribution found: a name there is a speaker's.
    """
    runs = [_cut(run, page) for run in capitalized]
    singles = Counter(_name(run).surname for run in runs if run.size == 1)
    runs = [part for run in runs for part in _headline_names(run, singles, page)]
    names = read_names(runs, page, sources)
    people = _whole_names(names)
    whole = {name: person for person in people for name in person.names}
    for run in runs:
        if _name(run) in whole:
            whole[_name(run)].forms[run.text] += 1
            _learn(whole[_name(run)], run, page)
    people += _only_titled(runs, people)
    places: list[Place] = []
    for run in runs:
        person, bearers = _find(run, people, places, page)
        if person is None and _is_single_person(_name(run), names):
            person = Figure("person", True, [_name(run)], Counter([run.text]))
            people.append(person)
        if person is not None:
            if _name(run) not in whole:
                _learn(person, run, page)
            places.append(_place(run, person, bearers, page))
    return places


def name_runs(page: Page) -> list[Run]:
    """The capitalized words of a text, in runs that end where a name may."""
    return [_cut(run, page) for run in capitalized_runs(page)]


def _cut(run: Run, page: Page) -> Run:
    """Leaves out what the entity recognizer leaves out of a person: "Libertarian | Gary Osei",
    and the day after a name: "Osei | Tuesday"."""
    words, first = run.words, run.name
    while len(words) > first + 1 and fold(words[-1].text) in vocabulary().calendar:
        words = words[:-1]
    if fold(words[first].text) not in given_names():
        second = fold(words[first + 1].text) if len(words) > first + 2 else ""
        if (
            second in given_names()
            and second not in vocabulary().particles
            and fold(words[first].text) not in vocabulary().places
            and page.label(words[first].start, words[-1].end) not in NO_PERSON
            and not page.is_entity(words[first].start, words[-1].end, "PERSON")
        ):
            return replace(run, words=words, name=first + 1)
        for index in range(first + 1, len(words) - 1):
            if page.label(words[first].start, words[index - 1].end) != "PERSON" and page.is_entity(
                words[index].start, words[-1].end, "PERSON"
            ):
                return replace(run, words=words, name=index)
    return replace(run, words=words)


def _headline_names(run: Run, singles: Counter[str], page: Page) -> Iterator[Run]:
    """The names inside a headline's capitals: "Ana Osei | Bell" of "Ana Osei Sues Bell"."""
    if run.size < 2 or not (page.is_headline(run.start) or _goes_on(run, singles, page)):
        yield run
        return
    at = run.name
    while at < len(run.words):
        size = 1
        if at + 1 < len(run.words) and fold(run.words[at].text) in given_names():
            size = 2 if fold(run.words[at + 1].text) in singles else 1
        if size == 2 or fold(run.words[at].text) in singles:
            yield replace(run, words=run.words[at : at + size], name=0)
        at += size


def _goes_on(run: Run, singles: Counter[str], page: Page) -> bool:
    """Whether more than the name is capitalized: "Ana Osei | Election Day"."""
    first, second, *others = (fold(word.text) for word in (*run.words[run.name :], run.words[-1]))
    return (
        len(others) > 1
        and first in given_names()
        and len(second) > 2
        and second in singles
        and others[0] not in vocabulary().suffixes
        and page.label(run.start, run.end) != "PERSON"
    )


def _name(run: Run) -> Name:
    return take_apart(run.text)


def _whole_names(names: Names) -> list[Figure]:
    """One person for each name of two words or more, variants of a name joined."""
    people: list[Figure] = []
    for name in sorted(names.places, key=lambda n: -len(n.words)):
        if len(name.words) < 2 or not is_person(name, names):
            continue
        same = [p for p in people if any(same_person(name, other) for other in p.names)]
        if len(same) == 1:
            same[0].names.append(name)
        else:
            people.append(Figure("person", True, [name]))
    return people


def _portrait(run: Run, page: Page) -> Portrait:
    return portrait(page, run.words[0].start, run.end, run.start)


def _find(
    run: Run, people: Sequence[Figure], places: Sequence[Place], page: Page
) -> tuple[Figure | None, int]:
    """The person whose whole or short name a run is, of several the likeliest here; and the number
    of people whom the name fits as well."""
    name = _name(run)
    for person in people:
        if name in person.names:
            return person, 1
    fits = {p: max(short_for(name, full) for full in p.names) for p in people}
    best = max(fits.values(), default=0)
    if best == 0:
        return _misspelt(name, people), 1
    gender = _title_gender(run)
    fitting = [person for person, fit in fits.items() if fit == best]
    candidates = [person for person in fitting if not person.contradicts(gender)]
    if len(candidates) < 2:
        return (candidates[0] if candidates else None), 1
    likeliest = max(
        candidates,
        key=lambda p: (p.gender == gender != "any", _presence(p, run, places, page)),
    )
    return likeliest, len(candidates)


def _misspelt(name: Name, people: Sequence[Figure]) -> Figure | None:
    """ "Bornsten" for the one person whose surname is "Bornstein"."""
    if len(name.words) > 1 or len(name.surname) < 7:
        return None
    alike = [
        person
        for person in people
        if any(ratio(name.surname, full.surname) >= 90 for full in person.names)
    ]
    return alike[0] if len(alike) == 1 else None


def _presence(person: Figure, run: Run, places: Sequence[Place], page: Page) -> float:
    """How present somebody is where a shared surname stands alone: told of often, and just now."""
    told = [place for place in places if place.figure is person]
    if not told:
        return 0.0
    paragraphs = page.paragraph(run.start) - page.paragraph(told[-1].start)
    return len(told) + max(0.0, 3.0 - paragraphs)


def _title_gender(run: Run) -> Gender:
    for word in run.title:
        gender = lexicon().titles.get(word, "any")
        if gender != "any":
            return gender
    return "any"


def _is_single_person(name: Name, names: Names) -> bool:
    """Whether a name of one word is somebody's: "Mr Osei", "Melanie", "Sukarmin, 80"."""
    known = lexicon()
    if len(name.words) > 1 or name.surname in known.roles or name.surname in known.titles:
        return False
    if name.surname in known.organization_nouns or name.surname in vocabulary().calendar:
        return False
    return is_person(name, names)


def _only_titled(runs: Sequence[Run], people: Sequence[Figure]) -> list[Figure]:
    """Those whose title shows that no whole name is theirs: "Mr Osei" beside "Mrs Ana Osei"."""
    found: dict[Name, Figure] = {}
    for run in runs:
        name, gender = _name(run), _title_gender(run)
        if run.size > 1 or gender == "any":
            continue
        bearers = [p for p in people if any(short_for(name, full) for full in p.names)]
        if bearers and all(person.gender not in ("any", gender) for person in bearers):
            found.setdefault(name, Figure("person", True, [name], Counter([run.text])))
    return list(found.values())


def _learn(person: Figure, run: Run, page: Page) -> None:
    """What one place adds: gender, roles, age, a description."""
    given = given_gender(_name(run))
    if given in ("masculine", "feminine") and not person.genders[given]:
        person.genders[given] += LIKELY
    told = _portrait(run, page)
    genders = [_title_gender(run), *(_role_gender(role) for role in told.called)]
    for gender in genders:
        if gender != "any":
            person.genders[gender] += STRONG
    person.roles |= told.roles
    person.age = person.age or told.age
    person.uses_they |= _USES_THEY.match(page.text, run.end) is not None
    person.description = person.description or told.words


def _role_gender(role: str) -> Gender:
    known = lexicon().roles.get(role)
    return known.gender if known else "any"


def _place(run: Run, person: Figure, bearers: int, page: Page) -> Place:
    return Place(
        run.start,
        run.end,
        person,
        standing=page.standing(run.start, run.end),
        possessive=run.possessive,
        quoted=page.quoted(run.start),
        bearers=bearers,
    )
