"""The people whom an article names, each with all forms of the name and all mentions by name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from rapidfuzz.distance import OSA

from quotedex.extract.resolve.article import ParsedArticle
from quotedex.extract.resolve.entities import STRONG_EVIDENCE, WEAK_EVIDENCE, Entity, Mention
from quotedex.extract.resolve.person_classifier import (
    NON_PERSON_LABELS,
    ArticleNames,
    collect_names,
    description_of,
    is_person,
)
from quotedex.extract.resolve.proper_names import (
    NameWord,
    ProperName,
    find_proper_names,
)
from quotedex.extract.resolve.relatives import find_relatives
from quotedex.models import Span
from quotedex.text.lexicon import Gender, lexicon, vocabulary
from quotedex.text.names import (
    BY_SURNAME,
    Name,
    given_gender,
    given_names,
    normalize,
    same_person,
    short_form_score,
)

_USES_THEY = re.compile(r",? who (?:uses|goes by) (?:the )?(?:pronouns? )?they\b")
# Of a surname: its least length, and the least share of letters that are the same and in order.
_MISSPELLING_CHARS, _MISSPELLING_SHARE = 6, 0.8
_RECENT_PARAGRAPHS = 3.0
# "Secretary of the | Interior Ana Osei"
_OFFICE_BEFORE = re.compile(
    r"\b(?:Secretary|Minister|Governor|Mayor|Attorney|Speaker|Leader|Director|Chair\w*|President|"
    r"Commissioner|Bishop|Archbishop|Member) (?:of|for) (?:the )?$",
    re.IGNORECASE,
)
_OFFICE_CHARS = 40
# "Co-chair | Ana Osei", but not "Ki-moon"
_HYPHENATED_WORD = re.compile(r"[^\W\d_]+-[a-z][a-z-]*")


def find_people(
    article: ParsedArticle, proper_names: Sequence[ProperName], sources: Collection[Span]
) -> list[Mention]:
    """Every mention of a person by name, in text order.

    `proper_names` are all of the article, `sources` the cores of the mentions that attribution
    found: a name there is a speaker's.
    """
    found = _trimmed(proper_names, article)
    singles = Counter(each.parsed.surname for each in found if each.size == 1)
    found = [part for each in found for part in _headline_names(each, singles, article)]
    names = collect_names(article, found, sources)
    people = _people_with_whole_names(names)
    by_name = {name: person for person in people for name in person.names}
    for each in found:
        if each.parsed in by_name:
            by_name[each.parsed].forms[each.text] += 1
            _add_evidence(by_name[each.parsed], each, names)
    people += find_relatives(found, by_name, article)
    people += _people_with_titles(found, people)
    index = _PeopleIndex(people)
    mentions: list[Mention] = []
    for each in found:
        person, bearers = _match_person(each, index, mentions, article)
        if person is None and _is_single_name_of_person(each.parsed, names):
            person = Entity("person", True, [each.parsed], Counter([each.text]))
            index.add(person)
        if person is not None:
            if each.parsed not in by_name:
                _add_evidence(person, each, names)
            mentions.append(_mention(each, person, bearers, article))
    return mentions


def trimmed_proper_names(article: ParsedArticle) -> list[ProperName]:
    """The proper names of an article, cut to what can be a name."""
    return _trimmed(find_proper_names(article), article)


def _trimmed(proper_names: Sequence[ProperName], article: ParsedArticle) -> list[ProperName]:
    names = frozenset(each.parsed.words for each in proper_names)
    return [replace(each, name_index=_name_start(each, article, names)) for each in proper_names]


def _name_start(
    proper_name: ProperName, article: ParsedArticle, names: Collection[tuple[str, ...]]
) -> int:
    """The index of the first word of the name: "Libertarian | Gary Osei", "UN | Ana Osei",
    "Secretary of the Interior | Ana Osei".

    `names` are all proper names of the article, normalized.
    """
    words, first = proper_name.words, proper_name.name_index
    known = [normalize(word.text) in given_names() for word in words]
    if _OFFICE_BEFORE.search(article.text[max(0, words[0].start - _OFFICE_CHARS) : words[0].start]):
        return next((at for at in range(first, len(words) - 1) if known[at]), first)
    while first < len(words) - 1 and _is_no_part(words[first:], names, article):
        first += 1
    if known[first]:
        return first
    start, end = words[first].start, words[-1].end
    for index in range(first + 1, len(words) - 1):
        before = article.entity_label(start, words[index - 1].end)
        if before != "PERSON" and article.is_entity(words[index].start, end, "PERSON"):
            return index
    return first


def _is_no_part(
    words: Sequence[NameWord], names: Collection[tuple[str, ...]], article: ParsedArticle
) -> bool:
    """Whether the first of some words is no part of the name: a day, a party, a job, people
    ("Brothers | Tom and Ned Osei"), or a name of its own before a given name ("Unison | Ana Osei").
    """
    first, *rest = (normalize(word.text) for word in words)
    if first in vocabulary().calendar and first not in given_names():
        return True
    if rest[0] not in given_names() or rest[0] in vocabulary().particles:
        return False
    if first in given_names():
        return first in vocabulary().affiliations and len(rest) > 1
    role = lexicon().roles.get(first)
    if role is not None and role.number == "plural":
        return True
    if first in vocabulary().affiliations or _HYPHENATED_WORD.fullmatch(words[0].text):
        return True
    if len(rest) < 2 or first in vocabulary().places or first in vocabulary().particles:
        return False
    is_acronym = words[0].text.isupper() and len(first) > 1 and not words[1].text.isupper()
    if is_acronym or tuple(rest) in names or (first,) in names:
        return True
    start, end = words[0].start, words[-1].end
    return article.entity_label(start, end) not in NON_PERSON_LABELS and not article.is_entity(
        start, end, "PERSON"
    )


def _headline_names(
    proper_name: ProperName, singles: Counter[str], article: ParsedArticle
) -> Iterator[ProperName]:
    """The names among a headline's capitals: "Ana Osei" and "Bell" in "Ana Osei Sues Bell".

    `singles` counts the names of one word in the article.
    """
    if proper_name.size < 2 or not (
        article.is_headline(proper_name.start) or _has_other_capitals(proper_name, singles, article)
    ):
        yield proper_name
        return
    words, at = proper_name.words, proper_name.name_index
    while at < len(words):
        size = 1
        if at + 1 < len(words) and normalize(words[at].text) in given_names():
            size = 2 if normalize(words[at + 1].text) in singles else 1
        if size == 2 or normalize(words[at].text) in singles:
            yield replace(proper_name, words=words[at : at + size], name_index=0)
        at += size


def _has_other_capitals(
    proper_name: ProperName, singles: Counter[str], article: ParsedArticle
) -> bool:
    """Whether words behind the name have capitals as well: "Ana Osei | Election Day"."""
    words = (*proper_name.words[proper_name.name_index :], proper_name.words[-1])
    first, second, *others = (normalize(word.text) for word in words)
    return (
        len(others) > 1
        and first in given_names()
        and len(second) > 2
        and second in singles
        and others[0] not in vocabulary().suffixes
        and article.entity_label(proper_name.start, proper_name.end) != "PERSON"
    )


def _people_with_whole_names(names: ArticleNames) -> list[Entity]:
    """One person for each name of two words or more; variants of a name are one person's."""
    people: list[Entity] = []
    for name in sorted(names.occurrences, key=lambda n: -len(n.words)):
        if len(name.words) < 2:
            continue
        bearers = [p for p in people if any(_is_short_for(name, full) for full in p.names)]
        if bearers or not is_person(name, names):
            continue
        same = [p for p in people if any(same_person(name, other) for other in p.names)]
        if len(same) == 1:
            same[0].names.append(name)
        else:
            people.append(Entity("person", True, [name]))
    return people


