"""Couples and siblings who share a printed surname: "Derek and Imelda Foxcroft"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise

from quotedex.extract.resolve.article import ParsedArticle
from quotedex.extract.resolve.entities import Entity
from quotedex.extract.resolve.proper_names import ProperName
from quotedex.text.lexicon import vocabulary
from quotedex.text.names import (
    INITIAL,
    Name,
    given_names,
    normalize,
    short_form_score,
)


def find_relatives(
    proper_names: Sequence[ProperName], by_name: Mapping[Name, Entity], article: ParsedArticle
) -> Iterator[Entity]:
    """One person for each given name that is first read joined to a relative's whole name.

    `by_name` are the people with whole names. A given name that fits one of them is that person's:
    no Clinton Osei follows from "Clinton and Ana Osei" in an article about Bill Clinton.
    """
    seen: set[str] = set()
    for each, following in pairwise(proper_names):
        if each.size > 1 or article.is_headline(each.start):
            continue
        given = normalize(each.text)
        is_first = given not in seen
        seen.add(given)
        whole = following.parsed
        if (
            is_first
            and given in given_names()
            and article.text[each.end : following.words[0].start] in (" and ", " & ")
            and whole in by_name
            and not _is_short_for(Name((given,)), by_name)
        ):
            surname = following.text.split()[-len(_surname(whole)) :]
            name = Name((given, *_surname(whole)))
            yield Entity("person", True, [name], Counter([" ".join([each.text, *surname])]))


def _is_short_for(name: Name, names: Collection[Name]) -> bool:
    return any(short_form_score(name, whole) for whole in names)


def _surname(name: Name) -> tuple[str, ...]:
    """All words behind the given names: ("van", "den", "berg")."""
    words = name.words[1:]
    while len(words) > 1 and words[0] not in vocabulary().particles and _is_given(words[0]):
        words = words[1:]
    return words


def _is_given(word: str) -> bool:
    return word in given_names() or INITIAL.fullmatch(word) is not None
