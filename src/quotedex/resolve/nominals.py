"""Sources that are told of by what they are: "the senator", "a DHS official", "the report"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from spacy.tokens import Token

from quotedex.lexicon import lexicon
from quotedex.models import SpeakerKind
from quotedex.resolve.figures import Figure, Place, Trail
from quotedex.resolve.page import Page
from quotedex.resolve.vocabulary import roles_of, vocabulary


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase: its head, its words up to a relative clause, how it is introduced."""

    head: Token
    start: int
    end: int

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(
            token.lower_ for token in self.head.doc[self.head.left_edge.i : self.head.i + 1]
        )

    @property
    def definite(self) -> bool:
        return self.words[0] in vocabulary().definite

    @property
    def plural(self) -> bool:
        return self.head.tag_ in ("NNS", "NNPS")


def phrase_at(page: Page, start: int, end: int) -> Phrase:
    """The noun phrase that a mention is the core of, a little longer where the mention is short."""
    head = page.head(start, end)
    left = min(start, head.left_edge.idx)
    if page.text[left:start].count(",") or "\n" in page.text[left:start]:
        left = start
    return Phrase(head, left, max(end, _right(head)))


def _right(head: Token) -> int:
    """Where a phrase ends: with its complements ("of the regulator"), before "who" and commas."""
    end = head.i + 1
    for child in head.rights:
        if child.dep_ not in ("prep", "acl", "amod", "nummod") or child.left_edge.i != end:
            break
        end = child.right_edge.i + 1
    for token in head.doc[head.i + 1 : end]:
        if token.dep_ == "relcl" or (token.is_punct and token.text != "-"):
            end = min(end, token.left_edge.i)
    last = head.doc[max(head.i, end - 1)]
    return last.idx + len(last)


def role_phrases(page: Page) -> Iterator[Phrase]:
    """Phrases outside quotations whose head tells what somebody is: "a retired plumber"."""
    for token in page.tokens:
        if (
            token.pos_ in ("NOUN", "PROPN")
            and token.lower_ in lexicon().roles
            and token.dep_ not in ("compound", "amod", "nmod")
            and page.quoted(token.idx) is None
        ):
            yield phrase_at(page, token.idx, token.idx + len(token))


def find_role(phrase: Phrase, trail: Trail, at: int) -> Figure | None:
    """The figure told of before who bears the role: "the senator" after "Sen. Maria Osei"."""
    role = lexicon().roles.get(phrase.head.lower_)
    lemma = role.lemma if role else phrase.head.lemma_.lower()
    tried: set[Figure] = set()
    for place in trail.back(at):
        figure = place.figure
        if figure in tried:
            continue
        tried.add(figure)
        if figure.plural == phrase.plural and lemma in figure.roles and _gender_fits(lemma, figure):
            return figure
    return None


def _gender_fits(lemma: str, figure: Figure) -> bool:
    gender = lexicon().roles[lemma].gender if lemma in lexicon().roles else "any"
    return gender == "any" or figure.gender in ("any", gender)


def nameless(phrase: Phrase, page: Page) -> Figure:
    """A figure that has no name but its description."""
    words = roles_of(phrase.words) | {phrase.head.lemma_.lower()}
    kind: SpeakerKind = "group" if phrase.plural else "anonymous"
    figure = Figure(kind, roles=set(words), plural=phrase.plural)
    figure.forms[" ".join(page.text[phrase.start : phrase.end].split())] += 1
    role = lexicon().roles.get(phrase.head.lower_)
    if role and role.gender in ("masculine", "feminine"):
        figure.genders[role.gender] += 3
    return figure


def place_of(phrase: Phrase, figure: Figure, page: Page) -> Place:
    return Place(
        phrase.start,
        phrase.end,
        figure,
        subject=phrase.head.dep_ in ("nsubj", "nsubjpass"),
        quoted=page.quoted(phrase.start) is not None,
    )
