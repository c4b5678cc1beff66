"""One pass over the article from its beginning, resolving each pronoun and description in turn."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from quotedex.extract.resolve import descriptions, reasons
from quotedex.extract.resolve.article import ParsedArticle
from quotedex.extract.resolve.candidates import Candidate, LastQuotation, best_candidate
from quotedex.extract.resolve.entities import DiscourseModel, Entity, Mention, Resolution
from quotedex.extract.resolve.mentions import (
    SourceMention,
    is_answer_label,
    mention_core,
    mention_parts,
)
from quotedex.extract.resolve.nominals import (
    NounPhrase,
    match_apposition,
    match_cataphor,
    match_role,
    mention_phrase,
    named_issuer,
    nominal_mention,
    noun_phrases,
    unnamed_entity,
)
from quotedex.extract.resolve.pronouns import (
    Anaphor,
    choose_antecedent,
    find_candidates,
    relative_antecedent,
)
from quotedex.models import Span
from quotedex.text.lexicon import lexicon, vocabulary
from quotedex.text.marks import APOSTROPHES
from quotedex.text.names import normalize

if TYPE_CHECKING:
    from spacy.tokens import Token

    Step = SourceMention | NounPhrase | Token

_REFERRING = frozenset({"personal", "reflexive", "possessive", "relative"})
_OWNER = re.compile(rf"((?:the|an?) [a-z][\w -]*?)(?:[{APOSTROPHES}]s?) ", re.IGNORECASE)
_LONG_TITLE = re.compile(r" (?:of|for|to) (?:the )?((?:[A-Z][\w&'.-]* )+)")
_BYLINE = re.compile(r"\s*(?:by|from|words:?)\s+", re.IGNORECASE)
_NEXT_TO = 3  # characters between a mention and the name behind it at most
_UNKNOWN = Entity("anonymous")

Observer = Callable[[SourceMention, str, Sequence[Candidate]], None]
"""Gets a source, the table of weights and the candidates, before one of them is chosen."""


@dataclass(slots=True)
class DiscourseState:
    """What is known at the point that the pass has reached.

    `resolved` keeps the resolution of each source's mention, `speakers` the entity that said each
    quotation.
    """

    article: ParsedArticle
    model: DiscourseModel
    observe: Observer
    last: LastQuotation | None = None
    resolved: dict[Span, Resolution | None] = field(default_factory=dict)
    speakers: dict[tuple[int, int], Entity] = field(default_factory=dict)


def resolve_sources(
    article: ParsedArticle,
    model: DiscourseModel,
    sources: Sequence[SourceMention],
    observe: Observer = lambda source, table, candidates: None,
) -> Iterator[tuple[SourceMention, Resolution]]:
    """The sources that can be resolved. `model` holds the mentions by name and gets the others.

    `observe` is called with the candidates for each source that is a pronoun or a description.
    """
    state = DiscourseState(article, model, observe)
    others = [source for source in sources if not _is_first_person(source, article)]
    for step in _steps(article, others):
        if isinstance(step, SourceMention):
            if step.mention not in state.resolved:
                state.resolved[step.mention] = _resolve_mention(step, state)
            resolution = state.resolved[step.mention]
            if resolution is not None:
                state.last = LastQuotation(resolution.entity, step.quotation[1])
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
    pronouns = lexicon().pronouns
    for token in article.tokens:
        pronoun = pronouns.get(token.lower_)
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


def _interviewee(state: DiscourseState) -> Resolution | None:
    """The only person whom an interview names beside its author."""
    author = _author(state)
    people = {
        mention.entity
        for mention in state.model.mentions
        if mention.entity.kind == "person" and mention.entity.named and mention.quotation is None
    }
    if author is not None:
        people.discard(author.entity)
    return Resolution(people.pop(), "speaker", reasons.INTERVIEWEE) if len(people) == 1 else None


def _resolve_mention(source: SourceMention, state: DiscourseState) -> Resolution | None:
    """The entity of a source's mention; an interview's "A" is nobody's name."""
    is_answer = is_answer_label(state.article.text, source.mention)
    if is_answer and (interviewee := _interviewee(state)):
        return interviewee
    resolution = _resolve_words(source, state)
    if is_answer and resolution is not None and resolution.method == "words":
        return None
    return resolution


def _resolve_words(source: SourceMention, state: DiscourseState) -> Resolution | None:
    """The entity that the words of a mention mean; None also where the mention has no noun."""
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
    return _resolve_description(mention_phrase(article, core, part.end), source, state)


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
        if names and names[-1].end >= part.end and _is_end_of_title(text[end : names[-1].start]):
            return Resolution(names[-1].entity, "name", reasons.named(names[-1], model, text))
    for name in model.names_overlapping(mention.end, mention.end + _NEXT_TO):
        if text[mention.end : name.start] == ", " and name.entity.kind == "person":
            return Resolution(name.entity, "name", reasons.NAMED_BESIDE)
    return None


