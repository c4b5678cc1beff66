"""Sources told of by what they are: "the senator", "a DHS official", "the union", "the report"."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from quotedex.extract.resolve import reasons
from quotedex.extract.resolve.article import Page
from quotedex.extract.resolve.entities import STRONG, Answer, Figure, Place, Trail
from quotedex.models import Span, SpeakerKind
from quotedex.text.lexicon import lexicon, roles_of, vocabulary
from quotedex.text.names import fold

if TYPE_CHECKING:
    from spacy.tokens import Token

_MODIFIERS = frozenset({"compound", "amod", "nmod", "poss"})
_AGENT = re.compile(r"(?:er|or|ist|ian|man|woman|lad|lass|hand)$")  # "promoter", "deckhand"
_COMPLEMENTS = frozenset({"of", "for", "in", "at", "from"})


@dataclass(frozen=True)
class Phrase:
    """A noun phrase: the words that name it, up to and with their last noun, its head.

    "the regulator's | former | spokesman": `end` may lie behind the head ("spokesman for ...").
    """

    start: int
    end: int
    head: Token
    words: tuple[str, ...]

    @cached_property
    def noun(self) -> str:
        """The head's singular, folded: "officials" -> "official"."""
        role = lexicon().roles.get(self.head.lower_)
        return role.lemma if role else fold(self.head.lemma_)

    @cached_property
    def plural(self) -> bool:
        return (
            self.head.tag_ in ("NNS", "NNPS")
            or self.words[0] in vocabulary().several
            or self.noun in vocabulary().collective
        )

    @property
    def definite(self) -> bool:
        return self.words[0] in vocabulary().definite

    @property
    def document(self) -> bool:
        return self.noun in lexicon().document_nouns

    @property
    def organization(self) -> bool:
        return self.noun in lexicon().organization_nouns

    @property
    def person(self) -> bool:
        return self.noun in lexicon().roles or self.age is not None

    @cached_property
    def age(self) -> str | None:
        """ "the 45-year-old", "the 45-year-old mother": "45"."""
        ages = (re.match(r"(\d+)-year-old", word) for word in self.words)
        return next((age[1] for age in ages if age), None)

    @property
    def label(self) -> str:
        """ "45-year-old", or the head as it is written: "Senator"."""
        return f"{self.age}-year-old" if self.age else self.head.text


def source_phrase(page: Page, core: Span, end: int) -> Phrase:
    """The phrase that a mention is, with the article where the mention leaves it out."""
    tokens = page.tokens_in(core.start, core.end)
    for index, token in enumerate(tokens[1:], 1):
        if token.dep_ in ("acl", "relcl") and tokens[index - 1].pos_ in ("NOUN", "PROPN"):
            tokens, end = tokens[:index], tokens[index - 1].idx + len(tokens[index - 1])
            core = Span(core.start, end)
            break
    head = tokens[-1]
    start = min(core.start, tokens[0].idx)
    before = page.token(start - 1) if start else None
    if before is not None and before.dep_ == "det" and before.idx + len(before) + 1 == start:
        start = before.idx
    return Phrase(start, end, head, _words(page, start, core.end))


def phrases(page: Page, within: Collection[int]) -> Iterator[Phrase]:
    """Phrases that somebody may be called by later: "a retired plumber". Inside quotations only
    of those whose numbers `within` holds."""
    known = lexicon()
    for token in page.tokens:
        noun = token.lower_ in known.roles or token.lemma_ in known.document_nouns
        noun = noun or token.lemma_ in known.organization_nouns
        noun = noun or (token.dep_ == "nsubj" and bool(_AGENT.search(token.lower_)))
        if not noun or token.pos_ not in ("NOUN", "PROPN") or token.dep_ in _MODIFIERS:
            continue
        if page.quoted(token.idx) not in (None, *within):
            continue
        start = token.left_edge.idx
        end = token.idx + len(token)
        if "," in page.text[start:end] or "\n" in page.text[start:end]:
            start = token.idx
        yield Phrase(start, _complement_end(token), token, _words(page, start, end))


def _words(page: Page, start: int, end: int) -> tuple[str, ...]:
    return tuple(fold(word) for word in page.text[start:end].split()) or ("",)


def _complement_end(head: Token) -> int:
    """With one complement: "a spokesman | for the regulator", "one | of two witnesses"."""
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