def _is_short_for(name: Name, full: Name) -> bool:
    """Whether the words are another name's last ("de la Tour", "Ruiz Ortega", "Ellen Osei" of
    "Mary Ellen Osei") or its nickname ("Big Bobby")."""
    if " ".join(name.words) == full.nickname:
        return True
    return len(name.words) < len(full.words) and short_form_score(name, full) == BY_SURNAME


def _people_with_titles(
    proper_names: Sequence[ProperName], people: Sequence[Entity]
) -> list[Entity]:
    """People whose title fits no bearer of the whole name: "Mr Osei" where there is "Mrs Ana
    Osei"."""
    found: dict[Name, Entity] = {}
    for each in proper_names:
        name, gender = each.parsed, _title_gender(each)
        if each.size > 1 or gender == "any":
            continue
        bearers = [p for p in people if any(short_form_score(name, full) for full in p.names)]
        if bearers and all(person.gender not in ("any", gender) for person in bearers):
            titled = Entity("person", True, [name], Counter([each.text]))
            titled.genders[gender] += STRONG_EVIDENCE
            found.setdefault(name, titled)
    return list(found.values())


class _PeopleIndex:
    """The people of an article by the words that a short form of their names can begin with.

    Every name of an article asks, so the answer must not go through all people.
    """

    def __init__(self, people: Iterable[Entity]) -> None:
        self.people: list[Entity] = []
        self._by_word: dict[str, list[Entity]] = {}
        for person in people:
            self.add(person)

    def add(self, person: Entity) -> None:
        self.people.append(person)
        words = (
            {*name.words, *name.surname.split("-"), *name.nickname.split()[:1]}
            for name in person.names
        )
        for word in set().union(*words):
            self._by_word.setdefault(word, []).append(person)

    def possible_bearers(self, name: Name) -> Sequence[Entity]:
        """Those whom a name may be short for."""
        return self._by_word.get(name.words[0], ())


