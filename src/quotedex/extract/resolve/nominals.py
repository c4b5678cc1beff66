"""Sources described without a name: "the senator", "a DHS official", "the union", "the report"."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from quotedex.extract.resolve import reasons
from quotedex.extract.resolve.article import ParsedArticle
from quotedex.extract.resolve.entities import (
    STRONG_EVIDENCE,
    DiscourseModel,
    Entity,
    Mention,
    Resolution,
)
from quotedex.models import Span, SpeakerKind
from quotedex.text.lexicon import implied_roles, lexicon, vocabulary
from quotedex.text.names import normalize

if TYPE_CHECKING:
    from spacy.tokens import Token

_MODIFIERS = frozenset({"compound", "amod", "nmod", "poss"})
_MAN_OR_WOMAN = ("man", "woman")  # ends of "Frenchman"
_AGENT_NOUN = re.compile(r"(?:er|or|ist|ian|man|woman|lad|lass|hand)$")  # "promoter", "deckhand"
_COMPLEMENTS = frozenset({"of", "for", "in", "at", "from"})
_NEXT_TO = 3  # characters between a name and its apposition at most
_HEADLINE_WORDS = 12
SMALL_WORDS = frozenset(
    {"the", "a", "an", "his", "her", "its", "their", "this", "that", "former", "one", "of"}
    | {"another", "other", "new", "own", "for", "in"}
)
"""Words of a description that do not tell who is meant."""
_BY = re.compile(r" (?:by|from|of) (?:the |an? )?")
_BY_CHARS = 60  # behind a document in which its issuer may begin


@dataclass(frozen=True)
class NounPhrase:
    """A noun phrase with its head, the noun that says what it is.

    "the regulator's former | spokesman | for ...": `words` are normalized and end with the head,
    `end` may be behind it.
    """

    start: int
    end: int
    head: Token
    words: tuple[str, ...]

    @cached_property
    def noun(self) -> str:
        """The head in the singular, normalized: "officials" -> "official"."""
        role = lexicon().roles.get(self.head.lower_)
        return role.lemma if role else normalize(self.head.lemma_)

    @cached_property
    def is_plural(self) -> bool:
        return (
            self.head.tag_ in ("NNS", "NNPS")
            or self.words[0] in vocabulary().several
            or self.noun in vocabulary().collective
        )

    @property
    def is_definite(self) -> bool:
        return self.words[0] in vocabulary().definite

    @property
    def is_document(self) -> bool:
        return self.noun in lexicon().document_nouns

    @property
    def is_organization(self) -> bool:
        return self.noun in lexicon().organization_nouns

    @property
    def is_person(self) -> bool:
        if self.noun in lexicon().roles or self.age is not None:
            return True
        return self.noun.endswith(_MAN_OR_WOMAN) or self.head.ent_type_ == "NORP"

    @cached_property
    def age(self) -> str | None:
        """ "45" of "the 45-year-old" and "the 45-year-old mother"."""
        ages = (re.match(r"(\d+)-year-old", word) for word in self.words)
        return next((age[1] for age in ages if age), None)

    @cached_property
    def modifiers(self) -> tuple[str, ...]:
        """The words that tell something, but for the head: "delta" of "the Delta subsidiary"."""
        heads = {self.noun, self.words[-1]}
        return tuple(w for w in self.words if w not in SMALL_WORDS | heads)

    @property
    def label(self) -> str:
        """ "45-year-old", or the head as it is written: "Senator"."""
        return f"{self.age}-year-old" if self.age else self.head.text


def mention_phrase(article: ParsedArticle, core: Span, end: int) -> NounPhrase:
    """The noun phrase of a mention, with "the" or "a" where the mention leaves it out."""
    tokens = article.tokens_in(core.start, core.end)
    for index, token in enumerate(tokens[1:], 1):
        if token.dep_ in ("acl", "relcl") and tokens[index - 1].pos_ in ("NOUN", "PROPN"):
            tokens, end = tokens[:index], tokens[index - 1].idx + len(tokens[index - 1])
            core = Span(core.start, end)
            break
    head = tokens[-1]
    start = min(core.start, tokens[0].idx)
    before = article.token_at(start - 1) if start else None
    if before is not None and before.dep_ == "det" and before.idx + len(before) + 1 == start:
        start = before.idx
    return NounPhrase(start, end, head, _words(article, start, core.end))


def noun_phrases(article: ParsedArticle, quotations: Collection[int]) -> Iterator[NounPhrase]:
    """The noun phrases that introduce somebody: "a retired plumber".

    Those inside quotations only if `quotations` holds the quotation's number.
    """
    known = lexicon()
    for token in article.tokens:
        if token.pos_ not in ("NOUN", "PROPN") or token.dep_ in _MODIFIERS:
            continue
        may_speak = (
            token.lower_ in known.roles
            or token.lemma_ in known.document_nouns
            or token.lemma_ in known.organization_nouns
            or (token.dep_ == "nsubj" and bool(_AGENT_NOUN.search(token.lower_)))
        )
        if not may_speak or article.quotation_at(token.idx) not in (None, *quotations):
            continue
        start = token.left_edge.idx
        end = token.idx + len(token)
        if "," in article.text[start:end] or "\n" in article.text[start:end]:
            start = token.idx
        yield NounPhrase(start, _complement_end(token), token, _words(article, start, end))


def _words(article: ParsedArticle, start: int, end: int) -> tuple[str, ...]:
    return tuple(normalize(word) for word in article.text[start:end].split()) or ("",)


def _complement_end(head: Token) -> int:
    """The end of the phrase with one complement: "a spokesman | for the regulator", "one | of two
    witnesses"."""
    end = head.i
    for child in head.rights:
        if child.dep_ == "prep" and child.i == end + 1 and child.lower_ in _COMPLEMENTS:
            objects = [token for token in child.rights if token.dep_ == "pobj"]
            if objects and not any(t.is_punct for t in head.doc[child.i : objects[0].i + 1]):
                end = objects[0].i
            break
    last = head.doc[end]
    while last.i + 1 < len(head.doc) and not last.whitespace_ and last.nbor().text == "-":
        last = last.nbor(2) if last.i + 2 < len(head.doc) else last.nbor()
    return last.idx + len(last)