def _is_end_of_title(words: str) -> bool:
    """ "Secretary | of State | Ana Osei", "head | of the School Dr. | Ana Osei", but not
    "a spokesman | for Mayor | Ana Osei" nor "a spokesman | for the | Osei Trust"."""
    found = _LONG_TITLE.fullmatch(words)
    if found is None:
        return False
    *office, last = (normalize(word) for word in found[1].split())
    if last in vocabulary().courtesy | vocabulary().academic:
        return bool(office)
    return last not in lexicon().titles


def _is_pair(names: Sequence[Mention], end: int, text: str) -> bool:
    """ "Ana Osei and Tom Bell", with nothing behind."""
    return (
        len(names) > 1
        and all(name.entity.kind == "person" for name in names[-2:])
        and text[names[-2].end : names[-1].start] == " and "
        and names[-1].start < end <= names[-1].end + 1
    )


def _pair_entity(entities: Sequence[Entity]) -> Entity:
    """ "Ana Osei and Tom Bell"; relatives share the surname: "Ana and Tom Bell"."""
    first, second = (entity.name.split() for entity in entities)
    shared = 0
    while shared < min(len(first), len(second)) - 1 and first[-1 - shared] == second[-1 - shared]:
        shared += 1
    name = " ".join([*first[: len(first) - shared], "and", *second])
    return Entity("group", named=True, forms=Counter([name]), plural=True)


def _resolve_pronoun(
    token: Token, source: SourceMention | None, state: DiscourseState
) -> Resolution | None:
    """The antecedent of a pronoun; adds the pronoun to the mentions of that entity."""
    article = state.article
    mention = Mention(token.idx, token.idx + len(token), _UNKNOWN)
    anaphor = Anaphor(mention, lexicon().pronouns[token.lower_], source, state.last)
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
    candidates = find_candidates(anaphor, state.model, state.article)
    if anaphor.source is not None:
        state.observe(anaphor.source, anaphor.weights_table, candidates)
    return choose_antecedent(anaphor, candidates)


def _resolve_nominal(phrase: NounPhrase, state: DiscourseState) -> Resolution:
    """The entity of a description between sources: one mentioned before, one named later, or a new
    one."""
    article, model = state.article, state.model
    resolution = (
        _resolve_issuer(phrase, state)
        if phrase.is_document
        else match_apposition(phrase, model, article)
    )
    if resolution is None and phrase.is_definite:
        resolution = match_role(phrase, model)
    if resolution is None and phrase.is_person and not phrase.is_plural:
        resolution = match_cataphor(phrase, model, article)
    resolution = resolution or _new_entity(phrase, article)
    model.add(nominal_mention(phrase, resolution.entity, article))
    return resolution


def _resolve_description(
    phrase: NounPhrase, source: SourceMention, state: DiscourseState
) -> Resolution:
    """The entity of a description that is a source, the most probable of all candidates."""
    article, model = state.article, state.model
    candidates = descriptions.find_candidates(
        phrase, source, state.last, _owner(phrase, state), model, article
    )
    state.observe(source, descriptions.TABLE, candidates)
    best, probability = best_candidate(candidates, descriptions.TABLE)
    entity = candidates[best].entity
    if entity is None:
        resolution = replace(_new_entity(phrase, article), probability=probability)
    else:
        why = descriptions.why(phrase, entity, len(candidates) - 1, model, article)
        resolution = Resolution(entity, "description", why, probability)
    model.add(nominal_mention(phrase, resolution.entity, article))
    return resolution


def _owner(phrase: NounPhrase, state: DiscourseState) -> Entity | None:
    """Whoever the phrase belongs to, and so does not mean: Osei in "Osei’s wife" and "his wife"."""
    names = state.model.names_overlapping(phrase.start, phrase.head.idx)
    for name in names:
        if state.article.text[name.end : name.end + 1] in APOSTROPHES:
            return name.entity
    first = state.article.token_at(phrase.start)
    if first.tag_ != "PRP$" or first.lower_ not in lexicon().pronouns:
        return None
    mention = Mention(first.idx, first.idx + len(first), _UNKNOWN)
    anaphor = Anaphor(mention, lexicon().pronouns[first.lower_], None, state.last)
    resolution = _resolve_anaphor(anaphor, state)
    return resolution.entity if resolution else None


def _new_entity(phrase: NounPhrase, article: ParsedArticle) -> Resolution:
    entity = unnamed_entity(phrase, article)
    return Resolution(entity, "words", reasons.unnamed(entity, is_document=phrase.is_document))


def _resolve_issuer(phrase: NounPhrase, state: DiscourseState) -> Resolution | None:
    """The entity that issued a document."""
    noun = phrase.head.text
    issuer = named_issuer(phrase, state.model, state.article)
    why = reasons.issued(noun)
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


def _resolve_owner(owner: Span, state: DiscourseState) -> Resolution:
    """The entity of "the insurer" in "the insurer’s report": whoever has a document and no role
    of a person is an organization."""
    resolution = _resolve_nominal(mention_phrase(state.article, owner, owner.end), state)
    entity = resolution.entity
    if entity.kind == "anonymous" and not entity.named and entity.roles.isdisjoint(lexicon().roles):
        entity.kind = "organization"
    return resolution
