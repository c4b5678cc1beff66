"""Why a speaker was chosen, as a phrase for readers: "the only woman named so far"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from quotedex.extract.resolve.entities import DiscourseModel, Entity, Mention
from quotedex.models import SpeakerKind
from quotedex.text.lexicon import Gender, Pronoun, vocabulary
from quotedex.text.names import Name, normalize, parse_name, short_form_score

TOGETHER = "two people named together"
NAMED_BESIDE = "named right next to these words"
ANNOUNCED_BY_AGE = "the next person named, with an age"
BYLINE = "the author, named in the byline"
LAST_LINE = "the author, introduced in the last line"
INTERVIEWEE = "the only person named in the interview"

_ARTICLE = re.compile(r"(?:the|an?) ")
_NOUNS: dict[SpeakerKind, tuple[str, str]] = {
    "person": ("person", "people"),
    "anonymous": ("person", "people"),
    "organization": ("organization", "organizations"),
    "group": ("group", "groups"),
}
_GENDERED: dict[Gender, tuple[str, str]] = {
    "masculine": ("man", "men"),
    "feminine": ("woman", "women"),
}


def named(mention: Mention, model: DiscourseModel, text: str) -> str:
    """Why a name refers to its bearer.

    "named in full", "the surname of Ana Osei, named before", "the likeliest of 2 people named Ek".
    """
    entity = mention.entity
    name, full = _on_one_line(text[mention.start : mention.end]), entity.name
    if mention.bearers > 1:
        return f"the likeliest of {mention.bearers} people named {name}"
    if _bare(name) == _bare(full):
        return "named in full" if " " in full else "the fullest name in the article"
    before = any(
        other.start < mention.start and _bare(text[other.start : other.end]) == _bare(full)
        for other in model.mentions_of(entity)
    )
    form = _person_form(name, entity) if entity.kind == "person" else _other_form(name, full)
    return f"{form} {full}, named {'before' if before else 'later'}"


def _person_form(name: str, entity: Entity) -> str:
    """How a name is related to a person's full name: "the surname of"."""
    short = parse_name(name)
    if short in entity.names:
        return "another form of"
    score = max(short_form_score(short, whole) for whole in entity.names)
    if score == 0:
        return "probably a misspelling of"
    if len(short.words) > 1 and short.words[0] not in vocabulary().particles:
        return "a short form of"
    if score == 2:
        return "the surname of"
    return "the nickname of" if _is_nickname(short, entity.names) else "the first name of"


def _is_nickname(short: Name, names: Sequence[Name]) -> bool:
    return all(short.words[0] != whole.words[0] for whole in names)


def _other_form(name: str, full: str) -> str:
    """How a name is related to an organization's or a group's full name."""
    abbreviated = name.isupper() and normalize(name) not in normalize(full).split()
    return "short for" if abbreviated else "a short form of"


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _bare(name: str) -> str:
    """Normalized and without an article: "The Ashby Post" -> "ashby post"."""
    return _ARTICLE.sub("", normalize(_on_one_line(name)), count=1)


def chosen(
    candidates: Sequence[Entity], best: Entity, pronoun: Pronoun, *, pointed_at: bool
) -> str:
    """Why a pronoun refers to the best of its candidates: "the likeliest of 3 women named so far".

    `pointed_at`: the attribution network points to a mention of the best.
    """
    known = "named" if all(entity.named for entity in candidates) else "mentioned"
    if len(candidates) == 1:
        noun, condition = _only_one(best, pronoun)
        return f"the only {noun} {known} so far{condition}"
    number, noun = len(candidates), _several(candidates, pronoun)
    also = ", and the one that the model points to" if pointed_at else ""
    return f"the likeliest of {number} {noun} {known} so far{also}"


def _only_one(entity: Entity, pronoun: Pronoun) -> tuple[str, str]:
    """A noun for the only candidate, and what distinguishes it from others that do not agree."""
    if pronoun.gender in _GENDERED:
        noun, _ = _GENDERED[pronoun.gender]
        return (
            (noun, "") if entity.gender == pronoun.gender else ("person", f" who may be a {noun}")
        )
    if entity.uses_they:
        return "person", " who uses “they”"
    if pronoun.number == "any":
        return "person or organization", ""
    return _NOUNS[entity.kind][0], ""


def _several(candidates: Sequence[Entity], pronoun: Pronoun) -> str:
    """A noun for the candidates: "women" if all are known to be women, otherwise "people"."""
    genders = {entity.gender for entity in candidates}
    if pronoun.gender in _GENDERED and genders == {pronoun.gender}:
        return _GENDERED[pronoun.gender][1]
    kinds = {_NOUNS[entity.kind][1] for entity in candidates}
    return kinds.pop() if len(kinds) == 1 else "people and organizations"


def just_before(entity: Entity, pronoun: str) -> str:
    """Why a relative pronoun refers to an entity: "the last person mentioned before “who”"."""
    return f"the last {_NOUNS[entity.kind][0]} mentioned before “{pronoun}”"


def described(noun: str, fitting: int, words_decide: bool) -> str:
    """Why "the mayor" is one of `fitting` entities; `words_decide` if it fits more words."""
    if fitting == 1:
        return f"the only {_common(noun)} mentioned so far"
    if words_decide:
        return f"of the {fitting} mentioned so far, the best match for these words"
    return f"the last {_common(noun)} mentioned"


def described_by_name(noun: str, fitting: int) -> str:
    """Why "the council" is the Ashby Council, one of `fitting` organizations."""
    which = "the only" if fitting == 1 else "the last"
    return f"{which} organization mentioned with “{_common(noun)}” in its name"


def announced(noun: str) -> str:
    """Why "a judge" is somebody named only later in the article."""
    return f"the only {_common(noun)} named later"


def most_likely(noun: str, rivals: int) -> str:
    """Why "the businessman" means somebody whom the article does not call one."""
    if rivals == 1:
        return f"the only one that “{_common(noun)}” can mean"
    return f"the likeliest of {rivals} that “{_common(noun)}” can mean"


def issued(noun: str, issuer: str | None = None) -> str:
    """Why somebody is the issuer of a document; `issuer` explains "her" or "the agency's"."""
    if issuer is None:
        return f"named as the issuer of the {_common(noun)}"
    return f"the issuer of the {_common(noun)}: {issuer}"


def first_person(pronoun: str) -> str:
    """Why "I" inside a quotation is somebody."""
    return f"the speaker of the quotation that contains “{_on_one_line(pronoun)}”"


def unnamed(entity: Entity, *, is_document: bool) -> str:
    """Why a speaker has no other name than the words of the mention."""
    if is_document:
        return "a document whose issuer is not named"
    noun = "source" if entity.kind == "anonymous" else entity.kind
    return f"no name was found for this {noun}"


def _common(noun: str) -> str:
    """ "Senator" -> "senator", but "CEO"."""
    return noun if noun.isupper() else noun.lower()