def match_role(phrase: NounPhrase, model: DiscourseModel) -> Resolution | None:
    """The entity mentioned before that the phrase fits: "the senator" after "Sen. Maria Osei".

    Of several the one that more of the words fit, then the one mentioned last.
    """
    best: tuple[int, int] | None = None
    found = None
    fitting: dict[Entity, int] = {}
    judged: set[Entity] = set()
    for mention in model.preceding(phrase.start):
        entity = mention.entity
        if entity in judged:
            continue
        judged.add(entity)
        if entity.plural != phrase.is_plural or not fits(phrase, entity):
            continue
        score = (sum(word in entity.roles for word in phrase.words), mention.start)
        fitting[entity] = score[0]
        if best is None or score > best:
            best, found = score, entity
    if found is None:
        return None
    return Resolution(found, "description", _why_role(phrase, found, fitting))


def _why_role(phrase: NounPhrase, found: Entity, fitting: Mapping[Entity, int]) -> str:
    """`fitting` counts the words of the phrase that fit each entity."""
    if not found.roles.isdisjoint({phrase.noun, phrase.words[-1]}):
        noun = phrase.head.text
    elif phrase.age is not None:
        noun = f"{phrase.age}-year-old"
    else:
        return reasons.described_by_name(phrase.head.text, len(fitting))
    words_decide = list(fitting.values()).count(fitting[found]) == 1
    return reasons.described(noun, len(fitting), words_decide)


def match_apposition(
    phrase: NounPhrase, model: DiscourseModel, article: ParsedArticle
) -> Resolution | None:
    """The person named next to it: "the labor minister, | Ana Osei", "Pat, | her spouse"."""
    for mention in model.names_overlapping(phrase.start - _NEXT_TO, phrase.end + _NEXT_TO):
        before = article.text[mention.end : phrase.start]
        after = article.text[phrase.end : mention.start]
        if mention.entity.kind == "person" and (before == ", " or after in (", ", " ")):
            return Resolution(mention.entity, "name", reasons.NAMED_BESIDE)
    return None


