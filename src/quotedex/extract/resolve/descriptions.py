"""What a description that names a source refers to: "the company", "his former adviser".

Every entity of the article is a candidate, mentioned before or after, and so is somebody whom it
does not name. Only sources are resolved this way; descriptions between them follow the rules of
`nominals`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from math import log

from quotedex.extract.resolve import reasons
from quotedex.extract.resolve.article import ParsedArticle
from quotedex.extract.resolve.candidates import (
    Candidate,
    LastQuotation,
    last_mention,
    nearness_features,
    pointer_features,
    role_in_article_features,
)
from quotedex.extract.resolve.entities import DiscourseModel, Entity
from quotedex.extract.resolve.mentions import SourceMention
from quotedex.extract.resolve.nominals import (
    SMALL_WORDS,
    NounPhrase,
    fits,
    gender_fits,
    match_apposition,
    match_cataphor,
    match_role,
    named_issuer,
)
from quotedex.text.marks import APOSTROPHES

TABLE = "described"
_MAX_MENTIONS_BACK = 400
_MAX_ENTITIES = 60
_INDEFINITE = frozenset({"a", "an", "one", "another", "some", "two", "several", "many"})
_OPENING_WORDS = ("the", "a", "an", "one", "another", "his", "her", "its", "their", "some")
_OWNER = re.compile(rf"((?:the|an?) [a-z][\w -]*?)(?:[{APOSTROPHES}]s?) ", re.IGNORECASE)
# Frequent nouns have habits of their own: "a source" is hardly ever named, "the firm" is.
_FREQUENT = frozenset(
    {"company", "firm", "report", "statement", "spokesman", "spokeswoman", "source", "official"}
    | {"letter", "group", "paper", "newspaper", "study", "document", "minister"}
)
Features = Mapping[str, float]


def find_candidates(
    phrase: NounPhrase,
    source: SourceMention,
    last: LastQuotation | None,
    owner: Entity | None,
    model: DiscourseModel,
    article: ParsedArticle,
) -> list[Candidate]:
    """The entities that the phrase may refer to, most recent first; last, nobody named.

    `owner` is Osei in "Osei’s wife": she is somebody else, but his letter may speak for him.
    """
    order: dict[Entity, int] = {}
    for mention in islice(model.preceding(phrase.start), _MAX_MENTIONS_BACK):
        order.setdefault(mention.entity, len(order))
    later = [entity for entity in model.entities() if entity.named and entity not in order]
    entities = [*order, *later[: max(0, _MAX_ENTITIES - len(order))]]
    entities = [
        each
        for each in entities
        if (each.named or phrase.noun in each.roles) and (phrase.is_document or each is not owner)
    ]
    by_rule = _matched_by_rules(phrase, model, article)
    most = _most_mentioned(entities, model)
    candidates = []
    for entity in entities:
        features = {
            **{rule: entity is found for rule, found in by_rule.items()},
            **_fit_features(phrase, entity),
            **_last_speaker_features(phrase, source, entity, last, article),
            **_place_features(phrase, entity, order.get(entity), model, article),
            **role_in_article_features(entity, model, article),
            **pointer_features(entity, source, model),
            f"a source elsewhere, {_type(phrase)}": model.times_source[entity] > 0,
            f"most mentioned of its kind, {_type(phrase)}": entity in most,
        }
        candidates.append(Candidate(entity, _not_zero(features)))
    nobody = _unnamed_features(phrase, article) | {
        f"unnamed, {name}": value for name, value in pointer_features(None, source, model).items()
    }
    return [*candidates, Candidate(None, _not_zero(nobody))]


def _last_speaker_features(
    phrase: NounPhrase,
    source: SourceMention,
    entity: Entity,
    last: LastQuotation | None,
    article: ParsedArticle,
) -> Features:
    """Whether the last speaker goes on: "“…,” Osei said. “…,” | the surgeon | added"."""
    if last is None or entity is not last.speaker:
        return {}
    same = article.paragraph_at(phrase.start) == article.paragraph_at(last.end)
    return {
        f"spoke before, {_type(phrase)}": True,
        "spoke in this paragraph": same,
        "spoke before, and fits": fits(phrase, entity),
        "spoke before, and quotation follows": source.quotation[0] > phrase.start,
    }


def why(
    phrase: NounPhrase,
    entity: Entity,
    rivals: int,
    model: DiscourseModel,
    article: ParsedArticle,
) -> str:
    """Why the phrase means an entity, one of `rivals`."""
    if phrase.is_document and entity is named_issuer(phrase, model, article):
        return reasons.issued(phrase.head.text)
    rules = (
        match_apposition(phrase, model, article),
        match_role(phrase, model),
        match_cataphor(phrase, model, article),
    )
    for match in rules:
        if match is not None and match.entity is entity:
            return match.why
    return reasons.most_likely(phrase.label, rivals)


def _not_zero(features: Features) -> Features:
    return {name: float(value) for name, value in features.items() if value}


def _type(phrase: NounPhrase) -> str:
    """What the head says it is."""
    if phrase.is_document:
        return "document"
    if phrase.is_plural:
        return "several"
    if phrase.is_organization:
        return "organization"
    return "person" if phrase.is_person else "other"


def _matched_by_rules(
    phrase: NounPhrase, model: DiscourseModel, article: ParsedArticle
) -> dict[str, Entity | None]:
    """What the rules for descriptions between sources find."""
    found = {
        "named beside it": match_apposition(phrase, model, article),
        "has the role": match_role(phrase, model),
        "described in the opening": match_cataphor(phrase, model, article),
    }
    issuer = named_issuer(phrase, model, article) if phrase.is_document else None
    return {
        "issuer": issuer,
        **{rule: match.entity if match else None for rule, match in found.items()},
    }


def _most_mentioned(entities: list[Entity], model: DiscourseModel) -> set[Entity]:
    """Of each kind the named entity with most mentions."""
    most: dict[str, Entity] = {}
    for entity in entities:
        if entity.named:
            rival = most.setdefault(entity.kind, entity)
            if len(model.mentions_of(entity)) > len(model.mentions_of(rival)):
                most[entity.kind] = entity
    return set(most.values())


def _content_words(phrase: NounPhrase) -> list[str]:
    return [word for word in phrase.words if word not in SMALL_WORDS]


def _fit_features(phrase: NounPhrase, entity: Entity) -> Features:
    """How well the words of the phrase fit what the article says of the entity."""
    kind = f"{'named' if entity.named else 'unnamed'} {entity.kind}, {_type(phrase)}"
    names = {part.strip(".,'’") for form in entity.forms for part in form.lower().split()}
    description = set((entity.description or "").lower().split())
    modifiers = phrase.modifiers
    unknown = [w for w in modifiers if w not in names | entity.roles | description]
    return {
        kind: True,
        "fits": fits(phrase, entity),
        "noun is a role": phrase.noun in entity.roles,
        "other gender": not gender_fits(phrase, entity),
        "words in roles": min(3, sum(w in entity.roles for w in _content_words(phrase))),
        "noun in name": phrase.noun in names,
        "written as in its name": phrase.head.text in _capitalized_words(entity),
        "modifiers in name": min(2, sum(word in names for word in modifiers)),
        "modifiers unknown": min(2, len(unknown)) if entity.named else 0,
        "words in description": min(2, sum(w in description for w in _content_words(phrase))),
        "known by other roles": entity.named and bool(entity.roles - {phrase.noun}),
        "same words": " ".join(phrase.words) in {form.lower() for form in entity.forms},
        "same age": phrase.age is not None and entity.age == phrase.age,
        "other age": phrase.age is not None and entity.age != phrase.age,
        "other number": entity.plural != phrase.is_plural,
    }


def _capitalized_words(entity: Entity) -> set[str]:
    """The words of its names with a capital: "the Post" is more likely the Washington Post than
    "the post" is."""
    return {word for form in entity.forms for word in form.split() if word[0].isupper()}


def _place_features(
    phrase: NounPhrase,
    entity: Entity,
    rank: int | None,
    model: DiscourseModel,
    article: ParsedArticle,
) -> Features:
    """Where the entity is mentioned; `rank` counts the entities mentioned more recently."""
    at, mentions = phrase.start, model.mentions_of(entity)
    before = [mention for mention in mentions if mention.end <= at]
    if not before or rank is None:
        paragraphs = article.paragraph_at(mentions[0].start) - article.paragraph_at(at)
        return {"only later": True, "paragraphs to it": min(5, max(0, paragraphs))}
    last = last_mention(before, at, article)
    paragraphs = article.paragraph_at(at) - article.paragraph_at(last.start)
    first = mentions[0].start
    return {
        **nearness_features(last, at, model, article),
        f"last subject, {_type(phrase)}": model.last_subject(at) is entity,
        f"most recent, {_type(phrase)}": rank == 0,
        "same sentence": article.sentence_at(at) == article.sentence_at(last.start),
        "same paragraph": paragraphs == 0,
        "paragraph before": paragraphs == 1,
        "paragraphs between": min(paragraphs, 5),
        "others between": min(rank, 5),
        "subject": last.grammatical_role.is_subject,
        "main subject": last.grammatical_role.in_main_clause,
        "possessive": last.possessive,
        "only quoted": last.quotation not in (None, article.quotation_at(at)),
        "mentioned often": log(len(mentions)),
        "in the headline": article.paragraph_at(first) == 1 and article.is_headline(first),
    }


def _unnamed_features(phrase: NounPhrase, article: ParsedArticle) -> dict[str, float]:
    """Whether the phrase introduces somebody: "a senior official", "one of her colleagues"."""
    has_complement = phrase.end > phrase.head.idx + len(phrase.head) and not phrase.age
    first = phrase.words[0]
    opening = first if first in _OPENING_WORDS else "no article"
    noun = phrase.noun if phrase.noun in _FREQUENT else "other noun"
    return {
        "unnamed": True,
        f"unnamed, {_type(phrase)}": True,
        f"unnamed, {opening}": True,
        f"unnamed, {noun}": True,
        "unnamed, definite": phrase.is_definite,
        "unnamed, indefinite": first in _INDEFINITE,
        "unnamed, complement": has_complement,
        "unnamed, definite with complement": has_complement and phrase.is_definite,
        "unnamed, owner": _OWNER.match(article.text, phrase.start, phrase.head.idx) is not None,
        "unnamed, modifiers": min(3, len(phrase.modifiers)),
    }
