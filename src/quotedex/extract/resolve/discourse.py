"""One pass over the article from its beginning, resolving each pronoun and description in turn."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from quotedex.extract.resolve import reasons
from quotedex.extract.resolve.article import ParsedArticle
from quotedex.extract.resolve.entities import DiscourseModel, Entity, Mention, Resolution
from quotedex.extract.resolve.mentions import SourceMention, mention_core, mention_parts
from quotedex.extract.resolve.nominals import (
    NounPhrase,
    match_apposition,
    match_cataphor,
    match_role,
    mention_phrase,
    nominal_mention,
    noun_phrases,
    unnamed_entity,
)
from quotedex.extract.resolve.pronouns import (
    Anaphor,
    Candidate,
    choose_antecedent,
    find_candidates,
    relative_antecedent,
)
from quotedex.models import Span
from quotedex.text.lexicon import Gender, Pronoun, lexicon
from quotedex.text.marks import APOSTROPHES

if TYPE_CHECKING:
    from spacy.tokens import Token

    Step = SourceMention | NounPhrase | Token

_REFERRING = frozenset({"personal", "reflexive", "possessive", "relative"})
_BY = re.compile(r" (?:by|from|of) (?:the |an? )?")
_BY_CHARS = 60  # behind a document in which its issuer may begin
_OWNER = re.compile(rf"((?:the|an?) [a-z][\w -]*?)(?:[{APOSTROPHES}]s?) ", re.IGNORECASE)
# "Secretary | of State | John Osei", but not "a spokesman | for | John Osei"
_LONG_TITLE = re.compile(r" (?:of|for|to) (?:the )?(?:[^\W\d_][\w&'-]* )+")
_BYLINE = re.compile(r"\s*(?:by|from|words:?)\s+", re.IGNORECASE)
_NEXT_TO = 3  # characters between a mention and the name behind it at most
_UNKNOWN = Entity("anonymous")

Chooser = Callable[[Anaphor, Sequence[Candidate]], Resolution | None]


@dataclass(slots=True)
class DiscourseState:
    """What is known at the point that the pass has reached.

    `resolved` keeps the resolution of each source's mention, `speakers` the entity that said each
    quotation.
    """

    article: ParsedArticle
    model: DiscourseModel
    choose: Chooser
    last_speaker: Entity | None = None
    last_quotation_end: int = 0
    resolved: dict[Span, Resolution | None] = field(default_factory=dict)
    speakers: dict[tuple[int, int], Entity] = field(default_factory=dict)


def resolve_sources(
    article: ParsedArticle,
    model: DiscourseModel,
    sources: Sequence[SourceMention],
    choose: Chooser = choose_antecedent,
) -> Iterator[tuple[SourceMention, Resolution]]:
    """The sources that can be resolved. `model` holds the mentions by name and gets the others.

    `choose` picks the antecedent of a pronoun among its candidates.
    """
    state = DiscourseState(article, model, choose)
    others = [source for source in sources if not _is_first_person(source, article)]
    for step in _steps(article, others):
        if isinstance(step, SourceMention):
            if step.mention not in state.resolved:
                state.resolved[step.mention] = _resolve_mention(step, state)
            resolution = state.resolved[step.mention]
            if resolution is not None:
                state.last_speaker = resolution.entity
                state.last_quotation_end = step.quotation[1]
                state.speakers[step.quotation] = resolution.entity
                yield step, resolution
        elif isinstance(step, NounPhrase):
            _resolve_nominal(step, state)
        else:
            _resolve_pronoun(step, None, state)
    for source in sources:
        if _is_first_person(source, article):
            resolution = _resolve_first_person(source, state)
            if resolution is not None:
                state.speakers[source.quotation] = resolution.entity
                yield source, resolution


def _steps(article: ParsedArticle, sources: Sequence[SourceMention]) -> list[Step]:
    """The sources and, outside of these and of quotations, noun phrases and gendered pronouns, in
    text order."""
    spans = [(source.mention.start, source.mention.end) for source in sources]
    inside = {at for at in (article.quotation_at(start) for start, _ in spans) if at is not None}

    def is_free(start: int, end: int) -> bool:
        return not any(a < end and start < b for a, b in spans)

    steps: list[tuple[int, int, Step]] = [
        (source.mention.start, source.index, source) for source in sources
    ]
    for phrase in noun_phrases(article, inside):
        if is_free(phrase.start, phrase.end):
            steps.append((phrase.start, -1, phrase))
    for token in article.tokens:
        pronoun = lexicon().pronouns.get(token.lower_)
        if (
            pronoun is not None
            and pronoun.gender in ("masculine", "feminine")
            and article.quotation_at(token.idx) in (None, *inside)
            and is_free(token.idx, token.idx + len(token))
        ):
            steps.append((token.idx, -1, token))
    return [step for *_, step in sorted(steps, key=lambda item: item[:2])]


def _is_first_person(source: SourceMention, article: ParsedArticle) -> bool:
    """Whether a source is "I" or "we"."""
    words = mention_core(article.text, mention_parts(article.text, source.mention)[0])
    pronoun = lexicon().pronouns.get(article.text[words.start : words.end].lower())
    return pronoun is not None and pronoun.person == 1


def _resolve_first_person(source: SourceMention, state: DiscourseState) -> Resolution | None:
    """The speaker of the quotation around "I", outside of quotations the article's author."""
    start, end = source.mention.start, source.mention.end
    around = [q for q in state.speakers if q[0] <= start < q[1] and q != source.quotation]
    if around:
        why = reasons.first_person(state.article.text[start:end])
        return Resolution(state.speakers[max(around)], "speaker", why)
    if state.article.quotation_at(start) is not None:
        return None
    return _author(state)