def named_issuer(
    phrase: NounPhrase, model: DiscourseModel, article: ParsedArticle
) -> Entity | None:
    """ "the White House | statement", "a report by the | Bureau of Safety"."""
    text = article.text
    head, head_end = phrase.head.idx, phrase.head.idx + len(phrase.head)
    issuer = None
    for name in model.names_overlapping(phrase.start, phrase.end + _BY_CHARS):
        if phrase.start <= name.start and name.end <= head:
            if name.possessive or len(text[name.end : head].split()) <= 1:
                issuer = name.entity
        elif _BY.fullmatch(text[head_end : name.start]):
            issuer = name.entity
    return issuer


def match_cataphor(
    phrase: NounPhrase, model: DiscourseModel, article: ParsedArticle
) -> Resolution | None:
    """The person whom the opening of an article describes before it gives the name.

    "A tribunal judge" before "Judge Harriet Osei", if she is the only judge; else the next person
    named, if with an age: "A retired plumber" before "Colin Osei, 71,".
    """
    if article.paragraph_at(phrase.start) > _opening_paragraph(article):
        return None
    if phrase.words[0] in lexicon().pronouns:
        return None
    fitting = []
    for entity in model.entities():
        if entity.kind != "person" or not gender_fits(phrase, entity):
            continue
        first = next((m for m in model.mentions_of(entity) if m.form == "name"), None)
        if first is not None and first.start > phrase.end:
            fitting.append((first.start, entity))
    fitting.sort(key=lambda item: item[0])
    described = [entity for _, entity in fitting if phrase.noun in entity.roles]
    if len(described) == 1:
        return Resolution(described[0], "description", reasons.announced(phrase.head.text))
    if not described and fitting and fitting[0][1].age:
        return Resolution(fitting[0][1], "description", reasons.ANNOUNCED_BY_AGE)
    return None


def _opening_paragraph(article: ParsedArticle) -> int:
    """The number of the first paragraph that is longer than a headline."""
    for number, start in enumerate(article.paragraph_starts, 1):
        if len(article.text[start : article.line_end(start)].split()) > _HEADLINE_WORDS:
            return number
    return len(article.paragraph_starts)


def fits(phrase: NounPhrase, entity: Entity) -> bool:
    """By role ("the senator"), by age ("the 45-year-old") or by name ("the council")."""
    if phrase.noun in entity.roles or phrase.words[-1] in entity.roles:
        return gender_fits(phrase, entity)
    if phrase.age is not None:
        return entity.age == phrase.age
    if entity.kind == "organization" and entity.named:
        return phrase.noun in entity.name.lower().split()
    return False


def gender_fits(phrase: NounPhrase, entity: Entity) -> bool:
    role = lexicon().roles.get(phrase.noun)
    return role is None or role.gender == "any" or not entity.contradicts(role.gender)


def unnamed_entity(phrase: NounPhrase, article: ParsedArticle) -> Entity:
    """A new entity whose only name is the phrase."""
    kind: SpeakerKind = "anonymous"
    if article.text.startswith("@", phrase.start):
        kind = "person"
    elif phrase.is_document or phrase.is_organization:
        kind = "organization"
    elif phrase.is_plural:
        kind = "group"
    entity = Entity(kind, roles={*phrase.words, phrase.noun}, plural=phrase.is_plural)
    entity.roles |= implied_roles((phrase.noun,))
    entity.forms[" ".join(article.text[phrase.start : phrase.end].split())] += 1
    role = lexicon().roles.get(phrase.noun)
    if role and role.gender in ("masculine", "feminine"):
        entity.genders[role.gender] += STRONG_EVIDENCE
    return entity


def nominal_mention(phrase: NounPhrase, entity: Entity, article: ParsedArticle) -> Mention:
    return Mention(
        phrase.start,
        phrase.end,
        entity,
        grammatical_role=article.grammatical_role(phrase.head.idx, phrase.head.idx + 1),
        quotation=article.quotation_at(phrase.start),
        form="description",
    )
