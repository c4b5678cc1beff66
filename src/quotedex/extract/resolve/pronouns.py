"""The antecedent of a pronoun: each entity mentioned before gets a score, the best one wins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from math import log

from quotedex.extract.resolve import reasons
from quotedex.extract.resolve.article import ParsedArticle
from quotedex.extract.resolve.candidates import (
    CLEAR_POINTER,
    Candidate,
    LastQuotation,
    best_candidate,
    last_mention,
    nearness_features,
    pointer_features,
    role_in_article_features,
)
from quotedex.extract.resolve.entities import (
    STRONG_EVIDENCE,
    DiscourseModel,
    Entity,
    Mention,
    Resolution,
)
from quotedex.extract.resolve.mentions import SourceMention
from quotedex.text.lexicon import Pronoun

_MIN_PROBABILITY = 0.4
_MAX_MENTIONS_BACK = 1000
_CONTINUING_CUES = ("add", "continu", "went on", "goes on", "conclu", "insist")


@dataclass(frozen=True, slots=True)
class Anaphor:
    """A pronoun whose antecedent is looked for.

    `source` is set where it names the source of a quotation. `last` is the quotation before it.
    """

    mention: Mention
    pronoun: Pronoun
    source: SourceMention | None
    last: LastQuotation | None = None

    @property
    def weights_table(self) -> str:
        """The name of the table of weights for it."""
        gender, is_description = self.pronoun.gender, self.pronoun.kind == "description"
        if gender in ("masculine", "feminine") or (is_description and gender != "neuter"):
            return "person"
        return "thing" if gender == "neuter" else "several"


def find_candidates(
    anaphor: Anaphor, model: DiscourseModel, article: ParsedArticle
) -> list[Candidate]:
    """The entities mentioned before the pronoun that agree with it, most recent first.

    Those mentioned only inside other quotations come last.
    """
    at = anaphor.mention.start
    heard = (None, article.quotation_at(at))
    outside: dict[Entity, None] = {}
    quoted: dict[Entity, None] = {}
    agreeing = {entity for entity in model.entities() if agrees(anaphor.pronoun, entity)}
    for mention in islice(model.preceding(at), _MAX_MENTIONS_BACK):
        if mention.entity in agreeing:
            (outside if mention.quotation in heard else quoted)[mention.entity] = None
    ordered = [*outside, *(entity for entity in quoted if entity not in outside)]
    if anaphor.weights_table == "several" and any(entity.uses_they for entity in ordered):
        ordered = [entity for entity in ordered if entity.uses_they]
    return [
        Candidate(entity, candidate_features(entity, rank, anaphor, model, article))
        for rank, entity in enumerate(ordered)
    ]


def agrees(pronoun: Pronoun, entity: Entity) -> bool:
    """Agreement in gender and number: "he" and a person whom no title or role shows to be a
    woman."""
    if pronoun.person != 3:
        return False
    if pronoun.gender == "neuter":
        return entity.kind == "organization"
    if pronoun.kind == "description":
        return entity.named and entity.kind == "person" and not entity.contradicts(pronoun.gender)
    if pronoun.gender in ("masculine", "feminine"):
        return (
            entity.kind in ("person", "anonymous")
            and not entity.plural
            and not entity.uses_they
            and not entity.contradicts(pronoun.gender)
        )
    return True


def candidate_features(
    entity: Entity, rank: int, anaphor: Anaphor, model: DiscourseModel, article: ParsedArticle
) -> dict[str, float]:
    """The features that are not 0, under their names in `weights.toml`.

    `rank` is the number of candidates mentioned more recently.
    """
    at = anaphor.mention.start
    before = [mention for mention in model.mentions_of(entity) if mention.end <= at]
    heard = (None, article.quotation_at(at))
    last = last_mention(before, at, article)
    source = anaphor.source
    paragraphs = article.paragraph_at(at) - article.paragraph_at(last.start)
    sentences = article.sentence_at(at) - article.sentence_at(last.start)
    values = {
        "same sentence": sentences == 0,
        "sentence before": sentences == 1 and paragraphs == 0,
        "same paragraph": paragraphs == 0,
        "paragraph before": paragraphs == 1,
        "paragraphs between": min(paragraphs, 4),
        "next to last": rank == 1,
        "others between": min(rank, 4),
        "subject": last.grammatical_role.is_subject,
        "main subject": last.grammatical_role.in_main_clause,
        "possessive": last.possessive,
        "begins paragraph": article.begins_paragraph(last.start),
        "pronoun": last.form == "pronoun",
        "description": last.form == "description",
        "only quoted": last.quotation not in heard,
        "in the same quotation": last.quotation is not None and last.quotation in heard,
        "mentioned often": log(len(before)),
        "named": entity.named,
        "kind person": entity.kind == "person",
        "several": entity.plural,
        "known by roles": bool(entity.roles),
        "named in the quotation": source is not None
        and _is_named_in(entity, source.quotation, model),
    }
    if source is not None:
        nearness = nearness_features(last, at, model, article)
        values |= nearness | role_in_article_features(entity, model, article)
        values |= pointer_features(entity, source, model)
        if not entity.named:
            kept = ("within 150 characters", "last subject", "subject of a cue")
            values |= {f"unnamed, {name}": nearness[name] for name in kept}
    values.update(_gender_features(entity, anaphor))
    values.update(_last_speaker_features(entity, anaphor, article))
    return {name: float(value) for name, value in values.items() if value}


def _gender_features(entity: Entity, anaphor: Anaphor) -> dict[str, bool]:
    gender = anaphor.pronoun.gender
    if gender not in ("masculine", "feminine"):
        return {}
    sure = max(entity.genders["masculine"], entity.genders["feminine"]) >= STRONG_EVIDENCE
    return {
        "gender sure": entity.gender == gender and sure,
        "gender likely": entity.gender == gender and not sure,
        "gender doubtful": entity.gender not in ("any", gender),
    }


def _last_speaker_features(
    entity: Entity, anaphor: Anaphor, article: ParsedArticle
) -> dict[str, bool]:
    if anaphor.last is None or entity is not anaphor.last.speaker:
        return {}
    here, there = anaphor.mention.start, anaphor.last.end
    paragraphs = article.paragraph_at(here) - article.paragraph_at(there)
    source = anaphor.source
    return {
        "spoke before": True,
        "spoke before, and adds": source is not None and source.cue.startswith(_CONTINUING_CUES),
        "spoke before, and quotation follows": source is not None and source.quotation[0] > here,
        "spoke in this paragraph": paragraphs == 0,
        "spoke in the paragraph before": paragraphs == 1,
    }


def _is_named_in(entity: Entity, quotation: tuple[int, int], model: DiscourseModel) -> bool:
    """Somebody named in a quotation seldom says it: "“Osei is wrong,” he said"."""
    start, end = quotation
    return any(
        start <= mention.start < end and mention.form == "name"
        for mention in model.mentions_of(entity)
    )


def choose_antecedent(anaphor: Anaphor, candidates: Sequence[Candidate]) -> Resolution | None:
    """The best candidate with its probability among all; None where no one stands out."""
    if not candidates:
        return None
    best, probability = best_candidate(candidates, anaphor.weights_table)
    if probability < _MIN_PROBABILITY:
        return None
    entities = [candidate.entity for candidate in candidates if candidate.entity]
    entity = entities[best]
    why = reasons.chosen(
        entities,
        entity,
        anaphor.pronoun,
        pointed_at=candidates[best].features.get("pointer", 0.0) > CLEAR_POINTER,
    )
    return Resolution(entity, "pronoun", why, probability)


def relative_antecedent(
    anaphor: Anaphor, model: DiscourseModel, article: ParsedArticle
) -> Resolution | None:
    """The antecedent of "who" or "which": "Mike Osei of Ohio | , who called it ..."."""
    at, end = anaphor.mention.start, anaphor.mention.end
    wants_person = anaphor.pronoun.gender != "neuter"
    for mention in islice(model.preceding(at), _MAX_MENTIONS_BACK):
        is_person = mention.entity.kind != "organization"
        if mention.form != "pronoun" and is_person == wants_person:
            why = reasons.just_before(mention.entity, article.text[at:end].lower())
            return Resolution(mention.entity, "pronoun", why)
    return None