def _author(state: DiscourseState) -> Resolution | None:
    """The person of a byline ("By Ana Osei") or of the last line ("Ana Osei is a writer.")."""
    article = state.article
    last_line = article.line_start(len(article.text.rstrip()))
    for mention in state.model.mentions:
        if mention.entity.kind != "person":
            continue
        before = article.text[article.line_start(mention.start) : mention.start]
        if _BYLINE.fullmatch(before):
            return Resolution(mention.entity, "speaker", reasons.BYLINE)
        if mention.start == last_line and article.text.startswith(" is ", mention.end):
            return Resolution(mention.entity, "speaker", reasons.LAST_LINE)
    return None


def _resolve_mention(source: SourceMention, state: DiscourseState) -> Resolution | None:
    """The entity of a source's mention; None also where the mention has no noun."""
    article = state.article
    by_name = _match_name(source.mention, state)
    if by_name is not None:
        return by_name
    part = mention_parts(article.text, source.mention)[0]
    core = mention_core(article.text, part)
    head = article.tokens_in(core.start, core.end)[-1]
    pronoun = lexicon().pronouns.get(head.lower_)
    if pronoun is not None and pronoun.kind in _REFERRING:
        return _resolve_pronoun(head, source, state)
    if head.pos_ in ("VERB", "AUX", "ADP"):
        return None
    return _resolve_nominal(mention_phrase(article, core, part.end), state, source)


def _match_name(mention: Span, state: DiscourseState) -> Resolution | None:
    """The entity that a mention names: "Ms Pelosi's spokesperson | Ashley Etienne |", or that is
    named right behind it: "a police spokesman | , Ana Osei,"."""
    text, model = state.article.text, state.model
    for part in mention_parts(text, mention):
        end = mention_core(text, part).end
        names = model.names_overlapping(part.start, part.end)
        if _is_pair(names, end, text):
            pair = _pair_entity([name.entity for name in names[-2:]])
            return Resolution(pair, "name", reasons.TOGETHER)
        for name in names:
            if name.start < end <= name.end + 1:
                return Resolution(name.entity, "name", reasons.named(name, model, text))
        if (
            names
            and names[-1].end >= part.end
            and _LONG_TITLE.fullmatch(text[end : names[-1].start])
        ):
            return Resolution(names[-1].entity, "name", reasons.named(names[-1], model, text))
    for name in model.names_overlapping(mention.end, mention.end + _NEXT_TO):
        if text[mention.end : name.start] == ", " and name.entity.kind == "person":
            return Resolution(name.entity, "name", reasons.NAMED_BESIDE)
    return None


def _is_pair(names: Sequence[Mention], end: int, text: str) -> bool:
    """ "Ana Osei and Tom Bell", with nothing behind."""
    return (
        len(names) > 1
        and all(name.entity.kind == "person" for name in names[-2:])
        and text[names[-2].end : names[-1].start] == " and "
        and names[-1].start < end <= names[-1].end + 1
    )


def _pair_entity(entities: Sequence[Entity]) -> Entity:
    name = " and ".join(entity.name for entity in entities)
    return Entity("group", named=True, forms=Counter([name]), plural=True)


def _resolve_pronoun(
    token: Token, source: SourceMention | None, state: DiscourseState
) -> Resolution | None:
    """The antecedent of a pronoun; adds the pronoun to the mentions of that entity."""
    article = state.article
    mention = Mention(token.idx, token.idx + len(token), _UNKNOWN)
    anaphor = Anaphor(
        mention,
        lexicon().pronouns[token.lower_],
        source.quotation if source else None,
        state.last_speaker,
        state.last_quotation_end,
        source.antecedent if source else None,
    )
    resolution = _resolve_anaphor(anaphor, state)
    if resolution is not None:
        entity = resolution.entity
        if not entity.plural:
            entity.genders[anaphor.pronoun.gender] += 1
        state.model.add(
            replace(
                mention,
                entity=entity,
                grammatical_role=article.grammatical_role(mention.start, mention.end),
                possessive=token.tag_ == "PRP$",
                quotation=article.quotation_at(token.idx),
                form="pronoun",
            )
        )
    return resolution


