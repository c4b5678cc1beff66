"""Which wordings are one statement, when some are parts of others.

A part belongs to the statement that it is a part of. If two statements contain it, nothing says
from which of them it was taken: "when it comes to the floor" is in "I will vote for the bill when
it comes to the floor" and in "I will vote against the bill when it comes to the floor", and must
not make the two one. It is then a statement of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

from quotedex.link.union_find import DisjointSets

Wording = TypeVar("Wording", bound=Hashable)


def statements_of(wholes: Mapping[Wording, Collection[Wording]]) -> list[list[Wording]]:
    """Partition wordings, given with those that each is a part of; two that are parts of each other
    are the same words.

    Each statement is in the order of `wholes`, and so are the statements.
    """
    same = DisjointSets(wholes)
    for part, around in wholes.items():
        for whole in around:
            if part in wholes[whole]:
                same.union(part, whole)
    statement: dict[Wording, Wording] = {}
    above, order = _from_whole_to_part(wholes, same)
    for each in order:
        statement[each] = _statement_of(each, above, statement)
    found: dict[Wording, list[Wording]] = {}
    for wording in wholes:
        found.setdefault(statement[same.find(wording)], []).append(wording)
    return list(found.values())


def _from_whole_to_part(
    wholes: Mapping[Wording, Collection[Wording]], same: DisjointSets[Wording]
) -> tuple[dict[Wording, set[Wording]], list[Wording]]:
    """The sets of equal wordings, each by one of its members: what contains them, and an order.

    Sets that contain each other, because of misprints, become one.
    """
    while True:
        above: dict[Wording, set[Wording]] = {}
        for part, around in wholes.items():
            of_part = above.setdefault(same.find(part), set())
            of_part.update(same.find(whole) for whole in around)
        for each, around_it in above.items():
            around_it.discard(each)
        try:
            return above, list(TopologicalSorter(above).static_order())
        except CycleError as error:
            first, *others = error.args[1]
            for other in others:
                same.union(first, other)


def _statement_of(
    each: Wording, above: Mapping[Wording, set[Wording]], statement: Mapping[Wording, Wording]
) -> Wording:
    """The statement of the closest wholes if they have the same, or else one of its own."""
    around = above[each]
    of_wholes = {statement[whole] for whole in around}
    if len(of_wholes) > 1:
        closest = around.difference(*(above[whole] for whole in around))
        of_wholes = {statement[whole] for whole in closest}
    return of_wholes.pop() if len(of_wholes) == 1 else each
