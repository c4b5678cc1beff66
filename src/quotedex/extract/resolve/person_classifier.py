"""Whether capitalized words are somebody's name, by what the article shows in all their places.

`weights.toml` holds what training/fit_resolver.py fitted: for each feature the log of the odds that
it gives for a person, against an organization, a place or any other name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from quotedex.extract.resolve.appositions import portrait
from quotedex.extract.resolve.article import Page
from quotedex.extract.resolve.proper_names import Run
from quotedex.models import Span
from quotedex.text.lexicon import lexicon, roles_of, vocabulary, weights
from quotedex.text.names import Name, fold, given_gender, given_names, short_for, take_apart

NO_PERSON = frozenset(
    {"ORG", "GPE", "LOC", "FAC", "NORP", "EVENT", "LAW", "PRODUCT", "WORK_OF_ART", "DATE"}
)
_CURLY_POSSESSIVE = "\N{RIGHT SINGLE QUOTATION MARK} "
_OF_BEFORE = re.compile(r"([^\W\d_]+) (?:of|for|on) (?:the )?$")
_AFTER_PERSON = re.compile(r",? ?\(?(\d{2}\b(?! percent)|who\b|whose\b)")
_NEXT_PRONOUN = re.compile(r"[^\n]{0,120}?\b(he|she|his|him|her|it|its|they|their)\b")
_INITIAL = re.compile(r"(?:[^\W\d_]\.)+|[^\W\d_]")
_DOUBLE_NAME = re.compile(r"[A-Z][^\W\d_]+-[A-Z][^\W\d_]+$")
_COMPANY = frozenset({"inc", "ltd", "llc", "plc", "corp", "co", "gmbh", "ag", "sa", "group", "&"})


@dataclass(frozen=True, slots=True)
class Names:
    """All the names of an article: the places of each, and which of them are sources.

    `sources_with` has the sources again, by each word of theirs. `judged` keeps which are
    persons': all places of a name are looked at for that.
    """

    places: Mapping[Name, Sequence[Run]]
    sources: frozenset[Name]
    page: Page
    sources_with: Mapping[str, Sequence[Name]]
    judged: dict[Name, bool] = field(default_factory=dict)


def read_names(runs: Sequence[Run], page: Page, sources: Collection[Span]) -> Names:
    """`sources` are the cores of the mentions that attribution found."""
    places: dict[Name, list[Run]] = {}
    spoke: dict[Name, None] = {}
    begun = {source.end: source.start for source in sorted(sources, key=lambda s: -s.start)}
    for run in runs:
        name = take_apart(run.text)
        places.setdefault(name, []).append(run)
        if begun.get(run.end, run.end) <= run.start:
            spoke[name] = None
    by_word: dict[str, list[Name]] = {}
    for name in spoke:
        for word in set(name.words):
            by_word.setdefault(word, []).append(name)
    return Names(places, frozenset(spoke), page, by_word)


def is_person(name: Name, names: Names) -> bool:
    """ "Marine Safety" is none where it ends "Department of Marine Safety"."""
    if name not in names.judged:
        names.judged[name] = _is_person(name, names)
    return names.judged[name]


def _is_person(name: Name, names: Names) -> bool:
    if any(_of_organization(run, names.page) for run in names.places[name]):
        return False
    table = weights()["name"]
    return sum(table.get(key, 0.0) * value for key, value in features(name, names).items()) > 0


def features(name: Name, names: Names) -> dict[str, float]:
    """What speaks for a person and against one; names as in `weights.toml`."""
    page, runs = names.page, names.places[name]
    labels = [page.label(run.start, run.end) for run in runs]
    words, known = name.words, lexicon()
    gender = given_gender(name)
    last = words[-1]
    portraits = [portrait(page, run.words[0].start, run.end, run.start) for run in runs]
    values = {
        "always": 1.0,
        "one word": len(words) == 1,
        "four words or more": len(words) > 3,
        "called PERSON": labels.count("PERSON") / len(labels),
        "called another kind": sum(label in NO_PERSON for label in labels) / len(labels),
        "called a place": labels.count("GPE") / len(labels),
        "given name": words[0] in given_names(),
        "given name of one gender": gender in ("masculine", "feminine"),
        "given name alone": len(words) == 1 and words[0] in given_names(),
        "initial": any(_INITIAL.fullmatch(word) for word in words[:-1]),
        "particle": any(word in vocabulary().particles for word in words[1:-1]),
        "double name": bool(_DOUBLE_NAME.search(runs[0].text)),
        "no noun": page.token(runs[0].end - 1).pos_ not in ("PROPN", "NOUN"),
        "suffix": bool(name.suffix),
        "title": any(roles_of(run.title) for run in runs),
        "described as somebody": any(p.roles & known.roles.keys() for p in portraits),
        "described as something": any(p.roles & known.organization_nouns for p in portraits),
        "age or who": any(_AFTER_PERSON.match(page.text, run.end) for run in runs),
        "organization's noun": any(word in known.organization_nouns for word in words),
        "ends in one": last in known.organization_nouns or last in _COMPANY,
        "begins with a role": words[0] in known.roles or last in known.document_nouns,
        "article": any(_has_article(run, page) for run in runs),
        "in capitals": len(words) == 1 and runs[0].text.isupper(),
        "plural": _is_plural(runs[0], page) and words[0] not in given_names(),
        "source": name in names.sources,
        "in a longer one": _in_longer(name, names),
        "shortened": _is_shortened(name, names),
        "he or she next": _next_pronoun(runs, page) in ("he", "she", "his", "him", "her"),
        "it next": _next_pronoun(runs, page) in ("it", "its"),
    }
    return {key: float(value) for key, value in values.items() if value}


def _has_article(run: Run, page: Page) -> bool:
    """ "the Ashby Herald", but not "the Rev. Ana Osei"."""
    before = page.text[max(0, run.words[0].start - 4) : run.words[0].start]
    return not run.title and before.lower() == "the "


def _of_organization(run: Run, page: Page) -> bool:
    """ "Department of | Marine Safety"."""
    before = _OF_BEFORE.search(page.text[: run.words[0].start][-60:])
    return before is not None and fold(before[1]) in lexicon().organization_nouns


def _is_plural(run: Run, page: Page) -> bool:
    """ "Northbound Buses"."""
    return page.token(run.end - 1).tag_ in ("NNPS", "NNS")


def _in_longer(name: Name, names: Names) -> bool:
    """ "Ashby" of "Ashby Council"."""
    return len(name.words) == 1 and any(
        other.words[0] == name.words[0]
        and len(other.words) > 1
        and names.page.label(runs[0].start, runs[0].end) == "ORG"
        for other, runs in names.places.items()
    )


def _is_shortened(name: Name, names: Names) -> bool:
    """Whether a source is a shorter form of it."""
    words = {*name.words, *name.surname.split("-"), name.nickname}
    shorter = {other for word in words for other in names.sources_with.get(word, ())}
    return any(_shortens(other, name, names) for other in shorter)


def _shortens(short: Name, name: Name, names: Names) -> bool:
    """ "Osei" for "Ana Osei", but not "the Post" for "The Ashby Post"."""
    if short == name or not short_for(short, name):
        return False
    return not any(_has_article(run, names.page) for run in names.places[short])


def _next_pronoun(runs: Sequence[Run], page: Page) -> str | None:
    found = _NEXT_PRONOUN.match(page.text, runs[0].end)
    return found[1].lower() if found else None
