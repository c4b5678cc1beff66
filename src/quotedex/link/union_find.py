"""Grouping by pairs, whatever order the pairs come in."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any, Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)


class Groups(Generic[Item]):
    """Starts with each item alone; `join` makes one group of two."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._leader: dict[Item, Item] = {}
        self._members: dict[Item, list[Item]] = {}
        for item in items:
            self._leader[item] = item
            self._members[item] = [item]

    def leader(self, item: Item) -> Item:
        """Some item of the group, the same for all its items until it is joined."""
        return self._leader[item]

    def join(self, left: Item, right: Item) -> None:
        into, gone = self._leader[left], self._leader[right]
        if into == gone:
            return
        if len(self._members[into]) < len(self._members[gone]):
            into, gone = gone, into
        for item in self._members[gone]:
            self._leader[item] = into
        self._members[into] += self._members.pop(gone)

    def all(self, key: Callable[[Item], Any]) -> list[list[Item]]:
        """The groups, each sorted by `key`, in the order of their first items."""
        groups = [sorted(members, key=key) for members in self._members.values()]
        return sorted(groups, key=lambda members: key(members[0]))