def _resolve_anaphor(anaphor: Anaphor, state: DiscourseState) -> Resolution | None:
    if anaphor.pronoun.kind == "relative":
        return relative_antecedent(anaphor, state.model, state.article)
    return state.choose(anaphor, find_candidates(anaphor, state.model, state.article))


def _resolve_nominal(
    phrase: NounPhrase, state: DiscourseState, source: SourceMention | None = None
) -> Resolution:
    """The entity of a description: one mentioned before, one named later, or a new one."""
    article, model = state.article, state.model
    resolution = (
        _resolve_issuer(phrase, state)
        if phrase.is_document
        else match_apposition(phrase, model, article)
    )
    if resolution is None and phrase.is_definite:
        resolution = match_role(phrase, model)
    may_be_person = phrase.is_person or (source is not None and not phrase.is_document)
    if resolution is None and may_be_person and not phrase.is_organization and not phrase.is_plural:
        resolution = match_cataphor(phrase, model, article)
    if resolution is None and phrase.is_definite and source is not None:
        resolution = _fallback(phrase, source, state)
    if resolution is None:
        entity = unnamed_entity(phrase, article)
        why = reasons.unnamed(entity, is_document=phrase.is_document)
        resolution = Resolution(entity, "words", why)
    model.add(nominal_mention(phrase, resolution.entity, article))
    return resolution


def _fallback(
    phrase: NounPhrase, source: SourceMention, state: DiscourseState
) -> Resolution | None:
    """For a description that fits nobody so far, the entity that a pronoun here would refer to:
    "the businessman" after "Ana Osei"."""
    role = lexicon().roles.get(phrase.noun)
    if phrase.is_plural or phrase.is_document or not (phrase.is_person or phrase.is_organization):
        return None
    has_complement = phrase.end > phrase.head.idx + len(phrase.head) and not phrase.age
    if has_complement or _OWNER.match(state.article.text, phrase.start, phrase.head.idx):
        return None
    gender: Gender = role.gender if role else "any" if phrase.is_person else "neuter"
    pronoun = Pronoun(gender, "singular", 3, "description")
    mention = Mention(phrase.start, phrase.end, _UNKNOWN)
    anaphor = Anaphor(mention, pronoun, source.quotation, state.last_speaker)
    resolution = _resolve_anaphor(anaphor, state)
    if resolution is None:
        return None
    return replace(resolution, method="guess", why=reasons.guessed(phrase.label, resolution.why))


def _resolve_issuer(phrase: NounPhrase, state: DiscourseState) -> Resolution | None:
    """The entity that issued a document."""
    noun = phrase.head.text
    issuer, why = _named_issuer(phrase, state), reasons.issued(noun)
    owner = _OWNER.match(state.article.text, phrase.start, phrase.head.idx)
    if issuer is None and owner:
        resolution = _resolve_owner(Span(owner.start(1), owner.end(1)), state)
        issuer, why = resolution.entity, reasons.issued(noun, resolution.why)
    if issuer is None and phrase.words[0] in ("his", "her", "its"):
        antecedent = _resolve_pronoun(state.article.token_at(phrase.start), None, state)
        if antecedent is not None:
            issuer, why = antecedent.entity, reasons.issued(noun, antecedent.why)
    if issuer is None:
        return None
    issuer.roles.add(phrase.noun)
    return Resolution(issuer, "issuer", why)


def _named_issuer(phrase: NounPhrase, state: DiscourseState) -> Entity | None:
    """ "the White House | statement", "a report by the | Bureau of Safety"."""
    text = state.article.text
    head, head_end = phrase.head.idx, phrase.head.idx + len(phrase.head)
    issuer = None
    for name in state.model.names_overlapping(phrase.start, phrase.end + _BY_CHARS):
        if phrase.start <= name.start and name.end <= head:
            if name.possessive or len(text[name.end : head].split()) <= 1:
                issuer = name.entity
        elif _BY.fullmatch(text[head_end : name.start]):
            issuer = name.entity
    return issuer


def _resolve_owner(owner: Span, state: DiscourseState) -> Resolution:
    """The entity of "the insurer" in "the insurer’s report": whoever has a document and no role
    of a person is an organization."""
    resolution = _resolve_nominal(mention_phrase(state.article, owner, owner.end), state)
    entity = resolution.entity
    if entity.kind == "anonymous" and not entity.named and entity.roles.isdisjoint(lexicon().roles):
        entity.kind = "organization"
    return resolution
