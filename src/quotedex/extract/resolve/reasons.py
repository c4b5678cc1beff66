"""Why a speaker was chosen, in words for the reader: "the only woman named so far"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from quotedex.extract.resolve.entities import Figure, Place, Trail
from quotedex.models import SpeakerKind
from quotedex.text.lexicon import Gender, Pronoun, vocabulary
from quotedex.text.names import Name, fold, short_for, take_apart

TOGETHER = "two people named together"
NAMED_BESIDE = "named right next to these words"
ANNOUNCED_BY_AGE = "the next person named, with an age"
BYLINE = "the author, named in the byline"
LAST_LINE = "the author, introduced in the last line"

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


def named(place: Place, trail: Trail, text: str) -> str:
    """Why a name means its bearer.

    "named in full", "the surname of Ana Osei, named before", "the likeliest of 2 people named Ek".
    """
    figure = place.figure
    name, full = _plain(text[place.start : place.end]), figure.name
    if place.bearers > 1:
        return f"the likeliest of {place.bearers} people named {name}"
    if _bare(name) == _bare(full):
        return "named in full" if " " in full else "the fullest name in the article"
    before = any(
        other.start < place.start and _bare(text[other.start : other.end]) == _bare(full)
        for other in trail.told(figure)
    )
    form = _person_form(name, figure) if figure.kind == "person" else _organization_form(name, full)
    return f"{form} {full}, named {'before' if before else 'later'}"


def _person_form(name: str, figure: Figure) -> str:
    """What a name is of the whole one: "the surname of"."""
    short = take_apart(name)
    if short in figure.names:
        return "another form of"
    fit = max(short_for(short, whole) for whole in figure.names)
    if fit == 0:
        return "probably a misspelling of"
    if len(short.words) > 1 and short.words[0] not in vocabulary().particles:
        return "a short form of"
    if fit == 2:
        return "the surname of"
    return "the nickname of" if _is_nickname(short, figure.names) else "the first name of"


def _is_nickname(short: Name, names: Sequence[Name]) -> bool:
    return all(short.words[0] != whole.words[0] for whole in names)


def _organization_form(name: str, full: str) -> str:
    abbreviated = name.isupper() and fold(name) not in fold(full).split()
    return "short for" if abbreviated else "a short form of"


def _plain(text: str) -> str:
    return " ".join(text.split())


def _bare(name: str) -> str:
    """Folded and without an article: "The Ashby Post" -> "ashby post"."""
    return _ARTICLE.sub("", fold(_plain(name)), count=1)


def chosen(candidates: Sequence[Figure], best: Figure, pronoun: Pronoun, *, pointed: bool) -> str:
    """Why one of those that agree with a pronoun is meant: "the likeliest of 3 women named so far".

    `pointed` says that the attribution network points at a mention of the best.
    """
    known = "named" if all(figure.named for figure in candidates) else "mentioned"
    if len(candidates) == 1:
        return f"the only {_only(best, pronoun)[0]} {known} so far{_only(best, pronoun)[1]}"
    also = ", and the one that the model points at" if pointed else ""
    plural = _several(candidates, pronoun)
    return f"the likeliest of {len(candidates)} {plural} {known} so far{also}"


def _only(figure: Figure, pronoun: Pronoun) -> tuple[str, str]:
    """What the one candidate is, and what sets it apart from others who do not agree."""
    if pronoun.gender in _GENDERED:
        one, _ = _GENDERED[pronoun.gender]
        if figure.gender == pronoun.gender:
            return one, ""
        return "person", f" who may be a {one}"
    if figure.uses_they:
        return "person", " who uses “they”"
    if pronoun.number == "any":
        return "person or organization", ""
    return _NOUNS[figure.kind][0], ""


def _several(candidates: Sequence[Figure], pronoun: Pronoun) -> str:
    genders = {figure.gender for figure in candidates}
    if pronoun.gender in _GENDERED and genders == {pronoun.gender}:
        return _GENDERED[pronoun.gender][1]
    kinds = {_NOUNS[figure.kind][1] for figure in candidates}
    return kinds.pop() if len(kinds) == 1 else "people and organizations"


def just_before(figure: Figure, pronoun: str) -> str:
    """Why a relative pronoun means somebody: "the last person mentioned before “who”"."""
    return f"the last {_NOUNS[figure.kind][0]} mentioned before “{pronoun}”"


def described(noun: str, fitting: int, words_decide: bool) -> str:
    """Why "the mayor" means somebody; `words_decide` if the other words fit one better."""
    if fitting == 1:
        return f"the only {_common(noun)} mentioned so far"
    if words_decide:
        return f"the best match for these words of {fitting} mentioned so far"
    return f"the last {_common(noun)} mentioned"


def described_by_name(noun: str, fitting: int) -> str:
    """Why "the council" means the Ashby Council."""
    which = "the only" if fitting == 1 else "the last"
    return f"{which} organization mentioned with “{_common(noun)}” in its name"


def announced(noun: str) -> str:
    """Why "a judge" means somebody whom the article names only afterwards."""
    return f"the only {_common(noun)} named later"


def guessed(noun: str, why: str) -> str:
    """Why "the businessman" means somebody whom the article does not call one."""
    return f"nobody so far is called {_common(noun)}; {why}"


def issued(noun: str, issuer: str | None = None) -> str:
    """Why a document's words are somebody's; `issuer` says who "her" or "the agency's" is."""
    if issuer is None:
        return f"named as the issuer of the {_common(noun)}"
    return f"the issuer of the {_common(noun)}: {issuer}"


def speaks(pronoun: str) -> str:
    return f"the speaker of the quotation in which “{_plain(pronoun)}” stands"


def nameless(figure: Figure, *, document: bool) -> str:
    """Why a speaker has no name but the mention's words."""
    if document:
        return "a document whose issuer is not named"
    noun = "source" if figure.kind == "anonymous" else figure.kind
    return f"no name was found for this {noun}"


def _common(noun: str) -> str:
    """ "Senator" -> "senator", but "CEO"."""
    return noun if noun.isupper() else noun.lower()
