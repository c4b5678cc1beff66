"""Whether a proper name is a person's, judged by all its occurrences in the article.

Logistic regression: `lexicons/weights.toml` holds for each feature the log-odds that it gives for a
person, against an organization, a place or any other name. training/fit_resolver.py fits them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from quotedex.extract.resolve.appositions import Description, describe
from quotedex.extract.resolve.article import ParsedArticle
from quotedex.extract.resolve.proper_names import ProperName
from quotedex.models import Span
from quotedex.text.lexicon import implied_roles, lexicon, resolver_weights, vocabulary
from quotedex.text.names import (
    INITIAL,
    Name,
    given_gender,
    given_names,
    is_double,
    normalize,
    short_form_score,
)

NON_PERSON_LABELS = frozenset(
    {"ORG", "GPE", "LOC", "FAC", "NORP", "EVENT", "LAW", "PRODUCT", "WORK_OF_ART", "DATE"}
)
_OF_BEFORE = re.compile(r"([^\W\d_]+) (?:of|for|on) (?:the )?$")
_OF_BEFORE_CHARS = 60
_OF_ENDS = (" of ", " for ", " on ", " the ")
_AFTER_PERSON = re.compile(r",? ?\(?(\d{2}\b(?! percent)|who\b|whose\b)")
_NEXT_PRONOUN = re.compile(r"[^\n]{0,120}?\b(he|she|his|him|her|it|its|they|their)\b")


@dataclass(frozen=True, slots=True)
class ArticleNames:
    """All names of an article with their occurrences.

    `source_names` are those that a quotation's mention ends with, `source_names_by_word` the same
    by each of their words. `judged` caches `is_person`, `described` `description_of`.
    """

    article: ParsedArticle
    occurrences: Mapping[Name, Sequence[ProperName]]
    source_names: frozenset[Name]
    source_names_by_word: Mapping[str, Sequence[Name]]
    judged: dict[Name, bool] = field(default_factory=dict)
    described: dict[tuple[int, int], Description] = field(default_factory=dict)


def collect_names(
    article: ParsedArticle, proper_names: Sequence[ProperName], sources: Collection[Span]
) -> ArticleNames:
    """`sources` are the cores of the mentions that attribution found."""
    occurrences: dict[Name, list[ProperName]] = {}
    source_names: dict[Name, None] = {}
    source_start = {source.end: source.start for source in sorted(sources, key=lambda s: -s.start)}
    for proper_name in proper_names:
        name = proper_name.parsed
        occurrences.setdefault(name, []).append(proper_name)
        if source_start.get(proper_name.end, proper_name.end) <= proper_name.start:
            source_names[name] = None
    by_word: dict[str, list[Name]] = {}
    for name in source_names:
        for word in set(name.words):
            by_word.setdefault(word, []).append(name)
    return ArticleNames(article, occurrences, frozenset(source_names), by_word)


def description_of(proper_name: ProperName, names: ArticleNames) -> Description:
    """What the article says about somebody next to one occurrence of the name."""
    start, end = proper_name.words[0].start, proper_name.end
    if (start, end) not in names.described:
        description = describe(names.article, start, end, proper_name.start)
        names.described[start, end] = description
    return names.described[start, end]


def is_person(name: Name, names: ArticleNames) -> bool:
    """Whether a name is a person's; never the end of an organization's name, as "Marine Safety" in
    "Department of Marine Safety"."""
    if name not in names.judged:
        names.judged[name] = _is_person(name, names)
    return names.judged[name]


def _is_person(name: Name, names: ArticleNames) -> bool:
    if any(_ends_organization(each, names.article) for each in names.occurrences[name]):
        return False
    table = resolver_weights()["name"]
    values = name_features(name, names)
    return sum(table.get(key, 0.0) * value for key, value in values.items()) > 0


def name_features(name: Name, names: ArticleNames) -> dict[str, float]:
    """The features that are not 0, under their names in `weights.toml`."""
    article, occurrences = names.article, names.occurrences[name]
    labels = [article.entity_label(each.start, each.end) for each in occurrences]
    words, known = name.words, lexicon()
    gender = given_gender(name)
    last = words[-1]
    descriptions = [description_of(each, names) for each in occurrences]
    pronoun = _next_pronoun(occurrences, article)
    values = {
        "always": 1.0,
        "one word": len(words) == 1,
        "four words or more": len(words) > 3,
        "called PERSON": labels.count("PERSON") / len(labels),
        "called another kind": sum(label in NON_PERSON_LABELS for label in labels) / len(labels),
        "called a place": labels.count("GPE") / len(labels),
        "given name": words[0] in given_names(),
        "given name of one gender": gender in ("masculine", "feminine"),
        "given name alone": len(words) == 1 and words[0] in given_names(),
        "initial": any(INITIAL.fullmatch(word) for word in words[:-1]),
        "particle": any(word in vocabulary().particles for word in words[1:-1]),
        "double name": is_double(occurrences[0].text),
        "no noun": article.token_at(occurrences[0].end - 1).pos_ not in ("PROPN", "NOUN"),
        "suffix": bool(name.suffix),
        "title": any(implied_roles(each.title) for each in occurrences),
        "described as somebody": any(d.roles & known.roles.keys() for d in descriptions),
        "described as something": any(d.roles & known.organization_nouns for d in descriptions),
        "age or who": any(_AFTER_PERSON.match(article.text, each.end) for each in occurrences),
        "organization's noun": any(word in known.organization_nouns for word in words),
        "ends in one": last in known.organization_nouns or last in vocabulary().companies,
        "begins with a role": words[0] in known.roles or last in known.document_nouns,
        "article": any(_has_article(each, article) for each in occurrences),
        "in capitals": len(words) == 1 and occurrences[0].text.isupper(),
        "plural": _is_plural(occurrences[0], article) and words[0] not in given_names(),
        "source": name in names.source_names,
        "in a longer one": _in_longer(name, names),
        "shortened": _is_shortened(name, names),
        "he or she next": pronoun in ("he", "she", "his", "him", "her"),
        "it next": pronoun in ("it", "its"),
    }
    return {key: float(value) for key, value in values.items() if value}


def _has_article(proper_name: ProperName, article: ParsedArticle) -> bool:
    """ "the Ashby Herald", but not "the Rev. Ana Osei"."""
    start = proper_name.words[0].start
    return not proper_name.title and article.text[max(0, start - 4) : start].lower() == "the "


def _ends_organization(proper_name: ProperName, article: ParsedArticle) -> bool:
    """ "Department of | Marine Safety", but not "College of | Surgeons Dr. Ana Osei"."""
    if proper_name.title:
        return False
    start = proper_name.words[0].start
    words = article.text[max(0, start - _OF_BEFORE_CHARS) : start]
    before = _OF_BEFORE.search(words) if words.endswith(_OF_ENDS) else None
    return before is not None and normalize(before[1]) in lexicon().organization_nouns


def _is_plural(proper_name: ProperName, article: ParsedArticle) -> bool:
    """ "Northbound Buses"."""
    return article.token_at(proper_name.end - 1).tag_ in ("NNPS", "NNS")


def _in_longer(name: Name, names: ArticleNames) -> bool:
    """ "Ashby" in an article about the "Ashby Council"."""
    return len(name.words) == 1 and any(
        other.words[0] == name.words[0]
        and len(other.words) > 1
        and names.article.entity_label(found[0].start, found[0].end) == "ORG"
        for other, found in names.occurrences.items()
    )


def _is_shortened(name: Name, names: ArticleNames) -> bool:
    """Whether a source has a short form of the name."""
    words = {*name.words, *name.surname.split("-"), name.nickname}
    shorter = {other for word in words for other in names.source_names_by_word.get(word, ())}
    return any(_shortens(other, name, names) for other in shorter)


def _shortens(short: Name, name: Name, names: ArticleNames) -> bool:
    """ "Osei" for "Ana Osei", but not "the Post" for "The Ashby Post"."""
    if short == name or not short_form_score(short, name):
        return False
    return not any(_has_article(each, names.article) for each in names.occurrences[short])


def _next_pronoun(occurrences: Sequence[ProperName], article: ParsedArticle) -> str | None:
    found = _NEXT_PRONOUN.match(article.text, occurrences[0].end)
    return found[1].lower() if found else None