def _match_person(
    proper_name: ProperName,
    index: _PeopleIndex,
    mentions: Sequence[Mention],
    article: ParsedArticle,
) -> tuple[Entity | None, int]:
    """The person with that name or short name, and how many people the name fits equally well.

    Of several the one of the title's gender, then the most salient.
    """
    name = proper_name.parsed
    people = index.possible_bearers(name)
    for person in people if len(name.words) > 1 else ():
        if name in person.names:
            return person, 1
    scores = {p: max(short_form_score(name, full) for full in p.names) for p in people}
    best = max(scores.values(), default=0)
    if best == 0:
        return _match_misspelling(name, index.people), 1
    gender = _title_gender(proper_name)
    fitting = [person for person, score in scores.items() if score == best]
    candidates = [person for person in fitting if not person.contradicts(gender)]
    if len(candidates) < 2:
        return (candidates[0] if candidates else None), 1
    likeliest = max(
        candidates,
        key=lambda p: (p.gender == gender != "any", _salience(p, proper_name, mentions, article)),
    )
    return likeliest, len(candidates)


def _match_misspelling(name: Name, people: Sequence[Entity]) -> Entity | None:
    """ "Bornsten" or "Bornstien" for the only person with a surname like "Bornstein"."""
    if len(name.words) > 1 or len(name.surname) < _MISSPELLING_CHARS:
        return None
    alike = [
        person
        for person in people
        if any(
            OSA.normalized_similarity(name.surname, full.surname) >= _MISSPELLING_SHARE
            for full in person.names
        )
    ]
    return alike[0] if len(alike) == 1 else None


def _salience(
    person: Entity, proper_name: ProperName, mentions: Sequence[Mention], article: ParsedArticle
) -> float:
    """How much an article has spoken of a bearer of a shared surname, and how recently."""
    own = [mention for mention in mentions if mention.entity is person]
    if not own:
        return 0.0
    paragraphs = article.paragraph_at(proper_name.start) - article.paragraph_at(own[-1].start)
    return len(own) + max(0.0, _RECENT_PARAGRAPHS - paragraphs)


def _title_gender(proper_name: ProperName) -> Gender:
    """ "Mr Osei": masculine; "Dr Osei": any."""
    for word in proper_name.title:
        gender = lexicon().titles.get(word, "any")
        if gender != "any":
            return gender
    return "any"


def _is_single_name_of_person(name: Name, names: ArticleNames) -> bool:
    """Whether a name of one word is a person's: "Mr Osei", "Melanie", "Sukarmin, 80"."""
    known = lexicon()
    if len(name.words) > 1 or name.surname in known.roles or name.surname in known.titles:
        return False
    if name.surname in known.organization_nouns or name.surname in vocabulary().calendar:
        return False
    return is_person(name, names)


def _add_evidence(person: Entity, proper_name: ProperName, names: ArticleNames) -> None:
    """Adds the gender, roles, age and description that one occurrence of the name shows."""
    given = given_gender(proper_name.parsed)
    if given in ("masculine", "feminine") and not person.genders[given]:
        person.genders[given] += WEAK_EVIDENCE
    description = description_of(proper_name, names)
    genders = [_title_gender(proper_name), *map(_role_gender, description.named_roles)]
    for gender in genders:
        if gender != "any":
            person.genders[gender] += STRONG_EVIDENCE
    person.roles |= description.roles
    person.age = person.age or description.age
    person.uses_they |= _USES_THEY.match(names.article.text, proper_name.end) is not None
    person.description = person.description or description.text


def _role_gender(role: str) -> Gender:
    known = lexicon().roles.get(role)
    return known.gender if known else "any"


def _mention(
    proper_name: ProperName, person: Entity, bearers: int, article: ParsedArticle
) -> Mention:
    return Mention(
        proper_name.start,
        proper_name.end,
        person,
        grammatical_role=article.grammatical_role(proper_name.start, proper_name.end),
        possessive=proper_name.possessive,
        quotation=article.quotation_at(proper_name.start),
        bearers=bearers,
    )
