"""Disjoint sets: group items by pairs, whatever the order of the pairs."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)


class DisjointSets(Generic[Item]):
    """Every item starts in a set of its own; `union` merges two sets."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._representative: dict[Item, Item] = {}
        self._members: dict[Item, list[Item]] = {}
        for item in items:
            self._representative[item] = item
            self._members[item] = [item]

    def find(self, item: Item) -> Item:
        """The representative of the item's set, the same for all its items until the next union."""
        return self._representative[item]

    def union(self, left: Item, right: Item) -> None:
        """Merge the sets of two items."""
        into, merged = self._representative[left], self._representative[right]
        if into == merged:
            return
        if len(self._members[into]) < len(self._members[merged]):
            into, merged = merged, into
        for item in self._members[merged]:
            self._representative[item] = into
        self._members[into] += self._members.pop(merged)

    def sets(self, key: Callable[[Item], Any]) -> list[list[Item]]:
        """The sets, each sorted by `key`, in the order of their first items."""
        sets = [sorted(members, key=key) for members in self._members.values()]
        return sorted(sets, key=lambda members: key(members[0]))