def find_described(phrase: Phrase, trail: Trail) -> Answer | None:
    """The figure told of before whom the words fit: "the senator" after "Sen. Maria Osei".

    Of several the one whom more of the words fit, then the one told of last.
    """
    best: tuple[int, int] | None = None
    found = None
    fitting: dict[Figure, int] = {}
    for place in trail.back(phrase.start):
        figure = place.figure
        if figure.plural != phrase.plural or not _fits(phrase, figure):
            continue
        score = (sum(word in figure.roles for word in phrase.words), place.start)
        fitting[figure] = score[0]
        if best is None or score > best:
            best, found = score, figure
    if found is None:
        return None
    return Answer(found, "description", _why_described(phrase, found, fitting))


def _why_described(phrase: Phrase, found: Figure, fitting: Mapping[Figure, int]) -> str:
    """`fitting` gives for each figure that fits the number of words that do."""
    if not found.roles.isdisjoint({phrase.noun, phrase.words[-1]}):
        noun = phrase.head.text
    elif phrase.age is not None:
        noun = f"{phrase.age}-year-old"
    else:
        return reasons.described_by_name(phrase.head.text, len(fitting))
    words_decide = list(fitting.values()).count(fitting[found]) == 1
    return reasons.described(noun, len(fitting), words_decide)


def find_apposed(phrase: Phrase, trail: Trail, page: Page) -> Answer | None:
    """Whose name stands beside the words: "the labor minister, | Ana Osei", "Pat, | her spouse"."""
    for place in trail.named_within(phrase.start - 3, phrase.end + 3):
        before = page.text[place.end : phrase.start]
        behind = page.text[phrase.end : place.start]
        if place.figure.kind == "person" and (before == ", " or behind in (", ", " ")):
            return Answer(place.figure, "name", reasons.NAMED_BESIDE)
    return None


def find_announced(phrase: Phrase, trail: Trail, page: Page) -> Answer | None:
    """The figure that an article's opening tells of and names only later: "A tribunal judge", then
    "Judge Harriet Osei"; or whoever comes next with an age: "A retired plumber", "Colin Osei, 71,".
    """
    if page.paragraph(phrase.start) > _opening(page) or phrase.words[0] in lexicon().pronouns:
        return None
    fitting = []
    for figure in trail.figures():
        if figure.kind != "person" or not _gender_fits(phrase, figure):
            continue
        first = next(place for place in trail.told(figure) if place.by == "name")
        if first.start > phrase.end:
            fitting.append((first.start, figure))
    fitting.sort(key=lambda item: item[0])
    described = [figure for _, figure in fitting if phrase.noun in figure.roles]
    if len(described) == 1:
        return Answer(described[0], "description", reasons.announced(phrase.head.text))
    if not described and fitting and fitting[0][1].age:
        return Answer(fitting[0][1], "description", reasons.ANNOUNCED_BY_AGE)
    return None


def _opening(page: Page) -> int:
    """The number of the first paragraph that is no headline and not empty."""
    for number, start in enumerate(page.paragraph_starts, 1):
        if len(page.text[start : page.line_end(start)].split()) > 12:
            return number
    return len(page.paragraph_starts)


def _fits(phrase: Phrase, figure: Figure) -> bool:
    if phrase.noun in figure.roles or phrase.words[-1] in figure.roles:
        return _gender_fits(phrase, figure)
    if phrase.age is not None:
        return figure.age == phrase.age
    if figure.kind == "organization" and figure.named:
        return phrase.noun in figure.name.lower().split()
    return False


def _gender_fits(phrase: Phrase, figure: Figure) -> bool:
    role = lexicon().roles.get(phrase.noun)
    return role is None or role.gender == "any" or not figure.contradicts(role.gender)


def nameless(phrase: Phrase, page: Page) -> Figure:
    """A figure that has no name but its description."""
    kind: SpeakerKind = "anonymous"
    if page.text.startswith("@", phrase.start):
        kind = "person"
    elif phrase.document or phrase.organization:
        kind = "organization"
    elif phrase.plural:
        kind = "group"
    figure = Figure(kind, roles={*phrase.words, phrase.noun}, plural=phrase.plural)
    figure.roles |= roles_of((phrase.noun,))
    figure.forms[" ".join(page.text[phrase.start : phrase.end].split())] += 1
    role = lexicon().roles.get(phrase.noun)
    if role and role.gender in ("masculine", "feminine"):
        figure.genders[role.gender] += STRONG
    return figure


def place_of(phrase: Phrase, figure: Figure, page: Page) -> Place:
    return Place(
        phrase.start,
        phrase.end,
        figure,
        standing=page.standing(phrase.head.idx, phrase.head.idx + 1),
        quoted=page.quoted(phrase.start),
        by="description",
    )
